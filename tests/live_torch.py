"""ConvWalk beside PyTorch, live, on settings nobody has seen before.

`python -m tests.live_torch [--seed N] [--cases N]`, with torch==2.13.0 and numpy installed and nothing else:
core needs no more. The seed comes from the operating system unless given, and is printed: the same seed asks
the same questions again. The last line is `N passed, M failed`; the exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import traceback
from itertools import islice
from typing import TYPE_CHECKING

import torch

import core
from tests.oracle import disagreements, random_cases, torch_answers

if TYPE_CHECKING:
    from tests.oracle import Case


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live_torch", description="ConvWalk beside PyTorch")
    parser.add_argument("--seed", type=int, default=None, help="ask the questions of an earlier run again")
    parser.add_argument("--cases", type=int, default=300, help="how many random settings (default 300)")
    options = parser.parse_args()
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"PyTorch {torch.__version__}, seed {seed}, {options.cases} random settings", flush=True)

    failed = 0
    for case in islice(random_cases(seed), options.cases):
        complaints = _complaints(case)
        if complaints:
            failed += 1
            print(f"FAILED {case}", *complaints, f"again with: --seed {seed}", sep="\n    ", flush=True)
    print(f"{options.cases - failed} passed, {failed} failed")
    return 1 if failed else 0


def _complaints(case: Case) -> list[str]:
    answers = torch_answers(case)
    try:
        found = core.run("conv2d", arrays=case.arrays(), **case.settings)
    except Exception:  # noqa: BLE001 - whatever it is, it fails this case, and the rest are still asked
        return traceback.format_exc().splitlines()
    return disagreements(case, answers, found)


if __name__ == "__main__":
    sys.exit(main())
