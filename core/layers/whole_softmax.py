"""The arrays of softmax and cross-entropy in whole-array NumPy, as `core.offer.part` has them."""

import numpy as np

from core.offer.part import Part


def softmax(z: np.ndarray) -> np.ndarray:
    """e to the power of each score, divided by the sum of all of them."""
    e = np.exp(z - z.max())
    shares: np.ndarray = e / e.sum()
    return shares


def log_softmax(z: np.ndarray) -> np.ndarray:
    """The logarithm of each share, without the share itself, which may be rounded to 0."""
    shifted = z - z.max()
    logs: np.ndarray = shifted - np.log(np.exp(shifted).sum())
    return logs


def cross_entropy(t: np.ndarray, log_p: np.ndarray) -> np.ndarray:
    """How little was expected of what is right."""
    return np.array([-(t * log_p).sum()])


def away_from_the_answer(p: np.ndarray, t: np.ndarray) -> np.ndarray:
    """What is too much in each probability: the gradient of cross-entropy with softmax."""
    gradient: np.ndarray = p - t
    return gradient


def _in_all(z: np.ndarray) -> np.ndarray:
    """How large log p is for rounding: scores are subtracted from each other."""
    return np.full(z.shape, z.sum() + np.log(z.size) + 1)


SOFTMAX = {
    "p": Part(softmax, "z"),
    "log_p": Part(log_softmax, "z", size=_in_all),
    "y": Part(cross_entropy, "t", "log_p"),
    "dz": Part(away_from_the_answer, "p", "t", size=lambda p, t: p + t),
}
