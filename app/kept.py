"""Answers that are kept for those who come back, as many as fit into so many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Kept(Generic[Key, Value]):
    """The values that were asked for latest, from any thread.

    >>> kept = Kept(5, size=len)
    >>> kept.keep("one", b"123"), kept.keep("two", b"456")
    (b'123', b'456')
    >>> kept.get("one"), kept.get("two")
    (None, b'456')
    """

    def __init__(self, limit: int, size: Callable[[Value], int]) -> None:
        self._limit, self._size = limit, size
        self._values: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """The value of a key, if it is kept."""
        with self._lock:
            if (value := self._values.get(key)) is not None:
                self._values.move_to_end(key)
            return value

    def keep(self, key: Key, value: Value) -> Value:
        """Keep a value, and give it back. Those that nobody has asked for longest make room."""
        with self._lock:
            if key in self._values:
                self._bytes -= self._size(self._values.pop(key))
            self._values[key] = value
            self._bytes += self._size(value)
            while self._bytes > self._limit:
                self._bytes -= self._size(self._values.popitem(last=False)[1])
        return value
