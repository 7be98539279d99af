"""A page of Chromium that one reader has after another knows nothing of the other."""

from typing import Any

import pytest

from tests.browser import Reader
from tests.conftest import Server
from tests.pages import Pages

pytestmark = pytest.mark.browser

LEAVE = """() => {
  localStorage.setItem("left", 1);
  sessionStorage.setItem("left", 1);
  document.cookie = "left=1";
  history.pushState({ left: 1 }, "", "#left");
}"""
# Where nobody has moved it, a browser takes the pointer to be in the corner, and says so of a page after a while.
FOUND = """async () => ({
  stored: [{ ...localStorage }, { ...sessionStorage }, document.cookie],
  script: window.left ?? null,
  entries: history.length,
  pointed: [...document.querySelectorAll(":hover")]
    .filter((one) => !one.contains(document.elementFromPoint(0, 0))).length,
  size: [innerWidth, innerHeight, matchMedia("(prefers-color-scheme: dark)").matches],
  answer: (await fetch("/api/layers")).status,
})"""


def found(reader: Reader) -> dict[str, Any]:
    reader.page.goto(f"{reader.url}/words")
    return dict(reader.evaluate(FOUND))


def test_a_page_is_like_new_for_the_next_reader(pages: Pages, server: Server):
    new = pages.lend({}, fresh=True)
    untouched = found(Reader(new.page, server.url))
    new.page.context.close()

    loan = pages.lend({"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"})
    reader = Reader(loan.page, server.url)
    reader.begin_with("window.left = 1")
    reader.page.route("**/api/layers", lambda route: route.fulfill(status=204))
    reader.page.mouse.move(100, 100)
    assert found(reader)["answer"] == 204
    reader.evaluate(LEAVE)
    reader.context.new_page()
    reader.leave()
    pages.take_back(loan, server.url)

    again = pages.lend({})
    assert again.page == loan.page
    reader = Reader(again.page, server.url)
    assert found(reader) == untouched
    assert reader.context.pages == [again.page]
    reader.leave()
    pages.take_back(again, server.url)


def test_readers_of_one_time_have_pages_of_their_own(pages: Pages, server: Server):
    one, other = pages.lend({}), pages.lend({})
    assert one.page != other.page
    for loan, value in ((one, "1"), (other, None)):
        loan.page.goto(f"{server.url}/words")
        if value:
            loan.page.evaluate("() => localStorage.setItem('left', 1)")
        assert loan.page.evaluate("() => localStorage.getItem('left')") == value
    for loan in (one, other):
        pages.take_back(loan, server.url)
