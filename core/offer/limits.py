"""How large a walk may be. What one client may ask of a server is `app.ground.limits`; docs/limits.md has all of them.

A walk is meant to be looked at: its bounds are far above what anyone follows by eye, and low enough that one request
cannot keep a server, a network or a browser from its other work. What goes beyond one is refused in words before it
costs anything. Each limit can be set by an environment variable, such as CONVWALK_LIMIT_STEPS=50000, which is read
once; one that makes no sense is a ValueError that says what was expected.
"""

import os
from dataclasses import dataclass

PREFIX = "CONVWALK_LIMIT_"


@dataclass(frozen=True)
class Limit:
    """One limit: what it bounds, in which unit, and the range in which the environment may set it."""

    name: str
    value: int
    default: int
    bounds: str  # what it bounds, with its unit
    least: int  # with less, the examples that the layers begin with would be refused
    most: int

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return PREFIX + self.name


LIMITS: dict[str, Limit] = {}  # by name, in the order of the table


def table() -> str:
    """The limits as the table in docs/limits.md, a row each: what is bounded, the default, its variable.

    >>> print(table().splitlines()[2])
    | rows or columns of an input | 64 | `CONVWALK_LIMIT_SIDE` |
    """
    rows = (f"| {one.bounds} | {one.default:,} | `{one.variable}` |" for one in LIMITS.values())
    return "\n".join(("| limit | default | environment variable |", "| --- | ---: | --- |", *rows))


def limit(name: str, default: int, bounds: str, *, least: int = 1, most: int | None = None) -> int:
    """The value of a limit, which has a place in the table from now on; a ValueError says what the variable must be."""
    most = 100 * default if most is None else most
    text = os.environ.get(PREFIX + name) or str(default)
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else -1
    if not least <= value <= most:
        raise ValueError(f"{PREFIX}{name} must be a whole number from {least} to {most} ({bounds}).")
    LIMITS[name] = Limit(name, value, default, bounds, least, most)
    return value


SIDE = limit("SIDE", 64, "rows or columns of an input", least=8, most=512)
CHANNELS = limit("CHANNELS", 16, "channels, and filters", least=4, most=128)
FEATURES = limit("FEATURES", 256, "inputs, outputs or classes of a layer without maps", least=8, most=4096)
KERNEL = limit("KERNEL", 11, "rows or columns of a kernel", least=3, most=64)
STRIDE = limit("STRIDE", 16, "rows or columns of a stride", least=2, most=64)
PADDING = limit(
    "PADDING", 16, 'rows or columns of padding on a side (a pool: half of its window; "same": what it takes)', most=64
)
DILATION = limit("DILATION", 8, "dilation", most=64)
SEED = limit("SEED", 99, "seed of the numbers", most=1_000_000)
# Of a number in an array that a reader gives: sums of products stay far from overflow.
MAGNITUDE = limit("MAGNITUDE", 1_000_000, "size of a number in an array that you bring", least=1000)

CELLS = limit("CELLS", 200_000, "cells of one array", least=5000, most=2_000_000)
# A stream begins with each of them, as it starts and as it ends.
ALL_CELLS = limit("ALL_CELLS", 600_000, "cells of all arrays of a walk", least=20_000, most=6_000_000)
STEPS = limit("STEPS", 200_000, "steps of a walk", least=5000, most=10_000_000)
# Which is what travels to the browser. A layer that multiplies shows each product: this bounds those too.
WRITES = limit(
    "WRITES", 5_000_000, "cells written in a walk, among them every product of a multiply-add", least=1_000_000
)

# More cells than that are checked evenly spread.
CHECKED_CELLS = limit("CHECKED_CELLS", 128, "cells that the gradient check nudges in each array, evenly spread")
CHECKED_PRODUCTS = limit(
    "CHECKED_PRODUCTS",
    100_000_000,
    "multiply-adds that the gradient check of an array takes",
    least=100_000,
    most=10**9,
)

TRAINED_PRODUCTS = limit("TRAINED_PRODUCTS", 500_000_000, "multiply-adds of a training", least=100_000_000, most=10**10)

# More of them make no text to read.
WRITTEN_OUT = limit("WRITTEN_OUT", 30_000, "numbers written out in a copied script", least=1000)
