"""Light or dark: as the system has it, until the reader chooses; and no flash of the other one."""

import pytest
from playwright.sync_api import expect

from tests.browser import NewReader, Reader

pytestmark = pytest.mark.browser

# The ground of the page, and of a cell that is not computed yet, as it is painted.
GROUND = "() => getComputedStyle(document.body).backgroundColor"
VEIL = """async () => {
  const { themeOf } = await import(document.querySelector("link[href$='/look.js']").href);
  return [themeOf().veil, getComputedStyle(document.documentElement).getPropertyValue("--veil").trim()];
}"""
LIGHT, DARK = "rgb(238, 241, 245)", "rgb(14, 19, 25)"

# Remembers the ground that the page had whenever it was painted.
PAINTED = """
window.painted = new Set();
const look = () => {
  if (document.body) painted.add(getComputedStyle(document.body).backgroundColor);
  requestAnimationFrame(look);
};
look();
"""


def test_the_page_follows_the_system_until_its_reader_chooses(reader: Reader):
    reader.begin_with(PAINTED)
    reader.open("/?lang=en")
    switch = reader.page.get_by_role("button", name="Dark colours")
    assert reader.evaluate(GROUND) == LIGHT
    expect(switch).to_have_attribute("aria-pressed", "false")
    reader.page.emulate_media(color_scheme="dark")
    assert reader.evaluate(GROUND) == DARK
    expect(switch).to_have_attribute("aria-pressed", "true")
    before = reader.page.locator(".panels").screenshot()
    switch.click()
    assert reader.evaluate(GROUND) == LIGHT
    assert len(set(reader.evaluate(VEIL))) == 1
    reader.wait("() => true")
    assert reader.page.locator(".panels").screenshot() != before
    reader.open("/?lang=en")  # and the choice is kept, from the first paint on
    assert reader.evaluate("() => [...painted]") == [LIGHT]
    assert reader.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "light"
    switch.click()
    reader.page.emulate_media(color_scheme="light")
    assert reader.evaluate(GROUND) == DARK
    assert len(set(reader.evaluate(VEIL))) == 1


def test_without_scripts_no_control_is_dead(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False, color_scheme="dark")
    reader.page.goto(f"{reader.url}/?lang=en")
    for dead in (".theme", "[data-does]", "#history", ".fold", ".more-button", "[popovertarget=share]", ".unfold"):
        assert not any(one.is_visible() for one in reader.page.locator(dead).all()), dead
    expect(reader.page.get_by_role("link", name="Glossary")).to_be_visible()
    expect(reader.page.get_by_role("button", name="Apply")).to_be_visible()
