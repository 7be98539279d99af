"""The small network on a whole batch at once, in plain NumPy: 3×3 convolution, ReLU, 2×2 max pool, linear, softmax.

Every number of one such step, for one picture, is walked in `core.layers.network`. Here it is what a training loop
calls hundreds of times: so there is no loop over pictures in it, and no use of anything but NumPy, for it is copied
into scripts as it stands.

patches (N, H/2·W/2, 4, 9): the patches under the kernel, by the windows of the pool · right (N,) the class of each
w (F, 1, 3, 3) · b (F,) · w_linear (K, F·H/2·W/2) · b_linear (K,)
"""

import numpy as np


def patches_of(images: np.ndarray) -> np.ndarray:
    """What lies under the kernel at the four places of each window of the pool, with zeros around each picture.

    >>> patches_of(np.ones((1, 2, 2)))[0, 0, 0].reshape(3, 3)
    array([[0., 0., 0.],
           [0., 1., 1.],
           [0., 1., 1.]])
    """
    N, H, W = images.shape
    padded = np.zeros((N, H + 2, W + 2))  # np.pad takes longer than all that follows
    padded[:, 1:-1, 1:-1] = images
    patches: np.ndarray = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), (1, 2))
    return patches.reshape(N, H // 2, 2, W // 2, 2, 9).transpose(0, 1, 3, 2, 4, 5).reshape(N, -1, 4, 9)


def answers(
    patches: np.ndarray, w: np.ndarray, b: np.ndarray, w_linear: np.ndarray, b_linear: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The way forward: what ReLU lets pass, the maxima of all windows in one list a picture, and the scores (N, K)."""
    z = patches.reshape(-1, 9) @ w.reshape(-1, 9).T + b  # as one product: numpy would make one for each window
    passed = np.maximum(z, 0).reshape(*patches.shape[:3], -1)
    flat = passed.max(2).transpose(0, 2, 1).reshape(len(patches), -1)
    return passed, flat, flat @ w_linear.T + b_linear


def log_probabilities(scores: np.ndarray) -> np.ndarray:
    """ln of softmax, shifted by the maximum, so that no power overflows."""
    shifted = scores - scores.max(1, keepdims=True)
    logarithms: np.ndarray = shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
    return logarithms


def mean_loss(
    patches: np.ndarray, right: np.ndarray, w: np.ndarray, b: np.ndarray, w_linear: np.ndarray, b_linear: np.ndarray
) -> float:
    """The cross-entropy of the pictures, averaged."""
    _, _, scores = answers(patches, w, b, w_linear, b_linear)
    return -float(log_probabilities(scores)[np.arange(len(right)), right].mean())


def gradients(
    patches: np.ndarray, right: np.ndarray, w: np.ndarray, b: np.ndarray, w_linear: np.ndarray, b_linear: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """The mean loss of the pictures, and its gradients dw, db, dw_linear and db_linear: the means of those of each."""
    N, F = len(patches), len(w)
    passed, flat, scores = answers(patches, w, b, w_linear, b_linear)
    log_p = log_probabilities(scores)
    chosen = np.arange(N), right
    loss = -log_p[chosen].mean()
    dscores = np.exp(log_p) / N
    dscores[chosen] -= 1 / N
    dy = (dscores @ w_linear).reshape(N, F, -1).transpose(0, 2, 1)
    # Of equal cells the first wins its window; where ReLU has shut the winner, nothing goes on.
    won = passed.argmax(2)[:, :, None] == np.arange(4)[:, None]
    dz = (dy[:, :, None] * (won & (passed > 0))).reshape(-1, F)
    dw = (dz.T @ patches.reshape(-1, 9)).reshape(w.shape)
    return loss, dw, dz.sum(0), dscores.T @ flat, dscores.sum(0)
