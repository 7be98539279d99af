"""An array of a layer in whole-array NumPy, beside the loop that is watched: what it is made of, and by which function.

A comparison needs the numbers of a walk and none of its steps, and each mistake needs them again. So a layer may say of
its arrays how `core.fast` computes them. The tests hold every one of them against the loops.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Function = Callable[..., np.ndarray]


class Part:
    """How one array is computed: by a function, of these arrays.

    >>> Part(correlated, "x_padded", "w", "b").arrays
    {'x_padded': 'x_padded', 'w': 'w', 'b': 'b'}

    The parameters of the function before its `*` are the arrays, in this order; those after it are settings, which are
    found by name, and `shape`, which is that of the result. `settings` says which of the layer's settings stands for
    one of the function's where the names differ. `size` is the function of what all numbers are without their signs:
    how much was added up, which rounding goes by; it is the function itself unless it is given.
    """

    def __init__(
        self, function: Function, *of: str, settings: Mapping[str, str] | None = None, size: Function | None = None
    ) -> None:
        parameters = inspect.signature(function).parameters.values()
        keywords = [one.name for one in parameters if one.kind is inspect.Parameter.KEYWORD_ONLY]
        self.function, self.size = function, size or function
        # By the function's own names: a bias may be left out.
        self.arrays = dict(zip((one.name for one in parameters if one.name not in keywords), of, strict=False))
        self.settings = {name: (settings or {}).get(name, name) for name in keywords}

    def arguments(self, known: Mapping[str, Any], shape: tuple[int, ...]) -> dict[str, Any]:
        """The settings of the function, from those of the layer; one that the layer lacks keeps its default."""
        found = {name: known[own] for name, own in self.settings.items() if own in known}
        return found | ({"shape": shape} if "shape" in self.settings else {})
