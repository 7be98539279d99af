"""A picture whose digits no address can hold: it is walked all the same, and the page says that no link leads to it."""

import json

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import Reader
from tests.test_page_edit import moment, open_sheet
from tests.test_page_layout import button

PICTURE = np.random.default_rng(5).normal(size=(3, 64, 64))  # with all its digits
OTHER = PICTURE[::-1]


def bring(reader: Reader, x: np.ndarray) -> None:
    reader.seek(moment("pad")).figures()
    sheet = open_sheet(reader, "x")
    sheet.get_by_role("textbox").fill(json.dumps(x.tolist()))
    expect(sheet.locator(".layout")).to_contain_text("shared as a file only, not as a link")
    button(sheet, "Apply").click()
    expect(sheet).to_be_hidden()
    shows(reader, x)


def shows(reader: Reader, x: np.ndarray) -> None:
    """The walk on the stage is one on these numbers, to the last bit."""
    ends = [float(x[0, 0, 0]), float(x[-1, -1, -1])]
    reader.wait(
        """([first, last]) => {
            const x = window.convwalk?.steps ? convwalk.value("x") : [[[]]];
            return x[0][0][0] === first && x.at(-1).at(-1).at(-1) === last;
        }""",
        ends,
    )
    np.testing.assert_array_equal(reader.evaluate("() => convwalk.value('x')"), x)


@pytest.mark.slow
def test_a_picture_that_no_address_can_hold_is_walked_and_stays_through_reload_back_and_undo(reader: Reader):
    page = reader.page
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    reader.open()
    bring(reader, PICTURE)
    expect(page.locator("#notice")).to_contain_text("x: too many digits for an address.")
    assert len(page.url) < 200
    assert "not-in-link-3x64x64-" in page.url
    assert [method for method, url in asked if "/stream?" in url] == ["GET", "POST"]
    assert max(len(url) for _, url in asked) < 400

    stride = page.get_by_label("Stride", exact=True)
    stride.fill("3")
    stride.press("Enter")
    reader.wait("() => convwalk.value('z')[0].length === 22")
    shows(reader, PICTURE)
    bring(reader, OTHER)
    assert reader.asked["stride"] == "3"
    page.get_by_role("button", name="Undo").click()
    shows(reader, PICTURE)
    there = page.url
    page.get_by_role("button", name="Redo").click()
    shows(reader, OTHER)
    page.go_back()
    shows(reader, PICTURE)
    assert page.url.partition("#")[0] == there.partition("#")[0]
    asked.clear()
    page.route(
        "**/hands/stored.js", lambda route: (page.wait_for_timeout(300), route.continue_())
    )  # later than the page
    page.reload()
    reader.wait("() => window.convwalk?.steps")
    shows(reader, PICTURE)
    assert [method for method, url in asked if "/stream?" in url] == ["POST"], "nothing is asked for in vain"
    assert reader.evaluate("() => document.querySelector('#settings').innerText").count("not in this link") == 0
    assert "failed" not in reader.evaluate("() => document.documentElement.className")
    page.unroute("**/hands/stored.js")
    for _ in range(4):  # to before the first of them was brought: that is another document
        page.go_back()
    reader.wait("() => window.convwalk?.steps && convwalk.value('x')[0].length === 5")
    page.reload()  # which knows of none
    reader.wait("() => window.convwalk?.steps")
    page.go_forward()
    shows(reader, PICTURE)
    page.locator("a.language").click()
    reader.wait("() => document.documentElement.lang.startsWith('zh') && window.convwalk?.steps")
    shows(reader, PICTURE)


def test_the_share_menu_says_that_no_link_leads_there_and_saves_a_file(reader: Reader):
    page = reader.page
    menu, linked = page.locator("#share"), page.locator("#share .linked")

    def saved() -> tuple[str, dict[str, np.ndarray]]:
        with page.expect_download() as download:
            menu.get_by_role("button", name="Save as a file (.npz)").click()
        with np.load(download.value.path()) as arrays:
            return download.value.suggested_filename, dict(arrays)

    reader.open("/conv2d/walk?stride=1")
    page.get_by_role("button", name="Share").click()
    expect(linked).to_be_visible()
    name, arrays = saved()
    assert (name, arrays["x"].shape) == ("conv2d-walk.npz", (3, 5, 5))
    reader.press("Escape")
    bring(reader, PICTURE)
    page.get_by_role("button", name="Share").click()
    expect(menu.locator(".carried")).to_contain_text("This walk cannot be shared as a link: the numbers of x are")
    expect(menu.locator(".carried")).to_contain_text("no figure on a page of its own and no QR code")
    expect(linked).to_be_hidden()
    expect(page.locator("a.contrast")).to_be_hidden()
    _, arrays = saved()
    np.testing.assert_array_equal(arrays["x"], PICTURE)
    told = json.loads(arrays["convwalk"].tobytes())
    assert told["arrays"] == ["x"]
    assert told["settings"]["stride"] == "1"
    expect(menu.locator(".said")).to_contain_text("conv2d-walk.npz is saved")


def test_whoever_opens_the_address_elsewhere_reads_what_is_missing_and_sees_the_walk_on_example_numbers(reader: Reader):
    reader.open("/conv2d/walk?stride=1&x=not-in-link-3x64x64-0123456789abcdef")
    expect(reader.page.locator("#settings")).to_contain_text("the numbers of x (3×64×64) are not in this link")
    assert np.shape(reader.evaluate("() => convwalk.value('x')")) == (3, 5, 5)
    reader.settled(stride=1)


def test_a_tab_that_keeps_nothing_says_what_is_lost_with_it(reader: Reader):
    reader.begin_with("Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };")
    reader.open()
    bring(reader, PICTURE)
    expect(reader.page.locator("#notice")).to_contain_text("they are gone once this page is reloaded")
