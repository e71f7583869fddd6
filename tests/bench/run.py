#!/usr/bin/env python3
"""Whole-process benchmarks, each against a raw client in the same run.

usage: tests/bench/run.py BUILD_DIR [--quick] [--only sqlite,postgresql,mysql] [--out FILE]

Prints a Markdown table (docs/performance.md holds one). Ratios are medians of alternating runs, so that a busy machine hurts both sides alike.
CPU is user + system time of the process; a server's own is not in it.
"""
import argparse
import importlib
import os
import pathlib
import platform
import shutil

import harness

parser = argparse.ArgumentParser()
parser.add_argument("build")
parser.add_argument("--quick", action="store_true", help="a tenth of the sizes, to see that it runs")
parser.add_argument("--only", default="sqlite,postgresql,mysql", help="which dialects, parted by commas")
parser.add_argument("--out", help="also write the table to this file")
options = parser.parse_args()
build = pathlib.Path(options.build).resolve()
scale = 10 if options.quick else 1
# The cache of what a server said is warm after the first run, and not the user's own.
os.environ["XDG_CACHE_HOME"] = str(harness.work / "cache")

versions = []
try:
    for dialect in options.only.split(","):
        versions.append(importlib.import_module(dialect).run(build / "bin/aludel", build, scale))
finally:
    shutil.rmtree(harness.work, ignore_errors=True)

model = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
lines = [f"{os.cpu_count()} cores of {model}, {system}, {', '.join(versions)}.", "", "| what | aludel | against | ratio | wanted |", "| --- | --- | --- | --- | --- |"]
lines += ["| " + " | ".join(one) + " |" for one in harness.table]
text = "\n".join(lines) + "\n"
print(text)
if options.out:
    pathlib.Path(options.out).write_text(text)
