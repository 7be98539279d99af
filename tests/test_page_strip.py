"""Before a lecture hall: the arithmetic of the cell that is being computed, in large digits beside the boards."""

import json
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

import core
from core.recording.trace import Trace
from tests.browser import NewReader, Reader, read, walked

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

SHOWN = """() => {
  const strip = document.querySelector(".strip");
  const text = (element) => element.textContent;
  const all = (root, selector) => [...root.querySelectorAll(selector)].filter((each) => !each.hidden);
  const seen = (selector) => {
    const found = strip.querySelector(selector);
    return found.checkVisibility({ visibilityProperty: true }) ? text(found) : "";
  };
  if (!strip.checkVisibility()) return null;
  return {
    maps: all(strip, ".group").map((group) => all(group, ".block").map((block) => all(block, "span").map(text))),
    headings: all(strip, ".group").map((group) => text(group.querySelector(".heading"))),
    totals: all(strip, ".total").map(text).filter(Boolean),
    running: all(strip, ".running").map(text).filter(Boolean),
    winners: all(strip, ".winner").map(text),
    name: seen(".outcome code"),
    manner: seen(".outcome code + span"),
    value: seen(".outcome b"),
    cell: Math.min(...all(strip, ".block span").map((cell) => cell.offsetHeight)),
    boards: [...document.querySelectorAll(".panel")].map((panel) => panel.dataset.array),
  };
}"""
PLACES = """() => {
  const parts = [...document.querySelectorAll(".strip, .strip .block, .outcome b, .panel .board")];
  return parts.map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height].map(Math.round).join();
  }).join(" ");
}"""
STANDS = f"""() => {{
  const places = ({PLACES})();
  window.still = window.places === places ? window.still + 1 : 0; // a formula comes a little later, and takes room
  window.places = places;
  return window.still > 20;
}}"""
CUT = """() => [...document.querySelectorAll(".strip, .strip .outcome, .strip :is(.outcome b, .total, .running)")]
  .filter((element) => element.checkVisibility())
  .filter((one) => one.scrollWidth > one.clientWidth || (one.matches(".strip") && one.scrollHeight > one.clientHeight))
  .map((element) => `${element.className}: ${element.textContent}`)"""


def at(reader: Reader, k: int) -> dict[str, Any]:
    shown: dict[str, Any] = reader.seek(k).evaluate(SHOWN)
    return shown


def numbers(texts: list[str]) -> list[float]:
    return [read(text) for text in texts]


def chapter(trace: Trace, name: str) -> Any:
    return next(each for each in trace.chapters if each.name == name)


@pytest.mark.parametrize(
    ("address", "width", "height", "least"),
    [("/?lang=en", 1280, 720, 22), ("/?lang=en&present=1", 1280, 800, 32), ("/?lang=en", 390, 844, 20)],
    ids=["page", "hall", "phone"],
)
def test_patch_product_and_sum_fill_in_beside_the_boards(
    address: str, width: int, height: int, least: int, new_reader: NewReader
):
    reader = new_reader(viewport={"width": width, "height": height}).open(address).arrived(len(walked().steps))
    first = chapter(walked(), "correlate").first
    after = 3 * 4  # beats of the cells before z[0, 1, 1]
    taken, multiplied, summed = (at(reader, first + after + beat) for beat in (1, 2, 3))
    [arrays] = reader.values(["patch", "product", "z", "w"], [first + after + 3])
    cells = [[grid.ravel().tolist() for grid in each] for each in zip(arrays["patch"], arrays["w"][0], strict=True)]
    assert [[numbers(grid) for grid in row[:2]] for row in taken["maps"]] == cells
    assert not any(any(row[2]) for row in taken["maps"])
    assert [numbers(row[2]) for row in multiplied["maps"]] == [each.ravel().tolist() for each in arrays["product"]]
    assert not any(multiplied["running"] + [multiplied["value"]])
    sums = arrays["product"].sum((1, 2))
    assert numbers([total.removeprefix("sum ") for total in summed["totals"]]) == sums.tolist()
    assert numbers([each.removeprefix("so far ") for each in summed["running"]]) == np.cumsum(sums).tolist()
    assert summed["manner"] == f" = Σ + b[0] = {sums.sum():g} + 1 = ".replace("-", "−")
    assert (summed["name"], read(summed["value"])) == ("z[0, 1, 1]", arrays["z"][0, 1, 1])
    assert summed["headings"] == [f"x_padded[{c}] × w[0, {c}]" for c in range(3)]
    assert summed["cell"] >= least
    assert sorted(summed["boards"]) == ["b", "w", "x_padded", "z"], "what the strip shows has no board as well"


@pytest.mark.parametrize("width", [1280, 390, 360])
@pytest.mark.slow
def test_nothing_in_the_strip_or_the_legend_lies_over_anything_else(width: int, new_reader: NewReader):
    reader = new_reader(viewport={"width": width, "height": 844})
    over = """() => {
      const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.textContent.trim();
      const parts = [...document.querySelectorAll(".outcome > *, .scales, .legend .key, #stage .all")].filter(seen);
      const boxes = parts.map((one) => {
        const range = document.createRange();
        range.selectNodeContents(one);
        return [one.textContent, range.getBoundingClientRect()];
      });
      return boxes.flatMap(([name, a], at) => boxes.slice(at + 1).filter(([, b]) =>
        Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
        Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1).map(([other]) => [name, other]));
    }"""
    for address in ("/?lang=en", "/?lang=zh", "/max_pool2d/walk?lang=en", "/conv2d/input_gradient?lang=zh"):
        reader.open(address).rest()
        assert reader.evaluate(over) == [], address
        # The key of a cell's links takes the place of the walk's keys, and of nothing else.
        reader.page.locator("#stage [role=gridcell][tabindex='0']").first.focus()
        reader.press("ArrowRight")
        reader.wait("() => document.querySelector('.legend.linking') !== null")
        assert reader.evaluate(over) == [], address


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "{array}: rows {0}–{1}, columns {2}–{3}"), ("zh", "{array}：第 {0}–{1} 行，第 {2}–{3} 列")],
)
def test_beside_a_picture_the_strip_says_which_part_of_it_it_enlarges(language: str, told: str, new_reader: NewReader):
    settings = {"in_channels": 1, "in_height": 28, "in_width": 28, "padding": 0}
    trace = core.record("conv2d", "correlate", **settings)
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    reader = new_reader(viewport={"width": 1280, "height": 720})
    reader.open(f"/conv2d/correlate?{query}&lang={language}#399").drawn(399)
    seen = set()
    for k in (3, 33, 300, 399):
        taken = [one for step in trace.steps[:k] for one in step.accesses if one.array == "x_padded"][-1]
        _, rows, columns = (range(*axis) for axis in taken.box)
        said = reader.seek(k).evaluate("() => document.querySelector('.strip .zeros').textContent")
        assert said == told.format(rows[0], rows[-1], columns[0], columns[-1], array="x_padded")
        seen.add(said)
    assert len(seen) > 2
    reader.open("/conv2d/correlate?lang=en#8").drawn(8)
    assert "rows" not in reader.page.locator(".strip .zeros").inner_text(), "it stands on the board, number by number"


def test_the_strip_stands_still_while_a_scene_runs_and_is_away_where_nothing_is_summed(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1920, "height": 1080}).open("/?present=1").arrived(len(walked().steps))
    for name in ("correlate", "weight_gradient"):
        part = chapter(walked(), name)
        reader.seek(part.first + 1).wait("() => document.fonts.status === 'loaded'").wait(STANDS)
        places = {reader.seek(k).evaluate(PLACES) for k in range(part.first + 1, part.stop + 1, 7)}
        assert len(places) == 1, name
        assert at(reader, part.stop)["cell"] >= (48 if name == "correlate" else 40)
    for name in ("pad", "activate", "flip", "update"):
        assert at(reader, chapter(walked(), name).stop) is None, name


def test_all_arrays_have_boards_beside_the_strip_for_who_asks_for_them(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en#8").arrived(len(walked().steps))
    scratch = reader.page.locator('[data-array="patch"]')
    everything = reader.page.get_by_role("button", name="All arrays")
    for times in (1, 2):
        expect(reader.page.locator(".strip")).to_be_visible()
        expect(scratch).to_have_count(0)
        everything.click()
        expect(scratch).to_be_visible()
        expect(everything).to_have_attribute("aria-pressed", "true")
        if times == 1:  # the browser remembers it
            reader.page.goto("about:blank")
            reader.open("/?lang=en#8").arrived(len(walked().steps))
            expect(scratch).to_be_visible()
        everything.click()


@pytest.mark.parametrize("view", ["", "?present=1"], ids=["page", "hall"])
@pytest.mark.parametrize("layer", ["max_pool2d", "avg_pool2d", "input_gradient", "cross_correlation"])
def test_what_the_strip_tells_is_what_the_run_has_computed(layer: str, view: str, new_reader: NewReader):
    trace = core.record(layer)
    reader = new_reader(viewport={"width": 1280, "height": 800})
    reader.open(f"/{layer}/walk{view}").arrived(len(trace.steps))
    told = 0
    for k in range(1, 60):
        shown = at(reader, k)
        if not (shown and shown["value"]):
            continue
        told += 1
        name, _, index = shown["name"].rstrip("]").partition("[")
        value = trace.snapshot(k)[name][tuple(map(int, index.split(", ")))]
        assert read(shown["value"]) == value, (k, shown)
        if shown["winners"]:
            assert numbers(shown["winners"]) == [value]
        else:
            assert all(all(row[-1]) for row in shown["maps"]), (k, shown)
            sums = [sum(numbers(row[-1])) for row in shown["maps"]]
            assert numbers([total.removeprefix("sum ") for total in shown["totals"]]) == sums
    assert told > 3


def test_a_pinned_cell_is_told_in_large_digits_and_one_that_is_pointed_at_lights_up(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?present=1").arrived(len(walked().steps))
    reader.seek(57).page.locator('[data-array="z"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("ArrowRight", "ArrowDown", "Enter")
    expect(reader.page.locator(".strip .outcome")).to_have_text("z[0, 1, 1] = Σ + b[0] = −2 + 1 = −1")
    reader.press("Escape")
    expect(reader.page.locator(".strip .outcome code")).to_have_text("z[1, 2, 2]")
    reader.page.locator(".strip .block span").first.hover()
    expect(reader.page.locator('[data-array="x_padded"] .cursor')).to_be_visible()


@pytest.mark.parametrize(
    ("address", "name", "value"),
    [
        (
            "/avg_pool2d/walk?present=1&in_height=9&in_width=9&kernel_size=3&stride=3&seed=3#22",
            "y[0, 1, 0]",
            "≈ −0.111",
        ),
        ("/avg_pool2d/walk?present=1&in_height=24&in_width=24#420", "y[0, 10, 10]", "0.75"),
        ("/conv2d/walk?in_channels=1&in_height=28&in_width=28#5", "z[0, 0, 0]", "5"),  # two lines say where it is read
    ],
)
def test_no_name_and_no_result_is_cut_however_long(address: str, name: str, value: str, new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 720}).open(address).wait(STANDS)
    shown = reader.evaluate(SHOWN)
    assert (shown["name"], shown["value"]) == (name, value)
    assert reader.evaluate(CUT) == []


def test_sums_of_decimals_are_told_whole_and_move_nothing(new_reader: NewReader):
    x = "[[0.123,-0.456,1.789,2],[2.345,0.678,-1.234,0],[3.141,-2.718,0.577,1],[-0.007,1,22.5,0]]"
    reader = new_reader(viewport={"width": 1280, "height": 800}).open(f"/cross_correlation/walk?present=1&x={x}#2")
    reader.wait(STANDS)
    places, told = set(), set()
    for k in range(1, 13):
        told |= set(at(reader, k)["totals"])
        places.add(reader.evaluate(PLACES))
        assert reader.evaluate(CUT) == []
    sums = core.run("cross_correlation", arrays={"x": json.loads(x)})["correlation"]
    assert {read(total.removeprefix("sum ")) for total in told} == {round(float(each), 3) for each in sums.ravel()}
    assert len(places) == 1


LONG = {
    "x": [[[1.5, -0.25, 2], [0.125, 3, -1], [2, 1, 0.5]]],
    "w": [[[[-0.788, -0.383, 2.176], [1.083, 1e-9, -0.5], [123456.789, 0.25, -1]]]],
    "b": [0],
}


@pytest.mark.parametrize("size", [(1280, 720), (1440, 900), (1920, 1080)])
def test_every_cell_of_a_grid_ends_on_a_pixel_and_a_sum_has_one_sign(size: tuple[int, int], new_reader: NewReader):
    arrays = "&".join(f"{name}={quote(json.dumps(array, separators=(',', ':')))}" for name, array in LONG.items())
    reader = new_reader(viewport={"width": size[0], "height": size[1]})
    reader.open(f"/conv2d/correlate?present=1&lang=en&padding=1&stride=1&{arrays}#15").wait(STANDS)
    widths = """() => [...document.querySelectorAll(".strip .block span")].map((cell) => {
        const range = document.createRange();
        range.selectNodeContents(cell);
        return [cell.getBoundingClientRect().width, range.getBoundingClientRect().width];
    })"""
    for cell, text in reader.evaluate(widths):
        assert cell == round(cell)
        assert text <= cell - 5, "a line and two pixels on each side"
    for k in range(1, 16):
        reader.seek(k)
        told = reader.evaluate("() => document.querySelector('.strip').textContent")
        assert "= ≈" not in told, told
    assert "≈" in told


def test_what_was_computed_last_stays_while_many_cells_are_copied_at_once(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?present=1").arrived(len(walked().steps))
    last = chapter(walked(), "input_gradient").stop
    dx = walked().snapshot(last)["dx_padded"]
    for before in (last - 1, 0):  # one comes step by step, or from anywhere
        reader.seek(before)
        shown = at(reader, last)
        assert (shown["name"], read(shown["value"])) == ("dx_padded[2, 6, 6]", dx[2, 6, 6])
    reader.page.get_by_role("img", name="dx_padded, channel 2, row 6, column 6: 0, sum of 18 products").wait_for()


def test_the_cell_under_a_resting_pointer_is_the_one_that_stands_there_now(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?present=1").arrived(len(walked().steps))
    first = chapter(walked(), "correlate").first
    lit = reader.page.locator('[data-array="x_padded"] .cursor')
    name = reader.page.locator('[data-array="x_padded"] .hint')
    reader.seek(first + 1).wait(STANDS).page.locator(".strip .block span").first.hover()
    expect(lit).to_be_visible()
    expect(name).to_contain_text("x_padded[0, 0, 0]")
    for cells, place in ((1, "[0, 0, 2]"), (2, "[0, 0, 4]"), (3, "[0, 2, 0]"), (4, "[0, 2, 2]")):
        reader.seek(first + 1 + 3 * cells)
        expect(name).to_contain_text(f"x_padded{place}")
    reader.seek(chapter(walked(), "pad").stop)
    expect(lit).to_be_hidden()


def test_a_pin_goes_with_the_board_that_gives_way_to_the_strip(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en#57").arrived(len(walked().steps))
    everything = reader.page.get_by_role("button", name="All arrays")
    everything.click()
    reader.page.locator('[data-array="patch"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("Enter").wait("() => convwalk.cell?.array === 'patch' && convwalk.cell.pinned")
    everything.click()
    reader.wait("() => convwalk.cell === null")
