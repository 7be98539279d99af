"""How far two numbers may be apart and still be the same: `|theirs - right| <= atol + rtol * |right|`, as in NumPy.

A sum of products that cancel is as exact as its largest products are, however small it comes out. So `atol` goes by the
size of an array: the largest of the sums that its cells would be with all numbers taken without their signs. In float64
it is 1e-12 of that, in float32 1e-5, and `rtol` is 1e-9 and 1e-5: some tens of roundings, which leaves room for another
order of adding up. In float16, whose sums are mostly kept in float32, both are 5e-3: ten roundings.
"""

from typing import NamedTuple

import numpy as np

FIRST = 32  # cells that are looked at before the others
MANY = 8


class Tolerance(NamedTuple):
    """`rtol` and `atol` of numpy.allclose."""

    rtol: float
    atol: float

    def close(self, theirs: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Where two arrays are the same, cell by cell. Infinities are where they are equal, and so are NaN.

        >>> Tolerance(0, 0.1).close(np.array([1.05, 2, np.nan]), np.array([1, 3, np.nan]))
        array([ True, False,  True])
        """
        with np.errstate(invalid="ignore", over="ignore"):
            close: np.ndarray = np.abs(theirs - right) <= self.atol + self.rtol * np.abs(right)
        same = (theirs == right) | np.isnan(theirs) & np.isnan(right)
        return np.where(np.isfinite(right), close, same)

    def agree(self, theirs: np.ndarray, right: np.ndarray) -> bool:
        """Whether two arrays are the same in shape and in every cell."""
        if theirs.shape != right.shape:
            return False
        # Two that differ mostly do so soon, and a diagnosis asks this of hundreds.
        is_long = theirs.size > MANY * FIRST
        if is_long and not self.close(theirs.flat[:FIRST], right.flat[:FIRST]).all():
            return False
        return bool(self.close(theirs, right).all())


ROUNDING = {
    "float64": Tolerance(1e-9, 1e-12),
    "float32": Tolerance(1e-5, 1e-5),
    "float16": Tolerance(5e-3, 5e-3),
}  # atol for a size of 1


def rounding(dtype: str, size: float) -> Tolerance:
    """What rounding may leave in an array of that size."""
    rtol, share = ROUNDING[dtype]
    return Tolerance(rtol, share * size)
