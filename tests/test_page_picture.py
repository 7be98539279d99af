"""The first picture, which the server draws: it is there before any script, and the stage takes its place unnoticed."""

import json
import math
import random

import numpy as np
import pytest
from playwright.sync_api import Route, expect

from app.ground.digits import exact, fitted, short
from app.picture.board import Board
from app.picture.picture import picture_of
from core.catalog import LAYERS, Run
from core.offer.layer import Layer
from tests.browser import NewReader, Reader
from tests.node import node

SHAPES = [(1,), (16,), (1, 1), (5, 7), (3, 5, 5), (16, 20, 20), (40, 2, 2), (2, 3, 3, 3), (16, 1, 3, 3), (3, 2, 11, 1)]

# What the page shows: of each panel its caption, its side, and of each of its numbers the colours.
PANELS = """() => [...document.querySelectorAll("#stage .panel")].map((panel) => {
  const drawn = panel.querySelector(".picture svg, .board");
  const [stage, place] = [document.querySelector("#stage"), panel].map((each) => each.getBoundingClientRect());
  return {
    name: panel.dataset.array,
    role: panel.className,
    caption: panel.querySelector("figcaption").textContent.replace(/\\s+/g, " ").trim(),
    left: place.left - stage.left,
    top: place.top - stage.top,
    width: drawn.matches("svg") ? drawn.getBoundingClientRect().width + 21 : drawn.offsetWidth,
  };
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
  return [...document.querySelectorAll(".picture g:not(.filled):has(text)")].map((group) => {
    const look = looks.of({ scale: scales[group.closest("[data-array]").dataset.array] });
    const { fill, ink } = look.of(Number(group.querySelector("text").textContent.replace("−", "-")));
    return [["path", fill], ["text", ink]].map(([part, wanted]) =>
      [getComputedStyle(group.querySelector(part)).fill, wanted].map(seen));
  }).flat();
}"""


def without_the_stage(reader: Reader, address: str) -> Reader:
    """A page whose scripts are still on their way."""

    def wait(route: Route) -> None:
        route.fulfill(body="", content_type="text/javascript")

    reader.page.route("**/main.js", wait)
    reader.page.goto(reader.url + address)
    reader.evaluate("() => document.querySelector('#lacks').remove()")  # it takes room to say that no script has come
    return reader


# --- What it is made of -----------------------------------------------------------------------------------------------


def test_a_number_is_written_as_the_page_writes_it():
    rng = random.Random(5)
    values = [
        0.0,
        -0.0,
        0.5,
        -1.5,
        2.5,
        0.125,
        1e21,
        1e20,
        1e-6,
        1e-7,
        0.95,
        99.5,
        -0.05,
        1e300,
        5e-324,
        math.inf,
        -math.inf,
    ]
    values += [rng.uniform(-1, 1) * 10 ** rng.randint(-9, 22) for _ in range(800)]
    values += [rng.randint(-2000, 2000) / 8 for _ in range(300)] + [round(rng.uniform(-20, 20), 2) for _ in range(300)]
    rooms = [2, 3, 5, 8]
    sent = [value if math.isfinite(value) else str(value).replace("inf", "Infinity") for value in values]
    widths = [1.6, 3.2, 4.8]
    for value, page in zip(values, node("texts", values=sent, rooms=rooms, widths=widths), strict=True):
        assert exact(value) == page["exact"]
        for room, text in zip(rooms, page["short"], strict=True):
            assert short(value, room) == (text["text"], text["rounded"]), (value, room)
        for ems, text in zip(widths, page["fitted"], strict=True):
            assert fitted(value, ems) == (text["text"], text["rounded"], pytest.approx(text["size"])), (value, ems)


def test_a_cell_lies_where_the_page_lays_it():
    rng = random.Random(6)
    marked = [[flat for flat in range(math.prod(shape)) if rng.random() < 0.4] for shape in SHAPES]
    asked = [{"shape": shape, "masks": [cells]} for shape, cells in zip(SHAPES, marked, strict=True)]
    for shape, cells, plan in zip(SHAPES, marked, node("plans", boards=asked), strict=True):
        board = Board.of(shape)
        assert (board.columns, board.rows) == (plan["columns"], plan["rows"])
        assert list(board.places) == list(zip(plan["xs"], plan["ys"], strict=True))
        assert [vars(one) for one in board.maps] == plan["maps"]
        lines = sum(x1 - x0 + y1 - y0 for x0, y0, x1, y1 in plan["outlines"][0])
        edges = board.outline(cells)
        assert len(edges) == len(set(edges)) == lines
        for x0, y0, x1, y1 in edges:  # each is part of one of the page's longer lines
            assert any(a <= x0 and b <= y0 and c >= x1 and d >= y1 for a, b, c, d in plan["outlines"][0])


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
def test_every_walk_has_a_picture_with_the_numbers_of_its_moment(layer: Layer):
    run = Run.of(layer.name)
    outline = run.outline()
    picture = picture_of(run, outline)
    assert picture is not None
    steps = [step for step, _ in zip(run.steps(), range(picture.k), strict=False)]
    assert picture.caption == steps[-1].caption
    arrays = {name: array.copy() for name, array in outline.start.items()}
    for access in (access for step in steps for access in step.accesses if access.values is not None):
        box = tuple(slice(*axis) for axis in access.box)
        arrays[access.array][box] = np.reshape(access.values, arrays[access.array][box].shape)
    for panel in picture.panels:
        cells = sorted((y, x, ink.text) for ink in panel.inks for x, y in ink.places)
        values = {(y, x): text for y, x, text in cells}
        assert len(values) == len(cells)
        board, side = Board.of(panel.shape), 20 * panel.width / Board.of(panel.shape).columns
        for flat, value in enumerate(arrays[panel.name].ravel().tolist()):
            column, row = board.places[flat]
            shown = values.get(((row + 0.5) * 20, (column + 0.5) * side))
            if shown is not None:
                assert shown == fitted(value, 1.6 * side / 20)[0]
    written = {access.array for access in steps[-1].accesses if access.values is not None}
    marked = {panel.name for panel in picture.panels if dict(panel.marks)["write"]}
    assert marked == written & {panel.name for panel in picture.panels}


def test_arrays_that_take_long_to_draw_have_no_picture():
    run = Run.of("conv2d", in_height=40, in_width=40, in_channels=2)
    assert picture_of(run, run.outline()) is None


# --- What is seen of it -----------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("address", "height"), [("/?lang=en", 800), ("/max_pool2d/walk?lang=zh", 970)])
def test_the_stage_takes_the_place_of_the_picture_without_a_jump(new_reader: NewReader, address: str, height: int):
    reader = without_the_stage(new_reader(viewport={"width": 1280, "height": height}), address)
    first = reader.evaluate(PANELS)
    caption = reader.page.locator(".caption").inner_text()
    expect(reader.page.locator(".picture")).to_be_visible()
    reader.page.unroute("**/main.js")
    reader.open(address).figures()
    stage = reader.evaluate(PANELS)
    assert reader.page.locator(".picture").count() == 0
    assert reader.page.locator(".caption").inner_text() == caption
    for part in ("name", "role", "caption"):
        assert [panel[part] for panel in first] == [panel[part] for panel in stage]
    for before, after in zip(first, stage, strict=True):
        assert before["width"] == pytest.approx(after["width"], rel=0.15), before["name"]
        assert before["left"] == pytest.approx(after["left"], abs=40), before["name"]
        assert before["top"] == pytest.approx(after["top"], abs=40), before["name"]


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
    picture = without_the_stage(reader, "/?lang=en#700").page.locator(".picture")
    expect(picture).to_be_hidden()
    reader.page.goto("about:blank")
    without_the_stage(reader, "/?lang=en#3")
    expect(picture).to_be_visible()


@pytest.mark.browser
def test_the_picture_is_there_without_scripts(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.url}/?lang=en")
    panels = reader.page.locator(".picture .panel")
    assert panels.count() == 6
    expect(panels.nth(0).get_by_text("[2]")).to_be_visible()
    expect(reader.page.locator("#source")).to_be_hidden()
