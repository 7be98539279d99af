"""What other browsers draw otherwise than Chromium, as far as Chromium or the style sheets can tell."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import NewReader, Reader
from tests.conftest import ROOT
from tests.everywhere import EVERYWHERE

SHEETS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "static/style").glob("*.css")}


def declared(selector: str) -> set[str]:
    """What the page's sheet says of a selector."""
    [found] = re.findall(rf"(?m)^{re.escape(selector)} \{{([^}}]*)\}}", SHEETS["page.css"])
    return {one.strip() for one in found.split(";") if one.strip()}


def test_the_slider_is_the_same_in_firefox():
    track, thumb = declared(".slider::-moz-range-track"), declared(".slider::-moz-range-thumb")
    assert any("--track" in one for one in track), "what has arrived is a part of it"
    assert track == declared(".slider::-webkit-slider-runnable-track")
    # Firefox needs neither of these two.
    other = declared(".slider::-webkit-slider-thumb") - {
        "appearance: none",
        "margin-top: -5px",
    }
    assert thumb == other


def test_no_repeating_gradient_mixes_its_colours():
    for name, sheet in SHEETS.items():
        for gradient in re.findall(r"repeating-[a-z]+-gradient\([^;]*", sheet):
            assert "color-mix" not in gradient, f"{name}: Firefox draws {gradient} as one colour"


@pytest.mark.browser
@pytest.mark.parametrize("what", EVERYWHERE)
def test_every_browser_draws_it_alike(reader: Reader, what: str):
    address, control, amiss = EVERYWHERE[what]
    reader.open(address).rest()
    if control:
        reader.page.locator(control).click()
    assert reader.evaluate(amiss) == []


@pytest.mark.browser
def test_without_scripts_nothing_stands_there_that_needs_one(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.url}/?lang=en")
    for part in ("#history", "#map", "footer", "[data-does=present]", "[data-mode]"):
        for each in reader.page.locator(part).all():
            expect(each).to_be_hidden()
    expect(reader.page.get_by_role("button", name="Undo")).to_have_count(0)
