"""The run that an array is compared with, of arrays and settings side by side, and what is said if they do not fit."""

from collections.abc import Mapping
from typing import Any

from core.catalog import LAYERS, Run
from core.offer.settings import SettingError

RANGE = "{setting} must be from {low} to {high}"


def planned(layer: str, algorithm: str, given: Mapping[str, Any]) -> Run:
    """The run of these arrays and settings."""
    axes = LAYERS[layer].axes if layer in LAYERS else {}
    arrays = {name: value for name, value in given.items() if name in axes}
    try:
        return Run.planned(layer, algorithm, arrays, **{name: one for name, one in given.items() if name not in axes})
    except SettingError as error:
        # A word of the caller's own is said again, which over HTTP it never is.
        if error.setting == "layer":
            template = "there is no layer {given!r}; there are {known}"
            raise SettingError("layer", template, **error.values | {"given": layer}) from None
        if error.setting == "algorithm":
            template = "there is no algorithm {given!r}; this layer has {known}"
            raise SettingError("algorithm", template, **error.values | {"given": algorithm}) from None
        raise too_large(layer, error) from None


def too_large(layer: str, error: SettingError) -> SettingError:
    """What is said of a size that no walk has: that it may well be right, and what to do. Another error stays.

    >>> core.compare("conv2d", "walk", "z", z, w=np.ones((32, 3, 3, 3)))
    SettingError: out_channels must be from 1 to 16: that is a limit of ConvWalk, and none of the layer. …
    """
    axes = LAYERS[layer].axes
    if error.setting not in LAYERS[layer].sized_by(axes) or error.template != RANGE:
        return error
    template = (
        "{setting} must be from {low} to {high}: that is a limit of ConvWalk, and none of the layer. Compare on a "
        "smaller example: fewer filters or channels, or smaller maps"
    )
    return SettingError(error.setting, template, **error.values)
