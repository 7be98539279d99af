"""Numbers are changed where they stand: the walk is recorded anew, stays where it is, and all can be taken back."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import core
from core.recording.trace import Arrays
from tests.browser import NewReader, Reader, walked

pytestmark = pytest.mark.browser

# Where a cell is on the screen, which is scrolled to it.
PLACE = """async ([name, flat, shape]) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const board = document.querySelector(`[data-array="${name}"] .board`);
  board.scrollIntoView({ block: "center" });
  const box = board.getBoundingClientRect();
  const plan = new Plan(shape, board.dataset.layout);
  const wide = (box.width - MARGIN.l - MARGIN.r) / plan.columns, high = (box.height - MARGIN.t - MARGIN.b) / plan.rows;
  return [box.x + MARGIN.l + (plan.xs[flat] + 0.5) * wide, box.y + MARGIN.t + (plan.ys[flat] + 0.5) * high];
}"""


def place(reader: Reader, name: str, *index: int) -> tuple[float, float]:
    shape = np.shape(reader.evaluate("(name) => convwalk.value(name)", name))
    x, y = reader.evaluate(PLACE, [name, int(np.ravel_multi_index(index, shape)), list(shape)])
    return x, y


def moment(chapter: str, within: int = 1) -> int:
    return next(each for each in walked().chapters if each.name == chapter.replace(" ", "_")).first + within


def field(reader: Reader) -> Locator:
    return reader.page.locator(".cell-field input")


def open_cell(reader: Reader, name: str, *index: int) -> Locator:
    reader.figures().page.mouse.dblclick(*place(reader, name, *index))
    expect(field(reader)).to_be_focused()
    return field(reader)


def open_sheet(reader: Reader, name: str) -> Locator:
    reader.page.get_by_role("button", name=f"Edit all of {name}", exact=True).click()
    sheet = reader.page.get_by_role("dialog")
    expect(sheet).to_be_visible()
    return sheet


def edited(name: str, index: tuple[int, ...], value: float) -> Arrays:
    array = walked().start[name].copy()
    array[index] = value
    return {name: array}


def assert_walks(reader: Reader, arrays: Arrays, **settings: Any) -> None:
    """The walk of these arrays arrives, and it is just what Python says."""
    trace = core.record("conv2d", arrays=arrays, **settings)
    wanted = {name: trace.snapshot(reader.step)[name].tolist() for name in [*arrays, "x"]}
    same = "([name, value]) => JSON.stringify(convwalk.value(name)) === JSON.stringify(value)"
    for name, value in wanted.items():
        reader.wait(same, [name, value])
    reader.arrived(len(trace.steps)).assert_shows(trace.snapshot(reader.step))


def test_a_number_of_each_given_array_is_changed_where_it_stands(reader: Reader):
    reader.open()
    arrays: Arrays = {}
    for chapter, name, index, value in [
        ("pad", "x", (0, 2, 3), 7.0),
        ("correlate", "w", (1, 0, 2, 2), -3.5),
        ("correlate", "b", (1,), 4.0),
        ("through activation", "dy", (1, 2, 0), 0.25),
    ]:
        k = moment(chapter)
        reader.seek(k)
        cell = open_cell(reader, name, *index)
        assert float(cell.input_value()) == walked().start[name][index]
        reader.page.keyboard.type(str(value))
        reader.press("Enter")
        arrays |= edited(name, index, value)
        assert_walks(reader, arrays)
        assert (reader.chapter, reader.step) == (chapter, k)
        expect(field(reader)).to_be_hidden()
        assert reader.evaluate("() => convwalk.cell") == {"array": name, "index": list(index), "pinned": True}
    assert reader.figures().asked.keys() == arrays.keys()
    assert json.loads(reader.asked["w"]) == arrays["w"].tolist()
    reader.seek(reader.steps).assert_shows(core.run("conv2d", arrays=arrays))


def test_numbers_are_typed_one_after_the_other_without_a_mouse(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    focused = "() => document.activeElement.getAttribute('aria-label')"
    reader.page.locator('[data-array="w"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("ArrowRight", "5", "Tab", "-", "6", "Tab")  # a digit is the beginning of a number
    assert field(reader).input_value() == str(int(walked().start["w"][0, 0, 1, 0]))
    reader.press("Shift+Tab")
    arrays = {"w": walked().start["w"].copy()}
    arrays["w"][0, 0, 0, 1:] = 5, -6
    assert_walks(reader, arrays)
    reader.press("Escape")
    expect(field(reader)).to_be_hidden()
    reader.wait("() => document.activeElement.getAttribute('role') === 'gridcell'")
    assert "row 0, column 2: −6" in reader.evaluate(focused)

    # F2 opens it too; Escape leaves everything as it was; Enter stays at the cell.
    address = reader.figures().address
    reader.press("F2")
    expect(field(reader)).to_be_focused()
    reader.press("9", "Escape")
    assert reader.address == address
    reader.wait("() => document.activeElement.getAttribute('role') === 'gridcell'")
    reader.press("F2")
    expect(field(reader)).to_be_focused()
    reader.press("8", "Enter")
    arrays["w"][0, 0, 0, 2] = 8
    assert_walks(reader, arrays)
    reader.wait("() => document.activeElement.getAttribute('role') === 'gridcell'")
    assert "row 0, column 2: 8" in reader.evaluate(focused)
    assert reader.evaluate("() => convwalk.cell") == {"array": "w", "index": [0, 0, 0, 2], "pinned": True}


def test_what_is_refused_is_told_beside_the_cell_and_nothing_is_lost(reader: Reader):
    reader.expect_complaint("status of 422")
    reader.open().seek(moment("pad")).figures()
    cell = open_cell(reader, "x", 1, 0, 0)
    cell.fill("2000000")
    reader.press("Enter")
    said = reader.page.locator(".cell-field").get_by_role("alert")
    expect(said).to_have_text("every number in x must be finite and at most 1000000 in size")
    expect(cell).to_be_focused()
    assert cell.input_value() == "2000000"
    assert cell.get_attribute("aria-invalid") == "true"
    assert reader.figures().address == f"/conv2d/walk#{moment('pad')}"
    reader.assert_shows(walked().snapshot(reader.step))
    cell.fill("20")
    expect(said).to_be_hidden()
    reader.press("Enter")
    assert_walks(reader, edited("x", (1, 0, 0), 20))


def test_an_array_that_the_walk_has_changed_is_edited_as_it_began(reader: Reader):
    last = next(each for each in walked().chapters if each.name == "update").stop
    reader.open().seek(last)
    now = walked().snapshot(last)["w"]
    index = tuple(int(axis) for axis in np.argwhere(now != walked().start["w"])[0])
    cell = open_cell(reader, "w", *index)
    assert float(cell.input_value()) == walked().start["w"][index]
    label = reader.page.locator(".cell-field .name")
    expect(label).to_have_text(f"w{list(index)} at the start; here it is {now[index]}".replace("-", "−"))
    cell.fill("2")
    reader.press("Enter")
    assert_walks(reader, edited("w", index, 2))
    assert reader.step == last


def test_every_change_is_taken_back_and_made_again_in_the_same_place(reader: Reader):
    reader.open().seek(moment("correlate", 5)).figures()
    undo, redo = (reader.page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    assert [each.get_attribute("aria-disabled") for each in (undo, redo)] == ["true", "true"]
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1)
    open_cell(reader, "b", 0).fill("9")
    reader.press("Enter")
    arrays = edited("b", (0,), 9)
    assert_walks(reader, arrays, stride=1)
    reader.page.get_by_role("button", name="Do without b").click()
    reader.wait("() => convwalk.value('b')[0] === 1").settled(stride=1)

    reader.press("Control+z")
    assert_walks(reader, arrays, stride=1)
    undo.click()
    assert_walks(reader, {}, stride=1)
    undo.click()
    reader.settled().assert_shows(walked().snapshot(moment("correlate", 5)))
    assert reader.figures().asked == {}
    assert [each.get_attribute("aria-disabled") for each in (undo, redo)] == ["true", "false"]
    reader.press("Control+Shift+z").settled(stride=1)
    reader.press("Control+y")
    assert_walks(reader, arrays, stride=1)
    assert reader.step == moment("correlate", 5)
    # A change of another kind ends what could be made again; the browser's own way back is as it was.
    stride.focus()
    reader.press("ArrowUp")
    assert_walks(reader, arrays)
    assert redo.get_attribute("aria-disabled") == "true"
    reader.figures().page.go_back()
    assert_walks(reader, arrays, stride=1)


def test_a_whole_array_is_pasted_from_a_spreadsheet_or_from_numpy(reader: Reader):
    reader.expect_complaint("status of 422")
    reader.open().seek(moment("pad")).figures()
    sheet = open_sheet(reader, "x")
    text, told = sheet.get_by_role("textbox"), sheet.locator(".read")
    expect(told).to_have_text("3×5×5 · the shape it has now")
    text.fill("1\t2\t3\n4\t5\n")
    expect(told).to_have_text("All rows must be of one length: one has 2 numbers, the first has 3.")
    expect(sheet.get_by_role("button", name="Apply")).to_be_disabled()
    cells = np.arange(36.0).reshape(1, 6, 6) / 2
    text.fill("\r\n".join("\t".join(str(cell).replace(".", ",") for cell in row) for row in cells[0]))
    expect(told).to_have_text("1×6×6 · another shape: the sizes of the layer follow")
    sheet.get_by_role("button", name="Apply").click()
    expect(sheet).to_be_hidden()
    assert_walks(reader, {"x": cells})
    assert reader.page.get_by_label("Input height").input_value() == "6"
    assert reader.evaluate("() => document.activeElement.title") == "Edit all of x"  # the focus is where it was

    # What the server refuses stays as it was typed. A paste onto a pinned cell opens the sheet too.
    reader.page.mouse.click(*place(reader, "x", 0, 0, 0))
    reader.evaluate(
        """(text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
        }""",
        "[[[ 1.  -2.e6]\n  [ 3.   4.]]]",
    )
    expect(told).to_contain_text("1×2×2")
    reader.press("Control+Enter")
    expect(sheet.get_by_role("alert")).to_contain_text("at most 1000000 in size")
    assert text.input_value() == "[[[ 1.  -2.e6]\n  [ 3.   4.]]]"
    text.fill("[[[ 1.  -2.]\n  [ 3.   4.]]]")
    reader.press("Control+Enter")
    assert_walks(reader, {"x": np.array([[[1.0, -2.0], [3.0, 4.0]]])})


def test_a_text_that_can_mean_two_things_is_asked_about_and_the_choice_is_what_is_applied(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    sheet = open_sheet(reader, "b")
    text, told = sheet.get_by_role("textbox"), sheet.locator(".read")
    offered = sheet.get_by_role("group", name="What this can mean")
    expect(offered).to_be_hidden()
    text.fill("1,5")
    expect(told).to_have_text("This can be read in more than one way. Which one is meant?")
    assert offered.get_by_role("button").all_inner_texts() == ["1×2: 1 | 5", "1×1: 1.5"]
    expect(sheet.get_by_role("button", name="Apply")).to_be_disabled()
    offered.get_by_role("button", name="1×2: 1 | 5").click()
    expect(offered).to_be_hidden()
    expect(text).to_be_focused()
    expect(told).to_have_text("2 · the shape it has now")
    text.fill("dw =\n[[1. 2.]]\ndb =\n[-1.  0.5]\n")  # what a copied script prints
    expect(told).to_have_text("There is more than one array here: dw, db. Which of them is meant?")
    offered.get_by_role("button", name="db").click()
    sheet.get_by_role("button", name="Apply").click()
    expect(sheet).to_be_hidden()
    assert_walks(reader, {"b": np.array([-1, 0.5])})

    sheet = open_sheet(reader, "b")
    text.fill("tensor([1., 2.,  ..., 8., 9.])")
    expect(told).to_contain_text("torch.set_printoptions(profile='full')")
    text.fill("#N/A\t2")
    expect(told).to_have_text("Line 1: “#N/A” is not a number.")


def test_an_array_is_filled_and_one_filter_set_to_a_known_kernel(reader: Reader):
    reader.open().seek(moment("correlate")).figures()
    sheet = open_sheet(reader, "w")
    sheet.get_by_role("button", name="zeros").click()
    sheet.get_by_label("Set", exact=True).select_option("w[1]")
    sobel = sheet.get_by_role("button", name="Sobel, across")
    sobel.click()
    assert sobel.get_attribute("aria-pressed") == "true"
    expect(sheet).to_contain_text("it answers to upright edges")
    sheet.get_by_role("button", name="Apply").click()
    w = np.zeros((2, 3, 3, 3))
    w[1] = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    assert_walks(reader, {"w": w})

    # The bias has no maps, for which kernels could be meant, and what a step computes is nobody's to give.
    sheet = open_sheet(reader, "b")
    expect(sheet.get_by_role("heading", name="Kernels to try")).to_be_hidden()
    reader.press("Escape")
    assert reader.page.locator('[data-array="z"] .edit-array').count() == 0


def test_a_tap_and_a_button_change_a_number_on_a_phone(new_reader: NewReader):
    phone = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, locale="zh-CN")
    phone.open().seek(moment("correlate")).figures()
    phone.page.touchscreen.tap(*place(phone, "w", 0, 1, 0, 0))
    button = phone.page.get_by_role("button", name="编辑 w[0, 1, 0, 0]")
    button.tap()
    expect(field(phone)).to_be_focused()
    assert float(field(phone).evaluate("(input) => parseFloat(getComputedStyle(input).fontSize)")) >= 15
    phone.page.keyboard.type("3")
    field(phone).blur()  # as the keyboard of a phone does, which may have no Enter
    assert_walks(phone, edited("w", (0, 1, 0, 0), 3))
    expect(field(phone)).to_be_hidden()


def test_a_gradient_of_ones_own_keeps_its_numbers_when_the_stride_is_another_one(reader: Reader):
    own = np.arange(18.0).reshape(2, 3, 3) + 3
    reader.open(f"/conv2d/walk?dy={json.dumps(own.tolist(), separators=(',', ':'))}").figures()
    notice = reader.page.locator("#notice")
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown")
    wanted = core.run("conv2d", stride=1)["dy"]
    wanted[:, :3, :3] = own
    assert_walks(reader, {"dy": wanted}, stride=1)
    expect(notice).to_have_text(
        "dy is 2×5×5 now: all its numbers stay where they were, and 32 of the layer's own are added"
    )
    assert json.loads(reader.rest().asked["dy"]) == wanted.tolist()
    stride.focus()
    reader.press("ArrowUp", "ArrowUp")  # the second before the first is there
    cut = core.run("conv2d", stride=3)["dy"]
    cut[:] = own[:, :2, :2]
    assert_walks(reader, {"dy": cut}, stride=3)
    expect(notice).to_contain_text("dy is 2×2×2 now: ")
    reader.press("Control+z")
    reader.page.locator("body").press("Control+z")
    assert_walks(reader, {"dy": own})
    # What it holds says so at its control, with what lets it go.
    filters = reader.page.locator('[data-knob="out_channels"]')
    expect(filters.locator("input, select")).to_be_disabled()
    filters.get_by_role("button", name="Do without dy").click()
    reader.settled()
    expect(filters.locator("input, select")).to_be_enabled()
