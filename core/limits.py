"""How large a walk may be. Every limit stands here; what goes beyond one is refused in words before it costs anything.

A walk is meant to be looked at: these bounds are far above what anyone follows by eye, and low enough that one request
cannot keep a server, a network or a browser from its other work.
"""

SIDE = 64  # rows or columns of an input
CHANNELS = 16  # channels, and filters
KERNEL = 11  # rows or columns of a kernel
STRIDE = 16
PADDING = 16
DILATION = 8
SEED = 99
MAGNITUDE = 1e6  # of a number in an array that a reader gives: sums of products stay far from overflow

CELLS = 200_000  # in one array
ALL_CELLS = 600_000  # in all the arrays of one walk: a stream begins with each of them, as it starts and as it ends
STEPS = 200_000  # in one walk
WRITES = 5_000_000  # cells written in one walk, which is what travels to the browser

CHECKED_CELLS = 128  # of each array, in a gradient check: more are checked evenly spread
CHECKED_PRODUCTS = 100_000_000  # multiplications that the gradient check of one array may take

WRITTEN_OUT = 20_000  # numbers in a script that is copied: more of them make no text to read

URL_BYTES = 64_000  # of a request: room for an input of 64×64 written out in short numbers
