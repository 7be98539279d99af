"""The same convolution written as a fully connected layer: z = Wx + b, with a matrix that is mostly zeros.

im2col copies the input and leaves the weights alone; this copies the weights and leaves the input alone. No library
computes like that, but it shows where every rule of the backward pass comes from. The surprise is the transpose: each
of its rows holds the kernel turned by 180°, as nobody has turned it.

x input (C, H, W) · w weight (F, C, KH, KW) · matrix (F·OH·OW, C·H·W) · transposed: its rows and columns exchanged
"""

from collections.abc import Collection
from dataclasses import replace
from math import prod

import numpy as np

from core import fast
from core.layers import conv, im2col
from core.layers import gradient_check as checking
from core.layers.gradient_check import NO_KINKS
from core.layers.input_gradient import DIGITS, InputGradientSettings
from core.layers.linear import BOTH, INPUTS, OUTPUTS
from core.layers.walk import walk_of
from core.layers.whole import FORWARD, INPUT_GRADIENT, WEIGHT_GRADIENT
from core.offer.layer import MAPS, Example, Layer, Named
from core.offer.places import counted
from core.offer.preset import Preset
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(
    formula=r"""
    @{placed} \leftarrow 0, \quad @{placed}_{c,\,@(under)} \leftarrow @{w}_{f,c,u,v}
    @{matrix}_{m,\,(c \cdot H + i) \cdot W + j} = @{placed}_{c,\,@(inside)} \quad \forall{c,i,j}
    """,
)
def lay_out_weights(w, placed, matrix, *, in_size, out_size, stride, padding, dilation):
    """The weights are laid into a matrix: a row for each output, a column for each input, zeros where the two never
    meet.

    A fully connected layer has a weight for every pair of an output and an input. A convolution has few: each output
    meets only the inputs under its patch, and all outputs share one kernel. So most of the matrix is zeros, and the
    same weights stand in it again and again. Weights that would meet the padding are left out with it.

    im2col is the other way to one matrix: it copies the input, patch by patch, where this copies the weights.

    Look: Each row of `matrix` is the map `placed` read row by row: the kernel where it stands for one output, and zeros
    around it.

    Question: By how many columns does the kernel move on from one row of `matrix` to the next?

    Answer: By the stride, as long as it stays in one row of the input; at a row's end it jumps on to the next row.
    """
    F, _, KH, KW = w.shape
    (H, W), (OH, OW), ((TOP, _), (LEFT, _)) = in_size, out_size, padding
    (SH, SW), (DH, DW) = stride, dilation
    tall, wide = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            m = (f * OH + i) * OW + j
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            placed[:] = 0
            placed[:, rows, columns] = w[f]
            yield "lay the kernel on zeros, where it stands for this output"
            matrix[m, :] = placed[:, tall, wide].ravel()
            yield "write this map side by side: a row of the matrix"
        yield "all outputs of one filter have their rows"


@algorithm(formula=r"@{x_flat}_{(c \cdot H + i) \cdot W + j} = @{x}_{c,i,j} \quad \forall{i,j}")
def flatten(x, x_flat):
    """The input is flattened: channel by channel and row by row, all its cells stand in one column of numbers.

    A fully connected layer knows no rows and no neighbours, only a list of inputs. Networks do the same between their
    last convolution and their first fully connected layer; in PyTorch it is `torch.flatten` or `nn.Flatten`.

    Look: No number changes from `x` to `x_flat`, only the place where it stands.

    Question: Two cells stand below each other in the input. How far apart are they in `x_flat`?

    Answer: W places: as many as a row has. The layer after it cannot know that they were neighbours.
    """
    C, H, W = x.shape
    for c in range(C):
        start = c * H * W
        x_flat[start : start + H * W] = x[c].ravel()
        yield "write one channel row by row"


@algorithm(formula=r"@{z_flat}_m = \sum_n @{matrix}_{m,n} \cdot @{x_flat}_n + @{b}_f")
def multiply(matrix, x_flat, b, z_flat, *, out_size):
    """Each output is a row of the matrix times the input: z = Wx + b, as in any fully connected layer.

    The zeros of a row wipe out every input that does not lie under the patch, and what is left is the sum of the
    sliding kernel. So it costs far more multiplications than a convolution, nearly all of them by zero.

    Look: For each cell of `z_flat` a row of `matrix` is read, and all of `x_flat` every time.

    Question: How many numbers does the matrix of the example have, and how many of them could be learned?

    Answer: 4 · 16 = 64, of which 28 are fixed zeros. The other 36 are the nine weights, four times.
    """
    F, (OH, OW) = b.shape[0], out_size
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            m = (f * OH + i) * OW + j
            z_flat[m] = matrix[m, :] @ x_flat[:] + b[f]
            yield "multiply the row and the input, sum, add the bias"
        yield "one filter has all its outputs"


@algorithm(formula=r"@{maps}_{c,i,j} = @{flat}_{(c \cdot H + i) \cdot W + j} \quad \forall{i,j}")
def fold(flat, maps):
    """What was flattened is folded into maps again, row by row: no number changes.

    Look: The numbers of `flat` stand in the rows of `maps`, one row after the other.

    Question: Could they be folded in another order?

    Answer: Only if they had been flattened in another: both count channel by channel and row by row.
    """
    C, H, W = maps.shape
    for c in range(C):
        start = c * H * W
        maps[c] = flat[start : start + H * W].reshape(H, W)
        yield "fold the numbers into a map"


@algorithm(formula=r"@{apart}_n = @{by_matrix}_n - @{by_kernel}_n")
def side_by_side(by_matrix, by_kernel, apart):
    """Cell by cell, the matrix gives what the convolution's own loop gives.

    With whole numbers both are equal to the last digit. With others the order of adding may leave a rounding error.

    Look: Every cell of `apart` is 0, but for rounding.

    Question: Which of the two ways would you take for a library?

    Answer: Not the matrix: it is multiplied by all of its zeros too, and there is hardly anything else in it.
    """
    cells, differ, largest = prod(apart.shape), 0, None
    for n in range(cells):
        at = tuple(np.unravel_index(n, apart.shape))
        apart[at] = by_matrix[at] - by_kernel[at]
        if apart[at] == 0:
            yield "here both are equal"
        else:
            differ += 1
            if largest is None or abs(apart[at]) > abs(apart[largest]):
                largest = at
            yield "here they differ"
    if differ > 0:
        yield "they differ in {differ} of {cells} cells, at most by {apart[largest]}"
    else:
        yield "the matrix and the sliding kernel give equal numbers in all {cells} cells"


@algorithm(
    lay_out_weights,
    flatten,
    formula=r"""
    @{z}_{f,i,j} = @{z_conv}_{f,i,j} \qquad (z = W x + b = w \star x + b)
    """,
)
def forward(
    matrix,
    x_flat,
    b,
    z_flat,
    z,
    x,
    x_padded,
    patch,
    w,
    product,
    z_conv,
    apart_z,
    *,
    out_size,
    stride,
    padding,
    dilation,
):
    """Forward as a fully connected layer, z = Wx + b; then by the sliding kernel; then both beside each other."""
    yield from multiply(matrix, x_flat, b, z_flat, out_size=out_size)
    yield from fold(z_flat, z)
    yield from conv.pad(x, x_padded, padding=padding, padding_mode="zeros")
    yield from conv.correlate(x_padded, patch, w, product, b, z_conv, stride=stride, dilation=dilation, groups=1)
    yield from side_by_side(z, z_conv, apart_z)


@algorithm(formula=r"@{dz_flat}_{(f \cdot H' + i) \cdot W' + j} = @{dz}_{f,i,j} \quad \forall{i,j}")
def flatten_deltas(dz, dz_flat):
    """The gradient that arrives is flattened as the outputs were: one δ for each row of the matrix.

    Nothing is expanded and nothing is padded: outputs that the stride skipped have no row.

    Look: From `dz` to `dz_flat` no number changes.

    Question: Which row of the matrix does the last δ belong to?

    Answer: The last one: both are counted filter by filter and row by row.
    """
    F, OH, OW = dz.shape
    for f in range(F):
        start = f * OH * OW
        dz_flat[start : start + OH * OW] = dz[f].ravel()
        yield "write the δ of one map row by row"


@algorithm(lay_out_weights, formula=r"@{transposed}_{n,m} = @{matrix}_{m,n} \quad \forall{m}")
def transpose(matrix, transposed):
    """For the way back rows and columns are exchanged: what led from an input to an output now leads from the output to
    the input.

    A column of the matrix tells by which weights one input went to which outputs. As a row of the transpose it tells by
    which weights what comes back is collected.

    Look: Follow a column of `matrix` downwards: the weights come in the opposite order, the last ones first.

    Question: Why do they come in the opposite order?

    Answer: As the kernel moves on, a cell slips under weights further left and further up: output after output, weight
    before weight.
    """
    _, N = matrix.shape
    for n in range(N):
        transposed[n, :] = matrix[:, n]
        yield "write one column as a row"


@algorithm(
    formula=r"""
    @{laid} \leftarrow 0, \quad @{laid}_{f,\,p_t + i + u \cdot d_h,\,p_l + j + v \cdot d_w}
      \leftarrow @{w_flipped}_{f,c,u,v}
    @{turned}_{n,\,(f \cdot H' + r) \cdot W' + q} = @{laid}_{f,\,a,\,b} \quad \forall{f,r,q}
    a = d_h (k_h - 1) + r \cdot s_h, \quad b = d_w (k_w - 1) + q \cdot s_w
    @{apart_turned} = @{turned} - @{transposed}
    """,
)
def lay_out_turned(w_flipped, laid, turned, transposed, apart_turned, *, in_size, out_size, stride, padding, dilation):
    """Each row of the transpose is made once more: by laying the kernels turned by 180° on zeros, over one input.

    The map is that of the padded δ in a convolution's input gradient, with the turned kernels where they stand for this
    input. Only every s-th place of it holds a δ of an output that was computed. The places between are the zeros that
    the stride inserts: here they are left out, and a row has only the weights that meet a true δ.

    Look: Every row of `turned` is equal to its row of `transposed`, and `apart_turned` is 0.

    Question: Make the input 5×5 and the stride 2. What has become of the turned kernels in the rows?

    Answer: Only every other weight of them is left: the others would meet the zeros that the stride inserts.
    """
    F, C, KH, KW = w_flipped.shape
    (H, W), (OH, OW), ((TOP, _), (LEFT, _)) = in_size, out_size, padding
    (SH, SW), (DH, DW) = stride, dilation
    above, before = DH * (KH - 1), DW * (KW - 1)
    tall, wide = slice(above, above + OH * SH, SH), slice(before, before + OW * SW, SW)
    for c in range(C):
        for i, j in np.ndindex(H, W):
            n = (c * H + i) * W + j
            top, left = TOP + i, LEFT + j
            rows = slice(top, top + DH * KH, DH)
            columns = slice(left, left + DW * KW, DW)
            laid[:] = 0
            laid[:, rows, columns] = w_flipped[:, c]
            yield "lay the turned kernels on zeros, where they stand over this input"
            turned[n, :] = laid[:, tall, wide].ravel()
            yield "keep the places that hold a δ, side by side: a row"
            apart_turned[n, :] = turned[n, :] - transposed[n, :]
            yield "this row beside the row of the transpose"
        yield "one channel is compared"


@algorithm(transpose, formula=r"W^T: \text{ in row } n \text{ the kernel } @{w_flipped}")
def turn(w, w_flipped, laid, turned, transposed, apart_turned, *, in_size, out_size, stride, padding, dilation):
    """In every row of the transpose stands the kernel turned by 180°. To see it, the rows are made from the turned
    kernel, and are the same.

    Nobody turns a kernel when a matrix is transposed. It comes out turned because the transpose is told from the input:
    there outputs and weights run against each other.
    """
    yield from conv.flip(w, w_flipped)
    yield from lay_out_turned(
        w_flipped, laid, turned, transposed, apart_turned,
        in_size=in_size, out_size=out_size, stride=stride, padding=padding, dilation=dilation,
    )  # fmt: skip


@algorithm(formula=r"@{dx_flat}_n = \sum_m @{transposed}_{n,m} \cdot @{dz_flat}_m")
def multiply_back(transposed, dz_flat, dx_flat):
    """Each input collects a row of the transpose times δ: dx = Wᵀδ, as in any fully connected layer.

    Look: In the example the δ are 1, 10, 100 and 1000. So the digits of a cell of `dx_flat` are its row of
    `transposed`, from right to left: 1245 is the row 5, 4, 2, 1.

    Question: The convolution's own way sets zeros between the δ and around them. What are they in the matrix?

    Answer: Outputs that have no row in it: those that the stride skipped, and those that would lie outside.
    """
    N = dx_flat.shape[0]
    for n in range(N):
        dx_flat[n] = transposed[n, :] @ dz_flat[:]
        yield "multiply the row and δ, and sum"


@algorithm(
    flatten_deltas,
    turn,
    formula=r"""
    @{dx}_{c,i,j} = @{dx_conv}_{c,i,j} \qquad \left(\frac{\partial L}{\partial x} = W^T \delta = \bar{w} \star
      \tilde{\delta}\right)
    """,
)
def input_gradient(
    transposed, dz_flat, dx_flat, dx, dz, dz_expanded, dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx_conv,
    apart_dx, *, kernel_size, stride, padding, dilation,
):  # fmt: skip
    """The input gradient is Wᵀδ. The convolution's own way to it expands δ, pads it and slides the turned kernel: the
    same numbers.

    So this is where the textbook's recipe comes from. Every one of its steps is a way to read a row of the transpose
    without ever writing the matrix down.
    """
    yield from multiply_back(transposed, dz_flat, dx_flat)
    yield from fold(dx_flat, dx)
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_padded, kernel_size=kernel_size, dilation=dilation)
    yield from conv.input_gradient(
        dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx_conv,
        padding=padding, padding_mode="zeros", dilation=dilation, groups=1,
    )  # fmt: skip
    yield from side_by_side(dx, dx_conv, apart_dx)


@algorithm(formula=r"@{dmatrix}_{m,n} = @{dz_flat}_m \cdot @{x_flat}_n \quad \forall{n}")
def outer(dz_flat, x_flat, dmatrix):
    """Each entry of the matrix has the δ of its output times its input, as if it could be learned: δxᵀ.

    Look: Every row of `dmatrix` is `x_flat` times one δ.

    Question: What would happen if the matrix were trained like this, every entry for itself?

    Answer: Its equal weights would drift apart and its zeros would fill up: it would no longer be a convolution.
    """
    M, _ = dmatrix.shape
    for m in range(M):
        dmatrix[m, :] = dz_flat[m] * x_flat[:]
        yield "multiply one δ by every input: a row"


@algorithm(
    formula=r"""
    @{dw} \leftarrow 0, \quad @{dplaced} \leftarrow 0, \quad @{dplaced}_{c,\,@(inside)} \leftarrow
      @{dmatrix}_{m,\,(c \cdot H + i) \cdot W + j} \quad \forall{c,i,j}
    @{dw}_{f,c,u,v} \leftarrow @{dw}_{f,c,u,v} + @{dplaced}_{c,\,@(under)}
    """,
)
def collect(dmatrix, dplaced, dw, *, in_size, out_size, stride, padding, dilation):
    """A weight stands in many entries of the matrix. Its gradient is the sum of theirs.

    Each row is folded into the shape of the padded input again, and what lies under the kernel goes back to its
    weights. Entries that are fixed zeros are left where they are: nobody may change them.

    Look: Only what lies under the kernel in `dplaced` goes to `dw`. In the example the digits of a cell of `dw` are the
    inputs that the weight met.

    Question: In how many entries of the matrix does a weight stand?

    Answer: In one for each output of its filter, OH · OW, less those where it would meet the padding.
    """
    F, _, KH, KW = dw.shape
    (H, W), (OH, OW), ((TOP, _), (LEFT, _)) = in_size, out_size, padding
    (SH, SW), (DH, DW) = stride, dilation
    tall, wide = slice(TOP, TOP + H), slice(LEFT, LEFT + W)
    dw[:] = 0
    yield "begin with zeros everywhere"
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            m = (f * OH + i) * OW + j
            rows = slice(i * SH, i * SH + DH * KH, DH)
            columns = slice(j * SW, j * SW + DW * KW, DW)
            dplaced[:] = 0
            dplaced[:, tall, wide] = dmatrix[m, :].reshape(-1, H, W)
            yield "fold one row into the shape of the padded input"
            dw[f] += dplaced[:, rows, columns]
            yield "add what lies under the kernel to the weights that stand there"
        yield "one filter has collected from all its rows"


@algorithm(
    flatten,
    flatten_deltas,
    formula=r"""
    @{dw}_{f,c,u,v} = @{dw_conv}_{f,c,u,v} \qquad \left(\frac{\partial L}{\partial W} = \delta x^T, \text{ collected
      along equal weights}\right)
    """,
)
def weight_gradient(
    dz_flat, x_flat, dmatrix, dplaced, dw, x, x_padded, dz, dz_expanded, patch_dw, product_dw, dw_conv, apart_dw,
    *, in_size, out_size, stride, padding, dilation,
):  # fmt: skip
    """The gradient of the matrix is δxᵀ. Collected along equal weights it is that of the kernel, as the convolution
    computes it by itself.
    """
    yield from outer(dz_flat, x_flat, dmatrix)
    yield from collect(
        dmatrix, dplaced, dw,
        in_size=in_size, out_size=out_size, stride=stride, padding=padding, dilation=dilation,
    )  # fmt: skip
    yield from conv.pad(x, x_padded, padding=padding, padding_mode="zeros")
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.weight_gradient(x_padded, patch_dw, dz_expanded, product_dw, dw_conv, dilation=dilation, groups=1)
    yield from side_by_side(dw, dw_conv, apart_dw)


@algorithm(flatten_deltas, formula=r"@{db}_f = \sum_{i,j} @{dz_flat}_{(f \cdot H' + i) \cdot W' + j}")
def bias_gradient(dz_flat, db, *, out_size):
    """In a fully connected layer each output has a bias of its own. Here all outputs of a filter share one, so its
    gradient is the sum of their δ.

    Look: The δ of one filter stand below each other in `dz_flat`, and their sum goes to `db`.

    Question: A bias could be written into the matrix too. What would its column look like?

    Answer: Ones in all rows of its filter and zeros in the others, beside an input that is always 1.
    """
    F, (OH, OW) = db.shape[0], out_size
    for f in range(F):
        start = f * OH * OW
        db[f] = dz_flat[start : start + OH * OW].sum()
        yield "sum the δ of one filter: one bias has its gradient"


# The words and the loop are those of im2col, whose arrays have the same names.
gradient_check = replace(im2col.gradient_check, after=(input_gradient, weight_gradient, bias_gradient))


algorithms = walk_of(
    __name__,
    """The same convolution as a fully connected layer: its weights in a matrix, forward, and backward by the transpose.

    im2col copies the input to make a matrix product of a convolution; here the weights are copied.
    """,
    lay_out_weights, flatten, forward, flatten_deltas, transpose, turn, input_gradient, weight_gradient, bias_gradient,
    gradient_check,
)  # fmt: skip


def arrays(s: InputGradientSettings) -> dict[str, Named]:
    named = conv.convolution(s)
    M, N = named["z"].cells, named["x"].cells
    padded, fully, back = named["x_padded"], named["dz_padded"], (*reversed(BOTH),)
    named |= {
        "placed": Named(padded.shape, "scratch", "kernel at its place"),
        "matrix": Named((M, N), "parameter", "outputs × inputs", BOTH),
        "x_flat": Named((N,), "input", "input, flattened", INPUTS),
        "z_flat": Named((M,), "value", "output, flattened", OUTPUTS),
        "z": named["z"]._replace(label="output"),
        "z_conv": named["z"]._replace(label="by the sliding kernel"),
        "dz": named["dz"]._replace(label="∂L/∂z, arriving"),
        "dz_flat": Named((M,), "gradient", "∂L/∂z, flattened", OUTPUTS),
        "transposed": Named((N, M), "parameter", "inputs × outputs", back),
        "laid": Named(fully.shape, "parameter", "turned kernels at their place", MAPS),
        "turned": Named((N, M), "parameter", "of turned kernels", back),
        "dx_flat": Named((N,), "gradient", "∂L/∂x, flattened", INPUTS),
        "dx_conv": named["dx"]._replace(label="by the turned kernel"),
        "dmatrix": Named((M, N), "gradient", "δ of the row × input", BOTH),
        "dplaced": Named(padded.shape, "scratch", "one row as a map"),
        "dw_conv": named["dw"]._replace(label="by sliding the map"),
        "apart_turned": Named((N, M), "parameter", "turned − transposed", back),
        **{f"apart_{name}": named[name]._replace(label="matrix − sliding kernel") for name in ("z", "dx", "dw")},
    }
    checked = checking.arrays({name: named[name] for name in conv.CHECKED})
    return {name: named[name] for name in algorithms["walk"].parameters if name in named} | checked


# Every digit of a result tells what it is made of: in dx a weight, in dw an input, its place by which δ.
EXAMPLE: Example = {"w": DIGITS["w"], "b": [1], "dz": DIGITS["dz"]}


# What an answer says of numbers is true of the example: tests/test_presets.py holds it.
PRESETS = (
    Preset(
        {"in_height": 5, "in_width": 5, "stride": 2},
        "Stride 2",
        "Where in the matrix are the zeros that the backward pass sets between the δ when the stride is 2?",
        "Nowhere: they have no row. From output to output the kernel moves on by two, so an input meets fewer weights. "
        "The one in the middle has 9, 7, 3 and 1 in its row of `transposed`, number 12: the turned kernel without its "
        "second row and column, whose weights would meet those zeros.",
    ),
    Preset(
        {"padding": 1},
        "Padding 1",
        "The matrix is square now, yet few of its rows have all nine weights. Which ones, and why?",
        "The rows of the four outputs in the middle. At the edge the kernel stands partly on the padding, which is no "
        "input and so has no column: along an edge six weights are left, at a corner four.",
    ),
)


def given(s: InputGradientSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The example's x counts, a digit a cell."""
    if s.seed == 0 and "x" not in brought:
        made["x"] = counted(made["x"].shape, arrays(InputGradientSettings())["x"].shape) % 10
    return made


def others(s: InputGradientSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dz: np.ndarray) -> checking.Loss:
        z = fast.conv2d(x, w, b, stride=s.stride, padding=s.sides, dilation=s.dilation)
        return dz * z, NO_KINKS, dz * z

    height, width = s.axes
    sizes = {"in_size": (s.in_height, s.in_width), "out_size": (height.out, width.out)}
    return sizes | checking.arguments(loss_of, named["z"].cells * named["patch"].cells)


def torch(s: InputGradientSettings) -> str:
    (top, bottom), (left, right) = s.sides
    height, width = s.axes
    return f"""
    for leaf in (w, b):
        leaf.requires_grad_()


    def convolution(x):
        # F.pad takes the sides from the last axis on: left, right, top, bottom.
        return F.conv2d(F.pad(x, ({left}, {right}, {top}, {bottom})), w, stride={s.stride}, dilation={s.dilation})


    # The matrix tells how much each output changes with each input: it is the Jacobian of the convolution.
    matrix = torch.autograd.functional.jacobian(convolution, x).reshape(-1, x.numel())
    x_flat, dz_flat = x.flatten(), dz.flatten()
    z_flat = matrix @ x_flat + b.repeat_interleave({height.out * width.out})
    z = z_flat.reshape(dz.shape)

    transposed = matrix.T
    dx_flat = transposed @ dz_flat
    dx = dx_flat.reshape(x.shape)
    dmatrix = torch.outer(dz_flat, x_flat)

    # What the convolution itself says of its weights.
    z_conv = convolution(x) + b[:, None, None]
    z_conv.backward(dz)
    dw, db = w.grad, b.grad
    """


layer = Layer(
    name="convolution_as_linear",
    title="Convolution as a fully connected layer",
    group="Ideas",
    settings=InputGradientSettings,
    axes=conv.axes_of("x", "w", "b", "dz"),
    arrays=arrays,
    algorithms=algorithms,
    presets=PRESETS,
    example=EXAMPLE,
    given=given,
    others=others,
    torch=torch,
    whole={
        **FORWARD,
        **INPUT_GRADIENT,
        **WEIGHT_GRADIENT,
        "z_conv": FORWARD["z"],
        "dx_conv": INPUT_GRADIENT["dx"],
        "dw_conv": WEIGHT_GRADIENT["dw"],
    },
)
