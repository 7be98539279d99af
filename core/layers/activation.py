"""Activation functions, cell by cell: what the kernel computed (z) becomes the layer's output (y), and back.

`backward` takes the derivative at z. `from_output` takes it from the function's own output, as the article's
`Activator.backward(output)` does: that is all a layer has of the activation of the layer before it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.record import Algorithm, algorithm


@dataclass(frozen=True)
class Activation:
    """One activation function: on whole arrays, and as the loops that walk through it."""

    function: Callable[[np.ndarray], np.ndarray]
    forward: Algorithm  # z, y
    backward: Algorithm  # z, dy, dz
    from_output: Algorithm  # y, dy, dz
    outputs: tuple[float, float]  # its outputs lie between these, the ends left out


def exp(power):
    """e to a power. Beyond the largest float it is infinity, which is what 1 / (1 + exp(-z)) wants."""
    with np.errstate(over="ignore"):
        return np.exp(power)


@algorithm()
def identity(z, y):
    """The identity leaves every cell as it is."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = z[f, i, j]
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm()
def identity_backward(z, dy, dz):
    """The identity has slope 1 everywhere, so the gradient passes unchanged."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * 1
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm()
def relu(z, y):
    """ReLU keeps what is positive and makes zero of the rest."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = np.maximum(z[f, i, j], 0)
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm()
def relu_backward(z, dy, dz):
    """ReLU has slope 1 above zero and slope 0 below; at zero itself the slope is taken as 0."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (z[f, i, j] > 0)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm()
def sigmoid(z, y):
    """The sigmoid squeezes every number into the range from 0 to 1."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = 1 / (1 + exp(-z[f, i, j]))
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm()
def sigmoid_backward(z, dy, dz):
    """The slope of the sigmoid σ is σ(1 − σ): steepest at zero, almost flat far from it."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            sigma = 1 / (1 + exp(-z[f, i, j]))
            dz[f, i, j] = dy[f, i, j] * sigma * (1 - sigma)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm()
def sigmoid_from_output(y, dy, dz):
    """The slope of the sigmoid can be read off its output y: it is y(1 − y)."""
    F, OH, OW = y.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * y[f, i, j] * (1 - y[f, i, j])
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm()
def tanh(z, y):
    """The hyperbolic tangent squeezes every number into the range from −1 to 1."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            y[f, i, j] = np.tanh(z[f, i, j])
            yield "apply the activation to one cell"
        yield "one map has passed the activation"


@algorithm()
def tanh_backward(z, dy, dz):
    """The slope of tanh is 1 − tanh²: 1 at zero, almost flat far from it."""
    F, OH, OW = z.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (1 - np.tanh(z[f, i, j]) ** 2)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


@algorithm()
def tanh_from_output(y, dy, dz):
    """The slope of tanh can be read off its output y: it is 1 − y²."""
    F, OH, OW = y.shape
    for f in range(F):
        for i, j in np.ndindex(OH, OW):
            dz[f, i, j] = dy[f, i, j] * (1 - y[f, i, j] ** 2)
            yield "multiply by the slope of the activation"
        yield "one map of gradients has passed back"


EVERYWHERE = (-np.inf, np.inf)

ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(lambda z: z, identity, identity_backward, identity_backward, EVERYWHERE),
    "relu": Activation(lambda z: np.maximum(z, 0), relu, relu_backward, relu_backward, EVERYWHERE),
    "sigmoid": Activation(lambda z: 1 / (1 + exp(-z)), sigmoid, sigmoid_backward, sigmoid_from_output, (0, 1)),
    "tanh": Activation(np.tanh, tanh, tanh_backward, tanh_from_output, (-1, 1)),
}
