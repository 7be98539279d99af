"""What is added up: with zeros or gaps left out, over the wrong maps or axes, or not added at all."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.comparison.mistakes.windows import with_stride
from core.layers.whole import ONE, correlated, cropped, scattered, summed, weighed
from core.layers.whole_linear import connected
from core.layers.whole_pools import averaged, pooled, shared_out, to_winners

PRODUCTS = (correlated, scattered, weighed)
OVER_PLACES = (*PRODUCTS, cropped, summed, pooled, averaged, to_winners, shared_out)
ROW, COLUMN = (..., -1, slice(None)), (..., -1)  # the last one


@mistake(
    "no_zeros_for_the_stride",
    "{array}: there are no zeros for the stride: δ stand side by side, as if the stride had been 1",
    of=(scattered, weighed),
)
def no_zeros_for_the_stride(call: Call) -> Iterator[np.ndarray]:
    yield call.again(stride=ONE)


@mistake(
    "stride_ignored",
    "{array}: the stride is ignored: the window goes on by one cell",
    of=(correlated, pooled, averaged, to_winners, shared_out),
)
def stride_ignored(call: Call) -> Iterator[np.ndarray]:
    yield with_stride(call, ONE)


@mistake("dilation_ignored", "{array}: the dilation is ignored", of=(*PRODUCTS, pooled, to_winners))
def dilation_ignored(call: Call) -> Iterator[np.ndarray]:
    yield call.again(dilation=ONE)


@mistake(
    "groups_ignored", "{array}: the groups are ignored: every filter meets the channels of the first group", of=PRODUCTS
)
def groups_ignored(call: Call) -> Iterator[np.ndarray]:
    groups = call.setting("groups", 1)
    if groups > 1 and call.function is scattered:
        one = call.again(groups=1)  # the channels of one group; the others get nothing
        yield one
        yield np.tile(one[: len(one) // groups], (groups, 1, 1))
    elif groups > 1:
        x = call.arrays["x_padded"]
        yield call.again(x_padded=np.tile(x[: len(x) // groups], (groups, 1, 1)))


@mistake(
    "groups_interleaved",
    "{array}: the channels are dealt out to the groups in turn, and should be in blocks",
    of=PRODUCTS,
)
def groups_interleaved(call: Call) -> Iterator[np.ndarray]:
    groups = call.setting("groups", 1)
    channels = len(call.right if call.function is scattered else call.arrays["x_padded"])
    order = np.arange(channels).reshape(-1, groups).T.ravel()  # of each group the channels that it is dealt
    if call.function is scattered:
        yield call.right[np.argsort(order)]
    else:
        yield call.again(x_padded=call.arrays["x_padded"][order])


@mistake(
    "filters_interleaved",
    "{array}: the filters are dealt out to the groups in turn, f % g, and should be in blocks",
    of=PRODUCTS,
)
def filters_interleaved(call: Call) -> Iterator[np.ndarray]:
    groups = call.setting("groups", 1)
    filters = len(call.arrays.get("w", call.right))
    order = np.arange(filters).reshape(-1, groups).T.ravel()  # of each group the filters that it is dealt
    mine = {own: call.arrays[own][order] for own in ("w", "b", "dz") if own in call.arrays}
    result = call.again(**mine)
    yield result if call.function is scattered else result[np.argsort(order)]


def _one_of_each(maps: np.ndarray, groups: int, kept: int) -> np.ndarray:
    """The maps with zeros for all but one of each group."""
    out = np.zeros(maps.shape)
    share = len(maps) // groups
    out[kept % share :: share] = maps[kept % share :: share]
    return out


@mistake(
    "filters_not_summed",
    "{array} is not summed over the filters, the maps of {of}: only one of them is left",
    of=(scattered,),
)
def filters_not_summed(call: Call) -> Iterator[Wrong]:
    for kept in (-1, 0):
        yield Wrong(call.again(dz=_one_of_each(call.arrays["dz"], call.setting("groups", 1), kept)), _of(call, "dz"))


@mistake("channels_not_summed", "{array} is not summed over the channels: only one of them is left", of=(correlated,))
def channels_not_summed(call: Call) -> Iterator[np.ndarray]:
    for kept in (-1, 0):
        yield call.again(x_padded=_one_of_each(call.arrays["x_padded"], call.setting("groups", 1), kept))


def _of(call: Call, own: str) -> dict[str, str]:
    return {"of": call.names[own]}


@mistake("last_row_lost", "{array}: the last row is left out, as by a loop that ends one row too soon", of=OVER_PLACES)
def last_row_lost(call: Call) -> Iterator[np.ndarray]:
    yield from _without_last(call, ROW)


@mistake(
    "last_column_lost",
    "{array}: the last column is left out, as by a loop that ends one column too soon",
    of=OVER_PLACES,
)
def last_column_lost(call: Call) -> Iterator[np.ndarray]:
    yield from _without_last(call, COLUMN)


@mistake(
    "last_row_and_column_lost",
    "{array}: the last row and the last column are left out, as by loops that end one too soon",
    of=OVER_PLACES,
)
def last_row_and_column_lost(call: Call) -> Iterator[np.ndarray]:
    yield from _without_last(call, ROW, COLUMN)


def _without_last(call: Call, *last: tuple[Any, ...]) -> Iterator[np.ndarray]:
    """Without the last places of what is gone over, and without those of the result."""
    for own in {"dz", "dy"} & call.arrays.keys():
        yield call.again(**{own: _emptied(call.arrays[own], last)})
    if call.right.ndim > 1:
        yield _emptied(call.right, last)


def _emptied(array: np.ndarray, places: Iterable[tuple[Any, ...]]) -> np.ndarray:
    left = array.copy()
    for place in places:
        left[place] = 0
    return left


@mistake(
    "depth_from_the_filters",
    "{array}: the depth is taken from the number of filters: channels from {count} on get no gradient",
    of=(scattered,),
)
def depth_from_the_filters(call: Call) -> Iterator[Wrong]:
    F = len(call.arrays["dz"])
    if call.setting("groups", 1) == 1 and len(call.right) > F:
        yield Wrong(call.over_zeros(call.right[:F]), {"count": F})


@mistake("bias_missing", "{array}: the bias is not added", of=(correlated, cropped, connected))
def bias_missing(call: Call) -> Iterator[np.ndarray]:
    if "b" in call.arrays:
        yield call.again(b=None)


@mistake(
    "bias_over_too_few_axes",
    "{array}: δ is summed over too few axes, or over the wrong ones",
    of=(summed,),
    misshapen="{setting} must have the shape {wanted}; it has {shape}: δ is summed over too few axes",
)
def bias_over_too_few_axes(call: Call) -> Iterator[np.ndarray]:
    dz = call.arrays["dz"]
    yield from (dz.sum(axes) for axes in (0, 1, 2, (0, 1), (0, 2)))
    # Of what is left over one row or one column, where the result has the right shape.
    yield from (part for rows in (dz.sum(1), dz.sum(2)) for part in (rows[:, 0], rows[:, -1]))
    yield np.full(call.right.shape, dz.sum())
