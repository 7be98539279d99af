"""The keys mean what the reader is at, and the focus is never lost when a part of the page is built anew."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import Reader, walked
from tests.test_page_edit import field, moment, place

pytestmark = pytest.mark.browser


def is_at(reader: Reader, selector: str) -> Reader:
    return reader.wait("(selector) => document.activeElement.matches(selector)", selector)


def test_escape_closes_what_lies_on_top_before_it_lets_go_of_a_cell(reader: Reader):
    reader.open().seek(moment("correlate")).figures().page.mouse.click(*place(reader, "w", 0, 0, 0, 0))
    pinned = {"array": "w", "index": [0, 0, 0, 0], "pinned": True}
    reader.press("?")
    dialog = reader.page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    reader.press("Escape")
    expect(dialog).to_be_hidden()
    assert reader.evaluate("() => convwalk.cell") == pinned
    reader.page.get_by_role("button", name="Convolution layer").click()
    expect(reader.page.locator("#menu")).to_be_visible()
    assert reader.evaluate("() => convwalk.cell") == pinned
    reader.press("Escape")
    expect(reader.page.locator("#menu")).to_be_hidden()
    assert reader.evaluate("() => convwalk.cell") == pinned
    reader.press("Escape").wait("() => convwalk.cell === null")


def test_a_digit_is_for_the_cell_with_the_focus_and_not_for_the_one_below_the_mouse(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.page.mouse.move(*place(reader, "w", 0, 0, 0, 0))
    reader.wait("() => convwalk.cell?.array === 'w'")
    reader.press("5")
    expect(reader.page.locator(".cell-field .name")).to_have_text("b[0]")
    # What is no number is told, and the field stays until it is one.
    said = reader.page.locator(".cell-field").get_by_role("alert")
    reader.press("q")
    expect(said).to_be_visible()
    assert field(reader).input_value() == "5q"
    reader.press("Backspace")
    expect(said).to_be_hidden()
    reader.press("Backspace", "Enter")
    expect(said).to_be_visible()
    expect(field(reader)).to_be_focused()
    reader.press("Escape", "Escape")
    # Nothing has the focus and nothing is pinned: a digit is for nobody.
    reader.page.locator('[data-go="forward"]').focus()
    reader.page.mouse.move(*place(reader, "w", 0, 0, 0, 1))
    reader.wait("() => convwalk.cell?.array === 'w'").press("5")
    expect(field(reader)).to_be_hidden()


def test_a_closed_field_does_not_take_the_focus_from_where_the_reader_has_put_it_meanwhile(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    reader.page.locator('[data-array="b"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("5")
    expect(field(reader)).to_be_focused()
    # In one turn, before the stage is drawn and the cell would get the focus back.
    reader.evaluate("""() => {
        const escape = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
        document.querySelector(".cell-field input").dispatchEvent(escape);
        document.querySelector('[data-go="forward"]').focus();
    }""")
    reader.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(reader.page.locator('[data-go="forward"]')).to_be_focused()


ONWARD = {
    "ArrowRight": "convwalk.step === before + 1",
    "ArrowLeft": "convwalk.step === before - 1",
    "PageDown": "convwalk.step > before + 1",
    "Space": "convwalk.step > before && document.querySelector('.play').ariaLabel === 'Pause'",
    "End": "convwalk.step === convwalk.steps",
}


def click(selector: str) -> Callable[[Reader], None]:
    return lambda reader: reader.page.locator(selector).first.click()


def click_a_cell(reader: Reader) -> None:
    reader.page.mouse.click(*place(reader, "w", 0, 0, 0, 0))


def choose(selector: str, value: str) -> Callable[[Reader], None]:
    """Open a list with the mouse and choose from it."""

    def act(reader: Reader) -> None:
        reader.page.locator(selector).click()
        reader.page.locator(selector).select_option(value)
        reader.settled()

    return act


def open_and_close(selector: str, close: Callable[[Reader], None], within: str) -> Callable[[Reader], None]:
    """Open a menu or a dialog with the mouse, and close it."""

    def act(reader: Reader) -> None:
        reader.page.locator(selector).first.click()
        expect(reader.page.locator(within)).to_be_visible()
        close(reader)
        expect(reader.page.locator(within)).to_be_hidden()

    return act


def escape(reader: Reader) -> None:
    reader.press("Escape")


def beside(reader: Reader) -> None:
    reader.page.mouse.click(3, 400)


def type_into_a_cell(key: str) -> Callable[[Reader], None]:
    def act(reader: Reader) -> None:
        reader.page.mouse.dblclick(*place(reader, "w", 0, 0, 0, 0))
        expect(field(reader)).to_be_focused()
        reader.press(key)
        expect(field(reader)).to_be_hidden()

    return act


CLICKS = {
    "step": click('[data-go="forward"]'),
    "numbers in the formula": click("#formula .numbers"),
    "the map": click("#map .fold"),
    "a chapter": click('#track [aria-current="step"]'),
    "a cell": click_a_cell,
    "a pace": choose("#pace", "beat"),
    "how the padding is told": choose('[data-mode="padding"]', "pair"),
    "a menu, left by Escape": open_and_close(".more-button", escape, "#more"),
    "a menu, left by a click": open_and_close('[popovertarget="share"]', beside, "#share"),
    "the keys, left by Escape": open_and_close('[data-does="shortcuts"]', escape, "dialog#shortcuts"),
    "a sheet, left by Escape": open_and_close('[data-edits="w"]', escape, "dialog.editor"),
    "a sheet, cancelled": open_and_close(
        '[data-edits="w"]', click("dialog.editor .answers button >> nth=1"), "dialog.editor"
    ),
    "a number kept": type_into_a_cell("Enter"),
    "a number given up": type_into_a_cell("Escape"),
}


@pytest.mark.slow
def test_keys_belong_to_the_walk_after_a_click(reader: Reader):
    """Each of the keys after each click, and each of them is the first one after some of the clicks."""
    k = moment("correlate", 3)
    reader.open()
    for at, (clicked, act) in enumerate(CLICKS.items()):
        reader.seek(k).figures()
        act(reader)
        try:
            reader.wait("() => document.activeElement.matches('body, #stage, [role=gridcell]')").rest()
            keys = list(ONWARD) * 2
            for key in keys[at % len(ONWARD) :][: len(ONWARD)]:
                before = reader.seek(k).step
                reader.press(key).wait(f"(before) => {ONWARD[key]}", before)
                reader.press("Home").drawn(0)  # and it stands still
        except Exception as error:
            error.add_note(f"after a click: {clicked}")
            raise


def test_whoever_opens_something_by_the_keyboard_is_back_where_it_was_opened(reader: Reader):
    reader.open().seek(moment("correlate", 3)).figures()
    for opener, within in (
        ('[popovertarget="share"]', "#share"),
        ('[data-edits="w"]', "dialog.editor"),
        ("#formula summary", "#formula .choices"),
    ):
        reader.page.locator(opener).focus()
        reader.press("Enter")
        expect(reader.page.locator(within)).to_be_visible()
        reader.press("Escape")
        expect(reader.page.locator(within)).to_be_hidden()
        expect(reader.page.locator(opener)).to_be_focused()


def test_keys_belong_to_the_walk_once_a_number_is_typed(reader: Reader):
    field = reader.page.locator("#set-stride")
    for key, stride in (("Enter", 1), ("Escape", 2)):
        reader.open().seek(moment("correlate", 3)).figures()
        field.click()
        field.fill("1")
        reader.press(key)
        reader.settled(stride=stride)
        before = reader.step
        reader.press("ArrowRight").drawn(before + 1)
    field.fill("x")
    reader.press("Enter")
    expect(field).to_be_focused()  # what is no number is mended where it stands


def test_whoever_comes_by_the_keyboard_keeps_the_keys_of_the_grid(reader: Reader):
    k = moment("correlate", 3)
    reader.open().seek(k).figures()
    reader.page.mouse.click(*place(reader, "w", 0, 0, 0, 0))
    reader.press("Escape")
    reader.page.locator(".panels").focus()
    reader.press("Tab", "Tab", "Tab", "ArrowRight")  # beyond the name and the pencil
    reader.wait("() => convwalk.cell?.index.at(-1) === 1")
    assert reader.step == k


def test_a_clicker_goes_on_stepping_after_a_cell_was_clicked(reader: Reader):
    k = moment("correlate", 3)
    reader.open("/conv2d/walk?present=1").seek(k).figures().page.mouse.click(*place(reader, "w", 0, 0, 0, 0))
    reader.press("PageDown").drawn(k + 1).press("PageUp").drawn(k)
    reader.press("Enter").drawn(k + 1)


def test_the_focus_stays_where_it_was_when_the_run_or_the_chapter_is_another_one(reader: Reader):
    reader.page.set_viewport_size(
        {"width": 1280, "height": 1000}
    )  # the formula's symbols are left out of lower windows
    reader.open("/conv2d/walk?b=[2,3]").arrived(len(walked().steps)).seek(moment("correlate")).figures()
    change = """([name, value]) => {
        const field = document.querySelector(`[data-setting="${name}"]`);
        field.value = value;
        field.dispatchEvent(new Event("change", { bubbles: true }));
    }"""
    page = reader.page
    stations = page.locator("#track button")
    stations.nth(3).focus()
    name = stations.nth(3).inner_text()
    reader.evaluate(change, ["stride", "1"])
    reader.settled(stride=1)
    is_at(reader, "#track button")
    assert reader.evaluate("() => document.activeElement.innerText") == name

    page.locator("#formula .symbols button").first.focus()
    reader.press("PageDown")
    is_at(reader, "#source *")
    reader.seek(moment("correlate")).page.locator("[data-array] .edit-array").first.focus()
    reader.press("PageDown")
    is_at(reader, "#stage, #stage *")

    page.get_by_role("button", name="Do without b").focus()
    reader.press("Enter")
    reader.settled(stride=1)
    is_at(reader, "#settings, #settings *")


def test_the_focus_stays_at_a_term_of_the_inspector_when_the_run_is_another_one(reader: Reader):
    reader.open().seek(30).figures().page.mouse.click(*place(reader, "z", 0, 0, 0))
    term = reader.page.locator("#inspector .terms [data-cell]").first
    term.focus()
    cell = term.get_attribute("data-cell")
    rate = """() => {
        const field = document.querySelector('[data-setting="learning_rate"]');
        field.value = "0.5";
        field.dispatchEvent(new Event("change", { bubbles: true }));
    }"""
    reader.evaluate(rate)
    reader.wait("() => location.search.includes('learning_rate')").figures()
    is_at(reader, f'#inspector [data-cell="{cell}"]')


def test_an_array_that_is_named_twice_stays_lit_as_long_as_one_names_it(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    reader.page.locator(".chapter-doc .look > summary").click()
    word = reader.page.locator(".chapter-doc [data-names]").first
    named = word.get_attribute("data-names") or ""
    word.click()
    lit = reader.page.locator("#stage .panel.named")
    expect(lit).to_have_count(1)
    reader.page.locator(f'#formula .equations [data-names]:not([data-names="{named}"])').first.hover()
    expect(lit).to_have_count(2)
    reader.page.mouse.move(2, 2)
    expect(lit).to_have_attribute("data-array", named)
    word.click()
    reader.page.mouse.move(2, 2)
    reader.page.locator(".slider").focus()
    expect(lit).to_have_count(0)


@pytest.mark.parametrize("layer", ["conv2d", "chain", "activation"])
def test_the_stage_is_at_most_eight_stops_of_the_keyboard_away(reader: Reader, layer: str):
    reader.open(f"/{layer}/walk#20").rest()
    is_there = "() => document.activeElement.closest('.panels') !== null"
    stops = 0
    while not reader.evaluate(is_there):
        reader.press("Tab")
        stops += 1
        assert stops <= 8, "the stage is too far away"
    assert stops > 1  # the link that leads there is not used


def test_the_header_and_the_chapters_are_one_stop_each_with_arrow_keys_within(reader: Reader):
    reader.open("/?lang=en#20").rest()
    name = "() => document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"
    reader.page.get_by_role("button", name="Undo").focus()
    told = [reader.press("ArrowRight").evaluate(name) for _ in range(8)]
    assert told == ["Redo", "Glossary", "Share", "Present", "Predict", "Keyboard shortcuts", "Dark colours", "中文"]
    assert reader.press("ArrowRight").evaluate(name) == "Undo"
    assert reader.press("End").evaluate(name) == "中文"
    assert reader.press("Shift+Tab", "Tab").evaluate(name) == "中文"
    assert reader.press("Tab").evaluate(name) == "correlate"
    assert reader.press("ArrowRight").evaluate(name) == "activate"
    assert reader.step == 20, "the keys are those of the row"
    reader.press("Enter").wait("() => convwalk.step !== 20").rest()
    assert reader.chapter == "activate"
