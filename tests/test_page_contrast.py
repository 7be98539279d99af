"""Two walks side by side in a browser: led in step, by every hand, with the same numbers in both."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FrameLocator, expect

import core
from tests.browser import NewReader, Reader
from tests.test_page_axe import in_both_schemes

pytestmark = pytest.mark.browser

SIDES = "() => [...document.querySelectorAll('.sides iframe')].map(({ contentWindow }) => contentWindow.convwalk.step)"
CELLS = "() => [...document.querySelectorAll('.sides .cell')].map(({ textContent }) => textContent)"
VALUES = """(name) => [...document.querySelectorAll('.sides iframe')]
  .map(({ contentWindow }) => contentWindow.convwalk.value(name))"""


def values(reader: Reader, name: str) -> list[np.ndarray]:
    return [np.asarray(each, dtype=float) for each in reader.evaluate(VALUES, name)]


def at_cell(reader: Reader, cell: str) -> Reader:
    """Go on cell by cell until one is finished in both, or in the one that has it."""
    return reader.wait(f"(cell) => ({CELLS})().some((text) => text === cell)", cell)


def side(reader: Reader, nth: int) -> FrameLocator:
    return reader.page.frame_locator(".sides iframe").nth(nth)


def forward(reader: Reader, times: int) -> None:
    for _ in range(times):
        reader.press("ArrowRight")


def test_both_stand_at_one_output_cell_and_the_one_without_it_waits(reader: Reader):
    reader.open("/conv2d/walk/contrast?lang=en&b.stride=1")
    assert reader.evaluate(CELLS) == ["z[0, 0, 0]", "z[0, 0, 0]"]
    forward(reader, 2)
    assert reader.evaluate(CELLS) == ["z[0, 0, 2]", "z[0, 0, 2]"]
    one, other = values(reader, "z")
    ends = [core.run("conv2d", stride=stride)["z"] for stride in (2, 1)]
    assert (one[0, 0] == ends[0][0, 0]).all()
    assert (other[0, 0, :3] == ends[1][0, 0, :3]).all()
    forward(reader, 1)
    assert reader.evaluate(CELLS) == ["no z[0, 0, 3] here: it waits", "z[0, 0, 3]"]
    expect(reader.page.locator("figure.a")).to_have_class("a waits")
    assert values(reader, "z")[1][0, 0, 3] == ends[1][0, 0, 3]


def test_a_link_holds_both_and_the_moment(reader: Reader):
    address = "/conv2d/walk/contrast?activation=relu&b.activation=tanh&lang=en"
    reader.open(address)
    reader.page.get_by_role("button", name="Next chapter").click()
    forward(reader, 3)
    reader.rest()
    there = reader.page.url
    before = [each.tolist() for each in values(reader, "y")]
    assert before[0] != before[1]
    reader.page.goto("about:blank")
    reader.open(there.removeprefix(reader.url))
    assert [each.tolist() for each in values(reader, "y")] == before


def test_another_value_and_another_setting_keep_the_place(reader: Reader):
    reader.open("/conv2d/walk/contrast?lang=en")
    forward(reader, 1)
    reader.rest()
    reader.page.get_by_label("B: Stride").select_option("3")
    reader.page.wait_for_url("**b.stride=3*")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert reader.evaluate(CELLS) == ["z[0, 0, 1]", "z[0, 0, 1]"]
    reader.page.locator("select.setting").select_option(label="Padding")
    reader.page.wait_for_url("**b.padding=*")
    reader.wait("() => window.convwalk?.ready.then(() => true)").rest()
    assert reader.asked["b.padding"] == "0"  # the nearest other value, which the link holds
    assert "b.stride" not in reader.asked
    assert reader.evaluate(CELLS)[0] == "z[0, 0, 1]"


def test_whoever_steps_within_one_leads_both(reader: Reader):
    reader.open("/conv2d/walk/contrast?lang=en&b.stride=1")
    stage = side(reader, 1).locator("#stage")
    stage.focus()
    stage.press("PageDown")
    reader.wait(f"() => ({CELLS})().join() === 'y[0, 0, 0],y[0, 0, 0]'")
    assert [each[0, 0, 0] for each in values(reader, "y")] == [6, 6]


def test_a_number_changed_in_one_is_changed_in_the_other(reader: Reader):
    reader.open("/conv2d/walk/contrast?lang=en&b.stride=1")
    bias = side(reader, 0).locator("[data-array=b] [role=gridcell]").first
    bias.focus()
    bias.press("F2")
    side(reader, 0).locator(".cell-field input").fill("40")
    side(reader, 0).locator(".cell-field input").press("Enter")
    reader.page.wait_for_url("**b=*")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert [each.tolist() for each in values(reader, "b")] == [[40, 0], [40, 0]]


def test_it_plays_to_the_end_and_both_with_it(reader: Reader):
    reader.open("/activation/walk/contrast?lang=en")
    reader.page.get_by_label("Stop at").select_option("every chapter")
    reader.page.locator("h1").click(position={"x": 1, "y": 1}, trial=True)
    reader.evaluate("() => document.activeElement.blur()")
    reader.press("Space")
    reader.wait("() => convwalk.step === convwalk.steps")
    steps: list[Any] = reader.evaluate(SIDES)
    assert steps == reader.evaluate(
        "() => [...document.querySelectorAll('iframe')].map((f) => f.contentWindow.convwalk.steps)"
    )
    reader.press("Home")
    reader.wait("() => convwalk.step === 0")
    assert reader.evaluate(SIDES) == [0, 0]


def test_the_page_of_a_walk_leads_to_it_with_what_was_changed_last(reader: Reader):
    reader.open("/conv2d/walk?lang=en").rest()
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1).rest()
    reader.page.get_by_role("link", name="Side by side").click()
    reader.page.wait_for_url("**/contrast?*")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert {name: reader.asked[name] for name in ("stride", "b.stride")} == {"stride": "1", "b.stride": "2"}
    expect(reader.page.locator(".value")).to_have_text(["Stride 1", "Stride 2"])
    reader.page.get_by_role("link", name="Convolution layer").click()
    reader.settled(stride=1)


# Whether both frames are past a step, and say so; and the loop variables that reach beyond the edge of their frame.
STANDS = """(step) => [...document.querySelectorAll("iframe")].every(({ contentWindow, contentDocument }) =>
  contentWindow.convwalk.step > step && contentDocument.querySelector(".counter").textContent.split(" ")[0] > step)"""
CUT = """() => [...document.querySelectorAll("iframe")]
  .filter((frame) => frame.contentDocument.querySelector(".loop").getBoundingClientRect().right > frame.clientWidth)
  .map((frame) => frame.contentDocument.querySelector(".loop").textContent)"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_fits_a_phone_and_keeps_no_reader_out(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open(f"/conv2d/walk/contrast?lang={language}")
    assert reader.evaluate("() => document.documentElement.scrollWidth") == 390
    reader.page.locator("[data-go=forward]").tap()
    assert reader.evaluate(CELLS) == ["z[0, 0, 1]", "z[0, 0, 1]"]
    reader.evaluate("() => convwalk.seek(40)")
    reader.wait(STANDS, 20)
    assert reader.evaluate(CUT) == []
    assert in_both_schemes(reader) == []
