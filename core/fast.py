"""The layers in whole-array NumPy: no loop over cells, for where speed matters more than being watched.

x is (C, H, W), w is (F, C, kH, kW), b is (F,). Inputs are never written to.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def conv2d(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray,
    *,
    stride: tuple[int, int] = (1, 1),
    padding: tuple[int, int] = (0, 0),
    dilation: tuple[int, int] = (1, 1),
) -> np.ndarray:
    """Cross-correlate x with every filter and add the bias.

    >>> conv2d(np.ones((1, 3, 3)), np.ones((1, 1, 2, 2)), np.zeros(1))
    array([[[4., 4.],
            [4., 4.]]])
    """
    (PH, PW), (SH, SW), (DH, DW) = padding, stride, dilation
    _, _, KH, KW = w.shape
    x_padded = np.pad(x, ((0, 0), (PH, PH), (PW, PW)))
    reach = (DH * (KH - 1) + 1, DW * (KW - 1) + 1)
    patches = sliding_window_view(x_padded, reach, axis=(1, 2))[:, ::SH, ::SW, ::DH, ::DW]  # C, OH, OW, kH, kW
    z: np.ndarray = np.tensordot(w, patches, axes=((1, 2, 3), (0, 3, 4)))
    z += b[:, None, None]
    return z
