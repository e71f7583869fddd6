"""SQLite, and the engine by itself."""
import json
import os
import statistics
import subprocess

from harness import Run, compare, cpu, medians, project, row, work

name = "SQLite"


def shell(file, sql):
    subprocess.run(["sqlite3", str(file)], input=sql, text=True, check=True, stdout=subprocess.DEVNULL)


def version():
    return "SQLite " + subprocess.run(["sqlite3", "--version"], capture_output=True, text=True, check=True).stdout.split()[0]


def schema_sql(tables):
    """Eight columns, a key, a foreign key, a check, a generated column, two indexes: one descending, one of an expression and partial."""
    yield "BEGIN;\n"
    for i in range(tables):
        t, parent = f"t{i:05d}", f"t{max(i - 1, 0) // 2:05d}"
        yield (
            f"CREATE TABLE {t}(id INTEGER PRIMARY KEY AUTOINCREMENT, parent_id INTEGER CONSTRAINT {t}_fk REFERENCES {parent}(id) ON DELETE CASCADE, "
            "name varchar(100) COLLATE NOCASE NOT NULL, qty integer NOT NULL DEFAULT 0, price numeric(12,2) DEFAULT 0.00, "
            "created text NOT NULL DEFAULT CURRENT_TIMESTAMP, note text, total numeric GENERATED ALWAYS AS (price*2) STORED, "
            f"CONSTRAINT {t}_ck CHECK (qty >= 0));\n"
            f"CREATE INDEX {t}_i1 ON {t}(parent_id, created DESC);\nCREATE UNIQUE INDEX {t}_i2 ON {t}(lower(name)) WHERE qty > 0;\n"
        )
    yield "COMMIT;\n"


def nothing_to_do(aludel):
    directory = project("noop", 100)
    Run([aludel, "upgrade", "head"], directory)
    ours, floor = compare({"command": [aludel, "upgrade", "head"], "cwd": directory}, {"command": ["sqlite3", "app.db", "select 1"], "cwd": directory}, 41)
    row("`upgrade head`, nothing to do, 100 revisions", f"{ours[0]:.1f} ms, {ours[2]:.1f} MB", f"`sqlite3 app.db 'select 1'` {floor[0]:.1f} ms",
        f"{ours[0] / floor[0]:.2f}x", "3x, 20 MB")


def inspect(aludel, build, scale):
    for tables in (100, 1_000, 10_000):
        tables //= scale
        file = work / f"inspect-{tables}.db"
        shell(file, "".join(schema_sql(tables)))
        ours, floor = compare({"command": [aludel, "inspect", f"sqlite:///{file}", "--as", "json"]}, {"command": [build / "bin/bench_raw_sqlite", file]},
                              5 if tables > 1000 else 11)
        row(f"`inspect` of {tables:,} tables", cpu(ours), f"raw client {cpu(floor)}", f"{ours[0] / floor[0]:.2f}x", "1.5x at 10,000")


def check(aludel, build):
    directory = project("check", 0, models="models:", environment=build / "lib/bench_env.so")
    Run([aludel, "revision", "--autogenerate", "-m", "all", "--no-verify"], directory)
    Run([aludel, "upgrade", "head"], directory)
    runs = [Run([aludel, "check", "--no-build"], directory) for _ in range(11)]
    row("`check --no-build`, 500 tables of 15 columns", f"{medians(runs)[1]:.0f} ms CPU", "Alembic 1.19: 1,670 ms CPU (measured elsewhere)", "", "60 ms CPU")


def diff(build):
    result = subprocess.run([build / "bin/bench_core", "--benchmark_format=json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for one in json.loads(result.stdout)["benchmarks"]:
        if one.get("run_type") == "iteration":
            tables = int(one["name"].split("/")[1])
            row(f"`diff` of two equal schemas of {tables:,} tables", f"{one['cpu_time']:.2f} ms CPU", "", "", "100 ms CPU at 10,000, linear")


def rebuild(aludel, scale):
    rows = 1_000_000 // scale
    definition = "id INTEGER PRIMARY KEY, a INTEGER, b TEXT {}, c REAL, d TEXT, e INTEGER, f TEXT, g INTEGER"
    original = work / "rows.db"
    shell(original, f"CREATE TABLE big ({definition.format('')}); CREATE INDEX big_a ON big (a); CREATE INDEX big_b ON big (b);"
          f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
          "INSERT INTO big SELECT i, abs(random() % 1000000), 'name of ' || i, i * 0.5, 'some text', i % 7, 'more text here', i FROM n;")
    directory = project("rebuild", 0)
    (directory / "migrations/versions/one.toml").write_text(
        'revision = "aaaaaaaaaaaa"\ndown_revision = ""\nmessage = "not null"\n\n[[upgrade]]\nalter_column = "big.b"\n'
        "nullable = {from = true, to = false}\n")
    by_hand = work / "hand.sql"
    by_hand.write_text(f"PRAGMA foreign_keys = OFF; BEGIN; CREATE TABLE new_big ({definition.format('NOT NULL')}); INSERT INTO new_big SELECT * FROM big;"
                       "DROP TABLE big; ALTER TABLE new_big RENAME TO big; CREATE INDEX big_a ON big (a); CREATE INDEX big_b ON big (b); COMMIT;")

    def fresh(side):
        target = directory / "app.db" if side == 0 else work / "hand.db"
        target.write_bytes(original.read_bytes())
        os.sync()

    ours, floor = compare({"command": [aludel, "upgrade", "head"], "cwd": directory}, {"command": ["sqlite3", "hand.db"], "cwd": work, "stdin": by_hand}, 5,
                          fresh)
    row(f"rebuild of {rows:,} rows, 8 columns, 2 indexes", cpu(ours), f"by hand in `sqlite3` {cpu(floor)}",
        f"{ours[0] / floor[0]:.2f}x wall, {ours[1] / floor[1]:.2f}x CPU", "1.15x")


def many_revisions(aludel, scale):
    count = 1_000 // scale
    directory = project("many", count)
    Run([aludel, "upgrade", "head"], directory)
    # The same statements with the same commits: what was run, and the rows of journal and version table, one transaction each.
    journal = "CREATE TABLE j (p INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT); CREATE TABLE v (version_num TEXT PRIMARY KEY);"
    query = "SELECT avg(length(operations) + length(inverse) + length(statements)) / 2 FROM aludel_journal"
    rows = subprocess.run(["sqlite3", directory / "app.db", query], capture_output=True, text=True, check=True)
    filler = "x" * int(float(rows.stdout.strip()))
    script = work / "many.sql"
    with open(script, "w") as out:
        out.write(journal + "\n")
        for i in range(count):
            out.write(f"BEGIN IMMEDIATE; CREATE TABLE t{i} (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                      f"INSERT INTO j VALUES ({i}, 'upgrade', '{i:012x}', '{filler}', '{filler}', 'done', 'someone', 'now'); DELETE FROM v; "
                      f"INSERT INTO v VALUES ('{i:012x}'); COMMIT;\n")

    def fresh(side):
        ((directory / "app.db") if side == 0 else (work / "many.db")).unlink(missing_ok=True)
        os.sync()

    ours, floor = compare({"command": [aludel, "upgrade", "head"], "cwd": directory}, {"command": ["sqlite3", "many.db"], "cwd": work, "stdin": script}, 5,
                          fresh)
    row(f"{count:,} revisions on an empty file", cpu(ours), f"the same statements and commits in `sqlite3` {cpu(floor)}", f"{ours[0] / floor[0]:.2f}x wall",
        "1.3x")


def history(aludel, scale):
    count = 10_000 // scale
    directory = project("history", count)
    runs = [Run([aludel, "history"], directory) for _ in range(5)]
    row(f"`history` of {count:,} revision files", f"{statistics.median(r.cpu for r in runs):.0f} ms CPU", "", "", "500 ms CPU")


def run(aludel, build, scale):
    nothing_to_do(aludel)
    check(aludel, build)
    diff(build)
    inspect(aludel, build, scale)
    many_revisions(aludel, scale)
    history(aludel, scale)
    rebuild(aludel, scale)
    return version()
