"""The step that is taken with a gradient."""

from collections.abc import Iterator

import numpy as np

from core.comparison.mistake import Call, mistake
from core.layers.whole import updated


@mistake(
    "gradient_added", "{array}: the gradient is added, and should be subtracted: the step goes uphill", of=(updated,)
)
def gradient_added(call: Call) -> Iterator[np.ndarray]:
    yield call.again(learning_rate=-call.settings["learning_rate"])
