"""A Chromium for the benchmarks, and a page of ours in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, sync_playwright

PATIENCE = 60_000  # milliseconds that a page may take for anything
# It asks nobody for updates, experiments or accounts: that would be noise in the numbers.
OPTIONS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    "--no-first-run",
]


def path() -> str:
    """Where this machine has Chromium or Chrome; `start.py` leaves that in $CHROMIUM."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise SystemExit("No Chromium was found: put the path of one into $CHROMIUM.")
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window, ended at the end."""
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path(), args=OPTIONS + as_root)
        try:
            yield browser
        finally:
            browser.close()


def blank(browser: Browser) -> Page:
    """A page as large as a laptop's, with nothing remembered from any other; close its context after use."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE)
    return page


def opened(browser: Browser, url: str) -> Page:
    """A blank page on its way to an address."""
    page = blank(browser)
    page.goto(url, wait_until="commit")
    return page
