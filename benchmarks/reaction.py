"""What it costs the page to react in Chromium, and how soon all of it stands: a setting, the pointer, a step.

- change: an arrow key in the field of the stride turns it from 2 to 1 and back, at the default.
- pointer: the mouse goes from cell to cell of a board.
- step: the key that steps forward.

The cost is the time that the main thread's tasks have run on a processor, from the event until nothing has come of it
for a while, an idle page's taken off; other work on the machine hardly shows in it. The last pixel is that of the last
picture of the screen that differs from the one before it, since the key: a count in the page would stop before the
browser has painted. Pictures are taken in a round of their own, since to take them costs time too, and they wait for
whatever else the machine does. The first events of a round are left out: the server has to record a new run.

    python -m benchmarks.reaction OTHER_CHECKOUT

measures another checkout in turns with this one, and prints how this one does beside it.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.chromium import chromium, opened
from benchmarks.server import ROOT, serving
from benchmarks.table import Figure, p95, printed

ROUNDS = 2
TIMES = 10  # in each
FIRST = 2  # events that are left out
QUIET = {"change": 700, "pointer": 80, "step": 250}  # milliseconds in which all has come of an event
REST = 4000  # milliseconds after which a page loads what it does not need at once
MOMENT = 30  # where the boards of the convolution stand
BOARD = '[data-array="z"] .board'
EDGES = (18, 31, 3, 3)  # of a board, in pixels, before its cells begin: left, top, right, bottom

ARRIVED = """() => parseFloat(document.querySelector(".slider")?.style.getPropertyValue("--arrived")) === 100"""
# A caret that blinks would be taken for a change; and the moment of a key is the browser's own.
PREPARE = """() => {
  document.documentElement.style.caretColor = "transparent";
  addEventListener("keydown", ({ timeStamp }) => (window.pressed = performance.timeOrigin + timeStamp), true);
}"""


class Reader:
    """A page and the hand at it."""

    def __init__(self, page: Page) -> None:
        page.wait_for_function(ARRIVED)
        page.evaluate(PREPARE)
        self.page = page
        self.client: CDPSession = page.context.new_cdp_session(page)
        self.client.send("Performance.enable", {"timeDomain": "threadTicks"})
        self._pictures: list[tuple[float, str]] = []  # when, in seconds, and of what
        self.turned = self.pointed = 0
        page.wait_for_timeout(REST)
        while self._in(500) > 10:
            pass

    def measure(self) -> dict[str, list[float]]:
        """Milliseconds of each of some events, by what is measured."""
        self.page.focus("#set-stride")
        taken = {"change: main thread": self._costs(self._change, "change")}
        taken["change: last pixel"] = self._last_pixels(self._change, "change")
        self.page.evaluate("(k) => { document.activeElement.blur(); convwalk.seek(k); }", MOMENT)
        self.page.wait_for_timeout(QUIET["change"])
        box = self.page.locator(BOARD).bounding_box()
        assert box
        taken["pointer: main thread"] = self._costs(partial(self._point, box), "pointer")
        self.page.mouse.move(1, 1)
        taken["step: main thread"] = self._costs(lambda: self.page.keyboard.press("ArrowRight"), "step")
        return taken

    def _change(self) -> None:
        self.turned += 1
        self.page.keyboard.press("ArrowDown" if self.turned % 2 else "ArrowUp")

    def _point(self, box: Any) -> None:
        self.pointed += 1
        left, top, right, bottom = EDGES
        across, down = self.pointed % 3 / 3 + 0.1, self.pointed // 3 % 7 / 7 + 0.07
        x = box["x"] + left + across * (box["width"] - left - right)
        self.page.mouse.move(x, box["y"] + top + down * (box["height"] - top - bottom))

    def _costs(self, act: Callable[[], None], what: str) -> list[float]:
        idle = self._in(1000) / 1000
        costs = []
        for _ in range(FIRST + TIMES):
            before = self._spent()
            act()
            self.page.wait_for_timeout(QUIET[what])
            costs.append(self._spent() - before - QUIET[what] * idle)
        return costs[FIRST:]

    def _in(self, wait: int) -> float:
        """Milliseconds that the main thread works while nobody does anything for some."""
        before = self._spent()
        self.page.wait_for_timeout(wait)
        return self._spent() - before

    def _spent(self) -> float:
        """Milliseconds that the tasks of the main thread have taken."""
        metrics = self.client.send("Performance.getMetrics")["metrics"]
        return 1000 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))

    def _last_pixels(self, act: Callable[[], None], what: str) -> list[float]:
        self.client.on("Page.screencastFrame", self._seen)
        self.client.send("Page.startScreencast", {"format": "png", "everyNthFrame": 1})
        self.page.wait_for_timeout(QUIET[what])
        taken = []
        for _ in range(FIRST + TIMES):
            shown = self._pictures[-1]
            self._pictures = [shown]
            act()
            changes: list[float] = []
            while not changes:  # on a busy machine the first one may come late
                self.page.wait_for_timeout(QUIET[what])
                pairs = pairwise(self._pictures)
                changes = [when for (_, old), (when, new) in pairs if old != new]
            taken.append(1000 * changes[-1] - self.page.evaluate("() => pressed"))
        self.client.send("Page.stopScreencast")
        self.client.remove_listener("Page.screencastFrame", self._seen)
        return taken[FIRST:]

    def _seen(self, frame: dict[str, Any]) -> None:
        self._pictures.append((frame["metadata"]["timestamp"], frame["data"]))
        self.client.send("Page.screencastFrameAck", {"sessionId": frame["sessionId"]})


@contextmanager
def reader(browser: Browser, root: Path) -> Iterator[Reader]:
    """The default walk of a checkout, all of it there."""
    with serving(root=root) as server:
        page = opened(browser, f"{server.url}/?lang=en")
        yield Reader(page)
        page.context.close()


def measure(*others: Path) -> list[Figure]:
    """This checkout, and beside it another one."""
    roots = (ROOT, *others)
    taken: list[dict[str, list[float]]] = [{} for _ in roots]
    with chromium() as browser:
        for _ in range(ROUNDS):
            for root, so_far in zip(roots, taken, strict=True):
                with reader(browser, root) as here:
                    for what, values in here.measure().items():
                        so_far.setdefault(what, []).extend(values)
    told = [{what: _told(values) for what, values in each.items()} for each in taken]
    return [
        Figure(
            f"page, default: {what}",
            told[0][what],
            told[1][what] if others else "",
            median(values) / median(taken[1][what]) if others else None,
        )
        for what, values in taken[0].items()
    ]


def _told(values: list[float]) -> str:
    return f"{median(values):.1f} ms, p95 {p95(values):.1f} ms"


if __name__ == "__main__":
    print(printed(measure(*map(Path, sys.argv[1:2]))))
