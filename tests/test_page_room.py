"""The room that there is, and who takes it: large cells, nothing covered, nothing cut off, nothing that moves."""

import base64
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserType

import core
from app.walks.arrays import written
from tests.browser import LINES, NewReader, Reader, walked
from tests.conftest import Server

pytestmark = pytest.mark.browser

# Of each loud board on the stage: the height of a cell, and how far below its caption the first one lies.
BOARDS = """() => [...document.querySelectorAll("#stage .panels > .panel")].map((panel) => {
  const cell = panel.querySelector("[role=gridcell]").getBoundingClientRect();
  const caption = panel.querySelector("figcaption").getBoundingClientRect();
  return [panel.dataset.array, cell.height, cell.top - caption.bottom];
})"""

SCROLLS = """(selector) => {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.querySelector(selector);
  return [scrollWidth > clientWidth, scrollHeight > clientHeight];
}"""

# Boxes that lie over each other, of all elements that a selector names.
OVERLAPS = """(selector) => {
  const boxes = [...document.querySelectorAll(selector)].map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)
    .filter(([other, b]) => !one.contains(other) && meet(a, b))
    .map(([other]) => `${one.textContent.trim()} / ${other.textContent.trim()}`));
}"""

# How far the first cell of an array reaches above what is seen of a page that scrolls, and below that.
BESIDE = """(name) => {
  const cell = document.querySelector(`.panels [data-array=${name}] [role=gridcell]`).getBoundingClientRect();
  const feet = [...document.querySelectorAll("footer, footer .tip:not([hidden])")];
  const bottom = Math.min(...feet.map((each) => each.getBoundingClientRect().top));
  return [document.querySelector(".saying").getBoundingClientRect().bottom - cell.top, cell.bottom - bottom];
}"""

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("width", "height", "many", "few"), [(1280, 800, 24, 46), (1920, 1080, 38, 60)])
def test_cells_are_as_large_as_there_is_room_for(new_reader: NewReader, width: int, height: int, many: int, few: int):
    reader = new_reader(viewport={"width": width, "height": height}).open("/?lang=en")
    for k, least in ((8, many), (60, few)):
        boards = reader.seek(k).evaluate(BOARDS)
        assert len(boards) in (4, 2)  # the numbers of the others stand in the worked sum
        assert all(size >= (8 if name in ("w", "b") else least) for name, size, _ in boards), boards
        assert reader.evaluate(SCROLLS, ".panels") == [False, False]
        # Labels and numbers of columns share a line, however large the cells are.
        assert {round(below) for _, _, below in boards} == {18}


def test_the_legend_has_keys_for_what_is_on_the_stage_alone(reader: Reader):
    shown = """(keys) => [...document.querySelectorAll(".legend > .key")].filter((key) => !key.hidden)
                .map((key) => key.className.replace("key ", "")).join() === keys"""
    reader.open("/?lang=en").seek(8).wait(shown, "met,veiled,read,written,filled,making,before")
    reader.seek(60).wait(shown, "veiled,read,written")
    trace = walked()
    updated = next(chapter.stop for chapter in trace.chapters if chapter.name == "update")
    reader.arrived(len(trace.steps)).seek(updated).wait(shown, "veiled,read,written")
    reader.open("/?lang=en&in_height=6").seek(8).wait(shown, "met,veiled,read,written,filled,unread,making,before")


def test_a_line_of_code_is_not_cut_off_beside_the_stage(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en")
    for k in (8, 60):
        assert not reader.seek(k).evaluate(SCROLLS, ".texts")[0], f"after {k} steps"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_names_on_the_map_keep_apart(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open(f"/?lang={language}")
    assert reader.page.locator("#track .station:not(.bare) .name").count() > 10
    assert reader.evaluate(OVERLAPS, "#track .station") == []
    assert reader.evaluate(OVERLAPS, "#track .station:not(.bare) :is(.name > *, canvas)") == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1000, 800)])
def test_a_hint_covers_nothing_and_names_no_key_that_a_phone_lacks(new_reader: NewReader, width: int, height: int):
    touch = width < 900
    reader = new_reader(viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, hinted=True)
    reader.open("/?lang=en").seek(8)
    hint = reader.page.locator(".tip")
    assert ("→" in hint.inner_text()) != touch
    foot = "footer :is(.tip, .caption, .loop, .slider, .counter), #transport .buttons > *, .more-paces"
    assert reader.evaluate(OVERLAPS, foot) == []
    tip, footer = hint.bounding_box(), reader.page.locator("footer").bounding_box()
    assert tip
    assert footer
    if width == 390:  # it is one more row of the foot
        assert (tip["x"], tip["width"], tip["y"] + tip["height"]) == pytest.approx((0, width, footer["y"]), abs=1.5)
    else:
        assert tip["y"] >= footer["y"]


def test_settings_of_a_page_in_another_page_look_as_they_do_elsewhere(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en&embed=1")
    weights = "() => [...document.querySelectorAll('.knob label')].map((label) => getComputedStyle(label).fontWeight)"
    assert set(reader.evaluate(weights)) == {"400"}
    reader.seek(8)
    assert len({round(below) for *_, below in reader.evaluate(BOARDS)}) == 1
    assert reader.evaluate(SCROLLS, ".panels") == [False, False]


def test_further_settings_stand_in_two_columns(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en")
    reader.page.get_by_role("button", name="More settings").click()
    boxes = [field.bounding_box() for field in reader.page.locator("#more .fields").all()]
    assert len(boxes) == 12
    assert len({round(box["x"]) for box in boxes if box}) == 2
    assert len({round(box["width"]) for box in boxes if box}) == 1


# On a phone what stands below the stage, behind the foot, is not quite where it will be.
@pytest.mark.parametrize(("width", "height", "most"), [(1280, 800, 0.02), (1920, 1080, 0.02), (390, 844, 0.05)])
def test_nothing_moves_when_the_page_comes_alive(new_reader: NewReader, width: int, height: int, most: float):
    reader = new_reader(viewport={"width": width, "height": height})
    reader.begin_with(SHIFTS)
    reader.open("/?lang=en").figures()
    assert sum(reader.evaluate("window.shifts")) < most


# How far the line around the cells that a step has written reaches out of the stage, above and below.
OUTSIDE = """async () => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { MARGIN } = await import(folder + "board/plan.js");
  const room = document.querySelector(".panels").getBoundingClientRect();
  const above = document.querySelector("#stage [data-array=dx_padded] .above");
  const edges = above.lines.filter(({ width }) => width === 4).flatMap(({ line }) => [line[1], line[3]]);
  const cells = above.getBoundingClientRect().top + MARGIN.t;
  return [room.top - cells - Math.min(...edges) + 2, cells + Math.max(...edges) + 2 - room.bottom];
}"""


def test_the_cell_that_is_computed_is_in_view_however_it_was_come_to(reader: Reader):
    trace = walked(in_height=12, in_width=12)
    chapter = next(chapter for chapter in trace.chapters if chapter.name == "input_gradient")
    reader.begin_with(LINES)
    reader.open("/?in_height=12&in_width=12&lang=en").arrived(len(trace.steps))
    reader.seek(chapter.first + 1).figures()  # another board is written first
    for k in (chapter.first + 3 * cells for cells in (1, 2, 14 * 9, 14 * 12 + 1)):  # each takes three steps
        above, below = reader.seek(k).figures().evaluate(OUTSIDE)
        assert above <= 1, k
        assert below <= 1, k


def test_a_scratch_array_beside_the_boards_is_framed_as_what_is_done_with_it(reader: Reader):
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    reader.open("/convolution_as_linear/walk?lang=en")
    block = reader.page.locator(".strip .block:visible")
    framed = "(block) => [block.dataset.touched, getComputedStyle(block).outlineStyle]"
    for k, looks in enumerate((["not", "none"], ["written", "solid"], ["read", "solid"], ["written", "solid"])):
        reader.seek(k).figures()
        assert block.evaluate(framed) == looks, k


@pytest.mark.parametrize("layer", ["linear", "softmax_cross_entropy", "convolution_as_linear"])
def test_on_a_phone_what_a_chapter_begins_with_is_in_view_when_the_walk_goes_on_to_it(
    new_reader: NewReader, layer: str
):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    trace = core.record(layer)
    reader.open(f"/{layer}/walk?lang=en").arrived(len(trace.steps))
    for chapter in trace.chapters[1:-1]:
        [name, *_] = [access.array for access in trace.steps[chapter.first].accesses if access.values]
        reader.seek(chapter.first - 1).rest().seek(chapter.first).rest()
        reader.page.locator('footer [data-go="forward"]').tap()
        reader.rest()
        assert reader.step == chapter.first + 1
        above, below = reader.evaluate(BESIDE, name)
        assert above <= 1, chapter.name
        assert below <= 1, chapter.name


def test_on_a_phone_the_stage_is_as_high_as_its_screen_has_room_for(new_reader: NewReader):
    height = "() => document.querySelector('.panels').offsetHeight"
    at = {}
    for is_mobile in (False, True):
        reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=is_mobile)
        at[is_mobile] = reader.open("/batch/gradient_check?lang=en").seek(387).rest().evaluate(height)
    assert at[True] == at[False]
    assert at[True] < 844 - 99


def test_on_a_phone_the_loss_that_is_written_has_its_number(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/network/gradient_check?lang=en").seek(10).rest()
    height = (
        """() => document.querySelector("#stage [data-array=loss] [role=gridcell]").getBoundingClientRect().height"""
    )
    assert reader.evaluate(height) >= 19, "its cells are those of a picture"


def test_one_number_beside_pictures_is_read_where_there_is_room(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1100, "height": 720})
    dice = np.random.default_rng(4)
    shapes = {"x": (2, 7, 6), "w": (2, 2, 3, 2), "b": (2,), "dy": (2, 4, 4)}
    brought = {name: dice.normal(size=shape) for name, shape in shapes.items()}
    query = "&".join(f"{name}={written(array)}" for name, array in brought.items())
    reader.open(f"/kernel_not_flipped/walk?stride=2&padding=1&lang=en&{query}#part_ways").rest()
    height = """(array) => document.querySelector(`#stage [data-array=${array}] [role=gridcell]`).offsetHeight"""
    assert reader.evaluate(height, "dx") < 19, "its cells are those of a picture"
    assert [reader.evaluate(height, array) for array in ("rounding", "wrong_so_far")] == [19, 19]


@pytest.mark.parametrize(("walk", "array"), [("network/gradient_check", "x_nudged"), ("training/learn", "w_linear")])
def test_on_a_phone_no_array_is_a_speck(new_reader: NewReader, walk: str, array: str):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open(f"/{walk}?lang=en").seek(3).rest()
    cell = f"""() => document.querySelector("#stage [data-array={array}] [role=gridcell]").getBoundingClientRect()"""
    assert min(reader.evaluate(f"() => [({cell})().width, ({cell})().height]")) >= 4, "a cell's pixels"


def test_who_scrolls_the_stage_is_left_alone(reader: Reader):
    trace = walked(in_height=12, in_width=12)
    chapter = next(chapter for chapter in trace.chapters if chapter.name == "input_gradient")
    reader.open("/?in_height=12&in_width=12&lang=en").arrived(len(trace.steps)).seek(chapter.first + 3 * 14 * 9).rest()
    reader.evaluate("() => (document.querySelector('.panels').scrollTop = 0)")
    reader.seek(chapter.first + 3 * 14 * 9 + 3).rest()
    assert reader.evaluate("() => document.querySelector('.panels').scrollTop") == 0


def test_the_foot_is_as_high_however_much_there_is_to_say(reader: Reader):
    trace = walked(in_height=12, in_width=12)
    chapter = next(chapter for chapter in trace.chapters if chapter.name == "input_gradient")
    reader.open("/?in_height=12&in_width=12&lang=en").arrived(len(trace.steps))
    high = "() => document.querySelector('footer').offsetHeight"
    heights = {reader.seek(chapter.first + 3 * 14 * 10 + 3 * 11 + beat).evaluate(high) for beat in range(3)}
    assert heights == {reader.seek(3).evaluate(high)}


# Of each board: whether all of it is in view, how many times as wide as high its cells are, and where it lies.
IN_VIEW = """() => {
  const room = document.querySelector(".panels").getBoundingClientRect();
  const foot = document.querySelector("footer").getBoundingClientRect().top;
  return Object.fromEntries([...document.querySelectorAll("#stage .panel")].map((panel) => {
    const { left, right, top, bottom } = panel.querySelector(".board").getBoundingClientRect();
    const cell = panel.querySelector("[role=gridcell]").getBoundingClientRect();
    const isSeen = left >= room.left - 1 && right <= room.right + 1 && top >= room.top - 1 && bottom <= foot + 1;
    return [panel.dataset.array, [isSeen, cell.width / cell.height, left, right]];
  }));
}"""


@pytest.mark.parametrize(
    ("shape", "query"),
    [((1, 28, 28), ""), ((1, 28, 28), "&stride=1"), ((1, 28, 28), "&kernel_size=5&stride=4"), ((3, 32, 32), "")],
)
def test_a_picture_is_seen_whole_with_square_cells_and_so_is_its_output(
    new_reader: NewReader, shape: tuple[int, int, int], query: str
):
    cells = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    packed = base64.urlsafe_b64encode(cells.tobytes()).decode().rstrip("=")
    reader = new_reader(viewport={"width": 1280, "height": 720})
    reader.open(f"/conv2d/correlate?x=u8:{'x'.join(map(str, shape))}:{packed}{query}#20").drawn(20)
    boards = reader.evaluate(IN_VIEW)
    for name, (is_seen, ratio, _, _) in boards.items():
        assert is_seen, f"{name} is not seen"
        assert ratio == pytest.approx(3 if name == "b" else 1, abs=0.01), name
    reader.wait(
        """() => {
          const scales = [...document.querySelectorAll(".legend .on")].map((one) => one.textContent);
          return scales.filter((text) => text.startsWith("x_padded")).join() === "x_padded0255";
        }"""
    )


def test_a_telephone_shows_settings_in_one_row_however_many_arrays_are_given(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844})
    reader.open("/conv2d/walk?x=[[[1,2,3],[4,5,6],[7,8,9]]]&w=[[[[1]]]]&b=[1]")
    assert reader.evaluate("() => document.querySelector('#settings').offsetHeight") < 90


# What is not seen whole although it is there: names of arrays that stick out of their panels or of the stage.
NAMES = """() => {
  const stage = document.querySelector(".panels").getBoundingClientRect();
  return [...document.querySelectorAll(".panel")].flatMap((panel) =>
    [...panel.querySelectorAll(".name > *")].filter((name) => {
      const [{ right, width }, own] = [name, panel].map((each) => each.getBoundingClientRect());
      return width && (right > own.right + 1 || right > stage.right + 1);
    }).map((name) => name.textContent.trim()));
}"""


@pytest.fixture
def with_scrollbars(
    browser_type: BrowserType, browser_type_launch_args: dict[str, Any], server: Server
) -> Iterator[Reader]:
    """A reader whose scrollbars take room, as they do in Firefox and on Windows; playwright hides them otherwise."""
    browser = browser_type.launch(**browser_type_launch_args, ignore_default_args=["--hide-scrollbars"])
    context = browser.new_context(viewport={"width": 1280, "height": 720}, locale="en-US")
    reader = Reader(context.new_page(), server.url)
    try:
        yield reader
        reader.leave()
    finally:
        browser.close()


def test_scrollbars_cut_off_no_name_and_no_line_of_code(with_scrollbars: Reader):
    reader = with_scrollbars.open("/?lang=en").arrived(len(walked().steps))
    width = """() => {
      const probe = document.createElement("div");
      probe.style.cssText = "position: absolute; overflow: scroll; width: 100px";
      document.body.append(probe);
      return 100 - probe.clientWidth;
    }"""
    assert reader.evaluate(width) > 0, "there are scrollbars"
    for k in (2, 8, 60, 120, 400, 700, 1000, len(walked().steps)):
        reader.seek(k).rest()
        assert reader.evaluate(NAMES) == [], f"after {k} steps"
        assert not reader.evaluate(SCROLLS, ".panels")[0], f"after {k} steps"
        if k in (8, 60):  # elsewhere there are lines that are longer than can be read so small
            assert not reader.evaluate(SCROLLS, ".texts")[0], f"after {k} steps"
