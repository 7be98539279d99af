"""Activation functions, cell by cell: what the kernel computed (z) becomes the layer's output (y), and back.

`backward` takes the derivative at z. `from_output` takes it from the function's own output, as the article's
`Activator.backward(output)` does: that is all a layer has of the activation of the layer before it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import erf, pi, sqrt

import numpy as np

from core.layers import gradient_check as checking
from core.layers.gradient_check import NO_KINKS, nudge, verdict
from core.layers.walk import walk_of
from core.offer import limits
from core.offer.layer import Layer, Named
from core.offer.part import Part
from core.offer.places import counted
from core.offer.settings import Choice, Settings, Whole, knob
from core.recording.recorder import Algorithm, algorithm
from core.recording.trace import Arrays, finished
from core.text.plot import Curve


def no_kinks(_: np.ndarray) -> np.ndarray:
    """A smooth function has none."""
    return NO_KINKS


EVERYWHERE = (-np.inf, np.inf)


@dataclass(frozen=True)
class Activation:
    """One activation function: on whole arrays, and as the loops that walk through it."""

    function: Callable[[np.ndarray], np.ndarray]
    forward: Algorithm  # z, y
    backward: Algorithm  # z, dy, dz
    slope: Callable[[np.ndarray], np.ndarray]  # by which dy is multiplied
    from_output: Algorithm | None  # y, dy, dz; None where the output does not tell the slope
    torch: str  # the function of z in PyTorch
    torch_back: str = ""  # what goes back, in PyTorch, to a layer whose output x it made
    outputs: tuple[float, float] = EVERYWHERE  # its outputs lie between these, the ends left out
    kinks: Callable[[np.ndarray], np.ndarray] = no_kinks  # on which side of its kinks each z is
    price: int = 1  # of one cell of the function, in multiplications
    epsilon: tuple[float, float] = checking.STRAIGHT  # how far a gradient check nudges


def cumulative(z: np.ndarray) -> np.ndarray:
    """Φ(z): the chance that a number drawn from the bell curve is smaller than z."""
    chance: np.ndarray = (1 + np.vectorize(erf, [float])(z / sqrt(2))) / 2
    return chance


def exp(power):
    """e to a power. Beyond the largest float it is infinity, which is what 1 / (1 + exp(-z)) wants."""
    with np.errstate(over="ignore"):
        return np.exp(power)


@algorithm(formula=r"@{y}_{f,i,j} = @{z}_{f,i,j}", plot=Curve(of="z", to="y"))
def identity(z, y):
    """The identity leaves every cell as it is.

    Look: `y` is `z`, cell for cell.

    Question: Two layers in a row with nothing in between: could a single layer do the same?

    Answer: Yes: two linear maps in a row are one linear map. That is why networks need another function here.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = z[f, i, j]
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot 1", plot=Curve(of="z", to="dz", by="dy", function=identity))
def identity_backward(z, dy, dz):
    """The identity has slope 1 everywhere, so the gradient passes unchanged.

    Look: `dz` is `dy`, cell for cell.

    Question: Would any number of `dz` change if `z` were larger?

    Answer: None: the slope is 1 for every z.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * 1
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(formula=r"@{y}_{f,i,j} = \max(@{z}_{f,i,j},\, 0)", plot=Curve(of="z", to="y"))
def relu(z, y):
    """ReLU keeps what is positive and makes zero of the rest.

    Look: Every negative cell of `z` has become 0 in `y`; the others are the same on both sides.

    Question: Can you tell from `y` what `z` was?

    Answer: Only where it is above zero: all that was negative has become the same 0.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = np.maximum(z[f, i, j], 0)
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(
    formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \mathbf{1}[\,@{z}_{f,i,j} > 0\,]",
    plot=Curve(of="z", to="dz", by="dy", function=relu),
)
def relu_backward(z, dy, dz):
    """ReLU has slope 1 above zero and slope 0 below; at zero itself the slope is taken as 0.

    Look: Where `z` is not above zero, `dz` is 0, however large `dy` is.

    Question: A cell whose z is negative for every example: what do its weights learn?

    Answer: Nothing: its δ is always 0, and nothing comes back to them. It is called a dead ReLU.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (z[f, i, j] > 0)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(formula=r"@{y}_{f,i,j} = \sigma(@{z}_{f,i,j}) = \frac{1}{1 + e^{-@{z}_{f,i,j}}}", plot=Curve(of="z", to="y"))
def sigmoid(z, y):
    """The sigmoid squeezes every number into the range from 0 to 1.

    Look: Far from zero, large differences between cells of `z` become tiny ones in `y`.

    Question: For which z is y exactly one half?

    Answer: For z = 0: 1 / (1 + e⁰) = 1/2.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = 1 / (1 + exp(-z[f, i, j]))
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(
    formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \sigma(@{z}_{f,i,j}) \left(1 - \sigma(@{z}_{f,i,j})\right)",
    plot=Curve(of="z", to="dz", by="dy", function=sigmoid),
)
def sigmoid_backward(z, dy, dz):
    """The slope of the sigmoid σ is σ(1 − σ): steepest at zero, almost flat far from it.

    Look: No cell of `dz` is larger in size than a quarter of its `dy`.

    Question: After ten layers with a sigmoid, how much of a gradient can its slopes leave at most?

    Answer: (1/4)¹⁰, less than a millionth: the gradient vanishes. It is one reason why ReLU took over.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            sigma = 1 / (1 + exp(-z[f, i, j]))
            dz[f, i, j] = dy[f, i, j] * sigma * (1 - sigma)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(
    formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot @{y}_{f,i,j} (1 - @{y}_{f,i,j})", plot=Curve(of="y", to="dz", by="dy")
)
def sigmoid_from_output(y, dy, dz):
    """The slope of the sigmoid can be read off its output y: it is y(1 − y)."""
    F, OH, OW = y.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * y[f, i, j] * (1 - y[f, i, j])
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(formula=r"@{y}_{f,i,j} = \tanh(@{z}_{f,i,j})", plot=Curve(of="z", to="y"))
def tanh(z, y):
    """The hyperbolic tangent squeezes every number into the range from −1 to 1.

    Look: Signs stay as they are, and no cell of `y` goes beyond 1 or −1.

    Question: How is tanh related to the sigmoid σ?

    Answer: tanh(z) = 2σ(2z) − 1: the same curve, stretched to the range from −1 to 1.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = np.tanh(z[f, i, j])
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(
    formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \left(1 - \tanh^2(@{z}_{f,i,j})\right)",
    plot=Curve(of="z", to="dz", by="dy", function=tanh),
)
def tanh_backward(z, dy, dz):
    """The slope of tanh is 1 − tanh²: 1 at zero, almost flat far from it.

    Look: The further a cell of `z` is from zero, the less of `dy` arrives in `dz`.

    Question: Where does the whole gradient pass?

    Answer: Only at z = 0, where the slope is 1.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (1 - np.tanh(z[f, i, j]) ** 2)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(
    formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \left(1 - @{y}_{f,i,j}^2\right)", plot=Curve(of="y", to="dz", by="dy")
)
def tanh_from_output(y, dy, dz):
    """The slope of tanh can be read off its output y: it is 1 − y²."""
    F, OH, OW = y.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (1 - y[f, i, j] ** 2)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(formula=r"@{y}_{f,i,j} = \max(@{z}_{f,i,j},\, 0.01 \cdot @{z}_{f,i,j})", plot=Curve(of="z", to="y"))
def leaky_relu(z, y):
    """Leaky ReLU keeps what is positive and lets a hundredth of the rest through, so that no cell falls silent.

    Look: Negative cells of `z` stay negative in `y`, a hundred times smaller.

    Question: Can you tell from `y` what `z` was?

    Answer: Yes, everywhere: divide what is negative by 0.01. After a ReLU you could not.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = np.maximum(z[f, i, j], 0.01 * z[f, i, j])
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(
    formula=r"""
    @{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \begin{cases} 1 & @{z}_{f,i,j} > 0 \\ 0.01 & @{z}_{f,i,j} \le 0 \end{cases}
    """,
    plot=Curve(of="z", to="dz", by="dy", function=leaky_relu),
)
def leaky_relu_backward(z, dy, dz):
    """Leaky ReLU has slope 1 above zero and slope 0.01 below; at zero itself the slope is taken as 0.01.

    Look: Where `z` is not above zero, a hundredth of `dy` comes back in `dz`.

    Question: Why is a hundredth better than nothing?

    Answer: A cell that is negative for every example still learns a little, and may come back to life.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (1 if z[f, i, j] > 0 else 0.01)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm(
    formula=(
        r"@{y}_{f,i,j} = @{z}_{f,i,j} \cdot \Phi(@{z}_{f,i,j}), \qquad \Phi(t) = \frac{1}{2} \left(1 + "
        r"\text{erf} \frac{t}{\sqrt{2}}\right)"
    ),
    plot=Curve(of="z", to="y"),
)
def gelu(z, y):
    """GELU takes of z the share Φ(z): the chance that a number drawn from the bell curve is smaller than z.

    Look: Far above zero `y` is almost `z`, far below it is almost 0; in between it dips a little below zero.

    Question: Does a larger z always give a larger y?

    Answer: No: left of about −0.75 the curve falls as z grows.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = z[f, i, j] * (1 + erf(z[f, i, j] / sqrt(2))) / 2
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm(
    formula=r"""
    @{dz}_{f,i,j} = @{dy}_{f,i,j} \left(\Phi(@{z}_{f,i,j}) + @{z}_{f,i,j} \cdot \phi(@{z}_{f,i,j})\right)
    \phi(t) = \Phi'(t) = \frac{1}{\sqrt{2 \pi}} e^{-t^2/2}
    """,
    plot=Curve(of="z", to="dz", by="dy", function=gelu),
)
def gelu_backward(z, dy, dz):
    """The slope of GELU is Φ(z) + z·φ(z), φ being the bell curve: below 0 left of −0.75, above 1 right of 0.75.

    Its output does not tell its slope: two different z can have the same output.

    Look: Here a cell of `dz` can be larger than its `dy`, or have the other sign.

    Question: Where does the sign turn round?

    Answer: Left of about −0.75, where the curve falls: there a larger z makes y smaller.
    """
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            share = (1 + erf(z[f, i, j] / sqrt(2))) / 2
            bell = np.exp(-(z[f, i, j] ** 2) / 2) / sqrt(2 * pi)
            dz[f, i, j] = dy[f, i, j] * (share + z[f, i, j] * bell)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(lambda z: z, identity, identity_backward, np.ones_like, identity_backward, "z", "dx"),
    "relu": Activation(
        lambda z: np.maximum(z, 0), relu, relu_backward, lambda z: z > 0, relu_backward,
        "F.relu(z)", "dx * (x > 0)", kinks=np.sign,
    ),
    "leaky_relu": Activation(
        lambda z: np.maximum(z, 0.01 * z), leaky_relu, leaky_relu_backward,
        lambda z: np.where(z > 0, 1, 0.01), leaky_relu_backward,
        "F.leaky_relu(z, 0.01)", "dx * torch.where(x > 0, 1.0, 0.01)", kinks=np.sign,
    ),
    "sigmoid": Activation(
        lambda z: 1 / (1 + exp(-z)), sigmoid, sigmoid_backward,
        lambda z: 1 / (1 + exp(-z)) * (1 - 1 / (1 + exp(-z))), sigmoid_from_output,
        "torch.sigmoid(z)", "dx * x * (1 - x)", (0, 1), epsilon=checking.CURVED,
    ),
    "tanh": Activation(
        np.tanh, tanh, tanh_backward, lambda z: 1 - np.tanh(z) ** 2, tanh_from_output,
        "torch.tanh(z)", "dx * (1 - x**2)", (-1, 1), epsilon=checking.CURVED,
    ),
    "gelu": Activation(
        lambda z: z * cumulative(z), gelu, gelu_backward,
        lambda z: cumulative(z) + z * np.exp(-(z**2) / 2) / sqrt(2 * pi), None,
        "F.gelu(z)", price=100, epsilon=checking.CURVED,
    ),
}  # fmt: skip


# Those whose slope can be read off their output.
FROM_OUTPUT = {name: one.from_output for name, one in ACTIVATIONS.items() if one.from_output}


# The same on whole arrays, as `core.offer.part` has them.


def activated(z: np.ndarray, *, activation: str = "relu") -> np.ndarray:
    """The activation of every cell."""
    return ACTIVATIONS[activation].function(z)


def through(z: np.ndarray, dy: np.ndarray, *, activation: str = "relu") -> np.ndarray:
    """What arrives, times the slope of the activation at z."""
    passed: np.ndarray = dy * ACTIVATIONS[activation].slope(z)
    return passed


def from_output(y: np.ndarray, dy: np.ndarray, *, activation_before: str) -> np.ndarray:
    """The same, with the slope read off the output: by the loop that is watched, which has no twin."""
    dz = np.zeros(y.shape)
    finished(FROM_OUTPUT[activation_before](y, dy, dz))
    return dz


def slopes(z: np.ndarray, dy: np.ndarray, *, activation: str = "relu") -> np.ndarray:
    """How large dz is for rounding: a slope that bends changes with the rounding of z."""
    return dy * (1.2 + z / 8 if ACTIVATIONS[activation].epsilon == checking.CURVED else 1.0)


@algorithm(formula=r"@{y}_{f,i,j} = \varphi(@{z}_{f,i,j})")
def forward(z, y, *, activation):
    """The activation function is applied to every cell by itself: no cell looks at its neighbours.

    Without one, layer after layer would be but one linear map: what bends the line is here.
    """
    yield from ACTIVATIONS[activation].forward(z, y)


@algorithm(formula=r"@{dz}_{f,i,j} = @{dy}_{f,i,j} \cdot \varphi'(@{z}_{f,i,j})")
def backward(z, dy, dz, *, activation):
    """What arrives at a cell of the output is multiplied by the slope of the function at that cell's z.

    In a network `dy` comes from the layer behind; the last layer has it from the loss.

    Where the function is flat nothing comes back, or almost nothing: a ReLU that is off, a sigmoid far from zero.
    """
    yield from ACTIVATIONS[activation].backward(z, dy, dz)


@algorithm(backward, formula=checking.compared("z"))
def gradient_check(z_nudged, dy, loss, numeric_dz, dz, difference_dz, kinks_dz, found, *, epsilon, most, loss_of):
    """Are the slopes right? Nudge each z, and see how the loss really changes.

    Where a function has a corner there is no one slope: that of ReLU at exactly 0 is 1 going up and 0 going down. The
    numeric gradient finds the mean of the two; PyTorch, TensorFlow and this code take the one going down.

    Look: One cell of `z_nudged` changes at a time. `difference_dz` should be 0 but for rounding, save where `kinks_dz`
    counts a kink.

    Question: In the example with ReLU, which cell differs, and why is that no mistake?

    Answer: The one with z = 0: the slope is 0 on its left and 1 on its right, and the numeric gradient takes their
    mean.
    """
    judged = yield from nudge(
        z_nudged, loss, numeric_dz, dz, difference_dz, kinks_dz, dy, epsilon=epsilon, most=most, loss_of=loss_of
    )
    yield from verdict(numeric_dz, dz, difference_dz, kinks_dz, found, judged=judged)


algorithms = walk_of(
    __name__,
    "Forward, backward, and the check of the slopes.",
    forward, backward, gradient_check,
)  # fmt: skip


@dataclass(frozen=True)
class ActivationSettings(Settings):
    """The function, and the size of what it is applied to."""

    activation: str = knob("relu", Choice(tuple(ACTIVATIONS)), "Activation", "Function")
    channels: int = knob(1, Whole(1, limits.CHANNELS), "Channels", "Sizes")
    height: int = knob(3, Whole(1, limits.SIDE), "Height", "Sizes")
    width: int = knob(5, Whole(1, limits.SIDE), "Width", "Sizes")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: ActivationSettings) -> dict[str, Named]:
    z = Named((s.channels, s.height, s.width), "value", "before the activation")
    named = {
        "z": z,
        "y": Named(z.shape, "value", "output"),
        "dy": Named(z.shape, "gradient", "∂L/∂y, arriving"),
        "dz": Named(z.shape, "gradient", "∂L/∂z, the sensitivity map δ"),
    }
    return named | checking.arrays({"z": z})


def given(s: ActivationSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The example's z are halves around zero, and dy is 1, 2, 3 over and over."""
    usual = arrays(ActivationSettings())["z"]
    places = counted(made["z"].shape, usual.shape)
    if s.seed == 0 and "z" not in brought:
        made["z"] = (places - usual.cells // 2) / 2
    if "dy" not in brought:
        made["dy"] = 1 + places % 3
    return made


def others(s: ActivationSettings, named: dict[str, Named]) -> dict[str, object]:
    activation = ACTIVATIONS[s.activation]

    def loss_of(z: np.ndarray, dy: np.ndarray) -> checking.Loss:
        return dy * activation.function(z), activation.kinks(z), dy * z

    return checking.arguments(loss_of, named["z"].cells * activation.price, activation.epsilon)


def torch(s: ActivationSettings) -> str:
    return f"""
    z.requires_grad_()
    y = {ACTIVATIONS[s.activation].torch}
    y.backward(dy)
    dz = z.grad
    """


layer = Layer(
    name="activation",
    title="Activation functions",
    group="Layers",
    settings=ActivationSettings,
    axes={"z": ("channels", "height", "width"), "dy": ("channels", "height", "width")},
    arrays=arrays,
    given=given,
    algorithms=algorithms,
    others=others,
    torch=torch,
    whole={"y": Part(activated, "z"), "dz": Part(through, "z", "dy", size=slopes)},
)
