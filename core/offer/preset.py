"""Settings worth a look, with one question each: what a reader of a layer may try next.

    Preset({"learning_rate": 1}, "A rate that is too large", "The loss does not fall. Why?", "Each step goes too far.")

All other settings are the defaults. What an answer says of numbers is held against the run by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.offer.settings import Settings


@dataclass(frozen=True)
class Preset:
    """Settings that differ from the defaults, what they are called, a question about their walk, and its answer."""

    settings: Mapping[str, object]
    label: str
    question: str
    answer: str

    def of(self, settings: type[Settings]) -> dict[str, object]:
        """Every setting by name, as JSON carries it.

        >>> LAYERS["training"].presets[0].of(LAYERS["training"].settings)["learning_rate"]
        1.0
        """
        return settings.of(self.settings).plain()
