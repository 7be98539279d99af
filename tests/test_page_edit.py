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


def test_the_sheet_comes_after_the_picture_and_is_asked_for_again_where_it_did_not_get_through(reader: Reader):
    reader.expect_complaint("net::ERR_FAILED")
    reader.page.route("**/hands/editor.js", lambda route: route.abort())
    reader.open().figures()
    loaded = "() => performance.getEntriesByType('resource').map(({ name }) => name.split('/').slice(-2).join('/'))"
    assert "paste/address.js" in reader.page.evaluate(loaded)
    assert "paste/paste.js" not in reader.page.evaluate(loaded)
    reader.page.get_by_role("button", name="Edit all of x", exact=True).click()
    expect(reader.page.locator("#notice")).to_contain_text("could not be loaded")
    reader.rest()  # nothing of the first attempt is under way
    reader.page.unroute("**/hands/editor.js")
    open_sheet(reader, "x")


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


@pytest.mark.parametrize(
    ("chapter", "within", "copy", "index", "cell"),
    [
        ("correlate", 3, "x_padded", (1, 2, 3), "x[1, 1, 2]"),
        ("correlate", 3, "patch", (0, 1, 1), "x[0, 0, 0]"),  # a copy of a copy
        ("input gradient", 3, "w_flipped", (1, 0, 0, 2), "w[1, 0, 2, 0]"),
        ("weight gradient", 3, "patch_dw", (1, 2), "x[0, 0, 1]"),
    ],
)
def test_a_number_is_changed_where_a_copy_of_it_stands(
    reader: Reader, chapter: str, within: int, copy: str, index: tuple[int, ...], cell: str
):
    k = moment(chapter, within)
    reader.open().seek(k)
    name, _, at = cell.rstrip("]").partition("[")
    origin = tuple(map(int, at.split(", ")))
    if copy.startswith("patch"):  # it stands in the worked sum, and gets a board on demand
        reader.page.get_by_role("button", name="All arrays").click()
        expect(reader.page.locator(f'[data-array="{copy}"]')).to_be_visible()
    assert reader.evaluate("(name) => convwalk.value(name)", copy) == walked().snapshot(k)[copy].tolist()
    opened = open_cell(reader, copy, *index)
    assert float(opened.input_value()) == walked().start[name][origin]
    expect(reader.page.locator(".cell-field .name")).to_have_text(cell)
    opened.fill("4.5")
    reader.press("Enter")
    assert_walks(reader, edited(name, origin, 4.5))
    assert reader.asked.keys() == {name}
    assert reader.evaluate("() => convwalk.cell") == {"array": copy, "index": list(index), "pinned": True}
    assert reader.step == k
    # The keys mean the same cell, while it is pinned.
    reader.wait("() => document.activeElement.id === 'stage'").press("5", "Enter")
    assert_walks(reader, edited(name, origin, 5))


def test_tab_goes_on_to_the_next_cell_that_can_be_changed_and_passes_over_the_padding(reader: Reader):
    reader.open().seek(moment("correlate", 3))
    open_cell(reader, "x_padded", 0, 1, 5)
    names = reader.page.locator(".cell-field .name")
    expect(names).to_have_text("x[0, 0, 4]")
    reader.press("8", "Tab")
    expect(names).to_have_text("x[0, 1, 0]")  # beyond two cells of the padding
    reader.press("Shift+Tab")
    expect(names).to_have_text("x[0, 0, 4]")
    reader.press("Escape")
    assert_walks(reader, edited("x", (0, 0, 4), 8))


def test_a_cell_that_was_filled_in_says_so_and_which_settings_do_it(reader: Reader):
    said = reader.page.locator(".cell-field").get_by_role("alert")
    for chapter, within, name, index, text in [
        ("correlate", 3, "x_padded", (0, 0, 2), "is padding, made by Padding and Padding mode"),
        ("expand", 20, "dz_expanded", (0, 1, 0), "is an inserted zero, made by Stride"),
        ("input gradient", 3, "dz_padded", (0, 0, 0), "is padding, made by Kernel height, Kernel width, and Dilation"),
    ]:
        reader.open().seek(moment(chapter, within)).figures()
        reader.page.mouse.dblclick(*place(reader, name, *index))
        expect(said).to_have_text(f"{name}{list(index)} {text}")
        expect(field(reader)).to_be_hidden()
        assert reader.asked == {}
        reader.press("Escape")
        expect(said).to_be_hidden()
    # A digit is refused as well; what was computed says nothing, and is nobody's to give.
    reader.page.mouse.click(*place(reader, "dz_padded", 0, 0, 1))
    reader.press("5")
    expect(said).to_contain_text("dz_padded[0, 0, 1] is padding")
    reader.open().seek(moment("activate", 1)).figures()
    reader.page.mouse.dblclick(*place(reader, "z", 0, 0, 0))
    expect(reader.page.locator(".cell-field")).to_be_hidden()


def test_the_pencil_of_an_array_stands_at_its_copy_where_it_is_not_on_the_stage(reader: Reader):
    where = "(found) => found.map((each) => [each.title, each.closest('.panel').dataset.array])"
    pencils = reader.page.locator(".edit-array")
    for chapter, wanted in [
        ("pad", [["Edit all of x", "x"]]),
        ("correlate", [["Edit all of x", "x_padded"], ["Edit all of w", "w"], ["Edit all of b", "b"]]),
        ("input gradient", [["Edit all of w", "w_flipped"]]),
    ]:
        reader.open().seek(moment(chapter, 1 if chapter == "pad" else 3)).figures()
        assert pencils.evaluate_all(where) == wanted
    sheet = open_sheet(reader, "w")
    sheet.get_by_role("button", name="zeros").click()
    sheet.get_by_role("button", name="Apply").click()
    assert_walks(reader, {"w": np.zeros((2, 3, 3, 3))})


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
    reader.wait("() => document.activeElement.id === 'stage'")  # the mouse has opened it: the keys are the walk's

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
    reader.line(1_000).press("ArrowUp", "ArrowUp").line()  # the second before the first is there
    cut = core.run("conv2d", stride=3)["dy"]
    cut[:] = own[:, :2, :2]
    assert_walks(reader, {"dy": cut}, stride=3)
    expect(notice).to_contain_text("dy is 2×2×2 now: ")
    reader.press("Control+z")
    reader.page.locator("body").press("Control+z")
    assert_walks(reader, {"dy": own})
    # What it holds says so at its control, with what lets it go.
    reader.page.get_by_role("button", name="More settings").click()
    filters = reader.page.locator('[data-knob="out_channels"]')
    expect(filters.locator("input, select")).to_be_disabled()
    filters.get_by_role("button", name="Do without dy").click()
    reader.settled()
    expect(filters.locator("input, select")).to_be_enabled()
