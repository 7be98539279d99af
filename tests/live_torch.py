"""ConvWalk beside PyTorch, live, on settings nobody has seen before: every walk, the copied scripts, and core.fast.

`python -m tests.live_torch [--seed N] [--cases N]`, with torch==2.13.0 and numpy installed and nothing else:
core needs no more. The seed comes from the operating system unless given, and is printed: the same seed asks
the same questions again. One line tells how the scripts did that readers copy as PyTorch, one how core.fast
did, asked as many questions of its own; the last line is `N passed, M failed`, of the walks. The exit status
is 1 if anything failed.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import traceback
import warnings
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import torch

from tests import torch_fast, torch_scripts
from tests.oracle import random_questions

if TYPE_CHECKING:
    from tests.oracle.question import Question


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live_torch", description="ConvWalk beside PyTorch")
    parser.add_argument("--seed", type=int, default=None, help="ask the questions of an earlier run again")
    parser.add_argument("--cases", type=int, default=1500, help="how many random settings (default 1500)")
    options = parser.parse_args()
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"PyTorch {torch.__version__}, seed {seed}, {options.cases} random settings", flush=True)
    warnings.filterwarnings("ignore", "Using padding='same'")  # torch tells that it makes a copy

    asked, wrong = torch_scripts.ask()
    print(f"the PyTorch scripts: {asked - wrong} passed, {wrong} failed", flush=True)

    failed_fast = torch_fast.ask(seed, options.cases)
    print(f"core.fast: {options.cases - failed_fast} passed, {failed_fast} failed", flush=True)

    questions, failed = list(islice(random_questions(seed), options.cases)), 0
    counted = Counter(question.layer for question in questions)
    print("the walks:", ", ".join(f"{layer} {number}" for layer, number in counted.items()), flush=True)
    for question in questions:
        complaints = _complaints(question)
        if complaints:
            failed += 1
            print(f"FAILED {question}", *complaints, f"again with: --seed {seed}", sep="\n    ", flush=True)
    print(f"{options.cases - failed} passed, {failed} failed")
    return 1 if failed or failed_fast or wrong else 0


def _complaints(question: Question) -> list[str]:
    try:
        answers, found = question.answers(), question.walked()
    except Exception:  # noqa: BLE001 - whatever it is, it fails this one, and the rest are still asked
        return traceback.format_exc().splitlines()
    return question.disagreements(answers, found)


if __name__ == "__main__":
    sys.exit(main())
