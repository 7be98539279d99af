"""What axe finds that keeps readers out, by the rules of WCAG 2.2 AA: nothing, on any page, in light and in dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser import NewReader, Reader

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
PAGES = {
    "the start": "/",
    "a chapter of the backward pass": "/#400",
    "a pool": "/max_pool2d/walk",
    "a refusal": "/conv2d/walk?stride=0",
    "numbers that are rounded": "/conv2d/walk?activation=tanh&seed=3#900",
}


def violations(reader: Reader, part: str | None = None, only: list[str] = RULES) -> list[str]:
    """What axe has to say against a page, or a part of it, each with the elements that it means."""
    options = {"runOnly": only, "resultTypes": ["violations"]}
    found = Axe().run(reader.page, context=part, options=options).response["violations"]
    return [f"{one['id']}: {', '.join(node['html'][:120] for node in one['nodes'][:3])}" for one in found]


def in_both_schemes(reader: Reader, part: str | None = None) -> list[str]:
    """Between the two only colours differ."""
    found = [f"light: {one}" for one in violations(reader, part)]
    reader.page.emulate_media(color_scheme="dark")
    found += [f"dark: {one}" for one in violations(reader, part, ["color-contrast"])]
    reader.page.emulate_media(color_scheme="light")
    return found


@pytest.mark.parametrize(("language", "names"), [("en", list(PAGES)), ("zh", ["a refusal"])])
@pytest.mark.slow
def test_no_page_keeps_a_reader_out(reader: Reader, language: str, names: list[str]):
    reader.expect_complaint("422")  # the browser tells of the page that is refused
    found = []
    for what, address in ((what, PAGES[what]) for what in names):
        path, _, step = address.partition("#")
        reader.open(f"{path}{'&' if '?' in path else '?'}lang={language}{'#' + step if step else ''}")
        # A figure is hundreds of elements more to see. The page with the refusal is that of the start but for this.
        reader.figures() if what == "the start" or language == "zh" else reader.rest()
        found += [f"{what}, {one}" for one in in_both_schemes(reader)]
    reader.page.locator("h1 button").click()
    expect(reader.page.locator("#menu")).to_be_visible()
    found += [f"the menu, {one}" for one in in_both_schemes(reader, "#menu")]  # the rest has not changed
    assert not found, "\n".join(found)


def test_a_narrow_page_keeps_no_reader_out(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    assert in_both_schemes(reader.open().rest()) == []


@pytest.mark.slow
def test_the_page_without_scripts_keeps_no_reader_out(new_reader: NewReader):
    """Axe is a script itself, so the page is read with scripts and without its own."""
    reader = new_reader()
    reader.page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    # Of the finished arrays a few cells are enough: each is an element that axe looks at.
    reader.page.goto(f"{reader.url}/?lang=en&in_channels=1&out_channels=1&in_height=3&in_width=3")
    reader.page.wait_for_selector(".picture")
    reader.evaluate(
        """() => {
            const text = document.querySelector("body > noscript").textContent;
            document.body.insertAdjacentHTML("beforeend", text);
        }"""
    )
    assert in_both_schemes(reader) == []
