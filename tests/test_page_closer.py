"""A closer look at an array: its numbers as a heatmap, a surface or a histogram, in step with the walk."""

import json

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import core
from app.ground.words import Words
from core.recording.trace import Trace
from tests.browser import NewReader, Reader, known, walked
from tests.node import node
from tests.test_page_axe import in_both_schemes

# The numbers of the map as Plotly has them; null where a cell is empty.
NUMBERS = "() => document.querySelector('.closer .drawn').data[0].z.map((row) => [...row])"


def shown(trace: Trace, name: str, k: int) -> np.ndarray:
    """The numbers that a closer look has to show after k steps; NaN where none is."""
    return np.where(known(trace, k)[name], trace.snapshot(k)[name], np.nan)


def maps_of(array: np.ndarray) -> np.ndarray:
    return array.reshape(-1, *(array.shape[-2:] if array.ndim > 1 else (array.size, 1)))


@pytest.mark.parametrize("layer", ["conv2d", "max_pool2d", "chain"])
def test_every_cell_of_every_array_has_its_number_in_each_of_the_views(layer: str):
    trace = core.record(layer)
    count = len(trace.steps)
    moments = [0, count // 7, count // 2, count]
    found = node("looked", **trace.as_dict(), moments=moments, words=Words("en").all)
    for k, arrays in zip(moments, found, strict=True):
        for name, drawn in arrays.items():
            expected = shown(trace, name, k)
            placed = np.where(np.isinf(expected), 0, expected)  # an infinity has no place of its own
            for view in ("flat", "raised"):
                np.testing.assert_array_equal(np.array(drawn[view], float), maps_of(placed), err_msg=f"{name}, {k}")
            told = np.array(drawn["told"]).ravel()
            assert all(text.endswith("= …") == np.isnan(value) for text, value in zip(told, expected.flat, strict=True))
            bins, values = drawn["bins"], expected[np.isfinite(expected)]
            assert sum(bins["counts"]) == values.size, (name, k)
            half = bins["width"] / 2 + 1e-9
            for middle, number in zip(bins["middles"], bins["counts"], strict=True):
                assert number <= np.sum(abs(values - middle) <= half), (name, k, middle)


def opened(reader: Reader, name: str, address: str) -> Locator:
    """A closer look at an array, opened by the keyboard, once it is drawn."""
    reader.open(address).arrived(len(walked().steps))
    reader.page.locator(f"[data-look={name}]").focus()
    reader.press("Enter")
    return drawn(reader)


def drawn(reader: Reader) -> Locator:
    """The panel, once it shows the moment."""
    panel = reader.page.locator(".closer")
    reader.wait(
        """() => {
            const { dataset, open } = document.querySelector(".closer") ?? {}; // its script comes late
            return open && dataset.step === String(convwalk.step) && document.querySelector(".closer .drawn").data;
        }"""
    )
    return panel


def test_an_array_is_copied_and_saved_as_it_stands_at_this_step(new_reader: NewReader):
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"])
    page, k, trace = reader.page, 40, walked()
    panel = opened(reader, "z", f"/#{k}")
    z = shown(trace, "z", k)
    menu = panel.locator(".copy summary")
    menu.press("Enter")
    panel.get_by_role("button", name="JSON", exact=True).press("Enter")
    expect(panel.locator(".copied")).to_have_text("JSON copied, cells not computed yet (6): null")
    expect(menu).to_be_focused()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == np.where(np.isnan(z), None, z).tolist()
    menu.press("Enter")
    with page.expect_download() as download:
        panel.get_by_role("button", name="save .npy").click()
    assert download.value.suggested_filename == "z.npy"
    np.testing.assert_array_equal(np.load(download.value.path()), z)
    reader.press("Escape")
    expect(panel).to_be_hidden()

    # A board, by the keyboard alone: x_padded is known in all its cells.
    page.locator("[data-array=x_padded] [role=gridcell][tabindex='0']").focus()
    reader.press("Control+c")
    expect(page.locator("#notice")).to_have_text("x_padded, 3×7×7, is copied: paste it into a spreadsheet.")
    maps = page.evaluate("navigator.clipboard.readText()").split("\n\n")
    cells = [[[float(cell) for cell in row.split("\t")] for row in one.strip().split("\n")] for one in maps]
    np.testing.assert_array_equal(cells, shown(trace, "x_padded", k))


def point_at(reader: Reader, row: int, column: int) -> None:
    """Point at a cell of a heatmap."""
    x, y = reader.evaluate(
        """([row, column]) => {
            const drawn = document.querySelector(".closer .drawn");
            const { x, y } = drawn.getBoundingClientRect();
            const { xaxis, yaxis } = drawn._fullLayout;
            return [x + xaxis._offset + xaxis.d2p(column), y + yaxis._offset + yaxis.d2p(row)];
        }""",
        [row, column],
    )
    reader.page.mouse.move(x - 2, y - 2)
    reader.page.mouse.move(x, y)


@pytest.mark.browser
def test_a_heatmap_follows_the_walk_and_tells_each_number(reader: Reader):
    k = next(step for step in range(200) if known(walked(), step)["z"].sum() == 4)
    panel = opened(reader, "z", f"/?lang=en#{k}")
    for moment in (k, k + 1, k + 2, k + 3):
        if moment > k:
            reader.press("ArrowRight").drawn(moment)  # the keys are the walk's
            drawn(reader)
        numbers = np.array(reader.evaluate(NUMBERS), float)
        np.testing.assert_array_equal(numbers, shown(walked(), "z", moment)[0])
    panel.get_by_label("Map", exact=True).select_option("z[1]")
    reader.wait("() => document.querySelector('.closer .drawn').data[0].hovertext[0][0].startsWith('z[1, 0, 0]')")
    reader.evaluate("(k) => convwalk.seek(k)", len(walked().steps))
    drawn(reader)
    value = walked().snapshot(len(walked().steps))["z"][1, 2, 1]
    np.testing.assert_array_equal(np.array(reader.evaluate(NUMBERS), float), shown(walked(), "z", reader.step)[1])
    point_at(reader, 2, 1)
    expect(panel.locator(".hovertext")).to_have_text(f"z[1, 2, 1] = {value:g}".replace("-", "−"))
    reader.page.mouse.down()
    reader.page.mouse.up()
    assert reader.wait("() => convwalk.cell?.pinned").evaluate("convwalk.cell") == {
        "array": "z",
        "index": [1, 2, 1],
        "pinned": True,
    }
    reader.wait("() => document.querySelector('.closer .drawn').layout.shapes.length === 1")  # a frame around it

    # A press comes so soon after a move that Plotly, which looks every 50 ms, lets go of the cell before it ends.
    for row in range(3):
        reader.evaluate("convwalk.pin(null)")
        point_at(reader, row, 0)
        reader.page.mouse.down()
        reader.evaluate("new Promise((past) => setTimeout(past, 40))")
        reader.page.mouse.up()
        reader.wait("(row) => convwalk.cell?.pinned && convwalk.cell.index.join() === `1,${row},0`", row)


@pytest.mark.browser
def test_it_opens_and_closes_by_the_keyboard_and_keeps_no_reader_out(reader: Reader):
    panel = opened(reader, "w", "/?lang=en#5")
    title = reader.page.locator("[data-look=w]")
    assert title.get_attribute("aria-label") == "Look closer at w"
    expect(panel.get_by_role("button", name="Heatmap")).to_be_focused()
    reader.page.mouse.move(5, 5)
    assert in_both_schemes(reader) == []
    reader.press("Escape")
    expect(panel).to_be_hidden()
    expect(title).to_be_focused()
    reader.press("Enter", "Tab", "Tab", "Enter")
    expect(panel.get_by_role("button", name="Histogram")).to_have_attribute("aria-pressed", "true")
    panel.get_by_role("button", name="Close", exact=True).focus()
    reader.press("Enter")
    expect(title).to_be_focused()
    title.click()
    expect(panel).to_be_visible()
    expect(reader.page.locator("#stage")).to_be_focused()  # who comes by the mouse leaves the keys to the walk
    title.click()
    expect(panel).to_be_hidden()


@pytest.mark.browser
def test_in_chinese_a_histogram_counts_and_what_cannot_be_drawn_says_why(reader: Reader):
    reader.begin_with(
        """for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
            const real = kind.prototype.getContext;
            kind.prototype.getContext = function (name, ...rest) {
                return /webgl/.test(name) ? null : real.call(this, name, ...rest);
            };
        }"""
    )
    panel = opened(reader, "x_padded", "/?lang=zh#5")
    expect(panel.get_by_role("heading")).to_have_text("x_padded 填充后的输入 3×7×7")
    panel.get_by_role("button", name="直方图").click()
    bars = "document.querySelector('.closer .drawn').data[0]"
    reader.wait(f"() => {bars}?.type === 'bar'")
    values, counts = np.unique(walked().snapshot(5)["x_padded"], return_counts=True)
    assert reader.evaluate(f"[{bars}.x, {bars}.y]") == [values.tolist(), counts.tolist()]
    assert reader.evaluate(f"{bars}.hovertext[0]") == f"{values[0]:g}: {counts[0]} 个格子".replace("-", "−")
    panel.get_by_role("button", name="曲面").click()
    expect(panel.locator(".missing")).to_contain_text("WebGL")
    reader.page.locator("[data-look=b]").click()
    expect(panel.locator(".missing")).to_have_text("曲面至少需要两行两列。")
