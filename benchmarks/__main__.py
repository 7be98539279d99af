"""`python -m benchmarks [what] [--json FILE]` measures and prints one table; `python3 start.py bench` does the same."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks import browser, classroom, fast, load, picture, reaction, recorder, service, stage, training
from benchmarks.chromium import path
from benchmarks.table import Figure, printed

WHAT: dict[str, Callable[[], list[Figure]]] = {
    "recorder": recorder.measure,
    "fast": fast.measure,
    "service": service.measure,
    "load": load.measure,
    "browser": browser.measure,
    "reaction": reaction.measure,
    "stage": stage.measure,
    "picture": picture.measure,
    "training": training.measure,
    "class": classroom.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="start.py bench", description="What ConvWalk costs, beside what it could.")
    only = f"only one or some of: {', '.join(WHAT)}"
    parser.add_argument("what", nargs="*", choices=[*WHAT, []], metavar="what", help=only)
    beside = "another checkout of ConvWalk, which the recorder is measured beside"
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help=beside)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    figures = []
    for what in options.what or WHAT:
        print(f"Measuring the {what} ...", file=sys.stderr, flush=True)
        figures += recorder.measure(options.beside) if what == "recorder" else WHAT[what]()
    print(printed(figures))
    print(f"\n{_here()}")
    if options.json:
        told = {"here": _here(), "figures": [figure.as_dict() for figure in figures]}
        options.json.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _here() -> str:
    """When and on what it was measured. The load says how many others were at work besides."""
    chromium = subprocess.run([path(), "--version"], capture_output=True, text=True).stdout.split()
    version = next((word for word in chromium if word[0].isdigit()), "unknown")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores{load}, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, NumPy {np.__version__}, Chromium {version}"
    )


main()
