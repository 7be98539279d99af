"""A browser whose cache outlives a test: it compiles Plotly once, and not for every test, which takes two seconds each.

Everything else that a test leaves behind is cleared. Private windows, which playwright's contexts are, keep no compiled
code, however long they live.
"""

from functools import partial
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, BrowserType

SCREEN: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "device_scale_factor": 1,
}
OF_A_PAGE = {"viewport", "color_scheme", "reduced_motion"}  # what a page can have otherwise than its browser


class Profile:
    """One browser on disk, lent to one reader at a time."""

    def __init__(self, browser_type: BrowserType, folder: Path, arguments: dict[str, Any]) -> None:
        self._launch = partial(browser_type.launch_persistent_context, folder, **arguments, **SCREEN)
        self._context: BrowserContext | None = None
        self._is_lent = False

    def suits(self, screen: dict[str, Any]) -> bool:
        """Whether it is free, and can show such a screen."""
        return not self._is_lent and screen.keys() <= OF_A_PAGE

    def lend(self) -> BrowserContext:
        self._is_lent = True
        self._context = self._context or self._launch()
        return self._context

    def take_back(self, url: str) -> None:
        """Forget what a reader of that server has left, but for the cache."""
        assert self._context is not None
        self._is_lent = False
        session = self._context.new_cdp_session(self._context.pages[0])
        for origin in (url, "about:blank"):
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "local_storage,indexeddb"})
        session.detach()
        self._context.clear_cookies()
        self._context.clear_permissions()

    def close(self) -> None:
        if self._context:
            self._context.close()
