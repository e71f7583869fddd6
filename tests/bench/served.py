"""The benchmarks of databases that are servers; a dialect says in a class like postgresql.PostgreSQL how its own client is called."""
from harness import Run, compare, cpu, medians, project, row, work


def nothing_to_do(aludel, client, target):
    client.recreate("noop")
    directory = project(f"{client.key}-noop", 100, client.url("noop"))
    Run([aludel, "upgrade", "head"], directory)
    ours, floor = compare({"command": [aludel, "upgrade", "head"], "cwd": directory}, client.command("noop", "select 1"), 41)
    row(f"{client.name}: `upgrade head`, nothing to do, 100 revisions", f"{ours[0]:.1f} ms, {ours[2]:.1f} MB",
        f"`{client.program} 'select 1'` {floor[0]:.1f} ms", f"{ours[0] / floor[0]:.2f}x", target)


def inspect(aludel, client, scale, target):
    for tables in (100, 1_000, 10_000):
        tables //= scale
        client.recreate("inspect")
        # In pieces: a transaction that creates ten thousand tables holds as many locks.
        script = work / "schema.sql"
        script.write_text("".join(client.table_sql(i) for i in range(tables)))
        Run(**client.script("inspect", script))
        client.settle("inspect")
        command = {"command": [aludel, "inspect", client.url("inspect"), "--as", "json"]}
        ours, floor = compare(command, client.raw("inspect"), 5 if tables > 1000 else 11)
        row(f"{client.name}: `inspect` of {tables:,} tables", cpu(ours), f"raw client {cpu(floor)}", f"{ours[0] / floor[0]:.2f}x", target)
    if not hasattr(client, "cool"):
        return
    ours, floor = compare(command, client.raw("inspect"), 5, lambda side: client.cool("inspect"))
    row(f"{client.name}: `inspect` of {tables:,} tables, none of them open in the server", cpu(ours), f"raw client {cpu(floor)}", f"{ours[0] / floor[0]:.2f}x",
        target)


def check(aludel, build, client, elsewhere, target):
    client.recreate("checked")
    directory = project(f"{client.key}-check", 0, client.url("checked"), models="models:", environment=build / "lib/bench_env.so")
    Run([aludel, "revision", "--autogenerate", "-m", "all", "--no-verify"], directory)
    Run([aludel, "upgrade", "head"], directory)
    runs = medians([Run([aludel, "check", "--no-build"], directory) for _ in range(11)])
    row(f"{client.name}: `check --no-build`, 500 tables of 15 columns", cpu(runs), f"Alembic 1.19: {elsewhere} (measured elsewhere)", "", target)


def many_revisions(aludel, client, scale, target):
    count = 1_000 // scale
    client.recreate("many")
    directory = project(f"{client.key}-many", count, client.url("many"))
    Run([aludel, "upgrade", "head"], directory)
    # The same statements with the same commits: what was run, and the rows of journal and version table, one transaction each.
    filler = "x" * int(float(client.value("many", "SELECT avg(length(operations) + length(inverse) + length(statements)) / 2 FROM aludel_journal")))
    script = work / "many.sql"
    with open(script, "w") as out:
        out.write("CREATE TABLE j (p INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT); "
                  "CREATE TABLE v (version_num VARCHAR(40) PRIMARY KEY);\n")
        for i in range(count):
            out.write(f"BEGIN;\nINSERT INTO j VALUES ({i}, 'upgrade', '{i:012x}', '{filler}', '{filler}', 'done', 'someone', 'now');\n"
                      f"{client.create_sql.format(i)};\nDELETE FROM v;\nINSERT INTO v VALUES ('{i:012x}');\nUPDATE j SET e = 'done' WHERE p = {i};\nCOMMIT;\n")

    def fresh(side):
        client.recreate("many")

    ours, floor = compare({"command": [aludel, "upgrade", "head"], "cwd": directory}, client.script("many", script), 5, fresh)
    row(f"{client.name}: {count:,} revisions on an empty database", cpu(ours), f"the same statements and commits in `{client.program}` {cpu(floor)}",
        f"{ours[0] / floor[0]:.2f}x wall", target)


