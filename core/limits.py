"""How large a walk may be, and what one client may ask of a server. Every limit stands here, and in the README's table.

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
    """The limits as a table in Markdown, a row each, as the README has it: what is bounded, the default, its variable.

    >>> print(table().splitlines()[2])
    | rows or columns of an input | 64 | `CONVWALK_LIMIT_SIDE` |
    """
    rows = (f"| {one.bounds} | {one.default:,} | `{one.variable}` |" for one in LIMITS.values())
    return "\n".join(("| limit | default | environment variable |", "| --- | ---: | --- |", *rows))


def _limit(name: str, default: int, bounds: str, *, least: int = 1, most: int | None = None) -> int:
    most = 100 * default if most is None else most
    text = os.environ.get(PREFIX + name) or str(default)
    value = int(text) if text.isascii() and text.isdecimal() and len(text) <= 12 else -1
    if not least <= value <= most:
        raise ValueError(f"{PREFIX}{name} must be a whole number from {least} to {most} ({bounds}).")
    LIMITS[name] = Limit(name, value, default, bounds, least, most)
    return value


SIDE = _limit("SIDE", 64, "rows or columns of an input", least=8, most=512)
CHANNELS = _limit("CHANNELS", 16, "channels, and filters", least=4, most=128)
KERNEL = _limit("KERNEL", 11, "rows or columns of a kernel", least=3, most=64)
STRIDE = _limit("STRIDE", 16, "rows or columns of a stride", least=2, most=64)
PADDING = _limit(
    "PADDING", 16, 'rows or columns of padding on a side (a pool: half of its window; "same": what it takes)', most=64
)
DILATION = _limit("DILATION", 8, "dilation", most=64)
SEED = _limit("SEED", 99, "seed of the numbers", most=1_000_000)
# Of a number in an array that a reader gives: sums of products stay far from overflow.
MAGNITUDE = _limit("MAGNITUDE", 1_000_000, "size of a number in an array that you bring", least=1000)

CELLS = _limit("CELLS", 200_000, "cells of one array", least=1000, most=2_000_000)
# A stream begins with each of them, as it starts and as it ends.
ALL_CELLS = _limit("ALL_CELLS", 600_000, "cells of all arrays of a walk", least=5000, most=6_000_000)
STEPS = _limit("STEPS", 200_000, "steps of a walk", least=5000, most=10_000_000)
# Which is what travels to the browser. A layer that multiplies shows each product: this bounds those too.
WRITES = _limit(
    "WRITES", 5_000_000, "cells written in a walk, among them every product of a multiply-add", least=50_000
)

# More cells than that are checked evenly spread.
CHECKED_CELLS = _limit("CHECKED_CELLS", 128, "cells that the gradient check nudges in each array, evenly spread")
CHECKED_PRODUCTS = _limit(
    "CHECKED_PRODUCTS",
    100_000_000,
    "multiply-adds that the gradient check of an array takes",
    least=100_000,
    most=10**9,
)

# More of them make no text to read.
WRITTEN_OUT = _limit("WRITTEN_OUT", 20_000, "numbers written out in a copied script", least=1000)

# Room for an input of 64×64 written out in short numbers.
URL_BYTES = _limit("URL_BYTES", 64_000, "bytes of an address", least=1000, most=1_000_000)
HEADER_BYTES = _limit("HEADER_BYTES", 32_000, "bytes of a request's headers", least=4000, most=1_000_000)
# A browser sends about twenty, and what stands in front of us a few more.
HEADERS = _limit("HEADERS", 100, "headers of a request", least=40)
# Nothing here reads a body; what is short is passed over, and the connection can be used again.
BODY_BYTES = _limit("BODY_BYTES", 1000, "bytes of a request's body, which nothing reads", least=0, most=1_000_000)

# Beyond them the oldest idle one is closed. A system that allows fewer open files allows fewer of them.
CONNECTIONS = _limit("CONNECTIONS", 1000, "connections at a time", least=20)
# A school behind one address is one client, and so is a proxy in front of us.
CLIENT_CONNECTIONS = _limit("CLIENT_CONNECTIONS", 500, "connections at a time to one client (an IP address)", least=20)
# As many as its streams, and a hundred more.
CLIENT_REQUESTS = _limit(
    "CLIENT_REQUESTS", 300, "requests of one client (an IP address) that wait for their answer at a time", least=20
)
REQUEST_SECONDS = _limit("REQUEST_SECONDS", 10, "seconds in which a request must have come")
SEND_SECONDS = _limit("SEND_SECONDS", 60, "seconds for which a client may take nothing of its answer")
# Of computing: what others compute in between and what the network takes do not count.
TRACE_SECONDS = _limit("TRACE_SECONDS", 60, "seconds of computing for one trace")
STREAMS = _limit("STREAMS", 400, "streams at a time", most=10_000)
# A class behind one address is one client.
CLIENT_STREAMS = _limit("CLIENT_STREAMS", 200, "streams at a time to one client (an IP address)", most=10_000)
# So that a small one always finds room beside them.
LARGE_CELLS = _limit("LARGE_CELLS", 20_000, "cells beyond which a walk is a large one", least=1000, most=6_000_000)
# With 16 bytes each; a stream counts as 10,000 of them beside those of its arrays.
STREAMED_CELLS = _limit(
    "STREAMED_CELLS",
    6_000_000,
    "cells of all walks that are streamed at a time; half of them to one client, half to large walks",
    least=20_000,
)
WAIT_SECONDS = _limit("WAIT_SECONDS", 10, "seconds that a stream waits for room among these")

if unknown := sorted(name for name in os.environ if name.startswith(PREFIX) and name[len(PREFIX) :] not in LIMITS):
    raise ValueError(f"There is no limit {unknown[0]}; there are {', '.join(one.variable for one in LIMITS.values())}.")
