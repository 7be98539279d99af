"""The known mistakes, by what they get wrong. Each is one declaration; whoever imports this has all of them."""

from core.comparison.mistake import MISTAKES
from core.comparison.mistakes import assigned, kernels, order, padding, rounding, scores, slopes, sums, ties  # noqa: F401 - they declare

__all__ = ["MISTAKES"]
