"""A window of any browser: what a reader does in it by real keys and a real pointer, and what the browser says of it.

A browser is a class below `Window` with the few things that differ. `Firefox` and `WebKit` are steered by WebDriver, as
`Automation` speaks it, and `Chromium` by playwright.
"""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.recording.trace import Arrays
from tests.browser import assert_same

PATIENCE = 60.0  # seconds for anything that ought to happen at once, on the slowest and busiest machine
SIZE = (1280, 800)

Point = tuple[float, float]

# The middle of an element that is there, in sight, lies on top and does not move; null until then. The formula and its
# font come a little later than the stage, and take room.
MIDDLE = """async ([selector, text]) => {
  const formula = document.querySelector("#formula:not([hidden]) .equations");
  if (document.fonts.status !== "loaded" || formula?.childElementCount === 0) return null;
  const fitting = [...document.querySelectorAll(selector)].filter((one) =>
    one.checkVisibility() && (text === null || one.textContent.trim() === text || one.ariaLabel === text));
  if (fitting.length !== 1) return null;
  fitting[0].scrollIntoView({ block: "nearest", inline: "nearest" });
  const before = fitting[0].getBoundingClientRect();
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  const { x, y, width, height } = fitting[0].getBoundingClientRect();
  if (x !== before.x || y !== before.y) return null;
  const [across, down] = [x + width / 2, y + height / 2];
  const top = document.elementFromPoint(across, down);
  return top && (fitting[0].contains(top) || top.contains(fitting[0])) ? [across, down] : null;
}"""

# Where the middle of a cell is, which is scrolled to.
PLACE = """async ([array, index]) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const board = document.querySelector(`[data-array="${array}"] .board`);
  const shape = [];
  for (let value = convwalk.value(array); Array.isArray(value); value = value[0]) shape.push(value.length);
  const flat = shape.reduce((sum, size, axis) => sum * size + index[axis], 0);
  board.scrollIntoView({ block: "center" });
  const { x, y, width, height } = board.getBoundingClientRect();
  const plan = new Plan(shape, board.dataset.layout);
  const across = (width - MARGIN.l - MARGIN.r) / plan.columns, down = (height - MARGIN.t - MARGIN.b) / plan.rows;
  return [x + MARGIN.l + (plan.xs[flat] + 0.5) * across, y + MARGIN.t + (plan.ys[flat] + 0.5) * down];
}"""


class Window(ABC):
    """Somebody's window, 1280×800, English and light unless it was asked for otherwise."""

    name: str  # of the browser, with its version

    def __init__(self, url: str) -> None:
        self.url = url
        self._expected: list[str] = []

    # --- What differs from browser to browser -------------------------------------------------------------------------

    @abstractmethod
    def go(self, address: str) -> None:
        """Follow a whole address, until the page has loaded."""

    @abstractmethod
    def evaluate(self, function: str, argument: Any = None) -> Any:
        """What a JavaScript function answers, or its promise."""

    @abstractmethod
    def strokes(self, keys: Sequence[str]) -> None:
        """Press keys by the names that the standard gives them, such as a, Tab or Control+Shift+z, in turn."""

    @abstractmethod
    def pointer(self, *moves: Point | str) -> None:
        """Move a mouse to points, and press ("down") or release ("up") its button there."""

    @abstractmethod
    def screenshot(self) -> bytes:
        """What is to be seen, as a PNG."""

    @abstractmethod
    def resize(self, width: int, height: int) -> None:
        """Give the page so many pixels."""

    @abstractmethod
    def hear(self) -> list[str]:
        """What the browser has complained of since this was asked last: errors, warnings, violations of a policy."""

    @abstractmethod
    def close(self) -> None:
        """End the browser."""

    # --- What a reader does -------------------------------------------------------------------------------------------

    def open(self, address: str = "/") -> "Window":
        """Open a page, and wait until it can be used, and says of no script that it is missing."""
        self.go(self.url + address)
        lacks_nothing = "document.querySelector('#lacks')?.hidden ?? true"
        return self.wait(f"() => window.convwalk?.ready.then(() => {lacks_nothing})")

    def wait(self, condition: str, argument: Any = None) -> "Window":
        """Wait until a JavaScript function holds."""
        self.come(condition, argument)
        return self

    def come(self, condition: str, argument: Any = None) -> Any:
        """Wait until a JavaScript function answers something, and give that."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                found = self.evaluate(condition, argument)
            except ScriptError:  # the page is on its way to another
                if time.monotonic() > end:
                    raise
                found = None
            if found:
                return found
            assert time.monotonic() < end, f"in {self.name} this did not come to hold: {condition} of {argument}"
            time.sleep(0.03)

    def press(self, *keys: str) -> "Window":
        self.strokes(keys)
        return self

    def type(self, text: str) -> "Window":
        return self.press(*text)

    def find(self, selector: str, text: str | None = None) -> Point:
        """Wait for the one element that fits and lies on top; the middle of it."""
        across, down = self.come(MIDDLE, [selector, text])
        return across, down

    def click(self, selector: str, text: str | None = None, times: int = 1) -> "Window":
        """Click on the one element that fits a selector, and a text or a label if there are several."""
        self.pointer(self.find(selector, text), *["down", "up"] * times)
        return self

    def still(self, array: str) -> "Window":
        """Wait until an array has stopped moving: the formula comes a little later than the stage, and takes room."""
        return self.wait(
            """(array) => {
                const board = document.querySelector(`[data-array="${array}"] .board`);
                const { x, y, width } = board.getBoundingClientRect();
                const place = `${x} ${y} ${width}`;
                window.still = window.place === place ? window.still + 1 : 0;
                window.place = place;
                return window.still > 8;
            }""",
            array,
        )

    def place(self, array: str, *index: int) -> Point:
        """Where a cell is."""
        across, down = self.evaluate(PLACE, [array, list(index)])
        return across, down

    def drag(self, begin: Point, end: Point) -> "Window":
        middle = ((begin[0] + end[0]) / 2, (begin[1] + end[1]) / 2)
        self.pointer(begin, "down", middle, end, "up")
        return self

    def copy(self, text: str) -> "Window":
        """Put a text into the clipboard, as somebody does who has copied it elsewhere."""
        self.evaluate(
            """(text) => {
                const held = document.activeElement;
                const field = document.createElement("textarea");
                field.id = "copied-from";
                field.style.cssText = "position: fixed; left: 0; top: 0; z-index: 99";
                (document.querySelector("dialog[open]") ?? document.body).append(field);
                field.value = text;
                field.addEventListener("keydown", (event) => event.stopPropagation());
                field.addEventListener("copy", () => setTimeout(() => { field.remove(); held?.focus?.(); }));
                field.select();
            }""",
            text,
        )
        self.press("Control+c")
        return self.wait("() => !document.querySelector('#copied-from')")

    def reload(self) -> "Window":
        self.go(self.address)
        return self.wait("() => window.convwalk?.ready.then(() => true)")

    # --- What a reader sees -------------------------------------------------------------------------------------------

    def drawn(self, k: int) -> "Window":
        """Wait until the moment after k steps is drawn."""
        shown = '(k) => convwalk.step === k && document.querySelector(".counter").textContent.startsWith(`${k} /`)'
        return self.wait(shown, k)

    def arrived(self) -> "Window":
        """Wait until the run has arrived in full."""
        whole = '() => document.querySelector(".slider")?.style.getPropertyValue("--arrived") === "100%"'
        return self.wait(whole)

    def seek(self, k: int) -> "Window":
        self.evaluate("(k) => convwalk.seek(k)", k)
        return self.drawn(k)

    @property
    def step(self) -> int:
        return int(self.evaluate("() => convwalk.step"))

    @property
    def steps(self) -> int:
        return int(self.evaluate("() => convwalk.steps"))

    @property
    def address(self) -> str:
        return str(self.evaluate("() => location.href"))

    def text(self, selector: str) -> str:
        """The text of the first element that fits, as it is to be seen."""
        return str(self.evaluate("(selector) => document.querySelector(selector)?.innerText ?? ''", selector))

    def assert_shows(self, expected: Arrays) -> "Window":
        """Every array of the page is just what Python says it is."""
        nested = self.evaluate("(names) => names.map((name) => convwalk.value(name))", list(expected))
        shown = {name: np.array(value, float) for name, value in zip(expected, nested, strict=True)}
        assert_same(shown, expected, self.step)
        return self

    def assert_quiet(self) -> None:
        """Nothing was complained of since this was asked last."""
        complaints = self.hear()
        assert not complaints, f"{self.name} says:\n" + "\n".join(complaints)


class ScriptError(AssertionError):
    """A function that was evaluated in the page has failed there."""
