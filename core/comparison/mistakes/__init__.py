"""The known mistakes, by what they get wrong. Each is one declaration; whoever imports this has all of them."""

from core.comparison.mistake import MISTAKES
from core.comparison.mistakes import (  # noqa: F401 - they declare
    assigned,
    kernels,
    order,
    padding,
    pools,
    rounding,
    scores,
    slopes,
    steps,
    sums,
    ties,
)

__all__ = ["MISTAKES"]
