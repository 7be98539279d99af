"""The first picture, which the server writes: it is there before any script, and the stage takes its place unseen."""

import base64
import json
import math
import posixpath
import random
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

import core
from app.ground.numerals import is_long, is_rounded, tidy
from app.ground.numerals import number as written
from app.pages.pages import OPENING
from app.paths import STATIC
from app.picture.picture import Cell, picture_of
from core.catalog import LAYERS, Run
from core.offer.layer import Layer
from core.recording.moment import Moment
from tests.browser import NewReader, Reader
from tests.node import floats, node

DECIMALS = "[[[-1.25,0.5,2.75],[3.1,-0.2,1],[0,1,-2.5]]]"
LATER = "[[[-1.25,0.5,2.75],[3.1,-0.2,1],[0,1,-1234.5678]]]"  # a number to come has room for few decimals
FILLED = 2  # the mark of such a cell in static/run/trace.js

# Remembers the numbers that the stage has painted last, each in the middle of its cell.
NUMBERS = """
const { setTransform, fillRect, fillText } = CanvasRenderingContext2D.prototype;
Object.assign(CanvasRenderingContext2D.prototype, {
  setTransform(...matrix) {
    this.canvas.numbers = [];
    this.canvas.labels = [];
    return setTransform.apply(this, matrix);
  },
  fillRect(left, top, width, height) {
    const isLeft = ([, , , x, y]) => x < left || x >= left + width || y < top || y >= top + height;
    if (height > 2) this.canvas.numbers = this.canvas.numbers?.filter(isLeft); // the line below a number covers nothing
    return fillRect.apply(this, arguments);
  },
  fillText(text, x, y) {
    if (text.startsWith("[")) this.canvas.labels?.push(text);
    const [slanted, size] = [this.font.startsWith("italic"), Number(/([\\d.]+)px/.exec(this.font)[1])];
    if (x > 0 && y > 0 && !text.startsWith("[")) this.canvas.numbers?.push([text, slanted, size, x, y - size * 0.06]);
    return fillText.apply(this, arguments);
  },
});
"""

# What the page shows of each panel: its caption, its place, and each number with its letters and where it stands.
PANELS = """async () => {
  const { MARGIN } = await import(document.querySelector("link[href$='/plan.js']").href);
  const stage = document.querySelector(".panels").getBoundingClientRect();
  const placed = (element, from) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x - from.x, y - from.y, width, height];
  };
  return [...document.querySelectorAll("#stage .panel")].map((panel) => {
    const board = panel.querySelector(".board");
    const { x, y } = board.getBoundingClientRect();
    const cells = [...board.querySelectorAll("td:not(.unknown)")].filter((cell) => cell.textContent);
    const numbers = panel.querySelector("canvas")?.numbers ?? cells.map((cell) => {
      const [left, top, wide, high] = placed(cell, { x: x + MARGIN.l, y: y + MARGIN.t });
      const { fontStyle, fontSize } = getComputedStyle(cell);
      return [cell.textContent, fontStyle === "italic", parseFloat(fontSize), left + wide / 2, top + high / 2];
    });
    return {
      name: panel.dataset.array ?? panel.dataset.name,
      role: [...panel.classList].find((name) => name.startsWith("role-")),
      caption: panel.querySelector("figcaption").textContent.replace(/\\s+/g, " ").trim(),
      places: [placed(panel, stage), placed(board, stage)],
      labels: panel.querySelector("canvas")?.labels ?? [...board.querySelectorAll("caption")]
        .filter((one) => one.checkVisibility({ visibilityProperty: true })).map((one) => one.textContent),
      covered: [...panel.querySelectorAll(".kernel")].map((one) => placed(one, { x: x + MARGIN.l, y: y + MARGIN.t })),
      numbers: numbers.sort((a, b) => Math.round(a[4]) - Math.round(b[4]) || a[3] - b[3]),
    };
  });
}"""
# Where each part of the page is that stands before its scripts run.
PARTS = """() => ["header", "#map", "#settings", ".saying", ".panels", ".legend"].map((part) => {
  const { x, y, width } = document.querySelector(part).getBoundingClientRect();
  return [x, y, width];
})"""
COLOURS = """async (scales) => {
  const { Looks, themeOf } = await import(document.querySelector("link[href$='/look.js']").href);
  const looks = new Looks(themeOf());
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const seen = (colour) => {
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const cells = [...document.querySelectorAll(".picture td:not(.unknown, .filled, .rounded)")];
  return cells.filter((cell) => cell.textContent).flatMap((cell) => {
    const look = looks.of({ scale: scales[cell.closest(".picture").dataset.name] });
    const { fill, ink } = look.of(Number(cell.textContent.replace("−", "-")));
    const { backgroundColor, color } = getComputedStyle(cell);
    return [[backgroundColor, fill], [color, ink]].map((pair) => pair.map(seen));
  });
}"""


def without_the_stage(reader: Reader, address: str) -> Reader:
    """A page whose scripts are still on their way, but for the one that lays out the picture."""

    def wait(route: Route) -> None:
        route.fulfill(body="", content_type="text/javascript")

    reader.page.route("**/main.js", wait)
    reader.page.goto(reader.url + address)
    reader.evaluate("() => document.querySelector('#lacks').remove()")  # it takes room to say that no script has come
    return reader


# --- What it is made of -----------------------------------------------------------------------------------------------


def test_a_number_is_long_where_the_page_finds_it_long():
    rng = random.Random(5)
    values = [
        0.0,
        -0.0,
        0.5,
        -0.5,
        12.5,
        -1.5,
        99.0,
        100.0,
        -12.0,
        -100.0,
        1e15,
        1e16,
        1e21,
        1e-6,
        1e-7,
        -5e-324,
        1e300,
    ]
    values += [rng.uniform(-1, 1) * 10 ** rng.randint(-9, 22) for _ in range(200)] + [
        rng.randint(-2000, 2000) / 8 for _ in range(300)
    ]
    values += [math.inf, -math.inf, math.nan]
    sent = [value if math.isfinite(value) else str(value).replace("inf", "Infinity") for value in values]
    told = [len(each["exact"]) > 3 for each in node("texts", values=sent, rooms=[])]
    assert [is_long(value) for value in values] == told
    assert {True, False} == set(told)


def test_the_dust_of_binary_sums_is_taken_away_as_on_the_page():
    rng = random.Random(8)
    values = [sum(round(rng.uniform(-9, 9), digits) for _ in range(7)) for digits in (1, 2, 5, 9) for _ in range(150)]
    values += [0.1 + 0.2, -1.3000000000000003, 1 / 3, 900000000000000.5, 0.1000000000000023, 5e-324, 1.1e300, -0.0, 2.0]
    found = node("tidied", values=values, ems=2)["tidied"]
    assert [tidy(value) for value in values] == found
    assert found != values


@pytest.mark.parametrize(
    ("value", "text"),
    [(2.55, "2.55"), (-1.2345675, "−1.23457"), (0.00012345650, "0.000123457"), (123456.5, "123457"), (1e-7, "1e−07")],
)
def test_a_table_rounds_the_digits_that_a_number_is_written_in(value: float, text: str):
    assert (written(value), is_rounded(value)) == (text, text not in ("2.55", "1e−07"))


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_what_has_happened_to_a_cell_is_what_the_page_finds(layer: Layer):
    run = Run.of(layer.name)
    outline, steps = run.outline(), list(islice(run.steps(), 64))
    request = {"header": outline.header(), "steps": list(map(outline.encoder(), steps))}
    moments = range(0, len(steps) + 1, 3)
    _, *told = node("replay", **request, script=[["add", len(steps)], *(["seek", k] for k in moments)])
    known = node("known", **request, moments=list(moments))
    for k, arrays, known_then in zip(moments, told, known, strict=True):
        moment = Moment(outline, steps[:k])
        for name, array in arrays.items():
            marks = np.frombuffer(base64.b64decode(array["marks"]), np.uint8)
            np.testing.assert_array_equal(moment.arrays[name].ravel(), floats(array["cells"]))
            np.testing.assert_array_equal(moment.known[name].ravel(), known_then[name])
            np.testing.assert_array_equal(moment.filled[name].ravel(), marks == FILLED)


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_every_walk_has_a_picture_with_the_numbers_and_the_marks_of_its_moment(layer: Layer):
    run = Run.of(layer.name)
    outline = run.outline()
    picture = picture_of(run, outline)
    assert picture is not None
    steps = list(islice(run.steps(), picture.k))
    assert picture.caption == steps[-1].caption
    assert steps[-1].accesses
    arrays = Moment(outline, steps).arrays
    for panel in picture.panels:
        cells = [cell for _, rows in panel.maps for row in rows for cell in row]
        values = [tidy(value) for value in arrays[panel.name].ravel().tolist()]
        assert [cell.value for cell in cells] == [
            None if cell.value is None else value for cell, value in zip(cells, values, strict=True)
        ]
        for mark, is_write in (("read", False), ("write", True)):
            mask = np.zeros(panel.shape, bool)
            for access in steps[-1].accesses:
                if access.array == panel.name and (access.values is not None) == is_write:
                    mask[tuple(slice(*axis) for axis in access.box)] = True
            [plan] = node("plans", boards=[{"shape": panel.shape, "masks": [np.flatnonzero(mask).tolist()]}])
            assert edges(cells, mark, plan) == {edge for line in plan["outlines"][0] for edge in units(line)}


def edges(cells: list[Cell], mark: str, plan: Any) -> set[tuple[int, ...]]:
    """The marked sides of cells, each from one corner to the next."""
    corners = {"top": (0, 0, 1, 0), "right": (1, 0, 1, 1), "bottom": (0, 1, 1, 1), "left": (0, 0, 0, 1)}
    return {
        (x + x0, y + y0, x + x1, y + y1)
        for cell, x, y in zip(cells, plan["xs"], plan["ys"], strict=True)
        for one in cell.marks
        if one.split()[0] == mark
        for x0, y0, x1, y1 in (corners[side] for side in one.split()[1:])
    }


def units(line: list[int]) -> Iterator[tuple[int, ...]]:
    """The sides of cells that a line of the page runs along."""
    x0, y0, x1, y1 = line
    for at in range(x1 - x0 + y1 - y0):
        yield (x0 + at, y0, x0 + at + 1, y0) if y0 == y1 else (x0, y0 + at, x0, y0 + at + 1)


def test_arrays_that_take_long_to_draw_have_no_picture():
    run = Run.of("conv2d", in_height=40, in_width=40, in_channels=2)
    assert picture_of(run, run.outline()) is None


def test_what_lays_out_the_picture_is_loaded_before_all_else():
    loaded: set[str] = set()
    waiting = ["board/opening.js"]
    while waiting:
        loaded.add(script := waiting.pop())
        text = (STATIC / script).read_text(encoding="utf-8")
        imported = re.findall(r'^import [^;]*?\bfrom "(\.[^"]+)"', text, re.MULTILINE)
        waiting += {posixpath.normpath(posixpath.join(posixpath.dirname(script), other)) for other in imported} - loaded
    assert loaded == set(OPENING)


# --- What is seen of it -----------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    ("address", "width", "height"),
    [
        ("/?lang=en", 1280, 720),
        ("/?lang=en", 1920, 1080),
        ("/?lang=en", 390, 844),
        ("/max_pool2d/walk?lang=zh", 1280, 970),
        (f"/conv2d/walk?lang=en&padding=0&stride=1&kernel_size=2&x={DECIMALS}", 1920, 1080),
        (f"/conv2d/walk?lang=en&padding=0&stride=1&kernel_size=2&x={LATER}", 1920, 1080),
        ("/chain/walk?lang=en", 1280, 800),  # whose numbers are long
        ("/max_pool2d/walk?lang=en&in_height=14&in_width=14", 1280, 800),  # a picture
        ("/conv2d/walk?lang=en&in_height=30&in_width=20&in_channels=1&out_channels=1", 1280, 800),
    ],
)
def test_the_stage_takes_the_place_of_the_picture_without_a_jump(
    new_reader: NewReader, address: str, width: int, height: int
):
    reader = without_the_stage(new_reader(viewport={"width": width, "height": height}), address)
    expect(reader.page.locator(".picture").first).to_be_visible()
    first, parts = reader.evaluate(PANELS), reader.evaluate(PARTS)
    caption = reader.page.locator(".caption").inner_text()
    reader.page.unroute("**/main.js")
    reader.begin_with(NUMBERS)
    reader.open(address).figures()
    stage = reader.evaluate(PANELS)
    assert reader.page.locator(".picture").count() == 0
    assert np.ravel(reader.evaluate(PARTS)) == pytest.approx(np.ravel(parts), abs=0.5)
    assert reader.page.locator(".caption").inner_text() == caption
    for part in ("name", "role", "caption", "labels"):
        assert [panel[part] for panel in first] == [panel[part] for panel in stage]
    for before, after in zip(first, stage, strict=True):
        for panel in (before, after):  # below the kernel numbers make room for its weights
            panel["numbers"] = [one for one in panel["numbers"] if not is_covered(one, after["covered"])]
        assert np.ravel(before["places"]) == pytest.approx(np.ravel(after["places"]), abs=0.5), before["name"]
        assert [number[:2] for number in before["numbers"]] == [number[:2] for number in after["numbers"]]
        for one, other in zip(before["numbers"], after["numbers"], strict=True):
            assert one[2:] == pytest.approx(other[2:], abs=0.5), (before["name"], one, other)
    maps = [panel for panel in first if panel["name"] not in {"w", "b"}]  # a kernel is read beside a picture too
    assert any(panel["numbers"] for panel in maps) == ("in_height=30" not in address), "they stand where there is room"
    assert any(panel["numbers"] for panel in first)


@pytest.mark.browser
def test_a_board_shows_all_decimals_where_they_have_room_and_none_is_rounded_for_the_dust_of_another(reader: Reader):
    reader.begin_with(NUMBERS)
    reader.open(f"/conv2d/walk?lang=en&padding=0&stride=1&kernel_size=2&x={DECIMALS}#29").drawn(29).figures()
    [z] = [panel for panel in reader.evaluate(PANELS) if panel["name"] == "z"]
    shown = sorted((text, is_italic) for text, is_italic, *_ in z["numbers"])
    values = core.run("conv2d", arrays={"x": json.loads(DECIMALS)}, padding=0, stride=1, kernel_size=2)["z"].ravel()
    assert -1.3000000000000003 in values.tolist()
    assert shown == sorted((f"{value:.12g}".replace("-", "−"), False) for value in values.tolist())


def is_covered(number: list[Any], plates: list[list[float]]) -> bool:
    x, y = number[3:]
    return any(left < x < left + width and top < y < top + height for left, top, width, height in plates)


@pytest.mark.browser
@pytest.mark.parametrize("layer", ["conv2d", "max_pool2d"])
def test_the_picture_has_the_colours_of_the_stage_in_light_and_in_dark(new_reader: NewReader, layer: str):
    x = np.arange(100.0).reshape(1, 10, 10) if layer == "max_pool2d" else None  # a picture, in greys
    run = Run.of(layer, arrays={} if x is None else {"x": x})
    scales = {name: scale and list(scale) for name, scale in run.outline().scales.items()}
    query = "" if x is None else f"&x={json.dumps(x.tolist(), separators=(',', ':'))}"
    reader = without_the_stage(new_reader(), f"/{layer}/walk?lang=en{query}")
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)
        pairs = reader.evaluate(COLOURS, scales)
        assert len(pairs) > 10
        for shown, wanted in pairs:
            np.testing.assert_allclose(shown, wanted, atol=2)


@pytest.mark.browser
def test_the_picture_is_not_shown_for_a_link_to_another_moment(reader: Reader):
    picture = without_the_stage(reader, "/?lang=en#700").page.locator(".picture").first
    expect(picture).to_be_hidden()
    reader.page.goto("about:blank")
    without_the_stage(reader, "/?lang=en#5")
    expect(picture).to_be_visible()


@pytest.mark.browser
def test_the_picture_is_there_without_scripts(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.url}/?lang=en")
    panels = reader.page.locator(".picture")
    assert panels.count() == 6
    expect(panels.nth(0).get_by_text("[2]")).to_be_visible()
    expect(panels.nth(2).get_by_role("cell", name="−1").first).to_be_visible()
    expect(reader.page.locator("#source")).to_be_hidden()


@pytest.mark.browser
def test_the_picture_is_there_where_the_scripts_cannot_be_loaded(reader: Reader):
    reader.page.route("**/board/plan.js", lambda route: route.abort())
    reader.expect_complaint("Failed to load resource")
    reader.page.goto(f"{reader.url}/?lang=en")
    expect(reader.page.locator("#lacks")).to_be_visible()
    expect(reader.page.locator(".picture").first).to_be_visible()
