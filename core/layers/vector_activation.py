"""The activation functions on a vector: the loops of core.layers.activation, with one index in place of three.

Nobody writes them a second time: their texts are made from those, and so are their formulas.

>>> print("\\n".join(ON_VECTORS["relu"].forward.source.lines[-4:]))
    OUT = z.shape[0]
    for m in range(OUT):
        y[m] = np.maximum(z[m], 0)
        yield "apply the activation to one cell"
"""

import linecache
import re
from dataclasses import replace
from typing import Any

from core.layers.activation import ACTIVATIONS, Activation
from core.recording.recorder import Algorithm, algorithm
from core.text.plot import Curve

# The loop over maps, rows and columns: what stands in it, and the pause at the end of a map, which a vector has not.
_LOOP = re.compile(
    r"    F, OH, OW = (?P<of>\w)\.shape\n"
    r"    for f in range\(F\):\n"
    r"        for i, j in np\.ndindex\(OH, OW\):\n"
    r"(?P<body>(?: {12}.*\n)+)"
    r'        yield ".*"\n'
)


def _looped(loop: re.Match[str]) -> str:
    body = re.sub("^    ", "", loop["body"], flags=re.MULTILINE).replace("[f, i, j]", "[m]")
    return f"    OUT = {loop['of']}.shape[0]\n    for m in range(OUT):\n{body}"


def on_vector(maps: Algorithm, function: Algorithm | None = None) -> Algorithm:
    """A function of maps, cell by cell, as one of a vector; of a way back, `function` is what its slope is of."""
    text, loops = _LOOP.subn(_looped, "\n".join(maps.source.lines) + "\n")
    assert loops == 1, f"{maps.source.name} goes through its cells in another way"
    file = f"<{maps.source.name} on a vector>"
    linecache.cache[file] = len(text), None, text.splitlines(keepends=True), file  # where inspect finds it
    scope: dict[str, Any] = {**maps.function.__globals__, "__name__": __name__}
    exec(compile(text, file, "exec"), scope)  # noqa: S102 - our own text
    plot = maps.source.plot
    assert isinstance(plot, Curve)
    formula = maps.source.formula.replace("_{f,i,j}", "_m")
    return algorithm(formula=formula, plot=replace(plot, function=function))(scope[maps.name])


def _of_vectors(maps: Activation) -> Activation:
    forward = on_vector(maps.forward)
    return replace(maps, forward=forward, backward=on_vector(maps.backward, forward))


ON_VECTORS = {name: _of_vectors(maps) for name, maps in ACTIVATIONS.items()}
