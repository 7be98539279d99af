"""The shortcut of an answer that has begun: its next part goes to its connection at once, past all that is between.

What hundreds are told at the same time would else pass a dozen calls for each of them. Our server puts one into the
scope of each request; an answer that finds none, or is not taken there, goes the usual way.
"""

from collections.abc import Callable

SHORTCUT = "convwalk.shortcut"  # in the scope

Way = Callable[[bytes], bool]  # takes a part of an answer; False if that has to go the usual way


class Shortcut:
    """A way past the application, and how much went by it."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self.sent = 0  # bytes

    def take(self, part: bytes) -> bool:
        """Send a part of the body now. False: the client has not taken the last, or the answer does not go on."""
        is_taken = self._way(part)
        if is_taken:
            self.sent += len(part)
        return is_taken
