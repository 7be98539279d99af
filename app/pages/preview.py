"""What a page shows before its scripts run, and to whoever has none."""

import threading
from dataclasses import dataclass

from cachetools import LRUCache, cached

from app.picture.picture import Picture, maps, picture_of
from core.catalog import Run
from core.offer.layer import Named
from core.recording.trace import Outline, finished
from core.text.source import Source

READABLE_STEPS = 5_000  # a longer walk takes too long to finish while others wait for their pages
READABLE_CELLS = 20_000  # nobody reads larger arrays as tables


@dataclass(frozen=True)
class Preview:
    """What a page has to read before its scripts run, and without them: each function's text, every array as it is at
    the end, and the first picture.
    """

    sources: tuple[Source, ...]
    arrays: tuple[tuple[str, Named, list[tuple[str, list[list[float]]]]], ...] = ()
    outline: Outline | None = None
    picture: Picture | None = None


def preview(key: str, run: Run) -> Preview:
    """That of a run, whose bytes depend on a key."""
    cost = run.layer.whole_cost(run.algorithm.name, run.settings)
    if cost.steps > READABLE_STEPS or sum(one.cells for one in _named(run).values()) > READABLE_CELLS:
        return Preview((run.algorithm.source,))  # and its run, which may hold megabytes, is not kept
    return _made(key, run)


@cached(LRUCache(16), key=lambda key, _: key, lock=threading.Lock())  # of up to 2 MB each
def _made(_key: str, run: Run) -> Preview:
    finished(run.lead_up())
    outline = run.outline()
    arrays = tuple((name, one, maps(outline.end[name])) for name, one in _named(run).items())
    return Preview(outline.sources, arrays, outline, picture_of(run, outline))


def _named(run: Run) -> dict[str, Named]:
    """The arrays of a run that its algorithm is given."""
    return {name: one for name, one in run.layer.arrays(run.settings).items() if name in run.algorithm.parameters}
