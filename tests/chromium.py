"""Chromium for the tests that run in every browser: by playwright, which all other tests use too."""

from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Error, Page

from tests.browser import Reader
from tests.window import Point, ScriptError, Window


class Chromium(Window):
    """A page that playwright has opened."""

    def __init__(self, url: str, page: Page) -> None:
        super().__init__(url)
        self._reader = Reader(page, url)
        self._page = page
        version = page.context.browser.version if page.context.browser else ""
        self.name = f"Chromium {version}".strip()

    def go(self, address: str) -> None:
        self._page.goto(address)

    def evaluate(self, function: str, argument: Any = None) -> Any:
        try:
            return self._page.evaluate(function, argument)
        except Error as error:
            raise ScriptError(str(error)) from error

    def strokes(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._page.keyboard.press(key)

    def pointer(self, *moves: Point | str) -> None:
        presses = 0
        for move in moves:
            if not isinstance(move, str):
                self._page.mouse.move(*move)
                presses = 0
            elif move == "down":
                presses += 1
                self._page.mouse.down(click_count=presses)
            else:
                self._page.mouse.up(click_count=presses)

    def screenshot(self) -> bytes:
        return self._page.screenshot()

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def hear(self) -> list[str]:
        self._page.title()  # whatever the page has said until now has arrived with this answer
        heard, self._reader.complaints = self._reader.complaints, []
        return heard

    def close(self) -> None:
        self._reader.leave()
