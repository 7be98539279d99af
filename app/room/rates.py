"""How often somebody may do something: so many times at once, and then so many times a second."""

import time
from collections.abc import Callable

from app.walks.shares import BusyError

REMEMBERED = 2000  # of whom it is known how often they did it of late


class Rates:
    """How often each of many may do something.

    >>> Rates(20, 10, "try again in a moment").take("48317702")  # a BusyError, if that was too often
    """

    def __init__(
        self, at_once: float, a_second: float, sentence: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._at_once, self._a_second, self._sentence, self._clock = at_once, a_second, sentence, clock
        self._spent: dict[str, tuple[float, float]] = {}  # of each: how often, as it counted at a time

    def check(self, who: str) -> None:
        """A BusyError if they may not just now."""
        if self._at_once - self._counts(who) < 1:
            raise BusyError(self._sentence)

    def take(self, who: str) -> None:
        """They do it once more; a BusyError if they may not just now."""
        self.check(who)
        self._spent[who] = self._counts(who) + 1, self._clock()
        if len(self._spent) > REMEMBERED:
            self._forget()

    def _counts(self, who: str) -> float:
        spent, then = self._spent.get(who, (0.0, 0.0))
        return max(0.0, spent - (self._clock() - then) * self._a_second)

    def _forget(self) -> None:
        """Those who have long been quiet; and of a crowd, those who came first."""
        self._spent = {who: spent for who, spent in self._spent.items() if self._counts(who)}
        for who in list(self._spent)[: max(0, len(self._spent) - REMEMBERED)]:
            del self._spent[who]
