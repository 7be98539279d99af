"""core.fast beside PyTorch, live, on settings nobody has seen before.

`python -m tests.torch_fast [--seed N] [--cases N]`, with torch==2.13.0 and numpy installed and nothing else. Each case
is one layer with random sizes and settings, forward and backward: convolution, transposed convolution, max pooling with
its indices, average pooling. The seed comes from the operating system unless given, and is printed: the same seed asks
the same questions again. The last line is `N passed, M failed`; the exit status is 1 if any failed.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import traceback
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as nn

from core import fast

if TYPE_CHECKING:
    from collections.abc import Callable

Pair = tuple[int, int]
Answers = dict[str, np.ndarray]
TOLERANCE = {"float64": 1e-11, "float32": 2e-4}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torch_fast", description="core.fast beside PyTorch")
    parser.add_argument("--seed", type=int, default=None, help="ask the questions of an earlier run again")
    parser.add_argument("--cases", type=int, default=2000, help="how many random settings (default 2000)")
    options = parser.parse_args()
    if options.cases < 1:
        parser.error("--cases must be at least 1")
    seed = secrets.randbits(32) if options.seed is None else options.seed
    print(f"PyTorch {torch.__version__}, seed {seed}, {options.cases} random settings", flush=True)

    failed = ask(seed, options.cases)
    print(f"{options.cases - failed} passed, {failed} failed")
    return 1 if failed else 0


def ask(seed: int, cases: int) -> int:
    """Ask core.fast and PyTorch as many questions, print where they differ, and return how often that was."""
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "Using padding='same'")  # torch tells that it makes a copy
    dice = random.Random(seed)
    failed = 0
    for number in range(cases):
        compare = (convolution, transposed, max_pooling, average_pooling)[number % 4]
        case = _Case(dice)
        try:
            complaints = compare(case)
        except Exception:  # noqa: BLE001 - whatever it is, it fails this case, and the rest are still asked
            complaints = traceback.format_exc().splitlines()
        if complaints:
            failed += 1
            told = f"FAILED {compare.__name__} {case.settings}"
            print(told, *complaints, f"again with: --seed {seed}", sep="\n    ", flush=True)
    return failed


def convolution(case: _Case) -> list[str]:
    kernel, stride, dilation, groups = case.pair(1, 4), case.pair(1, 4), case.pair(1, 3), case.one_of(1, 1, 2, 3)
    padding = case.one_of("number", "pair", "same", "valid", "sides")
    channels, filters = groups * case.whole(1, 3), groups * case.whole(1, 3)
    if padding == "same":
        stride = (1, 1)  # torch has no answer for another
        given: Any = "same"
        size, sides = case.pair(1, 9), None
    else:
        given, sides = _padding(case, padding, 5)
        size = case.fitting(kernel, dilation, sides)
    x = case.floats(*case.batch(), channels, *size)
    w = case.floats(filters, channels // groups, *kernel)
    b = case.one_of(None, case.floats(filters))
    case.settings |= {"stride": stride, "padding": given, "dilation": dilation, "groups": groups}

    def asked(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None) -> torch.Tensor:
        if sides is None:
            return nn.conv2d(x, w, b, stride, "same", dilation, groups)
        (top, bottom), (left, right) = sides
        return nn.conv2d(nn.pad(x, (left, right, top, bottom)), w, b, stride, 0, dilation, groups)

    return _both_passes(case, asked, x, w, b, fast.conv2d, fast.conv2d_backward)


def transposed(case: _Case) -> list[str]:
    kernel, stride, dilation, groups = case.pair(1, 4), case.pair(1, 4), case.pair(1, 3), case.one_of(1, 1, 2, 3)
    channels, filters = groups * case.whole(1, 3), groups * case.whole(1, 3)
    size = case.pair(1, 7)
    extra = tuple(case.whole(0, max(s, d) - 1) for s, d in zip(stride, dilation, strict=True))
    whole = [
        (n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(size, stride, dilation, kernel, extra, strict=True)
    ]
    padding = tuple(case.whole(0, min(4, (n - 1) // 2)) for n in whole)
    x = case.floats(*case.batch(), channels, *size)
    w = case.floats(channels, filters // groups, *kernel)
    b = case.one_of(None, case.floats(filters))
    case.settings |= {"stride": stride, "padding": padding, "output_padding": extra}
    case.settings |= {"dilation": dilation, "groups": groups}

    def asked(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor | None) -> torch.Tensor:
        return nn.conv_transpose2d(x, w, b, stride, padding, extra, groups, dilation)

    return _both_passes(case, asked, x, w, b, fast.conv_transpose2d, fast.conv_transpose2d_backward)


def max_pooling(case: _Case) -> list[str]:
    dilation = case.one_of((1, 1), case.pair(1, 3))
    kernel, settings, x = _pooled(case, dilation)
    settings["dilation"] = dilation
    case.settings |= {"kernel_size": kernel, **settings}
    x_asked = torch.from_numpy(x.copy()).requires_grad_()
    s = settings
    y, indices = nn.max_pool2d(
        x_asked, kernel, s["stride"], s["padding"], s["dilation"], s["ceil_mode"], return_indices=True
    )
    dy = case.floats(*y.shape)
    y.backward(torch.from_numpy(dy))
    found_y, found_indices = fast.max_pool2d(x, kernel, **settings)
    found = {"y": found_y, "indices": found_indices, "dx": fast.max_pool2d_backward(dy, x, kernel, **settings)}
    return _disagreements(case, {"y": y, "indices": indices, "dx": x_asked.grad}, found)


def average_pooling(case: _Case) -> list[str]:
    kernel, settings, x = _pooled(case, (1, 1))
    settings["count_include_pad"] = case.one_of(True, False)
    case.settings |= {"kernel_size": kernel, **settings}
    s = settings
    x = np.nan_to_num(x, posinf=1.0, neginf=-1.0)
    x_asked = torch.from_numpy(x.copy()).requires_grad_()
    y = nn.avg_pool2d(x_asked, kernel, s["stride"], s["padding"], s["ceil_mode"], s["count_include_pad"])
    dy = case.floats(*y.shape)
    y.backward(torch.from_numpy(dy))
    found = {
        "y": fast.avg_pool2d(x, kernel, **settings),
        "dx": fast.avg_pool2d_backward(dy, x, kernel, **settings),
    }
    return _disagreements(case, {"y": y, "dx": x_asked.grad}, found)


class _Case:
    """What the dice say for one case."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self.dtype = dice.choice(["float64", "float64", "float32"])
        self._numbers = np.random.default_rng(dice.getrandbits(32))
        self.settings: dict[str, Any] = {"dtype": self.dtype}

    def whole(self, low: int, high: int) -> int:
        return self._dice.randint(low, high)

    def pair(self, low: int, high: int) -> Pair:
        return self.whole(low, high), self.whole(low, high)

    def one_of(self, *choices: Any) -> Any:
        return self._dice.choice(choices)

    def batch(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.one_of((), (1,), (3,))
        return shape

    def fitting(self, kernel: Pair, dilation: Pair, sides: tuple[Pair, ...]) -> Pair:
        """A size that the kernel fits into, often with nothing to spare."""
        height, width = (
            max(1, d * (k - 1) + 1 - sum(side)) + self.one_of(0, self.whole(0, 7))
            for k, d, side in zip(kernel, dilation, sides, strict=True)
        )
        return height, width

    def floats(self, *shape: int) -> np.ndarray:
        self.settings[f"shape {len(self.settings)}"] = shape
        return self._numbers.standard_normal(shape).astype(self.dtype)

    def small_integers(self, *shape: int) -> np.ndarray:
        """Many of them equal, so that maxima tie."""
        self.settings[f"shape {len(self.settings)}"] = shape
        return self._numbers.integers(-2, 3, shape).astype(self.dtype)


def _padding(case: _Case, kind: str, most: int) -> tuple[Any, tuple[Pair, Pair]]:
    """Padding in one of its forms, and what it means on the four sides."""
    if kind == "valid":
        return "valid", ((0, 0), (0, 0))
    if kind == "sides":
        sides = case.pair(0, most), case.pair(0, most)
        return sides, sides
    height, width = case.pair(0, most)
    if kind == "number":
        return height, ((height, height), (height, height))
    return (height, width), ((height, height), (width, width))


def _pooled(case: _Case, dilation: Pair) -> tuple[Pair, dict[str, Any], np.ndarray]:
    """Kernel, settings and input of a pooling layer."""
    kernel = case.pair(1, 4)
    padding = tuple(case.whole(0, k // 2) for k in kernel)
    settings: dict[str, Any] = {
        "stride": case.one_of(kernel, case.pair(1, 5)),
        "padding": padding,
        "ceil_mode": case.one_of(True, False),
    }
    height, width = case.fitting(kernel, dilation, tuple((p, p) for p in padding))
    # On a plane narrower than the dilation a window can miss every cell, and torch's index lies outside of the plane.
    shape = (*case.batch(), case.whole(1, 3), max(height, dilation[0]), max(width, dilation[1]))
    x = case.one_of(case.floats, case.small_integers)(*shape)
    if case.one_of(True, False, False):
        strange = case.one_of(np.nan, np.inf, -np.inf)
        x[case._numbers.random(shape) < case.one_of(0.1, 0.7)] = strange
    return kernel, settings, x


def _both_passes(
    case: _Case,
    asked: Callable[..., torch.Tensor],
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None,
    forward: Callable[..., np.ndarray],
    backward: Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]],
) -> list[str]:
    given = [None if array is None else torch.from_numpy(array.copy()).requires_grad_() for array in (x, w, b)]
    y = asked(*given)
    dy = case.floats(*y.shape)
    y.backward(torch.from_numpy(dy))
    settings = {name: case.settings[name] for name in _NAMES if name in case.settings}
    found = {"y": forward(x, w, b, **settings)}
    found |= zip(("dx", "dw", "db"), backward(dy, x, w, b, **settings), strict=True)
    answers = {"y": y} | {name: t.grad for name, t in zip(("dx", "dw", "db"), given, strict=True) if t is not None}
    return _disagreements(case, answers, found)


_NAMES = ("stride", "padding", "output_padding", "dilation", "groups")


def _disagreements(case: _Case, answers: dict[str, Any], found: Answers) -> list[str]:
    complaints = []
    for name, answer in answers.items():
        expected = answer.detach().numpy()
        if found[name].shape != expected.shape or found[name].dtype != expected.dtype:
            complaints.append(
                f"{name}: {found[name].shape} {found[name].dtype}, torch has {expected.shape} {expected.dtype}"
            )
        elif name == "indices" and not np.array_equal(found[name], expected):
            complaints.append(f"{name}: {found[name].tolist()}, torch has {expected.tolist()}")
        elif not np.allclose(found[name], expected, 0, TOLERANCE[case.dtype], equal_nan=True):
            complaints.append(f"{name} differs by {np.nanmax(abs(found[name] - expected))}")
    return complaints


if __name__ == "__main__":
    sys.exit(main())
