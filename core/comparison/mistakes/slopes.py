"""The activation: left out, forward or back, or its slope taken at another place."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, Wrong, mistake
from core.layers.activation import ACTIVATIONS, FROM_OUTPUT, activated, from_output, through


@mistake("slope_ignored", "{array}: the slope of the activation is left out", of=(through, from_output))
def slope_ignored(call: Call) -> Iterator[np.ndarray]:
    yield call.arrays["dy"]


@mistake(
    "slope_at_y", "{array}: the slope of the activation is taken at its output y, and should be at z", of=(through,)
)
def slope_at_y(call: Call) -> Iterator[np.ndarray]:
    yield call.again(z=ACTIVATIONS[_activation(call)].function(call.arrays["z"]))


@mistake(
    "slope_at_dy",
    "{array}: the slope of the activation is taken at {of}, the gradient that arrives, and should be at z",
    of=(through,),
)
def slope_at_dy(call: Call) -> Iterator[Wrong]:
    yield Wrong(call.again(z=call.arrays["dy"]), {"of": call.names["dy"]})


@mistake(
    "slope_of_y_at_z",
    "{array}: z is put into a formula of the slope that is made for the output, such as y(1 − y)",
    of=(through,),
)
def slope_of_y_at_z(call: Call) -> Iterator[np.ndarray]:
    if _activation(call) in FROM_OUTPUT:
        yield from_output(call.arrays["z"], call.arrays["dy"], activation_before=_activation(call))


@mistake(
    "slope_of_one_at_zero",
    "{array}: at z = 0 the slope is taken as that above 0; as in PyTorch it should be that below",
    of=(through,),
)
def slope_of_one_at_zero(call: Call) -> Iterator[np.ndarray]:
    z = call.arrays["z"]
    if ACTIVATIONS[_activation(call)].kinks(z).any() and not z.all():
        yield np.where(z == 0, call.arrays["dy"], call.right)


@mistake("activation_missing", "{array}: the activation is left out", of=(activated,))
def activation_missing(call: Call) -> Iterator[np.ndarray]:
    yield call.arrays["z"]


def _activation(call: Call) -> str:
    return str(call.setting("activation", "relu"))
