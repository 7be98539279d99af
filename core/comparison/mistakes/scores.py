"""Scores and probabilities: taken for each other, or the right answer not subtracted."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, mistake
from core.layers.whole_softmax import away_from_the_answer, log_softmax, softmax


@mistake(
    "softmax_twice",
    "{array}: softmax is taken twice: what is handed to it are probabilities, and should be scores",
    of=(softmax, log_softmax),
)
def softmax_twice(call: Call) -> Iterator[np.ndarray]:
    yield call.again(z=softmax(call.arrays["z"]))


@mistake(
    "answer_not_subtracted",
    "{array}: the right answer is not subtracted: these are the probabilities",
    of=(away_from_the_answer,),
)
def answer_not_subtracted(call: Call) -> Iterator[np.ndarray]:
    yield call.arrays["p"]
