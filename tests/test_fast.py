"""core.fast against its definitions, written as plain loops, and against the laws that convolutions obey.

PyTorch is not needed here; `python -m tests.torch_fast` asks it.
"""

import itertools
import tracemalloc

import numpy as np
import pytest

from core import fast
from tests.cases import each

TOLERANCE = {"float64": 1e-11, "float32": 2e-4}


def floats(seed, *shape, dtype="float64"):
    return np.random.default_rng([seed, *shape]).standard_normal(shape).astype(dtype)


def close(found, expected):
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[str(found.dtype)])


# --- the definitions


def cells(i, kernel, stride, before, dilation, size):
    """For place i along one axis: (cell of the kernel, cell of the plane), where it stands on the plane."""
    found = ((u, i * stride + u * dilation - before) for u in range(kernel))
    return [(u, at) for u, at in found if 0 <= at < size]


def meetings(size, kernel, stride, sides, dilation, out):
    """(place, cell of the kernel, cell of the plane), for all that meet."""
    for i, j in np.ndindex(*out):
        rows = cells(i, kernel[0], stride[0], sides[0][0], dilation[0], size[0])
        columns = cells(j, kernel[1], stride[1], sides[1][0], dilation[1], size[1])
        for (u, r), (v, c) in itertools.product(rows, columns):
            yield (i, j), (u, v), (r, c)


def places(size, kernel, stride, sides, dilation):
    return tuple(
        (n + sum(side) - d * (k - 1) - 1) // s + 1
        for n, k, s, side, d in zip(size, kernel, stride, sides, dilation, strict=True)
    )


def partners(f, F, C, groups):
    """The channels that a filter sees, with their places in its kernels."""
    per_group = C // groups
    first = f // (F // groups) * per_group
    return [(first + c, c) for c in range(per_group)]


def conv_by_loops(x, w, b, stride, sides, dilation, groups):
    """y, and the gradients of the sum of dy · y for a dy of 1, 2, 3, …; x is a batch."""
    N, C, *size = x.shape
    F, _, *kernel = w.shape
    out = places(size, kernel, stride, sides, dilation)
    y = np.zeros((N, F, *out))
    dy = np.arange(1.0, y.size + 1).reshape(y.shape) / y.size
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, f in np.ndindex(N, F):
        for channel, c in partners(f, F, C, groups):
            for place, k, cell in meetings(size, kernel, stride, sides, dilation, out):
                y[n, f][place] += w[f, c][k] * x[n, channel][cell]
                dx[n, channel][cell] += w[f, c][k] * dy[n, f][place]
                dw[f, c][k] += x[n, channel][cell] * dy[n, f][place]
        y[n, f] += b[f]
    return y, dy, dx, dw, dy.sum((0, 2, 3))


def transposed_by_loops(x, w, b, stride, sides, extra, dilation, groups):
    N, C, *out = x.shape
    _, per_group, *kernel = w.shape
    F = per_group * groups
    size = [
        (n - 1) * s + d * (k - 1) + 1 + e - sum(side)
        for n, s, d, k, e, side in zip(out, stride, dilation, kernel, extra, sides, strict=True)
    ]
    y = np.zeros((N, F, *size))
    dy = np.arange(1.0, y.size + 1).reshape(y.shape) / y.size
    dx, dw = np.zeros(x.shape), np.zeros(w.shape)
    for n, c in np.ndindex(N, C):
        for f, k in partners(c, C, F, groups):
            for place, tap, cell in meetings(size, kernel, stride, sides, dilation, out):
                y[n, f][cell] += w[c, k][tap] * x[n, c][place]
                dx[n, c][place] += w[c, k][tap] * dy[n, f][cell]
                dw[c, k][tap] += x[n, c][place] * dy[n, f][cell]
    return y + b[:, None, None], dy, dx, dw, dy.sum((0, 2, 3))


def pool_places(n, k, s, side, d, ceil_mode):
    """How often a window fits; in ceil mode also one that hangs over, if it begins on the plane or before it."""
    fitting = [i for i in range(n + sum(side)) if i * s + d * (k - 1) < n + sum(side)]
    out = len(fitting)
    hanging_over = n + sum(side) - (d * (k - 1) + 1) - (out - 1) * s > 0
    return out + (ceil_mode and hanging_over and out * s < n + side[0])


def max_pool_by_loops(x, dy, kernel, stride, sides, dilation, out):
    """y, the position of each winner (−1 for none) and dx; x is (planes, H, W)."""
    y, indices = np.full((len(x), *out), -np.inf), np.full((len(x), *out), -1)
    dx = np.zeros(x.shape)
    for p in range(len(x)):
        for place, _, cell in meetings(x.shape[1:], kernel, stride, sides, dilation, out):
            value, best = x[p][cell], y[p][place]
            if indices[p][place] < 0 or value > best or np.isnan(value):
                y[p][place], indices[p][place] = value, cell[0] * x.shape[2] + cell[1]
        for place in np.ndindex(*out):
            if indices[p][place] >= 0:
                dx[p].flat[indices[p][place]] += dy[p][place]
    return y, indices, dx


def avg_pool_by_loops(x, dy, kernel, stride, sides, out, count_include_pad):
    y, dx = np.zeros((len(x), *out)), np.zeros(x.shape)
    for i, j in np.ndindex(*out):
        divisor = 1
        for place, axis in ((i, 0), (j, 1)):
            n, (before, after) = x.shape[1 + axis], sides[axis]
            low, high = (-before, n + after) if count_include_pad else (0, n)
            begin = place * stride[axis] - before
            divisor *= min(begin + kernel[axis], high) - max(begin, low)
        rows = cells(i, kernel[0], stride[0], sides[0][0], 1, x.shape[1])
        columns = cells(j, kernel[1], stride[1], sides[1][0], 1, x.shape[2])
        for (_, r), (_, c) in itertools.product(rows, columns):
            y[:, i, j] += x[:, r, c] / divisor
            dx[:, r, c] += dy[:, i, j] / divisor
    return y, dx


# --- convolutions

# x, w, stride, padding, the same padding on four sides, dilation, groups
ONE, NONE = (1, 1), ((0, 0), (0, 0))
CONVOLUTIONS = {
    "article": ((3, 5, 5), (2, 3, 3, 3), 2, 1, ((1, 1), (1, 1)), 1, 1),
    "batch": ((3, 2, 5, 4), (2, 2, 3, 3), 1, 1, ((1, 1), (1, 1)), 1, 1),
    "not square": ((2, 7, 4), (3, 2, 3, 2), (2, 1), (1, 0), ((1, 1), (0, 0)), 1, 1),
    "rows left over": ((1, 8, 9), (1, 1, 3, 3), 3, 0, NONE, 1, 1),
    "stride above the kernel": ((2, 9, 9), (2, 2, 2, 2), (4, 3), 1, ((1, 1), (1, 1)), 1, 1),
    "padding as wide as the kernel": ((1, 4, 4), (2, 1, 3, 3), 2, 3, ((3, 3), (3, 3)), 1, 1),
    "padding wider than the kernel": ((1, 2, 3), (1, 1, 2, 1), 1, (5, 4), ((5, 5), (4, 4)), 1, 1),
    "four sides": ((2, 4, 5), (2, 2, 3, 3), (1, 2), ((0, 2), (3, 1)), ((0, 2), (3, 1)), 1, 1),
    "valid": ((1, 5, 6), (2, 1, 3, 2), 1, "valid", NONE, 1, 1),
    "same": ((2, 5, 6), (2, 2, 3, 3), 1, "same", ((1, 1), (1, 1)), 1, 1),
    "same, even kernel": ((1, 5, 6), (2, 1, 4, 2), 1, "same", ((1, 2), (0, 1)), 1, 1),
    "same, stride 2": ((1, 6, 5), (1, 1, 3, 3), 2, "same", ((0, 1), (1, 1)), 1, 1),
    "same, stride above the kernel": ((1, 7, 6), (1, 1, 1, 2), 3, "same", NONE, 1, 1),
    "same, dilation": ((1, 7, 7), (1, 1, 2, 3), 1, "same", ((1, 2), (2, 2)), (3, 2), 1),
    "dilation": ((2, 9, 8), (2, 2, 3, 2), (2, 1), 2, ((2, 2), (2, 2)), (2, 3), 1),
    "groups": ((4, 5, 5), (6, 2, 3, 3), 1, 1, ((1, 1), (1, 1)), 1, 2),
    "depthwise": ((3, 5, 5), (3, 1, 3, 3), 2, 1, ((1, 1), (1, 1)), 1, 3),
    "depthwise, two filters a channel": ((2, 5, 5), (4, 1, 2, 2), 1, 0, NONE, 1, 2),
    "1×1": ((3, 4, 5), (2, 3, 1, 1), 1, 0, NONE, 1, 1),
    "1×1, stride": ((3, 4, 5), (2, 3, 1, 1), 2, 1, ((1, 1), (1, 1)), 1, 1),
    "even kernel": ((1, 6, 6), (1, 1, 4, 2), 2, (2, 1), ((2, 2), (1, 1)), 1, 1),
    "kernel = input": ((2, 4, 3), (2, 2, 4, 3), 1, 0, NONE, 1, 1),
    "one cell": ((1, 1, 1), (1, 1, 1, 1), 1, 0, NONE, 1, 1),
    "a kernel of one row": ((1, 5, 7), (1, 1, 1, 5), 1, (0, 2), ((0, 0), (2, 2)), 1, 1),
}


@each("name", CONVOLUTIONS)
@each("dtype", ["float64", "float32"])
def test_a_convolution_and_its_gradients_are_their_definitions(name, dtype):
    x_shape, w_shape, stride, padding, sides, dilation, groups = CONVOLUTIONS[name]
    x, w, b = floats(1, *x_shape, dtype=dtype), floats(2, *w_shape, dtype=dtype), floats(3, w_shape[0], dtype=dtype)
    batch = x if x.ndim == 4 else x[None]
    pairs = [both if isinstance(both, tuple) else (both, both) for both in (stride, dilation)]
    y, dy, *gradients = conv_by_loops(batch, w, b, pairs[0], sides, pairs[1], groups)
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    found = fast.conv2d(x, w, b, **settings)
    close(found, y.reshape(*x.shape[:-3], *y.shape[1:]))
    assert found.dtype == dtype
    close(fast.conv2d(x, w, **settings) + b[:, None, None], found)

    dy = dy.reshape(found.shape).astype(dtype)
    for bias in (b, None):
        dx, dw, db = fast.conv2d_backward(dy, x, w, bias, **settings)
        for gradient, expected in zip((dx, dw, db), gradients, strict=True):
            close(gradient, expected.reshape(gradient.shape))
            assert gradient.dtype == dtype
        assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)
    np.testing.assert_array_equal(fast.conv2d_input_gradient(dy, x, w, **settings), dx)
    np.testing.assert_array_equal(fast.conv2d_weight_gradient(dy, x, w, **settings), dw)


def random_window(dice):
    """Kernel, stride, padding on four sides, dilation and a size that the kernel fits into."""
    kernel, stride, dilation = (tuple(map(int, dice.integers(1, top, 2))) for top in (4, 5, 4))
    sides = tuple(tuple(map(int, pair)) for pair in dice.integers(0, 4, (2, 2)))
    size = tuple(
        max(1, d * (k - 1) + 1 - sum(side)) + int(dice.integers(0, 6))
        for k, d, side in zip(kernel, dilation, sides, strict=True)
    )
    return kernel, stride, sides, dilation, size


@each("seed", range(60))
def test_random_convolutions_are_their_definitions(seed):
    dice = np.random.default_rng(seed)
    kernel, stride, sides, dilation, size = random_window(dice)
    N, groups, per_group, filters = map(int, dice.integers(1, 4, 4))
    x, w, b = (
        floats(seed, N, groups * per_group, *size),
        floats(seed, groups * filters, per_group, *kernel),
        floats(seed, groups * filters),
    )
    y, dy, *gradients = conv_by_loops(x, w, b, stride, sides, dilation, groups)
    settings = {"stride": stride, "padding": sides, "dilation": dilation, "groups": groups}
    close(fast.conv2d(x, w, b, **settings), y)
    for found, expected in zip(fast.conv2d_backward(dy, x, w, b, **settings), gradients, strict=True):
        close(found, expected)


@each("seed", range(60))
def test_random_transposed_convolutions_are_their_definitions(seed):
    dice = np.random.default_rng(1000 + seed)
    kernel, stride, _, dilation, _ = random_window(dice)
    out = tuple(map(int, dice.integers(1, 6, 2)))
    extra = tuple(int(dice.integers(0, max(s, d))) for s, d in zip(stride, dilation, strict=True))
    whole = [(n - 1) * s + d * (k - 1) for n, s, d, k in zip(out, stride, dilation, kernel, strict=True)]
    sides = tuple((int(dice.integers(0, n // 2 + 1)), int(dice.integers(0, n // 2 + 1))) for n in whole)
    N, groups, per_group, channels = map(int, dice.integers(1, 4, 4))
    x, w, b = (
        floats(seed, N, groups * channels, *out),
        floats(seed, groups * channels, per_group, *kernel),
        floats(seed, groups * per_group),
    )
    y, dy, *gradients = transposed_by_loops(x, w, b, stride, sides, extra, dilation, groups)
    settings = {"stride": stride, "padding": sides, "output_padding": extra, "dilation": dilation, "groups": groups}
    close(fast.conv_transpose2d(x, w, b, **settings), y)
    close(fast.conv_transpose2d(x[0], w, b, **settings), y[0])
    for found, expected in zip(fast.conv_transpose2d_backward(dy, x, w, b, **settings), gradients, strict=True):
        close(found, expected)


def test_output_padding_shifts_nothing_when_it_makes_the_output_as_large_as_the_input():
    x, w = np.arange(1.0, 7.0).reshape(1, 6, 1), np.ones((1, 1, 1, 1))
    y = fast.conv_transpose2d(x, w, padding=(1, 0), output_padding=(2, 0), dilation=(3, 1))
    assert y.ravel().tolist() == [2, 3, 4, 5, 6, 0]


@pytest.mark.parametrize(
    ("n", "kernel", "stride", "before", "after"),
    [(6, 3, 2, 0, 1), (5, 3, 2, 1, 1), (5, 2, 1, 0, 1), (8, 5, 3, 1, 2), (4, 1, 3, 0, 0), (10, 7, 4, 2, 3)],
)
def test_same_gives_one_output_for_each_stride_and_the_odd_row_comes_last(n, kernel, stride, before, after):
    x, w = floats(1, 1, n, n), floats(2, 1, 1, kernel, kernel)
    y = fast.conv2d(x, w, stride=stride, padding="same")
    assert y.shape == (1, -(-n // stride), -(-n // stride))
    close(y, fast.conv2d(x, w, stride=stride, padding=((before, after), (before, after))))


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
def test_same_transposed_is_the_stride_times_as_large_and_undoes_a_same_convolution(stride, kernel):
    x, w, y = floats(1, 2, 4 * stride, 3 * stride), floats(2, 3, 2, kernel, kernel), floats(3, 3, 4, 3)
    back = fast.conv_transpose2d(y, w, stride=stride, padding="same")
    assert back.shape == x.shape
    close((fast.conv2d(x, w, stride=stride, padding="same") * y).sum(), (x * back).sum())


def test_numbers_pairs_lists_and_numpy_numbers_mean_the_same():
    x, w = floats(1, 2, 6, 7), floats(2, 2, 2, 3, 3)
    y = fast.conv2d(x, w, stride=2, padding=1)
    for two, one in (((2, 2), (1, 1)), ([2, 2], [1, 1]), (np.int64(2), np.int32(1)), (2, [[1, 1], [1, 1]])):
        np.testing.assert_array_equal(fast.conv2d(x, w, stride=two, padding=one), y)


def test_what_was_asked_before_changes_nothing():
    x, w = floats(1, 1, 4, 4), floats(2, 1, 1, 2, 2)
    fast.conv2d(x, w, stride=(1, 1))
    for disguise in (True, 1.0, (True, 1), (1.0, 1)):  # equal to 1 and with its hash, so a cache could mistake them
        with pytest.raises(ValueError, match="stride"):
            fast.conv2d(x, w, stride=disguise)


# --- the laws of convolutions

SETTINGS = [
    {},
    {"stride": 2, "padding": 1},
    {"stride": (1, 3), "padding": (2, 0), "dilation": (2, 1)},
    {"padding": ((0, 3), (1, 2)), "groups": 2},
]


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_convolution_is_linear(settings):
    groups = settings.get("groups", 1)
    x, x2 = floats(1, 4, 8, 9), floats(2, 4, 8, 9)
    w, w2 = floats(3, 4, 4 // groups, 3, 2), floats(4, 4, 4 // groups, 3, 2)
    conv = fast.conv2d
    close(conv(2 * x - x2, w, **settings), 2 * conv(x, w, **settings) - conv(x2, w, **settings))
    close(conv(x, w + 3 * w2, **settings), conv(x, w, **settings) + 3 * conv(x, w2, **settings))


@pytest.mark.parametrize("settings", SETTINGS)
def test_a_transposed_convolution_is_the_adjoint(settings):
    x, w = floats(1, 2, 4, 8, 9), floats(2, 4, 4 // settings.get("groups", 1), 3, 2)
    y = fast.conv2d(x, w, **settings)
    other = floats(3, *y.shape)
    sizes = fast.conv_transpose2d(other, w, **settings).shape
    left_over = (8 - sizes[-2], 9 - sizes[-1])
    back = fast.conv_transpose2d(other, w, output_padding=left_over, **settings)
    close((y * other).sum(), (x * back).sum())
    np.testing.assert_array_equal(back, fast.conv2d_input_gradient(other, x, w, **settings))


def test_groups_are_convolutions_side_by_side():
    x, w, b = floats(1, 6, 7, 8), floats(2, 9, 2, 3, 3), floats(3, 9)
    parts = [
        fast.conv2d(x[2 * g : 2 * g + 2], w[3 * g : 3 * g + 3], b[3 * g : 3 * g + 3], stride=2, padding=1)
        for g in range(3)
    ]
    close(fast.conv2d(x, w, b, stride=2, padding=1, groups=3), np.concatenate(parts))


def test_a_dilated_kernel_is_a_kernel_with_zeros_between():
    x, w = floats(1, 2, 11, 12), floats(2, 3, 2, 3, 2)
    stuffed = np.zeros((3, 2, 5, 4))
    stuffed[:, :, ::2, ::3] = w
    close(fast.conv2d(x, w, stride=2, padding=1, dilation=(2, 3)), fast.conv2d(x, stuffed, stride=2, padding=1))


def test_a_stride_takes_every_nth_output():
    x, w = floats(1, 2, 11, 12), floats(2, 3, 2, 3, 2)
    close(fast.conv2d(x, w, stride=(2, 3), padding=1), fast.conv2d(x, w, padding=1)[:, ::2, ::3])


def test_padding_is_a_border_of_zeros():
    x, w = floats(1, 2, 5, 6), floats(2, 3, 2, 3, 2)
    bordered = np.pad(x, ((0, 0), (0, 3), (2, 1)))
    close(fast.conv2d(x, w, stride=2, padding=((0, 3), (2, 1))), fast.conv2d(bordered, w, stride=2))


def test_a_1x1_kernel_is_a_matrix_product_of_the_channels():
    x, w = floats(1, 3, 5, 6), floats(2, 4, 3, 1, 1)
    close(fast.conv2d(x, w), np.einsum("fc,chw->fhw", w[:, :, 0, 0], x))


def every_pass(x, dy_of=lambda shape: floats(9, *shape), padding=(1, 2)):
    """The results of every function for one image or batch of three channels, by name."""
    w, w_transposed, b = (
        array.astype(x.dtype) for array in (floats(1, 4, 3, 3, 2), floats(2, 3, 4, 3, 2), floats(3, 4))
    )
    conv = {"stride": 2, "padding": padding}
    pool = {"stride": (2, 1), "padding": padding and 1, "ceil_mode": True}
    found = {"conv": fast.conv2d(x, w, b, **conv), "transposed": fast.conv_transpose2d(x, w_transposed, b, **conv)}
    found["max"], found["indices"] = fast.max_pool2d(x, (2, 3), **pool)
    found["average"] = fast.avg_pool2d(x, (2, 3), **pool)
    dy = {name: dy_of(found[name].shape) for name in ("conv", "transposed", "max", "average")}
    found |= zip(("dx", "dw", "db"), fast.conv2d_backward(dy["conv"], x, w, b, **conv), strict=True)
    transposed = fast.conv_transpose2d_backward(dy["transposed"], x, w_transposed, b, **conv)
    found |= zip(("transposed dx", "transposed dw", "transposed db"), transposed, strict=True)
    found["max dx"] = fast.max_pool2d_backward(dy["max"], x, (2, 3), **pool)
    found["average dx"] = fast.avg_pool2d_backward(dy["average"], x, (2, 3), **pool)
    return found


def test_a_batch_is_its_images_one_by_one():
    x = floats(1, 3, 3, 6, 7)
    together = every_pass(x, np.ones)
    alone = [every_pass(image, np.ones) for image in x]
    for name, found in together.items():
        parts = [results[name] for results in alone]
        close(found * 1.0, (sum(parts) if name.endswith(("dw", "db")) else np.stack(parts)) * 1.0)


def test_an_empty_batch_has_an_empty_answer():
    for name, found in every_pass(np.zeros((0, 3, 6, 7))).items():
        if name.endswith(("dw", "db")):
            assert not found.any()
        else:
            assert found.shape[0] == 0, name


# --- pooling

POOLS = {
    "2×2": ((4, 6), (2, 2), None, 0, 1, False),
    "overlap": ((7, 7), (3, 3), 2, 1, 1, False),
    "gap": ((9, 8), (2, 1), (4, 3), (1, 0), 1, False),
    "rows left over": ((8, 7), (3, 2), None, 0, 1, False),
    "ceil": ((8, 7), (3, 2), None, 0, 1, True),
    "ceil, the last window would begin in the padding": ((3, 5), (2, 2), 2, 1, 1, True),
    "ceil, nothing hangs over": ((6, 6), (2, 2), 2, 0, 1, True),
    "ceil, kernel above the input": ((2, 3), (3, 4), 3, 0, 1, True),
    "ceil, overlap, padding": ((6, 8), (3, 4), (2, 3), (1, 2), 1, True),
    "dilation": ((9, 8), (3, 2), (2, 1), 1, (2, 3), False),
    "dilation, ceil": ((9, 8), (2, 3), 3, 1, (3, 2), True),
    "four sides": ((5, 6), (3, 4), 2, ((1, 0), (0, 2)), 1, False),
    "kernel = input": ((4, 3), (4, 3), 1, 0, 1, False),
    "one cell": ((3, 4), (1, 1), 1, 0, 1, False),
    "stride without a pair": ((6, 5), (2, 3), 1, 0, 1, True),
    "large": ((40, 20), (18, 17), 5, (9, 8), 1, False),  # more cells in the kernel than a byte can count
}


def pooled(name):
    size, kernel, stride, padding, dilation, ceil_mode = POOLS[name]
    pair = kernel if stride is None else stride if isinstance(stride, tuple) else (stride, stride)
    spread = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    border = padding if isinstance(padding, tuple) else (padding, padding)
    sides = tuple(side if isinstance(side, tuple) else (side, side) for side in border)
    out = tuple(
        pool_places(n, k, s, side, d, ceil_mode)
        for n, k, s, side, d in zip(size, kernel, pair, sides, spread, strict=True)
    )
    settings = {"stride": stride, "padding": padding, "ceil_mode": ceil_mode}
    return size, kernel, pair, sides, spread, out, settings, dilation


@each("name", POOLS)
@each("content", ["numbers", "ties", "nan", "-inf", "all equal"])
def test_max_pooling_is_its_definition(name, content):
    size, kernel, stride, sides, spread, out, settings, dilation = pooled(name)
    x = floats(1, 2, *size)
    if content != "numbers":
        x = np.random.default_rng(2).integers(0, 1 if content == "all equal" else 3, (2, *size)).astype(float)
    if content in ("nan", "-inf"):
        x[x == 1] = float(content)
    dy = floats(3, 2, *out)
    expected_y, expected_indices, expected_dx = max_pool_by_loops(x, dy, kernel, stride, sides, spread, out)
    y, indices = fast.max_pool2d(x, kernel, dilation=dilation, **settings)
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(indices, expected_indices)
    assert indices.dtype == np.int64
    close(fast.max_pool2d_backward(dy, x, kernel, dilation=dilation, **settings), expected_dx)


@each("name", [name for name in POOLS if "dilation" not in name])
@each("count_include_pad", [True, False])
@each("dtype", ["float64", "float32"])
def test_average_pooling_is_its_definition(name, count_include_pad, dtype):
    size, kernel, stride, sides, _, out, settings, _ = pooled(name)
    settings["count_include_pad"] = count_include_pad
    x, dy = floats(1, 2, *size, dtype=dtype), floats(3, 2, *out, dtype=dtype)
    y, dx = avg_pool_by_loops(x, dy, kernel, stride, sides, out, count_include_pad)
    found, found_dx = fast.avg_pool2d(x, kernel, **settings), fast.avg_pool2d_backward(dy, x, kernel, **settings)
    close(found, y)
    close(found_dx, dx)
    assert found.dtype == found_dx.dtype == dtype


def test_of_equal_cells_the_first_in_row_major_order_wins():
    _, indices = fast.max_pool2d(np.ones((1, 4, 4)), 3, stride=1)
    np.testing.assert_array_equal(indices, [[[0, 1], [4, 5]]])


def test_nan_wins_a_maximum_and_takes_the_gradient():
    x = np.array([[[9.0, np.nan], [np.inf, 8.0]]])
    y, indices = fast.max_pool2d(x, 2)
    assert np.isnan(y).all()
    assert indices.tolist() == [[[1]]]
    np.testing.assert_array_equal(fast.max_pool2d_backward(np.ones((1, 1, 1)), x, 2), [[[0, 1], [0, 0]]])


def test_a_window_of_minus_infinities_names_its_first_cell():
    _, indices = fast.max_pool2d(np.full((1, 3, 3), -np.inf), 2, padding=1)
    np.testing.assert_array_equal(indices, [[[0, 1], [3, 4]]])


def test_a_dilated_window_on_padding_alone_has_no_winner_and_no_gradient():
    x = np.array([[[5.0, 7.0]]])
    y, indices = fast.max_pool2d(x, (2, 1), padding=(1, 0), dilation=(2, 1), stride=1)
    np.testing.assert_array_equal(y, [[[-np.inf, -np.inf]]])
    np.testing.assert_array_equal(indices, [[[-1, -1]]])
    dx = fast.max_pool2d_backward(np.ones((1, 1, 2)), x, (2, 1), padding=(1, 0), dilation=(2, 1), stride=1)
    np.testing.assert_array_equal(dx, [[[0, 0]]])


@each("name", POOLS)
def test_max_pooling_hands_on_all_of_its_gradient(name):
    size, kernel, _, _, _, out, settings, dilation = pooled(name)
    dy = floats(1, 3, 2, *out)
    dx = fast.max_pool2d_backward(dy, floats(2, 3, 2, *size), kernel, dilation=dilation, **settings)
    close(dx.sum((-1, -2)), dy.sum((-1, -2)))


def test_the_indices_find_the_maxima():
    x = floats(1, 2, 3, 9, 8)
    y, indices = fast.max_pool2d(x, (3, 2), stride=2, padding=1)
    flat = np.take_along_axis(x.reshape(2, 3, -1), indices.reshape(2, 3, -1), axis=2)
    np.testing.assert_array_equal(flat.reshape(y.shape), y)


# --- numbers and memory that are out of the ordinary

LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "negative strides": lambda x: np.ascontiguousarray(x[..., ::-1, ::-1])[..., ::-1, ::-1],
    "every second cell": lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
    "not aligned": lambda x: np.frombuffer(b"?" + x.tobytes(), np.uint8)[1:].view(x.dtype).reshape(x.shape),
    "transposed": lambda x: np.ascontiguousarray(np.moveaxis(x, -3, -1)).transpose(
        *range(x.ndim - 3), x.ndim - 1, x.ndim - 3, x.ndim - 2
    ),
}


@each("layout", LAYOUTS)
@each("shape", [(3, 6, 7), (2, 3, 6, 7)])
@each("padding", [0, (1, 2)])
def test_where_the_numbers_lie_in_memory_changes_nothing(layout, shape, padding):
    x = floats(1, *shape)
    odd = LAYOUTS[layout](x)
    np.testing.assert_array_equal(odd, x)
    expected = every_pass(x, padding=padding)
    for name, found in every_pass(odd, lambda shape: LAYOUTS[layout](floats(9, *shape)), padding).items():
        close(found * 1.0, expected[name] * 1.0)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_where_the_weights_lie_in_memory_changes_nothing(layout):
    x, w = floats(1, 2, 6, 7), floats(2, 3, 2, 3, 2)
    odd = LAYOUTS[layout](w)
    close(fast.conv2d(x, odd), fast.conv2d(x, w))
    close(fast.conv_transpose2d(x, odd[:2]), fast.conv_transpose2d(x, w[:2]))


@pytest.mark.parametrize("padding", [0, (1, 2)])
def test_a_value_broadcast_over_an_array_is_as_good_as_the_array(padding):
    x = np.broadcast_to(np.float64(2), (3, 6, 7))
    expected = every_pass(x.copy(), np.ones, padding)
    for name, found in every_pass(x, lambda shape: np.broadcast_to(1.0, shape), padding).items():
        np.testing.assert_array_equal(found, expected[name])


def test_arrays_that_may_only_be_read_are_enough():
    def read_only(shape):
        dy = floats(9, *shape)
        dy.flags.writeable = False
        return dy

    x = read_only((3, 6, 7))
    every_pass(x, read_only)
    w = read_only((2, 3, 1, 1))
    assert fast.conv2d(x, w).flags.writeable


def test_inputs_are_never_written_to_and_results_are_memory_of_their_own():
    given = []

    def kept(shape):
        given.append(floats(9, *shape))
        return given[-1]

    x = kept((2, 3, 6, 7))
    found = every_pass(x, kept)
    for array in given:
        np.testing.assert_array_equal(array, floats(9, *array.shape))
        assert not any(np.shares_memory(array, result) for result in found.values())


@pytest.mark.parametrize("call", [fast.avg_pool2d, fast.max_pool2d])
def test_even_a_pool_that_changes_nothing_answers_with_a_copy(call):
    x = floats(1, 1, 2, 2)
    y = call(x, 1)
    assert not np.shares_memory(x, y[0] if isinstance(y, tuple) else y)


def test_nan_reaches_the_outputs_that_saw_it_and_no_others():
    x, w = np.ones((1, 5, 5)), np.ones((2, 1, 3, 3))
    x[0, 0, 1] = np.nan
    seen = np.isnan(fast.conv2d(x, w))
    expected = np.array([[True, True, False], [False] * 3, [False] * 3])
    np.testing.assert_array_equal(seen, [expected, expected])
    dy = np.zeros((2, 3, 3))
    dy[0, 2, 2] = np.nan
    dx = np.isnan(fast.conv2d_input_gradient(dy, x, w))
    assert dx[0, 2:, 2:].all()
    assert dx.sum() == 9


def test_infinities_stay_infinite():
    x = np.ones((1, 3, 3))
    x[0, 1, 1] = np.inf
    np.testing.assert_array_equal(fast.conv2d(x, -np.ones((1, 1, 3, 3))), [[[-np.inf]]])
    np.testing.assert_array_equal(fast.avg_pool2d(x, 3), [[[np.inf]]])
    np.testing.assert_array_equal(fast.max_pool2d(-x, 3)[0], [[[-1]]])


def test_the_largest_numbers_keep_their_value():
    x = np.full((1, 2, 2), 1e308)
    np.testing.assert_array_equal(fast.max_pool2d(-x, 2)[0], [[[-1e308]]])
    np.testing.assert_array_equal(fast.conv2d(x, np.array([[[[1.0, -1.0], [0.5, 0.0]]]])), [[[0.5e308]]])


def test_the_zeros_of_either_sign_are_equal():
    _, indices = fast.max_pool2d(np.array([[[-0.0, 0.0], [0.0, -0.0]]]), 2)
    assert indices.item() == 0


def test_the_dtype_is_that_of_x():
    for name, found in every_pass(floats(1, 3, 6, 7, dtype="float32")).items():
        assert found.dtype == (np.int64 if name == "indices" else np.float32), name
    x, w = floats(1, 1, 3, 3), floats(2, 1, 1, 2, 2, dtype="float32")
    assert fast.conv2d(x, w).dtype == np.float64


# --- cost


@pytest.mark.parametrize(
    ("x_shape", "w_shape", "settings"),
    [
        ((16, 64, 64), (32, 16, 3, 3), {"padding": 1}),
        ((3, 112, 112), (32, 3, 7, 7), {"stride": 2, "padding": 3}),
        ((4, 16, 32, 32), (32, 4, 3, 3), {"padding": 1, "groups": 4}),
        ((32, 64, 64), (32, 32, 1, 1), {}),
        ((16, 64, 64), (16, 16, 2, 2), {"padding": 1}),
        ((16, 64, 64), (16, 16, 1, 3), {"padding": (0, 1)}),
    ],
)
def test_no_pass_takes_more_than_twice_the_memory_of_the_columns(x_shape, w_shape, settings):
    x, w = floats(1, *x_shape), floats(2, *w_shape)
    dy = fast.conv2d(x, w, **settings)
    patch = w[0].size * settings.get("groups", 1)
    columns = patch * dy[..., 0, :, :].size * x.itemsize
    for run in (
        lambda: fast.conv2d(x, w, **settings),
        lambda: fast.conv2d_input_gradient(dy, x, w, **settings),
        lambda: fast.conv2d_weight_gradient(dy, x, w, **settings),
        lambda: fast.conv2d_backward(dy, x, w, **settings),
    ):
        tracemalloc.start()
        try:
            run()
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak <= 2 * columns + 10_000  # besides the arrays there are the objects that name them


# --- what is refused

X, W, B = np.ones((4, 6, 6)), np.ones((4, 4, 3, 3)), np.ones(4)
CONV = [
    ("stride", {"stride": 0}),
    ("stride", {"stride": -1}),
    ("stride", {"stride": (1, 0)}),
    ("stride", {"stride": (1, 2, 3)}),
    ("stride", {"stride": ()}),
    ("stride", {"stride": 1.0}),
    ("stride", {"stride": True}),
    ("stride", {"stride": (1, False)}),
    ("stride", {"stride": "2"}),
    ("stride", {"stride": None}),
    ("padding", {"padding": -1}),
    ("padding", {"padding": (0, -1)}),
    ("padding", {"padding": 0.5}),
    ("padding", {"padding": True}),
    ("padding", {"padding": None}),
    ("padding", {"padding": "SAME"}),
    ("padding", {"padding": "reflect"}),
    ("padding", {"padding": ((1, 1), (1, -1))}),
    ("padding", {"padding": ((1, 1), 1)}),
    ("padding", {"padding": (1, (1, 1))}),
    ("padding", {"padding": ((1, 1), (1, 1), (1, 1))}),
    ("padding", {"padding": ((1,), (1,))}),
    ("padding", {"padding": (1, 1, 1, 1)}),
    ("dilation", {"dilation": 0}),
    ("dilation", {"dilation": (1, 1.0)}),
    ("groups", {"groups": 0}),
    ("groups", {"groups": 3}),
    ("groups", {"groups": True}),
    ("groups", {"groups": (1, 1)}),
    ("groups", {"groups": 2.0}),
]
SHAPES = [
    ("x", {"x": np.ones((6, 6))}),
    ("x", {"x": np.ones((1, 1, 4, 6, 6))}),
    ("x", {"x": np.ones((4, 0, 6))}),
    ("x", {"x": np.ones((0, 6, 6))}),
    ("x", {"x": X.tolist()}),
    ("x", {"x": X.astype(int)}),
    ("x", {"x": X.astype(np.float16)}),
    ("x", {"x": X.astype(complex)}),
    ("x", {"x": X.astype(">f8")}),
    ("x", {"x": None}),
    ("w", {"w": np.ones((4, 3, 3))}),
    ("w", {"w": np.ones((4, 4, 3, 0))}),
    ("w", {"w": np.ones((0, 4, 3, 3))}),
    ("w", {"w": np.ones((3, 3, 3, 3))}),
    ("w", {"w": W.astype(int)}),
    ("w", {"w": W.tolist()}),
    ("b", {"b": np.ones(3)}),
    ("b", {"b": np.ones((4, 1, 1))}),
    ("b", {"b": np.ones(())}),
    ("b", {"b": 1.0}),
    ("b", {"b": [1.0] * 4}),
]


@each(("name", "wrong"), [*CONV, *SHAPES, ("kernel_size", {"dilation": 3})])
def test_a_convolution_that_makes_no_sense_is_refused_in_words(name, wrong):
    arrays = {"x": X, "w": W, "b": B} | {key: wrong[key] for key in wrong if key in ("x", "w", "b")}
    settings = {key: value for key, value in wrong.items() if key not in arrays}
    for call in (
        lambda: fast.conv2d(*arrays.values(), **settings),
        lambda: fast.conv2d_backward(np.ones((4, 4, 4)), *arrays.values(), **settings),
    ):
        with pytest.raises(ValueError, match=rf"\b{name}\b.*(must|is|takes)") as refused:
            call()
        assert type(refused.value) is ValueError


@each(
    ("name", "wrong"),
    [
        *CONV,
        *SHAPES,
        ("padding", {"padding": 4}),
        ("output_padding", {"output_padding": 1}),
        ("output_padding", {"output_padding": -1}),
        ("output_padding", {"output_padding": True, "stride": 2}),
        ("output_padding", {"output_padding": (1, 2), "stride": 2}),
        ("output_padding", {"output_padding": 1, "stride": 2, "padding": "same"}),
    ],
)
def test_a_transposed_convolution_that_makes_no_sense_is_refused_in_words(name, wrong):
    arrays = {"x": X, "w": W, "b": B} | {key: wrong[key] for key in wrong if key in ("x", "w", "b")}
    settings = {key: value for key, value in wrong.items() if key not in arrays}
    for call in (
        lambda: fast.conv_transpose2d(*arrays.values(), **settings),
        lambda: fast.conv_transpose2d_backward(np.ones((4, 8, 8)), *arrays.values(), **settings),
    ):
        with pytest.raises(ValueError, match=rf"\b{name}\b.*(must|is)"):
            call()


POOL = [
    *[case for case in CONV if case[0] in ("stride", "padding") and case[1] != {"stride": None}],
    *[case for case in SHAPES if case[0] == "x"],
    ("kernel_size", {"kernel_size": 0}),
    ("kernel_size", {"kernel_size": 7}),
    ("kernel_size", {"kernel_size": (2, -2)}),
    ("kernel_size", {"kernel_size": 2.0}),
    ("kernel_size", {"kernel_size": None}),
    ("kernel_size", {"kernel_size": (2, 2, 2)}),
    ("kernel_size", {"kernel_size": 8, "stride": 1, "ceil_mode": True}),
    ("padding", {"padding": 2}),
    ("padding", {"padding": ((0, 0), (0, 2))}),
    ("ceil_mode", {"ceil_mode": 1}),
    ("ceil_mode", {"ceil_mode": None}),
]
MAX = [("dilation", {"dilation": 0}), ("dilation", {"dilation": (1, 2.0)}), ("padding", {"padding": 2, "dilation": 3})]
AVERAGE = [("count_include_pad", {"count_include_pad": 0}), ("count_include_pad", {"count_include_pad": "no"})]


@each(
    ("forward", "backward", "name", "wrong"),
    [
        *[(fast.max_pool2d, fast.max_pool2d_backward, *case) for case in POOL + MAX],
        *[(fast.avg_pool2d, fast.avg_pool2d_backward, *case) for case in POOL + AVERAGE],
    ],
)
def test_a_pool_that_makes_no_sense_is_refused_in_words(forward, backward, name, wrong):
    settings = {"x": X, "kernel_size": 3} | wrong
    x, kernel_size = settings.pop("x"), settings.pop("kernel_size")
    for call in (
        lambda: forward(x, kernel_size, **settings),
        lambda: backward(np.ones((4, 2, 2)), x, kernel_size, **settings),
    ):
        with pytest.raises(ValueError, match=rf"\b{name}\b.*(must|is)"):
            call()


@pytest.mark.parametrize(
    "dy", [np.ones((4, 5, 4)), np.ones((1, 4, 4, 4)), np.ones((2, 4, 4)), [[1.0]], None, np.ones(4, int)]
)
def test_a_gradient_of_another_shape_than_the_output_is_refused_in_words(dy):
    for call in (
        lambda: fast.conv2d_backward(dy, X, W),
        lambda: fast.conv2d_input_gradient(dy, X, W),
        lambda: fast.conv2d_weight_gradient(dy, X, W),
        lambda: fast.conv_transpose2d_backward(dy, X, W, padding=2),
        lambda: fast.max_pool2d_backward(dy, X, 3, stride=1),
        lambda: fast.avg_pool2d_backward(dy, X, 3, stride=1),
    ):
        with pytest.raises(ValueError, match=r"\bdy\b.*must"):
            call()


def test_a_refusal_is_short_whatever_came():
    with pytest.raises(ValueError, match="stride") as refused:
        fast.conv2d(X, W, stride="9" * 10_000)
    assert len(str(refused.value)) < 200
