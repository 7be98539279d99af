"""What ConvWalk is for, in Chromium, in Firefox and in WebKitGTK, by real keys and a real pointer."""

from collections.abc import Iterator

import pytest

import core
from tests import firefox, webkit
from tests.browser import walked
from tests.chromium import Chromium
from tests.conftest import Server
from tests.firefox import Firefox
from tests.webkit import WebKit
from tests.window import Window

BROWSERS = [
    pytest.param("firefox", marks=pytest.mark.firefox),
    pytest.param("webkit", marks=pytest.mark.webkit),
    pytest.param("chromium", marks=pytest.mark.browser),
]


@pytest.fixture(scope="module", params=BROWSERS)
def opened(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Window]:
    """One window of each browser for all of these tests. Where a browser is missing, they say that they are not run."""
    lent = None
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "firefox":
        if not firefox.executable():
            pytest.skip("not run in Firefox: it is not installed")
        window: Window = Firefox(server.url, folder)
    elif request.param == "webkit":
        if not webkit.executable():
            pytest.skip("not run in WebKitGTK: it is not installed with its driver, Xvfb and Python's bindings")
        window = WebKit(server.url, folder)
    else:
        lent = request.getfixturevalue("profile")
        window = Chromium(server.url, lent.lend())
    window.go(f"{server.url}/words")
    window.evaluate("() => localStorage.setItem('convwalk.used', 'none')")  # no hints for newcomers
    yield window
    window.close()
    if lent:
        lent.take_back(server.url)


@pytest.fixture
def window(opened: Window) -> Iterator[Window]:
    """The browser must have stayed quiet."""
    yield opened
    opened.assert_quiet()


def test_it_steps_by_keys_and_by_buttons(window: Window):
    window.open().press("ArrowRight").drawn(4).press("ArrowLeft", "ArrowLeft").drawn(2)
    window.press("End").arrived().drawn(window.steps).assert_shows(core.run("conv2d"))
    window.press("Home").drawn(0).click("#transport button", "Step forward").drawn(1)
    window.assert_shows(walked().snapshot(1))
