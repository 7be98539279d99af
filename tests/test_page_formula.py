"""The formula beside the stage: lit in step with the walk, with numbers for its letters, and to be copied."""

import pytest
from playwright.sync_api import expect

from app.ground.formulas import formula
from core.recording.recorder import source_named
from tests.browser import NewReader, Reader, walked

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

LIT = """(how) => [...document.querySelectorAll(`.equations .${how}`)].map((node) => node.dataset.names)"""
INDICES = """() => Object.fromEntries([...document.querySelectorAll(".equations .idx")].map((node) =>
  [[...node.classList].find((each) => each.startsWith("idx-")).slice(4), node.textContent]))"""
NAMED = """() => [...document.querySelectorAll("#stage .named")].map((panel) => panel.dataset.array)"""


def first(source: str, caption: str) -> int:
    """The moment after the first step of a function with a caption."""
    steps = walked().steps
    return next(k for k, s in enumerate(steps, 1) if s.stack[-1].source == source and s.caption == caption)


def test_the_formula_of_the_function_that_runs_is_lit_in_step(reader: Reader):
    reader.open().settled()
    for source, caption, read, written in [
        ("conv.correlate", "place the kernel, take its patch", ["x_padded"], []),
        ("conv.correlate", "multiply patch and kernel, cell by cell", ["w", "x_padded"], []),
        ("conv.correlate", "sum the products and add the bias", ["b", "w", "x_padded"], ["z"]),
        ("conv.flip", "set each weight in the place opposite, through the centre of the kernel", ["w"], ["w_flipped"]),
        ("activation.identity_backward", "multiply by the slope of the activation", ["dy"], ["dz"]),
        (
            "gradient_check.nudge",
            "the slope between the two losses is the numeric gradient",
            ["loss"] * 2,
            ["numeric_dw"],
        ),
        ("conv.input_gradient", "crop the padding: what is left is the gradient of the input", ["dx_padded"], ["dx"]),
    ]:
        reader.seek(first(source, caption))
        assert sorted(reader.evaluate(LIT, "read")) == read, caption
        assert reader.evaluate(LIT, "written") == written, caption
        assert reader.page.locator(".equations > div").count() == len(formula(source_named(source))["equations"])
    assert reader.seek(0).evaluate(LIT, "read") == []


def test_indices_become_the_numbers_of_the_step_and_letters_again(reader: Reader):
    reader.open().settled()
    k = first("conv.correlate", "sum the products and add the bias")
    reader.seek(k + 3)
    letters = reader.evaluate(INDICES)
    assert letters == {"f": "f", "i": "i", "j": "j", "s_h": "sh", "d_h": "dh", "s_w": "sw", "d_w": "dw"}
    settings = {"s_h": "2", "s_w": "2", "d_h": "1", "d_w": "1"}
    button = reader.page.get_by_role("button", name="Numbers for indices")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    for moment in (k + 3, k + 12, k + 40):
        loop = walked().steps[moment - 1].loop
        assert reader.seek(moment).evaluate(INDICES) == settings | {name: str(loop[name]) for name in "fij"}
    button.click()
    assert reader.evaluate(INDICES) == letters


def test_the_numbers_are_those_of_the_loop_and_what_is_said_of_all_cells_keeps_its_letters(reader: Reader):
    settings = {"in_channels": 4, "out_channels": 6, "groups": 2}
    reader.open("/conv2d/input_gradient?in_channels=4&out_channels=6&groups=2")
    reader.settled(algorithm="input_gradient", **settings)
    caption = "crop the padding: what is left is the gradient of the input"
    steps = walked("input_gradient", **settings).steps
    k = next(k for k, step in enumerate(steps, 1) if step.caption == caption)
    reader.seek(k).page.get_by_role("button", name="Numbers for indices").click()
    of_all = reader.page.locator(".equations > div").last
    expect(of_all).to_have_text("∂L∂xc,i,j=∂L∂x~c,i+1,j+1∀c,i,j")
    shown = {
        name: text for name, text in reader.evaluate(INDICES).items() if name in ("c", "c_in_group", "first_filter")
    }
    assert (
        shown
        == {name: str(steps[k - 1].loop[name]) for name in shown}
        == {"c": "3", "c_in_group": "1", "first_filter": "3"}
    )


def test_a_symbol_pointed_at_lights_its_panel_by_mouse_and_by_keyboard(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 1000})  # the key to the symbols stands where there is room
    reader.open().settled()
    reader.seek(first("conv.correlate", "sum the products and add the bias")).rest()
    reader.page.locator('.equations [data-names="w"]').first.hover()
    assert reader.evaluate(NAMED) == ["w"]
    reader.page.locator(".brand").hover()
    assert reader.evaluate(NAMED) == []
    reader.page.locator(".symbols button", has_text="x_padded").focus()
    assert reader.evaluate(NAMED) == ["x_padded"]


def test_the_chapter_is_copied_as_latex_numpy_and_pytorch(new_reader: NewReader):
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"])
    reader.open("/conv2d/walk?stride=1&activation=relu").settled(stride=1, activation="relu")
    page = reader.page
    for form, name in (("numpy", "NumPy"), ("pytorch", "PyTorch")):
        page.locator("#formula .copy summary").click()
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.locator("#formula .copied")).to_have_text(f"{name} copied")
        chapter = page.locator("#track [aria-current]").inner_text()
        answer = page.request.get(f"{reader.url}/api/conv2d/{chapter}/code?stride=1&activation=relu&as={form}")
        assert page.evaluate("navigator.clipboard.readText()") == answer.text()
    page.locator("#formula .copy summary").click()
    page.get_by_role("button", name="LaTeX", exact=True).click()
    expect(page.locator("#formula .copied")).to_have_text("LaTeX copied")
    running = reader.evaluate("() => document.querySelector('.texts pre:not([hidden])').dataset.source")
    assert page.evaluate("navigator.clipboard.readText()").splitlines() == formula(source_named(running))["latex"]


def test_without_a_clipboard_the_text_is_there_to_be_copied_by_hand(new_reader: NewReader):
    reader = new_reader()
    reader.begin_with("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    reader.open().settled()
    reader.page.locator("#formula .copy summary").click()
    reader.page.get_by_role("button", name="NumPy", exact=True).click()
    text = reader.page.locator("#formula .by-hand textarea")
    expect(text).to_be_focused()
    selected = "(text) => text.value.slice(text.selectionStart, text.selectionEnd)"
    assert text.evaluate(selected).startswith("import numpy as np\n")


def test_without_scripts_the_formulas_can_be_read(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(reader.url)
    assert reader.page.locator(".reading math .sym-x_padded").count() > 2


def test_only_the_equation_that_runs_is_lit(reader: Reader):
    lit = """() => [...document.querySelectorAll("#formula .equations > div")].map(
      (equation) => equation.querySelectorAll(".read, .written").length > 0)"""
    reader.open()
    for chapter, within, expected in [("pad", 1, [True, False]), ("pad", 2, [False, True])]:
        first = next(each for each in walked().chapters if each.name == chapter).first
        reader.seek(first + within)
        assert reader.evaluate(lit) == expected, (chapter, within)


def test_the_words_of_a_formula_are_in_the_readers_language_and_names_stay(reader: Reader):
    reader.open("/training/walk?epochs=1&lang=zh").arrived(228)
    texts = reader.page.locator("#formula .equations")
    expect(texts).to_contain_text("k∈批")
    reader.seek(60)
    expect(texts).to_contain_text("argmax")
    expect(texts).to_contain_text("对应")
    expect(texts).to_contain_text("unseen")
    expect(texts).not_to_contain_text("for")
