"""What a reader does while another walk is on its way: nothing of it is lost, and the address is of what is seen."""

import re
import time

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser import PATIENCE, NewReader, Reader, walked

pytestmark = pytest.mark.browser

STREAMS = "**/stream?*"


class Slow:
    """A line on which no walk arrives from when it holds them until it lets them go.

    It lies there before the page does: a page that is busy sends its next request past a line that has just been laid.
    """

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.held: list[Route] = []
        self.is_slow = False
        reader.page.route(STREAMS, self._meet)

    def _meet(self, route: Route) -> None:
        if self.is_slow:
            self.held.append(route)
        else:
            route.continue_()

    def hold(self) -> None:
        self.is_slow, self.held = True, []

    def waits(self, count: int) -> None:
        """Wait until so many walks were asked for."""
        end = time.monotonic() + PATIENCE / 1000
        while len(self.held) < count:
            assert time.monotonic() < end, f"{len(self.held)} of {count} walks were asked for"
            self.reader.evaluate("() => new Promise(requestAnimationFrame)")

    def let_go(self) -> None:
        self.is_slow = False
        for route in self.held:
            route.continue_()


def choose(reader: Reader, setting: str, value: str) -> None:
    """Set a setting, which may stand in a menu, as its field does."""
    field = reader.page.locator(f'[data-setting="{setting}"]').first
    field.evaluate(
        "(field, value) => { field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); }", value
    )


def correlating(reader: Reader) -> Reader:
    chapter = next(each for each in walked().chapters if each.name == "correlate")
    return reader.open().arrived(len(walked().steps)).seek(chapter.first + 1).rest()


def test_no_number_is_lost_that_is_typed_while_a_setting_changes(reader: Reader):
    slow = Slow(reader)
    correlating(reader)
    slow.hold()
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("7", "Tab")
    slow.waits(1)
    choose(reader, "learning_rate", "0.5")
    slow.waits(2)
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("ArrowRight", "F2", "9", "Enter")
    slow.let_go()
    reader.wait("() => convwalk.value('b').join() === '7,9'").rest()
    assert reader.asked == {"learning_rate": "0.5", "b": "[7,9]"}


# A browser that paints nothing until it is let go.
HOLD = """() => {
  const held = [];
  const ask = window.requestAnimationFrame;
  window.requestAnimationFrame = (then) => held.push(then);
  window.letGo = () => {
    window.requestAnimationFrame = ask;
    for (const then of held) ask(then);
  };
}"""


def test_a_key_between_the_coming_of_a_walk_and_its_picture_is_not_lost(reader: Reader):
    slow = Slow(reader)
    correlating(reader)
    slow.hold()
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("7", "Tab")
    slow.waits(1)
    reader.evaluate(HOLD)
    slow.let_go()
    reader.wait("() => convwalk.value('b')[0] === 7", polling=10)
    reader.press("Shift+Tab", "8", "Enter")
    reader.wait("() => convwalk.value('b')[0] === 8", polling=10)
    reader.evaluate("() => letGo()")
    reader.rest()
    assert reader.asked == {"b": "[8,0]"}


def test_the_address_is_of_what_is_shown_until_another_walk_is_there(reader: Reader):
    entries = "() => history.length"
    slow = Slow(reader)
    before = correlating(reader).evaluate(entries)
    address = reader.address
    slow.hold()
    choose(reader, "seed", "5")
    slow.waits(1)
    reader.page.locator('[data-array="w"] [role="gridcell"][tabindex="0"]').focus()
    reader.wait("() => convwalk.cell?.array === 'w'")  # and it is drawn
    assert reader.address == address
    choose(reader, "seed", "6")
    slow.waits(2)
    slow.let_go()
    reader.wait("() => location.search === '?seed=6'").settled(seed=6).rest()
    assert reader.asked == {"seed": "6"}
    assert reader.evaluate(entries) == before + 1
    # The way back is on its way too, and the address is its own already: nothing that is drawn meanwhile changes that.
    slow.hold()
    reader.page.go_back(wait_until="commit")
    slow.waits(1)
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.wait("() => convwalk.cell?.array === 'b'")
    reader.evaluate(
        "() => new Promise((rested) => setTimeout(rested, 400))"
    )  # longer than an address waits for its step
    slow.let_go()
    reader.settled().rest()
    assert reader.address == address


def test_what_is_taken_back_twice_in_a_row_is_taken_back_twice(reader: Reader):
    slow = Slow(reader)
    correlating(reader)
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1)
    padding = reader.page.get_by_label("Padding", exact=True)
    padding.focus()
    reader.press("ArrowDown").settled(stride=1, padding=0)
    slow.hold()
    reader.press("Control+z", "Control+z")
    slow.waits(2)
    undo, redo = (reader.page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    expect(undo).to_have_attribute("aria-disabled", "true")
    slow.let_go()
    reader.settled().rest()
    assert reader.asked == {}
    redo.click()
    reader.settled(stride=1)
    redo.click()
    reader.settled(stride=1, padding=0)
    assert redo.get_attribute("aria-disabled") == "true"


def test_what_could_be_taken_back_still_can_when_something_was_refused_on_the_way(reader: Reader):
    reader.expect_complaint("status of 422")
    slow = Slow(reader)
    correlating(reader)
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1)
    slow.hold()
    reader.press("Control+z")
    slow.waits(1)
    choose(reader, "seed", "-1")
    slow.waits(2)
    slow.let_go()
    reader.wait("() => !document.querySelector('[data-refusal=seed]').hidden")
    undo = reader.page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_have_attribute("aria-disabled", "false")
    reader.press("Escape", "Control+z").settled()
    expect(undo).to_have_attribute("aria-disabled", "true")


# --- What is awaited is said, with a way back -------------------------------------------------------------------------


def card(reader: Reader) -> Locator:
    return reader.page.locator("#stage .awaited")


def give_up(reader: Reader) -> None:
    """Go back to what is shown."""
    card(reader).get_by_role("button", name="Cancel", exact=True).click()
    expect(card(reader)).to_be_hidden()


def test_a_walk_that_is_not_there_yet_is_said_to_be_computed_and_can_be_given_up(reader: Reader):
    slow = Slow(reader)
    correlating(reader)
    before, address = reader.step, reader.address
    slow.hold()
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown")
    slow.waits(1)
    expect(card(reader)).to_contain_text("Running the walk once")
    give_up(reader)
    expect(stride).to_have_value("2")
    assert reader.page.locator("#stage.waiting").count() == 0
    slow.let_go()
    reader.rest()
    assert (reader.step, reader.address) == (before, address)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1)  # and what is given up can be asked for again


def test_a_jump_to_what_is_not_recorded_says_how_far_it_is_and_can_be_given_up(new_reader: NewReader):
    reader = new_reader(fresh=True)
    reader.line(200_000).open("/conv2d/walk?in_height=38&in_width=38&stride=1").rest()
    shown = reader.step
    reader.evaluate("() => convwalk.seek(convwalk.steps)")
    expect(card(reader)).to_contain_text(
        re.compile(r"On the way to step \d\d,\d{3}, now at “[a-z ]+”: [\d,]+ of [\d,]+ steps")
    )
    give_up(reader)
    reader.rest()
    assert reader.step == shown
    assert reader.address.endswith(f"#{shown}")
    # The walk that was shown goes on to arrive when another one is given up.
    choose(reader, "padding", "0")
    expect(card(reader)).to_be_visible()
    give_up(reader)
    reader.line().arrived(reader.steps)
    assert reader.step == shown
