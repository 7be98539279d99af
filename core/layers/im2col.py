"""A convolution as one matrix product, as libraries compute it: im2col, multiply, fold.

The patches become the columns of a matrix and the filters the rows of another; then the whole layer is rows times
columns. The surprising part is the way back: what was copied into a column is added back from the column, so the input
gradient needs no flipped kernel and no expanded map here. The numbers are those of conv2d.

x input (C, H, W) · w weight (F, C, KH, KW) · b bias (F,) · columns (C·KH·KW, OH·OW) · z (F, OH, OW)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core import fast
from core.layers import conv
from core.layers import gradient_check as checking
from core.layers.conv import pad
from core.layers.gradient_check import NO_KINKS, farthest, nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole import FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT
from core.offer import limits
from core.offer.layer import Layer, Named
from core.offer.places import counted
from core.offer.settings import Four, Pair, Sides, Whole, defaults, knob
from core.offer.window import WORDS
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(
    pad,
    formula=r"""
    @{columns}_{k,n} = @{x_padded patch}_{c,\,@(under)}
    n = i \cdot W' + j, \quad k = (c \cdot k_h + u) \cdot k_w + v
    """,
)
def lay_out(x_padded, patch, columns, *, out_size, stride, dilation):
    """Each patch that the kernel will meet is written down as one column of a matrix: image to columns, im2col.

    All patches have as many cells as a filter has weights. Once they stand side by side, the whole layer is a single
    matrix product, and that is what processors and libraries are fastest at. The price is memory: where patches
    overlap, a cell of the input is copied into several columns.

    Look: Follow one cell of `x_padded`: it is copied into a column of `columns` for each patch that it lies under.

    Question: How many times larger than the input can the matrix become?

    Answer: About KH · KW times, at a stride of 1: almost every cell lies under as many patches.
    """
    _, KH, KW = patch.shape
    (OH, OW), (SH, SW), (DH, DW) = out_size, stride, dilation
    for i in range(OH):
        for j in range(OW):
            n = i * OW + j
            rows = slice(i * SH, i * SH + DH * KH, DH)
            cols = slice(j * SW, j * SW + DW * KW, DW)
            patch[:] = x_padded[:, rows, cols]
            yield "place the kernel, take its patch"
            columns[:, n] = patch[:].ravel()
            yield "write its cells one below the other: a column"
        yield "one row of places is laid out"


@algorithm(formula=r"@{w_rows}_{f,k} = @{w}_{f,c,u,v}, \quad k = (c \cdot k_h + u) \cdot k_w + v")
def flatten_weights(w, w_rows):
    """Each filter becomes a row, its weights in the same order as the cells of a patch in its column.

    So weight and input stand at the same number k, one along the row and the other down the column.

    Look: Each row of `w_rows` is one filter of `w`: channel by channel, row by row, just as the patches were laid out.

    Question: What would happen if the two orders were not the same?

    Answer: Inputs would meet the wrong weights, and nothing would complain: the shapes still fit.
    """
    F, _ = w_rows.shape
    for f in range(F):
        w_rows[f, :] = w[f].ravel()
        yield "write the weights of one filter side by side"


@algorithm(
    lay_out,
    flatten_weights,
    formula=r"@{z_rows}_{f,n} = \sum_k @{w_rows}_{f,k} \cdot @{columns}_{k,n} + @{b}_f",
)
def multiply(w_rows, columns, b, z_rows):
    """Each cell of the product is a row of weights times a column of inputs, summed, plus the bias.

    A row is one filter and a column is one place, so every filter meets every place once. That is the sum a sliding
    kernel makes, term by term. NumPy writes this whole chapter as one product: `z_rows = w_rows @ columns + b[:,
    None]`.

    Look: A row of `w_rows` and a column of `columns` are read, and one cell of `z_rows` is written.

    Question: Does the matrix product need fewer multiplications than the sliding kernel?

    Answer: No, just as many: F · OH · OW · C · KH · KW. It is faster because memory is read in order, which processors
    are built for.
    """
    F, N = z_rows.shape
    for f in range(F):
        for n in range(N):
            z_rows[f, n] = w_rows[f, :] @ columns[:, n] + b[f]
            yield "multiply row and column, sum, add the bias"
        yield "one filter has met every place"


@algorithm(multiply, formula=r"@{z}_{f,i,j} = @{z_rows}_{f,\,i \cdot W' + j}")
def fold(z_rows, z):
    """Each row of the product is folded into a feature map: the places were counted row by row, and so they go back.

    Look: From `z_rows` to `z` no number changes: only the shape does.

    Question: To which row and column of a map does place n belong?

    Answer: To row n // OW and column n % OW: the quotient and the remainder.
    """
    F, OH, OW = z.shape
    for f in range(F):
        z[f] = z_rows[f, :].reshape(OH, OW)
        yield "fold one row into a map"


@algorithm(formula=r"@{dz_rows}_{f,\,i \cdot W' + j} = @{dz}_{f,i,j}")
def flatten_gradient(dz, dz_rows):
    """The gradient that arrives is laid out as the product was: one row for each filter, one column for each place.

    The layer is the product of two matrices, and so are its gradients: each factor's gradient is `dz_rows` times the
    other factor, transposed.

    Look: Each map of `dz` becomes one row of `dz_rows`, place after place.

    Question: The stride may be 2. Why is nothing expanded here?

    Answer: There are only columns for places where the kernel stood: none was skipped that would need a zero.
    """
    F, _ = dz_rows.shape
    for f in range(F):
        dz_rows[f, :] = dz[f].ravel()
        yield "write the δ of one map side by side"


@algorithm(
    lay_out,
    flatten_gradient,
    formula=r"""
    @{dw_rows}_{f,k} = \sum_n @{dz_rows}_{f,n} \cdot @{columns}_{k,n}
    @{dw}_{f,c,u,v} = @{dw_rows}_{f,\,(c \cdot k_h + u) \cdot k_w + v}
    """,
)
def weight_gradient(dz_rows, columns, dw_rows, dw):
    """Each weight collects, from every place, the δ of that place times the input that the weight met there.

    Weight k met row k of the `columns`, from the first place to the last. NumPy writes all of these sums as one
    product: `dw_rows = dz_rows @ columns.T`. Each row is then folded into the shape of a filter.

    Look: A row of `dz_rows` is multiplied by a row of `columns`: both have one number for every place.

    Question: What does the transpose in `dz_rows @ columns.T` stand for?

    Answer: That the matrix is read along its rows: the sum runs over the places, no longer over the weights.
    """
    F, C, KH, KW = dw.shape
    for f in range(F):
        for k in range(C * KH * KW):
            dw_rows[f, k] = dz_rows[f, :] @ columns[k, :]
            yield "multiply each δ by the input at its place, and sum"
        dw[f] = dw_rows[f, :].reshape(C, KH, KW)
        yield "fold the row into the shape of the filter"


@algorithm(flatten_gradient, formula=r"@{db}_f = \sum_n @{dz_rows}_{f,n}")
def bias_gradient(dz_rows, db):
    """A bias is added at every place, so its gradient is the sum of its filter's row of δ.

    Look: A whole row of `dz_rows` becomes one cell of `db`.

    Question: A bias can be seen as one more weight. Which row would the matrix of columns need for it?

    Answer: A row of ones: a bias is the weight of an input that is always 1.
    """
    F, _ = dz_rows.shape
    for f in range(F):
        db[f] = dz_rows[f, :].sum()
        yield "sum the row: one bias has its gradient"


@algorithm(
    flatten_weights,
    flatten_gradient,
    formula=r"@{dcolumns}_{k,n} = \sum_f @{w_rows}_{f,k} \cdot @{dz_rows}_{f,n}",
)
def columns_gradient(w_rows, dz_rows, dcolumns):
    """Each entry of a column collects, from every filter, that filter's δ at this place times the weight in between.

    NumPy writes this chapter as one product: `dcolumns = w_rows.T @ dz_rows`.

    Look: A column of `w_rows` and a column of `dz_rows` are read: both have one number for every filter.

    Question: A cell of the input was copied into three columns. How many gradients does it have now?

    Answer: Three, one for each copy. The next chapter adds them up.
    """
    K, N = dcolumns.shape
    for n in range(N):
        for k in range(K):
            dcolumns[k, n] = w_rows[:, k] @ dz_rows[:, n]
            yield "multiply each filter's weight by its δ, and sum"
        yield "one column has its gradient"


@algorithm(
    columns_gradient,
    formula=r"""
    @{dx_padded} \leftarrow 0, \quad @{dpatch}_{c,u,v} = @{dcolumns}_{(c \cdot k_h + u) \cdot k_w + v,\,n}
    @{dx_padded}_{c,\,@(under)} \leftarrow \cdots + @{dpatch}_{c,u,v}
    @{dx}_{c,i,j} = @{dx_padded}_{c,\,@(inside)} \quad \forall{c,i,j}
    """,
)
def col2im(dcolumns, dpatch, dx_padded, dx, *, out_size, stride, padding, dilation):
    """Each column is folded into a patch again and added onto the place it came from: columns to image, col2im.

    On the way forward a cell of the input was copied into the column of every patch it lay under. Each copy had its
    part in the loss, and the cell answers for all of them: the backward of copying out is adding back. The result is
    the input gradient of conv2d, which gathers with a turned kernel what is scattered here.

    Look: `dx_padded` is written with `+=`: where patches overlapped, their gradients add up.

    Question: What would come out if `=` stood there?

    Answer: Of each cell only the gradient by its last patch: wrong wherever patches overlap.
    """
    _, KH, KW = dpatch.shape
    _, H, W = dx.shape
    (OH, OW), (SH, SW), (DH, DW) = out_size, stride, dilation
    (TOP, _), (LEFT, _) = padding
    dx_padded[:] = 0
    yield "begin with zeros everywhere"
    for i in range(OH):
        for j in range(OW):
            n = i * OW + j
            rows = slice(i * SH, i * SH + DH * KH, DH)
            cols = slice(j * SW, j * SW + DW * KW, DW)
            dpatch[:] = dcolumns[:, n].reshape(dpatch.shape)
            yield "fold one column into a patch again"
            dx_padded[:, rows, cols] += dpatch[:]
            yield "add it onto the place that the patch was taken from"
        yield "one row of places is added back"
    dx[:] = dx_padded[:, TOP : TOP + H, LEFT : LEFT + W]
    yield "crop the padding: what is left is the gradient of the input"


@algorithm(weight_gradient, bias_gradient, col2im, formula=checking.compared("w", loss=r"@{dz} \cdot z"))
def gradient_check(
    x_nudged, w_nudged, b_nudged, dz, loss,
    numeric_dw, dw, difference_dw, kinks_dw, numeric_db, db, difference_db, kinks_db,
    numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of,
):  # fmt: skip
    """Are the gradients right? Nudge weights, biases and inputs one by one, and see how the loss really changes.

    Look: One cell is nudged at a time, and `loss` with it. How far the two gradients are apart stands in
    `difference_dw`, `difference_db` and `difference_dx`.

    Question: To check n cells, how often must the layer run forward?

    Answer: 2n + 1 times, where one way back gives all gradients at once. So the check is for testing, not for training.
    """
    judged = []
    for nudged, numeric, analytic, difference, kinks in (
        (w_nudged, numeric_dw, dw, difference_dw, kinks_dw),
        (b_nudged, numeric_db, db, difference_db, kinks_db),
        (x_nudged, numeric_dx, dx, difference_dx, kinks_dx),
    ):
        cells = yield from nudge(
            nudged, loss, numeric, analytic, difference, kinks, dz, x_nudged, w_nudged, b_nudged,
            epsilon=epsilon, most=most, loss_of=loss_of,
        )  # fmt: skip
        judged += cells
    _, (numeric, analytic, difference, kinks), *_ = farthest(judged)
    yield from verdict(numeric, analytic, difference, kinks, found, judged=judged)


algorithms = walk_of(
    __name__,
    "Forward and backward: lay out the patches, multiply, fold.",
    pad, lay_out, flatten_weights, multiply, fold, flatten_gradient, weight_gradient, bias_gradient, columns_gradient,
    col2im, gradient_check,
)  # fmt: skip


@defaults(in_channels=2, in_height=4, in_width=4, kernel_height=2, kernel_width=2, stride=1)
@dataclass(frozen=True)
class Im2colSettings(conv.KernelSettings):
    """What a reader can turn; the names are those of torch.nn.Conv2d where it has them."""

    padding: Four | str = knob(0, Sides(0, limits.PADDING, WORDS), "Padding", "Window")
    dilation: tuple[int, int] = knob((1, 1), Pair(1, limits.DILATION), "Dilation", "Window")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: Im2colSettings) -> dict[str, Named]:
    named = conv.convolution(s)
    F, OH, OW = named["z"].shape
    K, N = named["patch"].cells, OH * OW
    named |= {
        "columns": Named((K, N), "input", "one column for each patch"),
        "w_rows": Named((F, K), "parameter", "one row for each filter"),
        "z_rows": Named((F, N), "value", "rows × columns"),
        "z": named["z"]._replace(label="output"),
        "dz": named["dz"]._replace(label="∂L/∂z, arriving"),
        "dz_rows": Named((F, N), "gradient", "∂L/∂z, one row for each filter"),
        "dw_rows": Named((F, K), "gradient", "∂L/∂w, one row for each filter"),
        "dcolumns": Named((K, N), "gradient", "∂L/∂columns"),
        "dpatch": named["patch"]._replace(label="one column as a patch"),
    }
    checked = checking.arrays({name: named[name] for name in conv.CHECKED})
    return {name: named[name] for name in algorithms["walk"].parameters if name in named} | checked


def given(s: Im2colSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The example's x counts, to tell cells apart."""
    if s.seed == 0 and "x" not in brought:
        made["x"] = counted(made["x"].shape, arrays(Im2colSettings())["x"].shape) % 10
    return made


def others(s: Im2colSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dz: np.ndarray) -> checking.Loss:
        z = fast.conv2d(x, w, b, stride=s.stride, padding=s.sides, dilation=s.dilation)
        return dz * z, NO_KINKS, dz * z

    height, width = s.axes
    fixed = {"out_size": (height.out, width.out), "padding_mode": "zeros"}
    return fixed | checking.arguments(loss_of, s.out_channels * named["columns"].cells)


def torch(s: Im2colSettings) -> str:
    (top, bottom), (left, right) = s.sides
    height, width = s.axes
    return f"""
    for leaf in (x, w, b):
        leaf.requires_grad_()

    # F.pad takes the sides from the last axis on: left, right, top, bottom. F.unfold is what others call im2col.
    x_padded = F.pad(x, ({left}, {right}, {top}, {bottom}))
    columns = F.unfold(
        x_padded[None], ({s.kernel_height}, {s.kernel_width}), dilation={s.dilation}, stride={s.stride}
    )[0]
    columns.retain_grad()
    w_rows = w.flatten(1)
    z_rows = w_rows @ columns + b[:, None]
    z = z_rows.unflatten(1, ({height.out}, {width.out}))

    z.backward(dz)
    dx, dw, db, dcolumns = x.grad, w.grad, b.grad, columns.grad
    """


layer = Layer(
    name="im2col",
    title="Convolution as a matrix product",
    group="Ideas",
    settings=Im2colSettings,
    axes=conv.axes_of("x", "w", "b", "dz"),
    arrays=arrays,
    given=given,
    algorithms=algorithms,
    others=others,
    torch=torch,
    whole=FORWARD | INPUT_GRADIENT | WEIGHT_GRADIENT,
)
