"""The fully connected layer: every output is all inputs, each times a weight of its own, plus a bias.

It is the layer whose backward pass the textbooks derive first: the weights transposed, times δ. The surprise is how
little is left of a convolution's backward pass here: no padding, no expanding, no turned kernel.

x input (IN,) · w weight (OUT, IN) · b bias (OUT,) · z (OUT,) · d + name: gradient with respect to it
"""

from dataclasses import dataclass, replace

import numpy as np

from core.layers import conv
from core.layers import gradient_check as checking
from core.layers.activation import ACTIVATIONS
from core.layers.vector_activation import ON_VECTORS
from core.layers.walk import walk_of
from core.layers.whole_linear import LINEAR
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.settings import Choice, Real, Settings, Whole, knob
from core.recording.recorder import algorithm
from core.text.plot import Change


@algorithm(formula=r"@{z}_m = \sum_n @{w}_{m,n} \cdot @{x}_n + @{b}_m \qquad (z = W x + b)")
def weighted_sum(x, w, b, z):
    """Each output is all inputs, each times a weight of its own, summed, plus the bias: z = Wx + b.

    Every input is connected with every output, hence the name. Row m of `w` holds all weights of output m. NumPy writes
    this whole chapter as one product: `z = w @ x + b`. In PyTorch the layer is `nn.Linear(in_features, out_features)`.

    Look: For each cell of `z` another row of `w` is read, and all of `x` every time.

    Question: How many weights has a layer of 784 inputs, a digit of 28×28, and 10 outputs?

    Answer: 7840, and 10 biases. A convolution with 10 filters of 3×3 has 90 weights for a picture of any size: its
    outputs share theirs.
    """
    OUT, _ = w.shape
    for m in range(OUT):
        z[m] = w[m, :] @ x[:] + b[m]
        yield "multiply each input by its weight, sum, add the bias"


@algorithm(weighted_sum, formula=r"@{y}_m = \varphi(@{z}_m)")
def activate(z, y, *, activation):
    """The activation function turns each weighted sum `z` into an output `y`, one by one.

    Without it two such layers in a row would be one: W₂(W₁x) = (W₂W₁)x.
    """
    yield from ON_VECTORS[activation].forward(z, y)


@algorithm(weighted_sum, formula=r"@{dz}_m = @{dy}_m \cdot \varphi'(@{z}_m)")
def through_activation(z, dy, dz, *, activation):
    """The gradient `dy` arrives from the layer behind; the last layer of a network has it from the loss. Times the
    slope of the activation it becomes δ = `dz`, one number for each output.

    The article calls it the error term of a neuron: how much the loss L changes with its weighted sum z.
    """
    yield from ON_VECTORS[activation].backward(z, dy, dz)


@algorithm(
    through_activation,
    formula=r"@{dx}_n = \sum_m @{w}_{m,n} \cdot @{dz}_m \qquad \left(\frac{\partial L}{\partial x} = W^T \delta\right)",
)
def input_gradient(w, dz, dx):
    """Each input collects, from every output, that output's δ times the weight between the two: dx = Wᵀδ.

    Forward, weight w[m, n] led from input n to output m. Backward it leads from output m to input n. So forward the
    matrix is read along its rows, backward down its columns, and that is all that the transpose stands for. In a
    convolution the same rule makes the kernel turn by 180°.

    Look: For each cell of `dx` a column of `w` is read, where forward it was a row.

    Question: In the example one δ is 0. Which weights have no part in `dx` then?

    Answer: Those of its row, for all of them are multiplied by 0.
    """
    _, IN = w.shape
    for n in range(IN):
        dx[n] = w[:, n] @ dz[:]
        yield "multiply each δ by the weight between, and sum"


@algorithm(
    through_activation,
    formula=r"@{dw}_{m,n} = @{dz}_m \cdot @{x}_n \qquad \left(\frac{\partial L}{\partial W} = \delta x^T\right)",
)
def weight_gradient(dz, x, dw):
    """The gradient of a weight is the δ at its one end times the input at its other end: dW = δxᵀ.

    Weight w[m, n] met a single input, x[n], on the way to a single output, z[m]. So there is nothing to sum. In a
    convolution a weight meets an input at every place, and its gradient is the sum of all these products.

    Look: Every row of `dw` is `x` times one δ, every column is `dz` times one input.

    Question: An input is 0. What do its weights learn from this example?

    Answer: Nothing: their whole column of `dw` is 0. Had they been others, no output would have changed.
    """
    OUT, IN = dw.shape
    for m in range(OUT):
        for n in range(IN):
            dw[m, n] = dz[m] * x[n]
            yield "multiply the δ of the output by the input"
        yield "all weights of one output have their gradient"


@algorithm(through_activation, formula=r"@{db}_m = @{dz}_m")
def bias_gradient(dz, db):
    """A bias is added to its output once, with slope 1: its gradient is that output's δ.

    Look: `db` is `dz`, cell for cell.

    Question: Why has a convolution to sum here, and this layer has not?

    Answer: There one bias is added at every place of its map; here every output has a bias of its own.
    """
    OUT = db.shape[0]
    for m in range(OUT):
        db[m] = dz[m]
        yield "the bias has the δ of its output"


@algorithm(
    weight_gradient,
    bias_gradient,
    formula=r"""
    @{w}_{m,n} \leftarrow @{w}_{m,n} - \eta \cdot @{dw}_{m,n}
    @{b}_m \leftarrow @{b}_m - \eta \cdot @{db}_m
    """,
    plot=Change(of=("w", "b")),
)
def update(dw, w, db, b, *, learning_rate):
    """Every weight and bias takes one step against its gradient: if it is small enough, the loss becomes smaller.

    Look: Where a cell of `dw` is positive the weight in `w` becomes smaller, where it is negative larger.

    Question: In the example one row of `w` stays as it was. Why?

    Answer: Its output has z < 0, so ReLU has shut it: δ = 0, and no gradient comes to its weights.
    """
    OUT, IN = w.shape
    for m in range(OUT):
        for n in range(IN):
            w[m, n] -= learning_rate * dw[m, n]
            yield "move one weight against its gradient"
        b[m] -= learning_rate * db[m]
        yield "move the bias too: one output is updated"


# The words and the loop are those of conv2d; here it starts from this layer's gradients.
gradient_check = replace(conv.gradient_check, after=(input_gradient, weight_gradient, bias_gradient))


algorithms = walk_of(
    __name__,
    """A fully connected layer: forward, backward, one update, and the check of its gradients.

    Of a matrix and a few vectors: the backward pass of a convolution follows from this one.
    """,
    weighted_sum, activate, through_activation, input_gradient, weight_gradient, bias_gradient, update, gradient_check,
)  # fmt: skip


@dataclass(frozen=True)
class LinearSettings(Settings):
    """What a reader can turn; the names are those of torch.nn.Linear where it has them."""

    in_features: int = knob(4, Whole(1, limits.FEATURES), "Inputs", "Sizes")
    out_features: int = knob(3, Whole(1, limits.FEATURES), "Outputs", "Sizes")
    activation: str = knob("relu", Choice(tuple(ACTIVATIONS)), "Activation", "Function")
    learning_rate: float = knob(0.1, Real(0, 10), "Learning rate", "Function")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


INPUTS, OUTPUTS, BOTH = ("input",), ("output",), ("output", "input")  # what the axes are called


def arrays(s: LinearSettings) -> dict[str, Named]:
    IN, OUT = s.in_features, s.out_features
    named = {
        "x": Named((IN,), "input", "input", INPUTS),
        "w": Named((OUT, IN), "parameter", "weight matrix W", BOTH),
        "b": Named((OUT,), "parameter", "bias", OUTPUTS),
        "z": Named((OUT,), "value", "before the activation", OUTPUTS),
        "y": Named((OUT,), "value", "output", OUTPUTS),
        "dy": Named((OUT,), "gradient", "∂L/∂y, arriving", OUTPUTS),
        "dz": Named((OUT,), "gradient", "∂L/∂z, δ of each output", OUTPUTS),
        "dx": Named((IN,), "gradient", "∂L/∂x, gradient of the input", INPUTS),
        "dw": Named((OUT, IN), "gradient", "∂L/∂w, gradient of the weights", BOTH),
        "db": Named((OUT,), "gradient", "∂L/∂b, gradient of the bias", OUTPUTS),
    }
    return named | checking.arrays({name: named[name] for name in conv.CHECKED})


# One z is below zero, so that ReLU shuts its output; no input and no δ is like another.
EXAMPLE: Example = {
    "x": [2, -1, 0, 3],
    "w": [[1, 0, 2, 1], [0, 2, -1, 1], [-1, 1, 3, -2]],
    "b": [1, 0, 2],
    "dy": [1, -2, 3],
}


def others(s: LinearSettings, named: dict[str, Named]) -> dict[str, object]:
    activation = ACTIVATIONS[s.activation]

    def loss_of(x: np.ndarray, w: np.ndarray, b: np.ndarray, dy: np.ndarray) -> checking.Loss:
        z = w @ x + b
        return dy * activation.function(z), activation.kinks(z), dy * z

    products = named["w"].cells + named["z"].cells * activation.price
    return checking.arguments(loss_of, products, activation.epsilon)


def torch(s: LinearSettings) -> str:
    return f"""
    for leaf in (x, w, b):
        leaf.requires_grad_()

    z = F.linear(x, w, b)
    z.retain_grad()
    y = {ACTIVATIONS[s.activation].torch}

    y.backward(dy)
    dz, dx, dw, db = z.grad, x.grad, w.grad, b.grad
    with torch.no_grad():  # one step of gradient descent
        w -= {s.learning_rate} * dw
        b -= {s.learning_rate} * db
    """


layer = Layer(
    name="linear",
    title="Fully connected layer",
    group="Layers",
    settings=LinearSettings,
    axes={
        "x": ("in_features",),
        "w": ("out_features", "in_features"),
        "b": ("out_features",),
        "dy": ("out_features",),
    },
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    others=others,
    torch=torch,
    whole=LINEAR,
)
