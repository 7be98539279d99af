"""An algorithm as text to copy: its formula, or a script that prints the same numbers."""

from collections.abc import Callable, Mapping

from app.ground.errors import RequestError
from core.offer.layer import Layer
from core.offer.layout import settle_or_explain
from core.recording.trace import Arrays
from core.script import numpy_script, torch_script
from core.text.formula import aligned, latex


def _formulas(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    """The formula of an algorithm, or of all the chapters of a walk, which has none of its own."""
    opened = layer.algorithms[algorithm]
    shown = [opened] if opened.source.formula else layer.algorithms.values()
    settled, _, _ = settle_or_explain(layer, algorithm, settings, arrays)
    lines = [line for one in shown for line in latex(one.source.suited(settled.plain()))]
    return "".join(f"{line}\n" for line in aligned(lines))


def _pytorch(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    if layer.torch is None:
        raise RequestError(404, "as", "this layer has no counterpart in PyTorch")
    return torch_script(layer, algorithm, settings, arrays)


WRITERS: dict[str, Callable[[Layer, str, Mapping[str, object], Arrays], str]] = {
    "latex": _formulas,
    "numpy": numpy_script,
    "pytorch": _pytorch,
}
