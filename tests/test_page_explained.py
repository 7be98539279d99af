"""Words are explained where they stand, and what lies on a board is in the legend."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, expect

import core
from app.ground.formulas import formula
from app.ground.words import LANGUAGES, Words
from app.render.docstrings import paragraphs
from app.render.glossary import by_setting, terms
from core.catalog import LAYERS
from core.recording.recorder import source_named, sources
from tests.browser import NewReader, Reader


def told_variables(layer: str) -> set[str]:
    """The loop variables that the page tells of a walk: those of the formula, or else all but the slices."""
    trace, found = core.record(layer), set()
    for step in trace.steps:
        suited = source_named(step.stack[-1].source).suited(trace.outline.settings)
        named = set(re.findall(r"\bidx-(\w+)", "".join(formula(suited)["equations"])))
        numbers = {name for name, value in step.loop.items() if not isinstance(value, str)}
        found |= named & step.loop.keys() or numbers
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_every_loop_variable_that_is_told_is_explained_in_every_language(layer: str):
    variables = told_variables(layer)
    assert variables
    for language in LANGUAGES:
        assert {f"variable.{name}" for name in variables} <= Words(language).all.keys()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_is_explained_stands_in_a_text(language: str):
    words = Words(language)
    texts = [words(text).lower() for source in sources() for _, text in paragraphs(source)]
    explained = terms(language)
    assert len(explained) >= 4
    for term in explained:
        for word in term["words"]:
            assert any(word in text for text in texts), word


def test_every_setting_that_is_explained_is_one():
    settings = {name for layer in LAYERS.values() for name in layer.settings.kinds()}
    for language in LANGUAGES:
        explained = by_setting(language)
        assert "grad_output" in explained
        assert explained.keys() <= settings


# --- On the page ----------------------------------------------------------------------------------------------------


def tip(reader: Reader) -> Locator:
    return reader.page.get_by_role("tooltip")


def sentence(row: str, language: str = "en") -> str:
    return next(term["text"] for term in terms(language) if row in term["words"])


@pytest.mark.browser
def test_a_word_is_explained_while_it_is_pointed_at(reader: Reader):
    reader.open("/conv2d/walk?lang=en#5").settled().drawn(5)
    word = reader.page.locator(".chapter-doc .term").first
    expect(word).to_have_text("cross-correlation")
    assert tip(reader).count() == 0
    word.hover()
    expect(tip(reader)).to_have_text(sentence("cross-correlation"))
    tip(reader).hover()  # the pointer may go there
    reader.page.wait_for_timeout(300)
    expect(tip(reader)).to_be_visible()
    reader.page.locator("h1").hover()
    expect(tip(reader)).to_have_count(0)


@pytest.mark.browser
def test_a_word_is_explained_by_the_keyboard_and_escape_ends_it(reader: Reader):
    reader.open("/conv2d/walk?lang=en#5").settled().drawn(5)
    word = reader.page.locator(".chapter-doc .term").first
    reader.page.keyboard.press("Tab")  # whoever comes by the keyboard
    word.focus()
    expect(tip(reader)).to_have_text(sentence("cross-correlation"))
    assert word.get_attribute("aria-describedby") == tip(reader).get_attribute("id")
    reader.page.keyboard.press("Escape")
    expect(tip(reader)).to_have_count(0)
    expect(word).to_be_focused()
    reader.page.keyboard.press("Enter")
    expect(tip(reader)).to_be_visible()
    # The walk goes on as ever, and what has gone is no longer explained.
    reader.page.keyboard.press("ArrowRight")
    reader.drawn(6)


@pytest.mark.browser
@pytest.mark.parametrize("by", ["pointer", "keyboard"])
def test_where_dy_comes_from_is_said_and_one_press_leads_to_the_walk_that_shows_it(reader: Reader, by: str):
    chapter = next(each for each in core.record("conv2d").chapters if each.name == "through_activation")
    reader.open(f"/conv2d/walk?lang=zh#{chapter.first + 1}").settled()
    expect(reader.page.locator(".chapter-doc > p").first).to_contain_text("从后一层传来；网络的最后一层则从损失得到它")
    word = reader.page.locator(".chapter-doc .term", has_text="后一层").first
    link = tip(reader).get_by_role("link", name="看它运行")
    if by == "pointer":
        word.hover()
        link.click()
    else:
        reader.page.keyboard.press("Tab")  # whoever comes by the keyboard
        word.focus()
        reader.page.keyboard.press("Enter")
        expect(link).to_be_focused()
        reader.page.keyboard.press("Escape")
        expect(word).to_be_focused()
        reader.page.keyboard.press("Enter")
        reader.page.keyboard.press("Enter")
        reader.page.keyboard.press("Enter")
    reader.page.wait_for_url("**/network/back_through_softmax?lang=zh")


@pytest.mark.browser
def test_the_words_of_a_caption_go_with_it(reader: Reader):
    settings: dict[str, Any] = {"activation": "relu"}
    trace = core.record("conv2d", "gradient_check", **settings)
    k = next(k for k, step in enumerate(trace.steps, 1) if "at a kink or tie" in step.caption)
    reader.open(f"/conv2d/gradient_check?activation=relu&lang=en#{k}").wait(f"() => window.convwalk?.step === {k}")
    word = reader.page.locator(".caption .term").first
    expect(word).to_have_text("kink")
    word.hover()
    expect(tip(reader)).to_have_text(sentence("kink"))
    reader.seek(k - 1)
    expect(tip(reader)).to_have_count(0)


@pytest.mark.browser
def test_loop_variables_are_explained_to_pointer_and_keyboard(reader: Reader):
    reader.open("/conv2d/walk?lang=en#5").settled().drawn(5)
    reader.page.locator(".loop var").first.hover()
    expect(tip(reader).locator("var")).to_have_text(["f", "i", "j"])
    expect(tip(reader)).to_contain_text("which filter, and so which map")
    reader.page.locator("h1").hover()
    expect(tip(reader)).to_have_count(0)
    reader.page.keyboard.press("Tab")
    reader.page.locator(".loop").focus()
    expect(tip(reader).locator("var")).to_have_count(3)


@pytest.mark.browser
def test_an_array_that_a_text_names_says_what_it_is(reader: Reader):
    reader.open("/max_pool2d/pool?lang=en").wait("() => window.convwalk?.ready.then(() => true)")
    reader.page.locator(".chapter-doc").get_by_text("Look for", exact=True).click()
    reader.page.locator('.chapter-doc [data-names="where"]').first.hover()
    expect(tip(reader)).to_have_text(LAYERS["max_pool2d"].arrays(LAYERS["max_pool2d"].settings())["where"].label)


@pytest.mark.browser
def test_a_setting_is_explained_beside_it(reader: Reader):
    reader.open("/conv2d/walk?lang=en").settled()
    reader.page.get_by_role("button", name="More settings").click()
    asked = reader.page.locator('[data-knob="grad_output"]').get_by_role("button", name="What is this?")
    expect(asked).to_have_accessible_description("Gradient dy")
    asked.hover()
    expect(tip(reader)).to_have_text(by_setting("en")["grad_output"])
    expect(tip(reader)).to_be_visible()
    expect(asked).to_have_accessible_description(f"Gradient dy {by_setting('en')['grad_output']}")


@pytest.mark.browser
def test_a_finger_taps_a_word_to_have_it_explained(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/conv2d/walk?lang=zh#5").settled().drawn(5)
    word = reader.page.locator(".chapter-doc .term").first
    expect(word).to_have_text("互相关")
    word.scroll_into_view_if_needed()
    reader.page.wait_for_timeout(100)
    word.tap()
    expect(tip(reader)).to_have_text(sentence("互相关", "zh"))
    word.tap()
    expect(tip(reader)).to_have_count(0)


@pytest.mark.browser
def test_the_cell_that_is_being_made_is_in_the_legend_where_its_frame_is_on_the_stage(reader: Reader):
    key = reader.page.locator(".legend .key.making")
    reader.open("/conv2d/walk?lang=en#2").settled().drawn(2)
    assert reader.page.locator(".aim").count() == 0
    expect(key).to_be_hidden()
    reader.seek(6)
    expect(reader.page.locator(".aim")).to_be_visible()
    expect(key).to_be_visible()
    rows = reader.page.locator(".legend > .key:visible").evaluate_all("keys => keys.map((key) => key.offsetTop)")
    assert len(set(rows)) == 1
    last, link = key.bounding_box(), reader.page.locator("#stage .all").bounding_box()
    assert last
    assert link
    assert last["x"] + last["width"] <= link["x"]


@pytest.mark.browser
def test_a_key_that_has_no_room_in_the_legend_is_left_out_whole(new_reader: NewReader):
    shown = """() => {
      const legend = document.querySelector(".legend").getBoundingClientRect();
      return [...document.querySelectorAll(".legend > .key:not([hidden])")].map((key) => {
        const { left, right, top, bottom } = key.getBoundingClientRect();
        if (top >= legend.bottom) return "left out";
        return left >= legend.left && right <= legend.right && bottom <= legend.bottom + 1 ? "whole" : "cut";
      });
    }"""
    reader = new_reader(viewport={"width": 960, "height": 720}).open("/avg_pool2d/walk?padding=1&lang=en#17")
    reader.wait("() => window.convwalk?.ready.then(() => true)").drawn(17)
    assert set(reader.evaluate(shown)) == {"whole", "left out"}
