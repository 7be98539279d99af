"""Max pooling: questions to torch.nn.functional.max_pool2d, and to torch.amax where a tie is shared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tests.oracle import pool
from tests.oracle.question import Arrays, as_arrays, leaves


@dataclass(frozen=True)
class MaxPool(pool.Pool):
    """One max pooling layer. PyTorch has two rules for ties: the first wins, and (amax, over all of x) they share."""

    ties: str = "first"
    below_zero: bool = False  # so that padding by zeros would win

    layer: ClassVar[str] = "max_pool2d"
    SETTINGS: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "ties")
    DILATIONS: ClassVar[tuple[int, ...]] = (1, 1, 1, 2, 3)
    STRATA: ClassVar[dict[str, dict[str, Any]]] = {
        **pool.STRATA,
        "dilation": {"each": lambda a: a.dilation > 1 and a.kernel > 1},
        "all below zero among the padding": {"each": lambda a: a.before > 0, "below_zero": True},
        "ties under windows that overlap": {
            "each": lambda a: a.stride < a.kernel and a.outputs > 1 and a.dilation == 1,
            "numbers": "whole",
        },
        "ties that are shared": {**pool.STRATA["window = input"], "numbers": "whole", "ties": "split"},
    }

    def arrays(self) -> Arrays:
        given = super().arrays()
        return given | {"x": -abs(given["x"]) - 1.0} if self.below_zero else given

    def answers(self) -> Arrays:
        import torch

        x, dy = leaves(*self.arrays().values())
        if self.ties == "split":
            y, where = x.amax((1, 2), keepdim=True), None
        else:
            settings = self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
            y, where = torch.nn.functional.max_pool2d(x, *settings, return_indices=True)
        y.backward(dy)
        return as_arrays(y=y, where=where, dx=x.grad)
