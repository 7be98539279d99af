"""Global average pooling: the mean of each channel stands for all of it, and its gradient is shared out equally.

x input (C, H, W) · y output (C,) · d + name: gradient with respect to it
"""

from dataclasses import replace

import numpy as np

from core.layers import avg_pool
from core.layers import gradient_check as checking
from core.layers.global_max_pool import EXAMPLE, GlobalPoolSettings, global_arrays
from core.layers.walk import walk_of
from core.layers.whole_pools import GLOBAL_AVG_POOL
from core.offer.layer import Layer, Named
from core.recording.recorder import algorithm


@algorithm(formula=r"@{y}_c = \frac{1}{H \cdot W} \sum_{i,j} @{x}_{c,i,j}")
def pool(x, y):
    """Each output is the mean of a whole channel: its cells are added up and divided by their number, H · W.

    So the output has one number for each channel, whatever the size of the input. Networks for classification often end
    like this, in place of a large fully connected layer.

    Look: A cell of `y` first holds the growing sum, and only at the end the mean.

    Question: How many numbers are left of a channel of 7×7, and of one of 14×14?

    Answer: One each: the size of the input no longer matters.
    """
    C, H, W = x.shape
    for c in range(C):
        y[c] = 0
        for row, column in np.ndindex(H, W):
            y[c] += x[c, row, column]
            yield "add one cell"
        y[c] /= H * W
        yield "divide by the number of cells: this is the mean of the channel"


@algorithm(formula=r"@{dx}_{c,\,@[row],\,@[column]} = \frac{1}{H \cdot W} \cdot @{dy}_c")
def backward(dy, dx):
    """Every cell of a channel gets the same share of its gradient: dy divided by the number of cells.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    A cell that grows by ε lets the mean grow by ε / (H · W): that is its slope, wherever in the channel it stands.

    Look: All cells of a channel of `dx` hold the same number.

    Question: What happens to that number if the input is twice as high?

    Answer: It is halved: the same gradient is shared among twice as many cells.
    """
    C, H, W = dx.shape
    for c in range(C):
        for row, column in np.ndindex(H, W):
            dx[c, row, column] = dy[c] / (H * W)
            yield "one cell gets its share"
        yield "one channel has passed back"


# Its words and its loop are those of avg_pool2d; here it starts from this layer's gradient.
gradient_check = replace(avg_pool.gradient_check, after=(backward,))


algorithms = walk_of(
    __name__,
    "The mean of each map: forward, backward in equal shares, and the check of the gradient.",
    pool, backward, gradient_check,
)  # fmt: skip


def others(s: GlobalPoolSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(x: np.ndarray, dy: np.ndarray) -> checking.Loss:
        y = x.mean((1, 2))
        return dy * y, checking.NO_KINKS, dy * y

    return checking.arguments(loss_of, named["x"].cells)


def torch(_: GlobalPoolSettings) -> str:
    return """
    x.requires_grad_()
    y = F.adaptive_avg_pool2d(x, 1).flatten()
    y.backward(dy)
    dx = x.grad
    """


layer = Layer(
    name="global_avg_pool2d",
    title="Global average pooling",
    group="Layers",
    settings=GlobalPoolSettings,
    axes={"x": ("in_channels", "in_height", "in_width"), "dy": ("in_channels",)},
    arrays=global_arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    others=others,
    torch=torch,
    whole=GLOBAL_AVG_POOL,
)
