"""Pages of Chromium that are lent to one reader after the other.

A page that is new has all scripts to fetch and to compile again, which takes it twice the time; so it is kept, and
cleared of all that a reader has left there but for the browser's cache.
"""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page

SCREEN: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "locale": "en-GB",
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "device_scale_factor": 1,
}
OF_A_PAGE = {"viewport", "color_scheme", "reduced_motion", "permissions"}  # the rest stays as the page began
KEPT = 3  # pages that wait for a reader; each takes 200 MB


@dataclass(frozen=True)
class Loan:
    """A page, and what it was begun with that cannot be changed."""

    page: Page
    kind: dict[str, Any]


class Pages:
    """Each page has a context of its own, so that readers know nothing of each other."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._free: list[Loan] = []  # the one that was used last is the last

    def lend(self, screen: dict[str, Any], *, fresh: bool = False) -> Loan:
        """A page for such a screen; one that nobody has had before if it is to be `fresh`."""
        whole = SCREEN | screen
        kind = {name: value for name, value in whole.items() if name not in OF_A_PAGE}
        loan = None if fresh else next((one for one in reversed(self._free) if one.kind == kind), None)
        if loan:
            self._free.remove(loan)
        else:
            context = self._browser.new_context(viewport=whole["viewport"], **kind)
            loan = Loan(context.new_page(), kind)
        loan.page.set_viewport_size(whole["viewport"])
        loan.page.emulate_media(color_scheme=whole["color_scheme"], reduced_motion=whole["reduced_motion"])
        if allowed := whole.get("permissions"):  # to allow nothing would be to forbid all
            loan.page.context.grant_permissions(allowed)
        return loan

    def take_back(self, loan: Loan, url: str) -> None:
        """Forget what a reader of that server has left."""
        page, context = loan.page, loan.page.context
        for other in context.pages:
            if other != page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.mouse.move(-1, -1)
        page.goto("about:blank")
        session = context.new_cdp_session(page)
        session.send("Page.resetNavigationHistory")
        session.send("Storage.clearDataForOrigin", {"origin": url, "storageTypes": "local_storage,indexeddb"})
        session.detach()
        context.clear_cookies()
        context.clear_permissions()
        self._free.append(loan)
        while len(self._free) > KEPT:
            self._free.pop(0).page.context.close()

    def close(self) -> None:
        for loan in self._free:
            loan.page.context.close()
