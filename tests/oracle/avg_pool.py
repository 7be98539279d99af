"""Average pooling: questions to torch.nn.functional.avg_pool2d."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from tests.oracle import pool
from tests.oracle.question import Arrays, as_arrays, leaves


@dataclass(frozen=True)
class AveragePool(pool.Pool):
    """One average pooling layer."""

    count_include_pad: bool = True

    layer: ClassVar[str] = "avg_pool2d"
    SETTINGS: ClassVar[tuple[str, ...]] = ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad")
    STRATA: ClassVar[dict[str, dict[str, Any]]] = pool.STRATA

    @classmethod
    def drawn(cls, name: str, seed: int, turn: int, **narrowed: Any) -> AveragePool:
        """Each kind of numbers meets each kind of rounding, and each of those both ways to count."""
        return super().drawn(name, seed, turn, count_include_pad=turn // 4 % 2 == 0, **narrowed)

    def answers(self) -> Arrays:
        import torch

        x, dy = leaves(*self.arrays().values())
        settings = self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        y = torch.nn.functional.avg_pool2d(x, *settings)
        y.backward(dy)
        return as_arrays(y=y, dx=x.grad)
