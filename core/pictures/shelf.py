"""Every picture on offer, in the order in which it is shown: its name, what to call it, and what to look for on it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

import numpy as np

from core.pictures.digits import SIDE, digits, enlarged
from core.pictures.drawn import DRAWN, INK

LOW, HIGH = 0, INK  # of the numbers of every picture
LEAST = SIDE  # rows and columns of the smallest

LABELS = {
    "bars": "upright bars",
    "checkerboard": "a checkerboard",
    "ring": "a ring",
    "cross": "a cross",
    "ramp": "a ramp",
    "pixel": "one bright pixel",
}
LOOKS = {
    "bars": "Upright edges alone: Sobel across answers to the two sides of a bar with opposite signs, Sobel down is "
    "blind to them.",
    "checkerboard": "Edges of both kinds, and corners where they meet: Sobel across answers to the upright ones, Sobel "
    "down to the level ones, the Laplacian to all.",
    "ring": "An edge in every direction: Sobel across is strongest at the left and the right of the ring, Sobel down "
    "at its top and bottom.",
    "cross": "An upright and a level bar: each Sobel filter sees the sides of one of them, and of the other only the "
    "ends.",
    "ramp": "Numbers that rise evenly from left to right: at 8×8 Sobel across gives the same number everywhere inside, "
    "Sobel down and the Laplacian give zero.",
    "pixel": "A single bright cell: around it comes out the kernel itself, turned by 180°.",
}
DIGIT = "a handwritten {digit}"
DIGIT_LOOKS = (
    "A ring: Sobel across answers at its left and right, Sobel down at its top and bottom, with one sign where the ink "
    "begins and the other where it ends.",
    "One upright stroke: Sobel across frames it from both sides, Sobel down sees little but its ends.",
    "A bow, a slope and a level foot: Sobel down finds the foot, Sobel across little more than its ends.",
    "Two bows that are open to the left: look which of their edges each Sobel filter finds.",
    "An upright and a level stroke that meet: each Sobel filter sees one of them.",
    "A level stroke with a bow below: blur it, and see whether the gap between them stays.",
    "A stem that ends in a ring: pool it, and see whether its hole stays, under max and under average pooling.",
    "A level stroke and a slope: the Laplacian finds both, each Sobel filter its own part.",
    "Two rings, one above the other: after max pooling their holes may be gone.",
    "A ring with a stem: turned by 180°, as a kernel is on the way back, it is nearly a 6.",
)


@dataclass(frozen=True)
class Picture:
    """A picture at any size from `LEAST` on."""

    name: str
    group: str  # digits or drawn
    label: str  # a template, and below its values
    look: str
    draw: Callable[[int], np.ndarray]  # (size, size), whole numbers from LOW to HIGH
    values: Mapping[str, Any] = field(default_factory=dict)


@cache
def shelf() -> dict[str, Picture]:
    """Every picture by its name.

    >>> shelf()["digit-7-0"].draw(28).shape
    (28, 28)
    """
    drawn = [Picture(name, "drawn", LABELS[name], LOOKS[name], draw) for name, draw in DRAWN.items()]
    numbers: Counter[int] = Counter()
    written = []
    for digit, cells in digits():
        name = f"digit-{digit}-{numbers[digit]}"
        numbers[digit] += 1
        look = DIGIT_LOOKS[digit]
        written.append(Picture(name, "digits", DIGIT, look, partial(enlarged, cells), {"digit": digit}))
    written.sort(key=lambda picture: picture.values["digit"])
    return {picture.name: picture for picture in (*drawn, *written)}
