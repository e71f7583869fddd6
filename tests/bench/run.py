#!/usr/bin/env python3
"""Whole-process benchmarks, each against a raw client in the same run.

usage: tests/bench/run.py BUILD_DIR [--quick] [--out FILE]

Prints a Markdown table (docs/performance.md holds one). Ratios are medians of alternating runs, so that a busy machine hurts both sides alike.
CPU is user + system time of the process.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("build")
parser.add_argument("--quick", action="store_true", help="a tenth of the sizes, to see that it runs")
parser.add_argument("--out", help="also write the table to this file")
options = parser.parse_args()
build = pathlib.Path(options.build).resolve()
aludel = str(build / "bin/aludel")
scale = 10 if options.quick else 1
work = pathlib.Path(tempfile.mkdtemp(prefix="aludel-bench-", dir=os.environ.get("TMPDIR")))
table = []


class Run:
    """Wall and CPU milliseconds and the peak resident megabytes of one process."""

    def __init__(self, command, cwd, stdin=None):
        start = time.monotonic()
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        with open(work / "stdout", "wb") as out, open(work / "stderr", "wb") as err:
            process = subprocess.Popen(command, cwd=cwd, stdin=source, stdout=out, stderr=err)
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = (time.monotonic() - start) * 1000
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1000
        self.resident = usage.ru_maxrss / 1024
        if process.returncode != 0:
            sys.exit(f"{command} failed ({process.returncode}):\n{(work / 'stderr').read_text()[-2000:]}")


def compare(ours, theirs, repeat, prepare=None):
    """Runs both in turn; medians of each."""
    runs = ([], [])
    for _ in range(repeat):
        for side, (command, cwd, stdin) in enumerate((ours, theirs)):
            if prepare:
                prepare(side)
            runs[side].append(Run(command, cwd, stdin))
    return [(statistics.median(r.wall for r in side), statistics.median(r.cpu for r in side), max(r.resident for r in side)) for side in runs]


def row(what, ours, floor, ratio, target):
    table.append((what, ours, floor, ratio, target))
    print(f"{what}: {ours}; {floor}; {ratio} (target {target})", file=sys.stderr, flush=True)


def project(name, revisions, models=None, environment=None):
    """A project directory: aludel.toml and revision files, written as text."""
    directory = work / name
    (directory / "migrations/versions").mkdir(parents=True)
    toml = '[database]\nurl = "sqlite:///app.db"\n'
    if models:
        toml += f'[models]\nsource = "{models}"\n'
    if environment:
        toml += f'[environment]\nlibrary = "{environment}"\n'
    (directory / "aludel.toml").write_text(toml)
    parent = ""
    for i in range(revisions):
        revision = f"{i:012x}"
        (directory / f"migrations/versions/{i:05d}.toml").write_text(
            f'revision = "{revision}"\ndown_revision = "{parent}"\nmessage = "table {i}"\ncreated = 2026-01-01T00:00:00Z\n\n'
            f'[[upgrade]]\ncreate_table = "t{i}"\ncolumns = [\n  {{name = "id", type = "integer", nullable = false, identity = true}},\n'
            f'  {{name = "name", type = "text", nullable = false}},\n]\nprimary_key = {{columns = ["id"]}}\n'
        )
        parent = revision
    return directory


def sqlite(file, sql):
    subprocess.run(["sqlite3", str(file)], input=sql, text=True, check=True, stdout=subprocess.DEVNULL)


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


def nothing_to_do():
    directory = project("noop", 100)
    Run([aludel, "upgrade", "head"], directory)
    ours, floor = compare(([aludel, "upgrade", "head"], directory, None), (["sqlite3", "app.db", "select 1"], directory, None), 41)
    row("`upgrade head`, nothing to do, 100 revisions", f"{ours[0]:.1f} ms, {ours[2]:.1f} MB", f"`sqlite3 app.db 'select 1'` {floor[0]:.1f} ms",
        f"{ours[0] / floor[0]:.2f}x", "3x, 20 MB")


def inspect():
    for tables in (100, 1_000, 10_000):
        tables //= scale
        file = work / f"inspect-{tables}.db"
        sqlite(file, "".join(schema_sql(tables)))
        url = f"sqlite:///{file}"
        ours, floor = compare(([aludel, "inspect", url, "--as", "json"], work, None), ([str(build / "bin/bench_raw_client"), str(file)], work, None),
                              5 if tables > 1000 else 11)
        row(f"`inspect` of {tables:,} tables", f"{ours[0]:.0f} ms ({ours[1]:.0f} CPU)", f"raw client {floor[0]:.0f} ms ({floor[1]:.0f} CPU)",
            f"{ours[0] / floor[0]:.2f}x", "1.5x at 10,000")


def check():
    directory = project("check", 0, models="models:", environment=build / "lib/bench_env.so")
    Run([aludel, "revision", "--autogenerate", "-m", "all", "--no-verify"], directory)
    Run([aludel, "upgrade", "head"], directory)
    runs = [Run([aludel, "check", "--no-build"], directory) for _ in range(11)]
    row("`check --no-build`, 500 tables of 15 columns", f"{statistics.median(r.cpu for r in runs):.0f} ms CPU",
        "Alembic 1.19: 1,670 ms CPU (measured elsewhere)", "", "60 ms CPU")


def diff():
    result = subprocess.run([str(build / "bin/bench_core"), "--benchmark_format=json"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    for one in json.loads(result.stdout)["benchmarks"]:
        if one.get("run_type") == "iteration":
            tables = int(one["name"].split("/")[1])
            row(f"`diff` of two equal schemas of {tables:,} tables", f"{one['cpu_time']:.2f} ms CPU", "", "", "100 ms CPU at 10,000, linear")


def rebuild():
    rows = 1_000_000 // scale
    definition = ("id INTEGER PRIMARY KEY, a INTEGER, b TEXT {}, c REAL, d TEXT, e INTEGER, f TEXT, g INTEGER")
    original = work / "rows.db"
    sqlite(original, f"CREATE TABLE big ({definition.format('')}); CREATE INDEX big_a ON big (a); CREATE INDEX big_b ON big (b);"
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

    ours, floor = compare(([aludel, "upgrade", "head"], directory, None), (["sqlite3", "hand.db"], work, by_hand), 5, fresh)
    row(f"rebuild of {rows:,} rows, 8 columns, 2 indexes", f"{ours[0]:.0f} ms ({ours[1]:.0f} CPU)", f"by hand in `sqlite3` {floor[0]:.0f} ms ({floor[1]:.0f} CPU)",
        f"{ours[0] / floor[0]:.2f}x wall, {ours[1] / floor[1]:.2f}x CPU", "1.15x")


def many_revisions():
    count = 1_000 // scale
    directory = project("many", count)
    Run([aludel, "upgrade", "head"], directory)
    # The same statements with the same commits: what was run, and the rows of journal and version table, one transaction each.
    journal = "CREATE TABLE j (p INTEGER PRIMARY KEY, a TEXT, b TEXT, c TEXT, d TEXT, e TEXT, f TEXT, g TEXT); CREATE TABLE v (version_num TEXT PRIMARY KEY);"
    rows = subprocess.run(["sqlite3", str(directory / "app.db"), "SELECT avg(length(operations) + length(inverse) + length(statements)) / 2 FROM aludel_journal"], capture_output=True, text=True)
    filler = "x" * int(float(rows.stdout.strip() or 500))
    script = work / "many.sql"
    with open(script, "w") as out:
        out.write(journal + "\n")
        for i in range(count):
            out.write(f"BEGIN IMMEDIATE; CREATE TABLE t{i} (id INTEGER PRIMARY KEY, name TEXT NOT NULL);"
                      f"INSERT INTO j VALUES ({i}, 'upgrade', '{i:012x}', '{filler}', '{filler}', 'done', 'someone', 'now'); DELETE FROM v; INSERT INTO v VALUES ('{i:012x}'); COMMIT;\n")

    def fresh(side):
        ((directory / "app.db") if side == 0 else (work / "many.db")).unlink(missing_ok=True)
        os.sync()

    ours, floor = compare(([aludel, "upgrade", "head"], directory, None), (["sqlite3", "many.db"], work, script), 5, fresh)
    row(f"{count:,} revisions on an empty file", f"{ours[0]:.0f} ms ({ours[1]:.0f} CPU)", f"the same statements and commits in `sqlite3` {floor[0]:.0f} ms ({floor[1]:.0f} CPU)",
        f"{ours[0] / floor[0]:.2f}x wall", "1.3x")


def history():
    count = 10_000 // scale
    directory = project("history", count)
    runs = [Run([aludel, "history"], directory) for _ in range(5)]
    row(f"`history` of {count:,} revision files", f"{statistics.median(r.cpu for r in runs):.0f} ms CPU", "", "", "500 ms CPU")


for benchmark in (nothing_to_do, check, diff, inspect, many_revisions, history, rebuild):
    benchmark()
subprocess.run(["rm", "-rf", str(work)], check=False)

version = subprocess.run(["sqlite3", "--version"], capture_output=True, text=True).stdout.split()[0]
model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
lines = [f"{os.cpu_count()} cores of {model}, {platform.freedesktop_os_release().get('PRETTY_NAME', platform.system())}, SQLite {version}.", "",
         "| what | aludel | against | ratio | wanted |", "| --- | --- | --- | --- | --- |"]
lines += ["| " + " | ".join(one) + " |" for one in table]
text = "\n".join(lines) + "\n"
print(text)
if options.out:
    pathlib.Path(options.out).write_text(text)
