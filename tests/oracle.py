"""Random convolutions for PyTorch and ConvWalk to agree on, and PyTorch's answers to them.

Two users: the script that commits PyTorch's answers as a fixture (torch_answers.py) and the live comparison
on fresh settings (live_torch.py). PyTorch is imported only when it is asked something, so that the tests that
read the fixture run without it.

The surprising decision: the fixture holds settings and answers, but not the input numbers, which would add
two thirds to its size. They are made again from the case's own seed, and only with the method `random()` of
Python's Random: Python promises that this one repeats for ever, while NumPy promises no such thing of its
distributions. From there to the numbers there is only plain arithmetic in a fixed order, so every machine
gets the same bits (no `log` or `cos`, whose last bit differs from one C library to the next). A checksum
beside the answers says at once if that should ever fail.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, fields
from itertools import count
from math import prod
from random import Random
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Arrays = dict[str, np.ndarray]
Pair = tuple[int, int]

ACTIVATIONS = ("identity", "relu", "sigmoid", "tanh")
TOLERANCE = 1e-10


@dataclass(frozen=True)
class Case:
    """One convolution layer with its settings; its numbers follow from the seed.

    >>> case = Case("toy", seed=1, numbers="whole", x=(2, 5, 5), w=(3, 2, 3, 3), stride=2, padding=(1, 0))
    >>> case.arrays()["dy"].shape
    (3, 3, 2)
    """

    name: str
    seed: int
    numbers: str  # "whole": small whole numbers; "normal": as good as normally distributed
    x: tuple[int, int, int]
    w: tuple[int, int, int, int]
    stride: int | Pair = 1
    padding: int | Pair = 0
    dilation: int | Pair = 1
    activation: str = "identity"
    activation_before: str = "identity"
    learning_rate: float = 0.001
    touches_zero: bool = False  # the bias is chosen so that z[0, 0, 0] is exactly 0: the corner of ReLU

    @property
    def settings(self) -> dict[str, Any]:
        """What `core.run` is given beside the arrays."""
        names = ("stride", "padding", "dilation", "activation", "activation_before", "learning_rate")
        return {name: getattr(self, name) for name in names}

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """The vertical and the horizontal direction."""
        pairs = (as_pair(self.stride), as_pair(self.padding), as_pair(self.dilation))
        height, width = zip(self.x[1:], self.w[2:], *pairs, strict=True)
        return Axis(*height), Axis(*width)

    def arrays(self) -> Arrays:
        """x, w, b and dy, the same on every machine and with every version of Python and NumPy."""
        random = Random(self.seed).random
        size = self.w[0], self.axes[0].outputs, self.axes[1].outputs
        x = _output_of(self.activation_before, random, self.numbers, self.x)
        w = _fill(random, self.numbers, self.w, largest=2)
        b = _fill(random, self.numbers, self.w[:1], largest=2)
        dy = _fill(random, self.numbers, size, largest=2)
        if self.touches_zero:
            b[0] = -(w[0] * _first_patch(x, self.axes)).sum()
        return {"x": x, "w": w, "b": b, "dy": dy}

    def checksum(self) -> int:
        """Of the input numbers, bit by bit."""
        total = 0
        for array in self.arrays().values():
            total = zlib.crc32(array.astype("<f8").tobytes(), total)
        return total

    def as_dict(self) -> dict[str, Any]:
        """For JSON; what stands at its default is left out."""
        defaults = {field.name: field.default for field in fields(self)}
        return {name: value for name, value in asdict(self).items() if value != defaults[name]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Case:
        """The way back from JSON, which has lists where Python has tuples."""
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in record.items()}
        return cls(**values)

    def __str__(self) -> str:
        return json.dumps(self.as_dict())


def as_pair(setting: int | Pair) -> Pair:
    """A number stands for both axes."""
    return setting if isinstance(setting, tuple) else (setting, setting)


class Axis(NamedTuple):
    """What happens along the height, or along the width."""

    size: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    @property
    def reach(self) -> int:
        """The cells from the first to the last one under the kernel, the gaps of dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def room(self) -> int:
        """How far the kernel can move over the padded input."""
        return self.size + 2 * self.padding - self.reach

    @property
    def outputs(self) -> int:
        return self.room // self.stride + 1

    @property
    def leftover(self) -> int:
        """Rows or columns at the end that no patch reaches."""
        return self.room % self.stride


# The cases go round these strata in turn, and each stratum narrows the draw: `each` is a test that the height
# and the width must pass, `pair` one for both together. The corners that must appear all have a name here.
STRATA: dict[str, dict[str, Any]] = {
    "anything": {},
    "square, the size is kept": {
        "each": lambda a: a.stride == 1 and a.outputs == a.size and a.padding > 0,
        "pair": lambda h, w: h == w,
    },
    "ReLU at 0": {"activation": "relu", "numbers": "whole", "touches_zero": True},
    "stride above the kernel": {"each": lambda a: a.stride > a.kernel},
    "kernel = padded input": {"each": lambda a: a.kernel == a.size + 2 * a.padding and a.padding > 0},
    "kernel = input": {"each": lambda a: a.kernel == a.size > 1 and a.dilation == 1},
    "1x1 kernel": {"each": lambda a: a.kernel == 1},
    "1x1 input": {"each": lambda a: a.size == 1},
    "a leftover row or column": {"pair": lambda h, w: h.leftover > 0 or w.leftover > 0},
    "leftover rows and columns": {"each": lambda a: a.leftover > 0},
    "padding above kernel - 1": {"pair": lambda h, w: h.padding >= h.reach or w.padding >= w.reach},
    "padding above kernel - 1, stride above 1": {"each": lambda a: a.padding >= a.reach and a.stride > 1},
    "neither input nor kernel square": {"pair": lambda h, w: h.size != w.size and h.kernel != w.kernel},
    "stride, padding, dilation differ by axis": {
        "pair": lambda h, w: h.stride != w.stride and h.padding != w.padding and h.dilation != w.dilation
    },
    "one channel": {"channels": (1, 1), "filters": (2, 4)},
    "one filter": {"channels": (2, 4), "filters": (1, 1)},
    "many channels and filters": {"channels": (3, 4), "filters": (3, 4)},
    "dilation 2": {"each": lambda a: a.dilation == 2 and a.kernel > 1},
    "dilation 3": {"each": lambda a: a.dilation == 3 and a.kernel > 1},
    "a layer before": {"activation_before": ("relu", "sigmoid", "tanh")},
}


def random_cases(seed: int) -> Iterator[Case]:
    """Random cases without end. The n-th depends on the seed and n alone, however many are drawn.

    Each stratum meets the four activations in turn, and each of those whole numbers and normal ones in turn.
    """
    for index in count():
        turn, place = divmod(index, len(STRATA))
        name = list(STRATA)[place]
        yield _case(f"{index:03} {name}", seed * 1_000_003 + index, turn, **STRATA[name])


def torch_answers(case: Case) -> Arrays:
    """PyTorch's z, y, dz, dx, dw and db in float64, and dx_before where there is a layer before."""
    import torch

    torch.set_num_threads(1)
    functions = {
        "identity": lambda z: z.clone(),
        "relu": torch.relu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
    }
    inverses = {"relu": torch.clone, "sigmoid": torch.logit, "tanh": torch.atanh}

    x, w, b, dy = (torch.from_numpy(array) for array in case.arrays().values())
    for leaf in (x, w, b):
        leaf.requires_grad_()
    z = torch.nn.functional.conv2d(x[None], w, b, case.stride, case.padding, case.dilation)[0]
    z.retain_grad()
    y = functions[case.activation](z)
    (y * dy).sum().backward()

    answers = {"z": z, "y": y, "dz": z.grad, "dx": x.grad, "dw": w.grad, "db": b.grad}
    if case.activation_before != "identity":
        # x came out of an activation; u is what went into it
        before = functions[case.activation_before]
        u = inverses[case.activation_before](x.detach()).requires_grad_()
        (answers["dx_before"],) = torch.autograd.grad(before(u), u, x.grad)
    return {name: tensor.detach().numpy() for name, tensor in answers.items()}


def disagreements(case: Case, answers: Arrays, found: Arrays) -> list[str]:
    """One sentence for each array of a finished walk that is not what PyTorch says; empty if all are.

    The walk updates w and b in place, so these are held against one step of gradient descent.
    """
    given = case.arrays()
    step = {name: given[name] - case.learning_rate * answers[f"d{name}"] for name in ("w", "b")}
    expected = answers | step
    return [sentence for name in expected for sentence in _difference(name, expected[name], found)]


def _difference(name: str, expected: np.ndarray, found: Arrays) -> Iterator[str]:
    if name not in found:
        yield f"{name} is missing"
    elif found[name].shape != expected.shape:
        yield f"{name} has shape {found[name].shape}, PyTorch's {expected.shape}"
    elif not np.allclose(found[name], expected, rtol=0, atol=TOLERANCE):  # NaN is close to nothing
        gap = np.abs(found[name] - expected)
        cell = tuple(int(i) for i in np.unravel_index(np.argmax(gap), gap.shape))
        yield f"{name}{list(cell)} is {float(found[name][cell])!r}, PyTorch's {float(expected[cell])!r}"


def _case(
    name: str,
    seed: int,
    turn: int,
    each: Callable[[Axis], bool] = lambda axis: True,
    pair: Callable[[Axis, Axis], bool] = lambda height, width: True,
    channels: Pair = (1, 3),
    filters: Pair = (1, 3),
    activation: str | None = None,
    numbers: str | None = None,
    activation_before: tuple[str, ...] = ("identity",),
    touches_zero: bool = False,
) -> Case:
    random = Random(seed).random
    while True:
        height, width = _axis(random, each), _axis(random, each)
        x = (_between(random, *channels), height.size, width.size)
        w = (_between(random, *filters), x[0], height.kernel, width.kernel)
        if pair(height, width) and _is_small(x, w, height.outputs * width.outputs):
            break
    return Case(
        name,
        seed,
        numbers or ("whole", "normal")[turn // len(ACTIVATIONS) % 2],
        x,
        w,
        _setting(random, height.stride, width.stride),
        _setting(random, height.padding, width.padding),
        _setting(random, height.dilation, width.dilation),
        activation or ACTIVATIONS[turn % len(ACTIVATIONS)],
        activation_before[turn % len(activation_before)],
        _one_of(random, (0.001, 0.01, 0.125)),
        touches_zero,
    )


def _axis(random: Callable[[], float], test: Callable[[Axis], bool]) -> Axis:
    while True:
        axis = Axis(
            size=_between(random, 1, 9),
            kernel=_between(random, 1, 5),
            stride=_one_of(random, (1, 1, 1, 2, 2, 3, 4)),
            padding=_between(random, 0, 3),
            dilation=_one_of(random, (1, 1, 1, 2, 3)),
        )
        if axis.room >= 0 and test(axis):
            return axis


def _is_small(x: tuple[int, ...], w: tuple[int, ...], outputs: int) -> bool:
    """Small enough for 300 walks in well under a minute, and for their answers in a small fixture."""
    return prod(x) <= 144 and prod(w) <= 108 and w[0] * outputs <= 64


def _setting(random: Callable[[], float], height: int, width: int) -> int | Pair:
    """A pair where it must be, and sometimes where a number would do."""
    return height if height == width and random() < 0.75 else (height, width)


def _between(random: Callable[[], float], low: int, high: int) -> int:
    return low + int(random() * (high - low + 1))


def _one_of(random: Callable[[], float], choices: tuple[Any, ...]) -> Any:
    return choices[_between(random, 0, len(choices) - 1)]


def _fill(random: Callable[[], float], numbers: str, shape: tuple[int, ...], largest: int) -> np.ndarray:
    def cell() -> float:
        return float(_between(random, -largest, largest)) if numbers == "whole" else _normal(random)

    return np.array([cell() for _ in range(prod(shape))]).reshape(shape)


def _normal(random: Callable[[], float]) -> float:
    """Twelve uniform numbers less six: mean 0, variance 1, a bell, and nothing but additions."""
    total = -6.0
    for _ in range(12):
        total += random()
    return total


def _output_of(activation: str, random: Callable[[], float], numbers: str, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers that this activation can put out: an input for the layer after it."""
    if activation == "identity":
        return _fill(random, numbers, shape, largest=3)
    if activation == "relu":
        return np.maximum(_fill(random, numbers, shape, largest=3), 0.0)

    def cell() -> float:
        # eighths for whole numbers, of which (0, 1) has none
        return (_between(random, 1, 7) if numbers == "whole" else 0.5 + 7.0 * random()) / 8.0

    x = np.array([cell() for _ in range(prod(shape))]).reshape(shape)
    return x if activation == "sigmoid" else 2.0 * x - 1.0


def _first_patch(x: np.ndarray, axes: tuple[Axis, Axis]) -> np.ndarray:
    height, width = axes
    padded = np.pad(x, ((0, 0), (height.padding, height.padding), (width.padding, width.padding)))
    return padded[:, : height.reach : height.dilation, : width.reach : width.dilation]
