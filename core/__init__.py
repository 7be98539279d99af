"""Convolution layers in NumPy, written as the textbook loops, that can be run plainly or recorded step by step."""

from typing import TYPE_CHECKING, Any

from core.catalog import LAYERS, record, run
from core.offer.settings import SettingError
from core.text.source import AlgorithmError

if TYPE_CHECKING:
    from core.comparison.compare import compare
    from core.comparison.comparison import Comparison

__all__ = ["LAYERS", "AlgorithmError", "Comparison", "SettingError", "compare", "record", "run"]


def __getattr__(name: str) -> Any:
    """What compares, once it is asked for: its import takes a while, and a walk does without it."""
    if name not in {"Comparison", "compare"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from core.comparison import compare, comparison

    globals().update(compare=compare.compare, Comparison=comparison.Comparison)
    return globals()[name]
