"""What all benchmarks share: processes that are measured, projects that are made up, the table of results."""
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

work = pathlib.Path(tempfile.mkdtemp(prefix="aludel-bench-", dir=os.environ.get("TMPDIR")))
table = []


class Run:
    """Wall and CPU milliseconds and the peak resident megabytes of one process."""

    def __init__(self, command, cwd=None, stdin=None, env=None):
        start = time.monotonic()
        source = open(stdin, "rb") if stdin else subprocess.DEVNULL
        with open(work / "stdout", "wb") as out, open(work / "stderr", "wb") as err:
            process = subprocess.Popen(command, cwd=cwd, stdin=source, stdout=out, stderr=err, env=env and {**os.environ, **env})
            _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall = (time.monotonic() - start) * 1000
        self.cpu = (usage.ru_utime + usage.ru_stime) * 1000
        self.resident = usage.ru_maxrss / 1024
        if process.returncode != 0:
            sys.exit(f"{command} failed ({process.returncode}):\n{(work / 'stderr').read_text()[-2000:]}")


def medians(runs):
    return statistics.median(r.wall for r in runs), statistics.median(r.cpu for r in runs), max(r.resident for r in runs)


def compare(ours, theirs, repeat, prepare=None):
    """Runs both in turn; wall, CPU and memory of each. `ours` and `theirs` are arguments of Run."""
    runs = ([], [])
    for _ in range(repeat):
        for side, arguments in enumerate((ours, theirs)):
            if prepare:
                prepare(side)
            runs[side].append(Run(**arguments))
    return [medians(side) for side in runs]


def row(what, ours, floor, ratio, target):
    table.append((what, ours, floor, ratio, target))
    print(f"{what}: {ours}; {floor}; {ratio} (target {target})", file=sys.stderr, flush=True)


def project(name, revisions, url="sqlite:///app.db", models=None, environment=None):
    """A project directory: aludel.toml and revision files, written as text."""
    directory = work / name
    (directory / "migrations/versions").mkdir(parents=True)
    toml = f'[database]\nurl = "{url}"\n'
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


def cpu(ms):
    return f"{ms[0]:.0f} ms ({ms[1]:.0f} CPU)"
