"""Random questions for PyTorch and ConvWalk to agree on, one module for each layer, and PyTorch's answers to them.

Two users: the script that commits PyTorch's answers as fixtures (torch_answers.py) and the live comparison on fresh
settings (live_torch.py). PyTorch is imported only when it is asked something, so that the tests that read the fixtures
run without it.

The surprising decision: a fixture holds settings and answers, but not the input numbers, which would add two thirds to
its size. They are made again from the question's own seed (dice.py says why they come out the same). A checksum beside
the answers says at once if that should ever fail.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from tests.oracle.activation import Activation
from tests.oracle.avg_pool import AveragePool
from tests.oracle.batch import Batch
from tests.oracle.chain import Chain
from tests.oracle.conv import Convolution
from tests.oracle.conv_transpose import TransposedConvolution
from tests.oracle.global_pool import GlobalAveragePool, GlobalMaxPool
from tests.oracle.linear import Linear
from tests.oracle.max_pool import MaxPool
from tests.oracle.network import Network
from tests.oracle.softmax import CrossEntropy
from tests.oracle.training import Training

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.question import Question

# How many questions of each kind there are in one round of 34.
SHARES: dict[type[Question], int] = {
    Convolution: 8,
    TransposedConvolution: 4,
    MaxPool: 4,
    AveragePool: 3,
    GlobalMaxPool: 1,
    GlobalAveragePool: 1,
    Activation: 1,
    Batch: 1,
    Chain: 3,
    CrossEntropy: 2,
    Linear: 3,
    Network: 2,
    Training: 1,
}
KINDS: dict[str, type[Question]] = {kind.layer: kind for kind in SHARES}
ROUND = sum(SHARES.values())


def random_questions(seed: int) -> Iterator[Question]:
    """Of all kinds, round after round, without end. The n-th depends on the seed and n alone."""
    drawn = {kind: kind.random(seed) for kind in SHARES}
    while True:
        for kind, share in SHARES.items():
            yield from islice(drawn[kind], share)
