"""What is typed into a field or a cell is taken as it was meant, or stays to be seen with the reason why it was not."""

import json

import pytest
from playwright.sync_api import expect

import core
from tests.browser import NewReader, Reader, walked
from tests.test_page_edit import assert_walks, edited, moment, open_cell
from tests.test_page_settings import control

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

NO_NUMBER = "A number was expected."
NO_WHOLE = "A whole number was expected."


def more_than_one(text: str) -> str:
    advice = "Write a point for the fraction and nothing between thousands: 1.234 or 1234."
    return f"“{text}” can mean more than one number. {advice}"


def test_a_comma_in_a_setting_parts_the_fraction_whatever_the_language(new_reader: NewReader):
    reader = new_reader(locale="de-DE").open("/conv2d/walk?lang=en").rest()
    reader.page.get_by_role("button", name="More settings").click()
    rate = control(reader, "Learning rate")
    rate.focus()
    rate.press("Control+a")
    rate.press_sequentially("0,5", delay=30)
    asks = "(rate) => new URLSearchParams(location.search).get('learning_rate') === rate"
    reader.wait(asks, "0.5").settled(learning_rate=0.5)
    rate.press("ArrowUp")
    reader.wait(asks, "0.6").settled(learning_rate=0.6)
    reader.seek(reader.steps).assert_shows(core.run("conv2d", learning_rate=0.6))


def test_what_is_no_number_stays_beside_its_reason_until_it_is_mended(reader: Reader):
    reader.open().seek(40).rest()
    stride, filters = control(reader, "Stride"), control(reader, "Filters")
    said = reader.page.locator('[data-refusal="stride"]')
    for typed, reason in [
        ("1,5", NO_WHOLE),
        ("2.0", NO_WHOLE),
        ("1e", NO_NUMBER),
        ("abc", NO_NUMBER),
        ("--1", NO_NUMBER),
        ("1.5.2", NO_NUMBER),
        ("", NO_NUMBER),
    ]:
        stride.fill(typed)
        stride.press("Enter")
        expect(said).to_have_text(reason)
        assert (stride.input_value(), stride.get_attribute("aria-invalid")) == (typed, "true")
    stride.fill("1,5")
    expect(said).to_have_text(NO_WHOLE)
    stride.press("Tab")
    # It stays while other settings change the walk, and that walk has the stride that stands.
    filters.fill("1")
    reader.wait("() => location.search === '?out_channels=1'").arrived(len(walked(out_channels=1).steps))
    assert (stride.input_value(), stride.get_attribute("aria-invalid")) == ("1,5", "true")
    expect(said).to_have_text(NO_WHOLE)
    stride.press("Escape")
    expect(said).to_be_hidden()
    assert (stride.input_value(), stride.get_attribute("aria-invalid")) == ("2", "false")
    stride.fill("1,5")
    expect(said).to_be_visible()
    stride.fill("１")
    reader.settled(out_channels=1, stride=1).rest()
    expect(said).to_be_hidden()
    assert reader.asked == {"out_channels": "1", "stride": "1"}

    reader.page.get_by_role("button", name="More settings").click()
    rate = control(reader, "Learning rate")
    for typed in ("1,234", "1.234,5", "1 234"):
        rate.fill(typed)
        rate.press("Enter")
        expect(reader.page.locator('[data-refusal="learning_rate"]')).to_have_text(more_than_one(typed))
        assert rate.input_value() == typed
    assert reader.asked == {"out_channels": "1", "stride": "1"}


def test_a_number_field_has_its_range_and_its_buttons(reader: Reader):
    reader.open().rest()
    stride = reader.page.get_by_role("spinbutton", name="Stride", exact=True)
    assert [stride.get_attribute(f"aria-value{what}") for what in ("min", "now", "max")] == ["1", "2", "16"]
    stride.hover()
    reader.page.locator(".stepper .down").click()
    reader.settled(stride=1).rest()
    assert stride.get_attribute("aria-valuenow") == "1"
    reader.page.locator(".stepper .down").click()  # there is nothing below
    assert stride.input_value() == "1"
    expect(stride).to_be_focused()


def test_a_refusal_goes_when_the_value_that_stands_is_typed(reader: Reader):
    reader.expect_complaint("422")
    reader.open("/conv2d/walk?lang=en&stride=abc&out_channels=1").rest()
    stride, said = control(reader, "Stride"), reader.page.locator('[data-refusal="stride"]')
    for refused in ("", "17"):  # by the link, and by the reader
        if refused:
            stride.fill(refused)
            stride.press("Enter")
        expect(said).to_contain_text("stride must be")
        stride.fill("2")
        stride.press("Enter")
        expect(said).to_be_hidden()
        assert (stride.input_value(), stride.get_attribute("aria-invalid")) == ("2", "false")
    reader.wait("() => !location.search.includes('abc')")
    assert reader.rest().asked == {"out_channels": "1", "lang": "en"}


def test_a_cell_means_what_was_typed_or_says_why_not(reader: Reader):
    reader.open().seek(moment("pad")).figures()
    address = reader.address
    cell = open_cell(reader, "x", 1, 0, 0)
    said = reader.page.locator(".cell-field").get_by_role("alert")
    for typed, reason in [
        ("1.5.2", NO_NUMBER),
        ("abc", NO_NUMBER),
        ("1e", NO_NUMBER),
        ("", NO_NUMBER),
        ("1,234", more_than_one("1,234")),
        ("1,234.5", more_than_one("1,234.5")),
        ("1e999", "This number is too large, or too close to 0."),
    ]:
        cell.fill(typed)
        reader.press("Enter")
        expect(said).to_have_text(reason)
        assert (cell.input_value(), cell.get_attribute("aria-invalid")) == (typed, "true")
        expect(cell).to_be_focused()
    cell.fill("")
    cell.press_sequentially("--1", delay=20)
    expect(said).to_have_text(NO_NUMBER)  # before anybody says that it is done
    cell.blur()
    expect(cell).to_be_visible()
    assert (reader.address, cell.input_value()) == (address, "--1")
    reader.assert_shows(walked().snapshot(reader.step))
    cell.focus()
    cell.fill("–1,5")
    expect(said).to_be_hidden()
    reader.press("Enter")
    assert_walks(reader, edited("x", (1, 0, 0), -1.5))
    assert json.loads(reader.figures().asked["x"])[1][0][0] == -1.5
    reader.page.keyboard.type(".5")  # onto a cell that has the focus: its first sign counts
    expect(cell).to_have_value(".5")
    reader.press("Enter")
    assert_walks(reader, edited("x", (1, 0, 0), 0.5))
