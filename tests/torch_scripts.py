"""The PyTorch scripts that readers copy, run in PyTorch and held against the walks that they were copied from.

`python -m tests.torch_scripts`, with torch==2.13.0 and numpy installed and nothing else.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from typing import Any

import numpy as np
import torch

import core
from core.catalog import LAYERS
from core.script import torch_script
from tests.asked import SETTINGS


def main() -> int:
    asked, wrong = ask()
    print(f"{asked - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


def ask() -> tuple[int, int]:
    """Run the script of every layer with some settings; tell how many there were, and how many went wrong."""
    asked = wrong = 0
    for layer in LAYERS.values():
        for settings in ({}, *SETTINGS.get(layer.name, [])):
            asked += 1
            complaints = _complaints(layer.name, settings)
            if complaints:
                wrong += 1
                print(f"FAILED {layer.name} {settings}", *complaints, sep="\n    ", flush=True)
    return asked, wrong


def _complaints(layer: str, settings: dict[str, Any]) -> list[str]:
    chosen = LAYERS[layer]
    expected = core.run(layer, **settings)
    names: dict[str, Any] = {}
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(torch_script(chosen, next(iter(chosen.algorithms)), settings, {}), names)
    found = {name: tensor.detach().numpy() for name, tensor in names.items() if isinstance(tensor, torch.Tensor)}
    compared = found.keys() & expected.keys()
    pieces = re.split(r"^(\w+) =\n", said.getvalue(), flags=re.MULTILINE)
    texts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    printed = {line.removesuffix(" =") for line in said.getvalue().splitlines() if line.endswith(" =")}
    complaints = [] if printed else ["it prints nothing"]
    complaints += [f"{name} is printed, and no array of the layer" for name in printed - compared]
    for name in sorted(texts.keys() & found.keys()):
        digits = re.findall(
            r"(?<![\w.])-?\d+\.?\d*(?:e[-+]\d+)?(?!\w)|-?inf",
            texts[name].partition(", dtype")[0].replace("float64", ""),
        )
        if "..." in texts[name] or [float(word) for word in digits] != found[name].ravel().tolist():
            complaints.append(f"{name} is not printed to the last digit of each number")
    for name in sorted(compared):
        if found[name].shape != expected[name].shape:
            complaints.append(f"{name} has shape {found[name].shape}, the walk's {expected[name].shape}")
        elif not np.allclose(found[name], expected[name], rtol=0, atol=1e-10):
            complaints.append(f"{name} is {found[name]}, the walk's {expected[name]}")
    return complaints


if __name__ == "__main__":
    sys.exit(main())
