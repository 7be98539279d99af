"""The order of axes: exchanged in what comes out, in what goes in, or in a setting of two numbers."""

from collections.abc import Callable, Iterator
from itertools import permutations

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.layers.whole import correlated, cropped, scattered, summed, weighed
from core.layers.whole_pools import averaged, pooled, to_winners
from core.offer.part import Function

Order = tuple[int, ...]

PRODUCTS = (correlated, scattered, weighed)

# By the number of axes, the place that each axis is taken from.
ROWS_AND_COLUMNS: dict[int, list[Order]] = {2: [(1, 0)]}
ACROSS: dict[int, list[Order]] = {3: [(0, 2, 1)], 4: [(0, 1, 3, 2)]}
CHANNELS_LAST: dict[int, list[Order]] = {3: [(1, 2, 0), (2, 0, 1)], 4: [(0, 2, 3, 1), (0, 3, 1, 2)]}
TRANSPOSED: dict[int, list[Order]] = {4: [(1, 0, 2, 3)]}
LAID_OUT_LAST: dict[int, list[Order]] = {3: [(1, 2, 0)], 4: [(0, 2, 3, 1)]}  # as im2col may lay out a patch
BY_COLUMNS: dict[int, list[Order]] = {2: [(1, 0)], 3: [(2, 1, 0)], 4: [(3, 2, 1, 0), (0, 3, 2, 1)]}  # all, or by filter
FLATTENED: dict[int, list[Order]] = {4: [(1, 2, 3, 0)]}  # reshape(-1, F)
KNOWN = [ROWS_AND_COLUMNS, ACROSS, CHANNELS_LAST, TRANSPOSED]
KNOWN_LAID_OUT = [ACROSS, LAID_OUT_LAST, FLATTENED]


def read_as(array: np.ndarray, order: Order) -> np.ndarray:
    """The array with its axes in another order; where that has another shape, its numbers are read in the old one."""
    return array.transpose(order).reshape(array.shape)


def laid_out_as(array: np.ndarray, order: Order) -> np.ndarray:
    """The numbers of the array as they lie, taken for one that was laid out with its axes in another order."""
    return array.reshape([array.shape[axis] for axis in order]).transpose(np.argsort(order))


def _apart(array: np.ndarray, known: list[np.ndarray]) -> Iterator[np.ndarray]:
    """The array, if none of those is the same: where an axis has one cell, some orders are."""
    if not any(np.array_equal(array, one) for one in known):
        yield array


def _results(call: Call, orders: dict[int, list[Order]]) -> Iterator[np.ndarray]:
    if call.theirs is not None:
        yield from (read_as(call.right, order) for order in orders.get(call.right.ndim, ()))


def _inputs(
    call: Call,
    orders: dict[int, list[Order]],
    laid_out: dict[int, list[Order]] | None = None,
    known: Callable[[np.ndarray], list[np.ndarray]] = lambda _: [],
) -> Iterator[Wrong]:
    """With each array that is brought read, or laid out, in some orders; not in one that gives what is known of it."""
    for own in call.brought:
        array = call.arrays[own]
        turned: list[np.ndarray] = []
        for order in orders.get(array.ndim, ()):
            turned.extend(_apart(read_as(array, order), known(array)))
        for order in (laid_out or {}).get(array.ndim, ()):
            turned.extend(_apart(laid_out_as(array, order), [*known(array), *turned]))
        yield from (Wrong(call.again(**{own: one}), {"of": call.names[own]}) for one in turned)


def _known(array: np.ndarray) -> list[np.ndarray]:
    """The array in the orders that have mistakes of their own."""
    read = [read_as(array, order) for orders in KNOWN for order in orders.get(array.ndim, ())]
    return read + [laid_out_as(array, order) for orders in KNOWN_LAID_OUT for order in orders.get(array.ndim, ())]


@mistake("transposed", "{array} is transposed: its rows and columns are exchanged")
def transposed(call: Call) -> Iterator[np.ndarray]:
    yield from _results(call, ROWS_AND_COLUMNS)


@mistake("height_and_width_exchanged", "{array}: height and width are exchanged")
def height_and_width_exchanged(call: Call) -> Iterator[np.ndarray]:
    yield from _results(call, ACROSS)


@mistake("channels_last", "{array}: the channels stand last, and should stand first (or the other way round)")
def channels_last(call: Call) -> Iterator[np.ndarray]:
    yield from _results(call, CHANNELS_LAST)


@mistake("filters_and_channels_exchanged", "{array}: filters and channels are exchanged")
def filters_and_channels_exchanged(call: Call) -> Iterator[np.ndarray]:
    yield from _results(call, TRANSPOSED)


@mistake("axes_in_another_order", "{array}: the axes stand in another order, that of transpose({order})")
def axes_in_another_order(call: Call) -> Iterator[Wrong]:
    if call.theirs is not None:
        known = [read_as(call.right, order) for orders in KNOWN for order in orders.get(call.right.ndim, ())]
        for order in list(permutations(range(call.right.ndim)))[1:]:
            for turned in _apart(read_as(call.right, order), known):
                yield Wrong(turned, {"order": ", ".join(map(str, order))})


@mistake(
    "laid_out_by_columns",
    '{array} is given its shape with reshape(..., order="F"), by columns, and its numbers lie by rows',
)
def laid_out_by_columns(call: Call) -> Iterator[np.ndarray]:
    if call.theirs is not None:
        known = [read_as(call.right, order) for order in permutations(range(call.right.ndim))]
        for order in BY_COLUMNS.get(call.right.ndim, ()):
            yield from _apart(laid_out_as(call.right, order), known)


@mistake("channels_in_reverse", "{array}: the channels stand in reverse order (RGB for BGR)")
def channels_in_reverse(call: Call) -> Iterator[np.ndarray]:
    if call.theirs is not None and call.right.ndim >= 3:
        yield call.right[..., ::-1, :, :]


@mistake("channels_in_reverse_in_groups", "{array}: within each group the channels stand in reverse order", of=PRODUCTS)
def channels_in_reverse_in_groups(call: Call) -> Iterator[np.ndarray]:
    if call.setting("groups", 1) > 1 and "w" in call.arrays:
        yield call.again(w=call.arrays["w"][:, ::-1])


@mistake("filters_in_reverse", "{array}: the filters stand in reverse order", of=(*PRODUCTS, summed))
def filters_in_reverse(call: Call) -> Iterator[np.ndarray]:
    if call.function in (weighed, summed):
        yield call.right[::-1]
    for own in {"w", "dz"} & call.arrays.keys():  # the others in theirs
        yield call.again(**{own: call.arrays[own][::-1]})


@mistake("weight_transposed", "{array}: filters and channels of {of} are exchanged: the weight is transposed")
def weight_transposed(call: Call) -> Iterator[Wrong]:
    yield from _inputs(call, TRANSPOSED)


@mistake(
    "weight_transposed_in_groups",
    "{array}: within each group filters and channels are exchanged: the weight is transposed",
    of=PRODUCTS,
)
def weight_transposed_in_groups(call: Call) -> Iterator[np.ndarray]:
    groups = call.setting("groups", 1)
    if groups > 1 and call.function is weighed:
        yield _in_groups(call.right, groups)
    elif groups > 1:
        yield call.again(w=_in_groups(call.arrays["w"], groups))


def _in_groups(w: np.ndarray, groups: int) -> np.ndarray:
    """The weight with the first two axes exchanged in each group; what has another shape is read in the old one."""
    return w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2).reshape(w.shape)


@mistake(
    "weight_flattened_by_columns",
    "{array}: the weight is flattened by reshape(-1, {count}), and should be by reshape({count}, -1)",
    of=(correlated, scattered),
)
def weight_flattened_by_columns(call: Call) -> Iterator[Wrong]:
    w, groups = call.arrays["w"], call.setting("groups", 1)
    for parts in sorted({1, groups}):  # all at once, or group by group
        count = len(w) // parts
        yield Wrong(call.again(w=w.reshape(parts, -1, count).swapaxes(1, 2).reshape(w.shape)), {"count": count})


@mistake(
    "input_transposed",
    "{array}: rows and columns of {of} are exchanged: it is transposed where it should not be, or not where it should",
)
def input_transposed(call: Call) -> Iterator[Wrong]:
    yield from _inputs(call, ROWS_AND_COLUMNS)


@mistake("input_height_and_width_exchanged", "{array}: height and width of {of} are exchanged")
def input_height_and_width_exchanged(call: Call) -> Iterator[Wrong]:
    yield from _inputs(call, ACROSS, ACROSS)


@mistake("input_channels_last", "{array}: {of} is read as if its channels stood last (or was stored so)")
def input_channels_last(call: Call) -> Iterator[Wrong]:
    yield from _inputs(call, CHANNELS_LAST, LAID_OUT_LAST)


@mistake("input_by_columns", '{array}: {of} is read by columns, order="F", and lies by rows (or the other way round)')
def input_by_columns(call: Call) -> Iterator[Wrong]:
    yield from _inputs(call, BY_COLUMNS, BY_COLUMNS, _known)


# Which pairs a function can do with the other way round; elsewhere the sizes would not fit.
PAIRS: dict[Function, tuple[str, ...]] = {
    **dict.fromkeys((correlated, scattered, weighed), ("stride", "dilation")),
    **dict.fromkeys((pooled, to_winners), ("stride", "dilation", "padding")),
    averaged: ("stride",),
    cropped: ("padding",),
}


@mistake("pair_exchanged", "{array}: the two numbers of {name} are exchanged: height for width", of=tuple(PAIRS))
def pair_exchanged(call: Call) -> Iterator[Wrong]:
    assert call.function is not None
    for name in PAIRS[call.function]:
        first, second = call.setting(name, (0, 0))
        if first != second and (name != "padding" or call.setting("padding_mode", "zeros") == "zeros"):
            yield Wrong(call.over_zeros(call.again(**{name: (second, first)})), {"name": name})
