"""Every layer in a real browser: the menu leads to it, it plays to its end, and nothing is cut off."""

from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

import core
from core.catalog import LAYERS
from tests.browser import LINES, NewReader, Reader
from tests.canvas import WRITTEN
from tests.test_page_fits import AMISS, LAPTOP, pages
from tests.test_page_settings import assert_foremost_in_one_row

pytestmark = pytest.mark.browser

# Whether what stands on the stage can be scrolled to, and no cell lies outside of its panel.
CUT_OFF = """() => {
  const stage = document.querySelector("#stage .panels");
  const panels = [...document.querySelectorAll(".panel")];
  return [
    stage.scrollWidth > stage.clientWidth + 1 ? "the stage is too narrow" : "",
    document.documentElement.scrollWidth > innerWidth ? "the page is too wide" : "",
    ...panels.filter((panel) => panel.scrollWidth > panel.clientWidth + 1).map((panel) => panel.dataset.array),
  ].filter(Boolean);
}"""


@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "conv2d"])  # that one has tests of its own
def test_a_walk_plays_to_its_end_where_every_array_is_that_of_a_plain_run(new_reader: NewReader, layer: str):
    """On the way all of each scene is in view, as in `test_page_fits`; and so are the settings that come first."""
    [page] = pages(layer, "example", is_decimal=False)
    trace = core.record(layer, page.algorithm)
    reader = new_reader(viewport={"width": LAPTOP[0], "height": LAPTOP[1]})
    reader.begin_with(WRITTEN)
    reader.open(f"{page.address}&lang=en").arrived(len(trace.steps)).figures()
    assert_foremost_in_one_row(reader, layer)
    stops = {chapter.stop for chapter in trace.chapters}
    for k in sorted(stops.union(page.moments)):
        assert reader.seek(k).evaluate(CUT_OFF) + reader.evaluate(AMISS) == [], k
        if k in stops:
            reader.assert_shows(
                {name: array for name, array in trace.snapshot(k).items() if name in trace.outline.used}
            )
    reader.seek(0)
    reader.page.get_by_label("Stop at").select_option("every chapter")
    reader.page.get_by_label("Speed").select_option("60 a second")
    reader.page.get_by_role("button", name="Play").click()
    reader.wait("() => convwalk.step === convwalk.steps").drawn(len(trace.steps)).figures()
    end = core.run(layer, page.algorithm)
    reader.assert_shows({name: array for name, array in end.items() if name in trace.outline.used})


def test_another_layer_goes_on_with_the_input_that_was_brought(reader: Reader):
    picture = "u8:1x4x4:AAECAwQFBgcICQoLDA0ODw"
    reader.open(f"/max_pool2d/walk?x={picture}&lang=en").rest()
    menu = reader.page.get_by_role("navigation", name="Layers")
    reader.page.get_by_role("button", name="Max pooling").click()
    for name, keeps in (("Average pooling", True), ("Activation functions", False)):
        href = menu.get_by_role("link", name=name, exact=True).get_attribute("href")
        assert href is not None
        assert (f"x={quote(picture)}" in href) == keeps, href
    menu.get_by_role("link", name="Average pooling", exact=True).click()
    reader.page.wait_for_url("**/avg_pool2d/*")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert reader.evaluate("() => convwalk.value('x')") == np.arange(16.0).reshape(1, 4, 4).tolist()


def test_the_menu_leads_to_every_layer_by_mouse_and_by_keyboard(reader: Reader):
    reader.open()
    title = reader.page.get_by_role("button", name="Convolution layer")
    title.click()
    menu = reader.page.get_by_role("navigation", name="Layers")
    expect(menu).to_be_visible()
    assert menu.get_by_role("link").all_inner_texts() == [layer.title for layer in LAYERS.values()]
    reader.press("Escape")
    expect(menu).to_be_hidden()
    title.focus()
    reader.press("Enter", "Tab", "Tab", "Enter")
    reader.page.wait_for_url("**/max_pool2d/walk*")
    reader.wait("() => window.convwalk?.steps > 0")
    expect(reader.page.get_by_role("button", name="Max pooling")).to_be_visible()
    reader.page.go_back()
    reader.page.wait_for_url("**/conv2d/walk*")


def struck_through(reader: Reader, array: str) -> list[tuple[int, ...]]:
    """The cells of an array that have a stroke through them, by the slanting lines that are painted above it."""
    reader.figures()
    cells = reader.evaluate(
        """(name) => {
          const panel = document.querySelector(`[data-array="${name}"]`);
          const { offsetWidth, offsetHeight } = panel.querySelector("[role=gridcell]");
          return panel.querySelector(".above").lines.filter(({ line: [x0, y0, x1, y1] }) => x0 !== x1 && y0 !== y1)
            .map(({ line: [x0, y0] }) => [Math.round(y0 / offsetHeight) - 1, Math.round(x0 / offsetWidth)]);
        }""",
        array,
    )
    return [(i, j) for i, j in cells]


@pytest.mark.parametrize(
    ("settings", "read"),
    [
        ({"in_channels": 1, "in_height": 6, "in_width": 5, "padding": 0}, (slice(0, 5), slice(0, 5))),
        ({"in_channels": 1, "stride": "3,3", "kernel_size": "2,1", "padding": 0}, None),
        ({"in_channels": 1}, (slice(None), slice(None))),
    ],
    ids=["a row left over", "a stride above the kernel", "all is read"],
)
def test_cells_that_no_patch_reads_are_struck_through(reader: Reader, settings: dict[str, Any], read: Any):
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    reader.begin_with(LINES)
    reader.open(f"/conv2d/walk?{query}").drawn(5)
    given = {name: tuple(map(int, v.split(","))) if isinstance(v, str) else v for name, v in settings.items()}
    x_padded = core.run("conv2d", **given)["x_padded"]
    seen = np.zeros(x_padded.shape[1:], bool)
    if read is None:
        for row in (0, 1, 3, 4):
            seen[row, ::3] = True
    else:
        seen[read] = True
    expected = [(int(i), int(j)) for i, j in np.argwhere(~seen)]
    assert sorted(struck_through(reader, "x_padded")) == sorted(expected)


def test_what_was_read_for_a_cell_stays_outlined_while_the_cell_is_computed(reader: Reader):
    reader.begin_with(LINES)
    reader.open().seek(5)  # the products are summed; the patch was taken two beats ago
    dotted = """(name) => document.querySelector(`[data-array="${name}"] .above`).lines
        .filter(({ dotted }) => dotted).length"""
    assert reader.evaluate(dotted, "x_padded") == 4 * 3  # the edges of a square on each of three maps
    assert reader.seek(6).evaluate(dotted, "x_padded") == 0  # another cell begins


def test_the_formula_of_the_size_never_widens_the_page(reader: Reader):
    for address in (
        "/conv2d/walk?dilation=2&padding=1,0,2,1&in_height=9&in_width=9",
        "/avg_pool2d/walk",
        "/chain/walk",
    ):
        reader.open(address)
        for width in (700, 1024, 1280):
            reader.page.set_viewport_size({"width": width, "height": 800})
            reader.wait("() => document.documentElement.scrollWidth <= innerWidth")  # boards are set up anew


def test_on_a_phone_every_layer_fits(new_reader: Any):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    for layer in ("max_pool2d", "input_gradient", "no_zeros_for_the_stride", "im2col"):
        reader.open(f"/{layer}/walk?lang=zh").figures()
        assert reader.evaluate("() => document.documentElement.scrollWidth") <= 390, layer


def test_the_stage_stands_still_while_a_scene_runs(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800})
    reader.open("/?in_channels=1&in_height=28&in_width=28&out_channels=4&kernel_size=5")
    tops = set()
    for _ in range(9):  # three cells, each of which takes a patch, multiplies it and sums
        step = reader.step + 1
        reader.press("ArrowRight").drawn(step)
        tops.add(reader.evaluate("() => document.querySelector('.panels').scrollTop"))
    assert len(tops) == 1


def test_on_a_phone_the_stage_comes_up_as_the_walk_goes_on_unless_the_reader_is_elsewhere(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open("/")
    top = "() => Math.round(document.querySelector('#stage').getBoundingClientRect().top)"
    assert reader.evaluate(top) > 50
    forward = reader.page.locator('[data-go="forward"]')
    forward.tap()
    reader.drawn(6)
    assert reader.evaluate(top) == 0
    reader.evaluate("() => window.scrollTo(0, 0)")
    forward.tap()
    reader.drawn(7)
    assert reader.evaluate(top) > 50  # it came once
