"""What is painted: at every cell the colour and the number of its value, a veil over what is not computed yet, lines
around just what is read and written. The model is Python's; what is looked at are the pixels of a screenshot.
"""

import base64
import re
from typing import Any

import numpy as np
import pytest

from core.recording.trace import CELL, Access, Trace, cells
from tests.browser import NewReader, Reader, known, stands_for, walked
from tests.canvas import WRITTEN

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

NEAR = 1  # of 255
FADED = 0.3  # how much is seen of an array whose numbers are those of the cell before
READABLE = 19  # pixels: in a smaller cell no number stands
LINE = 40  # of 255: a line's edge is blended with what lies below

# Where each panel's cells lie on the screen, and the numbers that stand there.
GEOMETRY = """async (shapes) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const room = document.querySelector(".panels").getBoundingClientRect();
  return [...document.querySelectorAll("[data-array]")].map((panel) => {
    const plan = new Plan(shapes[panel.dataset.array], panel.querySelector(".board").dataset.layout);
    const board = panel.querySelector(".board").getBoundingClientRect();
    return {
      name: panel.dataset.array,
      columns: plan.columns, rows: plan.rows, xs: [...plan.xs], ys: [...plan.ys],
      left: board.x + MARGIN.l, top: board.y + MARGIN.t,
      wide: (board.width - MARGIN.l - MARGIN.r) / plan.columns,
      high: (board.height - MARGIN.t - MARGIN.b) / plan.rows,
      room: [room.left, room.top, room.right, room.bottom],
      texts: panel.querySelector("canvas").written,
    };
  });
}"""

THEME = """async (values) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Looks, themeOf } = await import(folder + "say/look.js");
  const { veil, read, write } = themeOf();
  const looks = new Looks(themeOf());
  const ground = getComputedStyle(document.documentElement).getPropertyValue("--ground").trim();
  return { veil, read, write, ground, fills: values.map(([scale, value]) => looks.of({ scale }).of(value).fill) };
}"""

LIFT = """(visibility) => {
  for (const { style } of document.querySelectorAll(".kernel, .aim, .way-of-number")) style.visibility = visibility;
}"""

DECODE = """async (png) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${png}`;
  await picture.decode();
  const { width, height } = picture;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(picture, 0, 0);
  window.decoded = { width, data: context.getImageData(0, 0, width, height).data };
}"""

PIXELS = """(points) => {
  const { width, data } = window.decoded;
  return points.map(([x, y]) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)]);
}"""


def rgb(colour: str) -> np.ndarray:
    if colour.startswith("#"):
        return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return np.array(list(map(int, re.findall(r"\d+", colour))))


class Picture:
    """A screenshot of a moment, with what ought to be seen on it."""

    def __init__(self, reader: Reader, trace: Trace) -> None:
        self.reader, self.trace, self.k = reader, trace, reader.step
        self.arrays = trace.snapshot(self.k)
        self.known = known(trace, self.k)
        self.boards = reader.evaluate(GEOMETRY, {name: list(array.shape) for name, array in self.arrays.items()})
        self.stale = {name for name in stale(trace, self.k) if self.known[name].flat[0]}
        # What lies on the boards is looked at elsewhere.
        reader.evaluate(LIFT, "hidden")
        png = reader.page.screenshot(animations="disabled")
        reader.evaluate(LIFT, "")
        reader.evaluate(DECODE, base64.b64encode(png).decode())

    def at(self, points: list[tuple[float, float]]) -> np.ndarray:
        whole = [[int(x), int(y)] for x, y in points]
        return np.array(self.reader.evaluate(PIXELS, whole)).reshape(-1, 3)

    def theme(self, values: list[tuple[Any, float]]) -> Any:
        """The colours that numbers on their scales and lines ought to have."""
        return self.reader.evaluate(THEME, values)

    def shown(self, board: dict[str, Any], x: float, y: float) -> bool:
        """Whether a point is within the room for panels, which scrolls when they do not fit."""
        left, top, right, bottom = board["room"]
        return left < x < right - 1 and top < y < bottom - 1

    # --- What ought to be seen ----------------------------------------------------------------------------------------

    def assert_colours(self) -> int:
        """Near its corner, where no number stands, each cell has the colour of its value, or is veiled."""
        points, wanted, values = [], [], []
        for board in self.boards:
            name = board["name"]
            array, is_known = self.arrays[name].ravel(), self.known[name].ravel()
            inset = min(3, board["high"] / 2)  # a line covers the first two pixels, and numbers begin further in
            for flat, (x, y) in enumerate(zip(board["xs"], board["ys"], strict=True)):
                point = (board["left"] + x * board["wide"] + inset, board["top"] + y * board["high"] + inset)
                if self.shown(board, *point):
                    points.append(point)
                    wanted.append((name, np.unravel_index(flat, self.arrays[name].shape), bool(is_known[flat])))
                    values.append((self.trace.outline.scales[name], float(array[flat])))
        theme = self.theme(values)
        expected = np.array(
            [rgb(fill if one[2] else theme["veil"]) for one, fill in zip(wanted, theme["fills"], strict=True)]
        )
        share = np.array([[FADED if name in self.stale else 1] for name, _, _ in wanted])
        expected = share * expected + (1 - share) * rgb(theme["ground"])
        colours = self.at(points)
        for at in np.flatnonzero(np.abs(colours - expected).max(axis=1) > NEAR):
            name, index, _ = wanted[at]
            where = f"{name}{list(map(int, index))} after {self.k} steps"
            pytest.fail(f"{where} is {colours[at]}, and should be {expected[at].round()}")
        return len(points)

    def assert_numbers(self) -> int:
        """In each cell with a value stands that value, or correctly rounded and in italics."""
        count = 0
        for board in self.boards:
            name = board["name"]
            places = dict(zip(zip(board["xs"], board["ys"], strict=True), range(self.arrays[name].size), strict=True))
            found: dict[int, dict[str, Any]] = {}  # the last number written into each cell
            for text in board["texts"]:
                flat = places.get((int(text["x"] // board["wide"]), int(text["y"] // board["high"])))
                if flat is not None:
                    found[flat] = text
            if board["high"] < READABLE:
                assert not found, f"{name} is too small for numbers"
                continue
            assert sorted(found) == np.flatnonzero(self.known[name]).tolist(), f"{name} after {self.k} steps"
            for flat, text in found.items():
                value = float(self.arrays[name].flat[flat])
                told = f"{name}.flat[{flat}] = {value} after {self.k} steps is shown as {text}"
                assert stands_for(text["text"], float(f"{value:.12g}"), text["rounded"]), told
            count += len(found)
        return count

    def assert_lines(self) -> int:
        """Lines run around just those cells that the step reads, and others around those that it writes."""
        theme = self.theme([])
        accesses = accessed(self.trace, lit(self.trace, self.k))
        count = 0
        for board in self.boards:
            edges = {
                kind: self._edges(board, accesses, is_write) for kind, is_write in (("read", False), ("write", True))
            }
            # Dotted lines run around what was read for the same cell before; some of their dots are seen.
            dotted = self._edges(board, before(self.trace, self.k), False) - edges["read"]
            grid = [(0.5, 0.0, x, y) for x in range(board["columns"]) for y in range(board["rows"] + 1)]
            grid += [(0.0, 0.5, x, y) for x in range(board["columns"] + 1) for y in range(board["rows"])]
            points, seen = [], []
            for dx, dy, x, y in grid:
                middle = (board["left"] + (x + dx) * board["wide"], board["top"] + (y + dy) * board["high"])
                if self.shown(board, *middle):
                    seen.append((dx, dy, x, y))
                    # A line lies on both sides of its edge.
                    points += [(middle[0] - (dx == 0) * 0.5, middle[1] - (dy == 0) * 0.5),
                               (middle[0] + (dx == 0) * 0.5, middle[1] + (dy == 0) * 0.5)]  # fmt: skip
            colours = self.at(points).reshape(-1, 2, 3)
            share = FADED if board["name"] in self.stale else 1
            for kind in ("read", "write"):
                line = share * rgb(theme[kind]) + (1 - share) * rgb(theme["ground"])
                is_line = np.abs(colours - line).max(axis=2).min(axis=1) <= share * LINE
                # Where both lines run, the one around what is written lies above.
                wanted = edges[kind] - (edges["write"] if kind == "read" else set())
                unsure = np.array([kind == "read" and edge in dotted for edge in seen], bool)
                for at in np.flatnonzero((is_line != [edge in wanted for edge in seen]) & ~unsure):
                    where = f"{board['name']}, edge {seen[at]} after {self.k} steps"
                    pytest.fail(f"{where}, {kind}: {colours[at].tolist()}, and a line is {line}: {seen[at] in wanted}")
            count += len(edges["read"] | edges["write"])
        return count

    def _edges(self, board: dict[str, Any], accesses: Any, is_write: bool) -> set[tuple[float, float, int, int]]:
        mask = np.zeros(self.arrays[board["name"]].shape, bool)
        touched: list[Access] = [one for one in accesses if one.array == board["name"]]
        for access in touched:
            if (access.values is not None) == is_write:
                mask[cells(access.box)] = True
        grid = np.zeros((board["rows"] + 2, board["columns"] + 2), bool)  # with a free cell on every side
        grid[np.array(board["ys"]) + 1, np.array(board["xs"]) + 1] = mask.ravel()
        across = {(0.5, 0.0, x - 1, y) for y, x in np.argwhere(grid[1:] != grid[:-1]).tolist()}
        down = {(0.0, 0.5, x, y - 1) for y, x in np.argwhere(grid[:, 1:] != grid[:, :-1]).tolist()}
        return across | down


def lit(trace: Trace, k: int) -> range:
    """The steps that are lit after k steps: the last one, or where that touched nothing, all that it sums up."""
    return range(k - 1, k) if trace.steps[k - 1].accesses else trace.span(k - 1)


def accessed(trace: Trace, steps: range) -> list[Access]:
    return [access for step in trace.steps[steps.start : steps.stop] for access in step.accesses]


def begins(trace: Trace, k: int) -> int:
    """The first step of the cell that stands after k steps."""
    return next((n + 1 for n in range(k - 2, -1, -1) if trace.steps[n].level <= CELL), 0)


def stale(trace: Trace, k: int) -> set[str]:
    """The scratch arrays whose numbers are still those of the cell before: nothing was written to them since."""
    fresh = {one.array for one in accessed(trace, range(begins(trace, k), k)) if one.values is not None}
    fresh |= {one.array for one in accessed(trace, lit(trace, k))}  # what a step reads is what it should be
    return {name for name, role in trace.outline.roles.items() if role == "scratch"} - fresh


def before(trace: Trace, k: int) -> list[Access]:
    """What was read and written for the cell that stands after k steps, before those that are lit."""
    first = lit(trace, k).start
    return accessed(trace, range(min(begins(trace, k), first), first))


def moments(trace: Trace) -> list[int]:
    """Moments in the midst of each scene: some cells are computed there and some are not. Of every third scene there is
    an earlier one too, after the later one: what was painted must go.
    """
    scenes = [scene for chapter in trace.chapters for scene in chapter.scenes]
    made = [3]
    for number, scene in enumerate(scenes):
        length = scene.stop - scene.first
        made.append(scene.first + max(1, 2 * length // 3))
        if number % 3 == 1:
            made.append(scene.first + max(1, length // 3))
    return made


@pytest.mark.parametrize(
    ("scheme", "address", "settings"),
    [
        ("light", "/", {}),
        ("dark", "/conv2d/walk?stride=1,2&activation=tanh&activation_before=relu&seed=3",
         {"stride": (1, 2), "activation": "tanh", "activation_before": "relu", "seed": 3}),
    ],
    ids=["light", "dark"],
)  # fmt: skip
@pytest.mark.slow
def test_every_cell_looks_like_its_value(new_reader: NewReader, scheme: str, address: str, settings: dict[str, Any]):
    trace = walked(**settings)
    reader = new_reader(color_scheme=scheme, viewport={"width": 1600, "height": 1000})
    reader.begin_with(WRITTEN)
    reader.open(address).arrived(len(trace.steps))
    for k in moments(trace)[:: 2 if scheme == "light" else 6]:
        reader.seek(k)
        picture = Picture(reader, trace)
        assert picture.assert_colours() >= 20
        assert picture.assert_numbers() >= 20
        assert picture.assert_lines() >= 4


# What is on every canvas of the stage.
CANVASES = """() => [...document.querySelectorAll("#stage canvas")].map((canvas) => {
  const name = `${canvas.closest("[data-array]").dataset.array} ${canvas.className}`;
  return [name, canvas.toDataURL()];
})"""


def test_what_is_painted_step_by_step_is_what_is_painted_at_once(new_reader: NewReader):
    walked_to, opened_at = new_reader(), new_reader()
    for way in ([9], [8, 7, 6, 5, 4, 3], [40, 24, 25, 700, 23]):  # forward, back, and from far away
        for k in way:
            walked_to.open("/#4") if k == way[0] else walked_to.seek(k)
        shown = walked_to.seek(way[-1]).figures().evaluate(CANVASES)
        opened_at.page.goto("about:blank")
        assert opened_at.open(f"/#{way[-1]}").drawn(way[-1]).figures().evaluate(CANVASES) == shown, way


def test_only_what_has_changed_is_painted(reader: Reader):
    reader.begin_with(WRITTEN)
    reader.open("/#5").arrived(len(walked().steps)).drawn(5)
    reader.evaluate(
        """() => {
          window.painted = [];
          const { fillRect } = CanvasRenderingContext2D.prototype;
          CanvasRenderingContext2D.prototype.fillRect = function (...box) {
            const panel = this.canvas.closest("#stage [data-array]");
            if (panel && this.canvas.className === "cells" && box[3] > 4) painted.push([panel.dataset.array, ...box]);
            return fillRect.apply(this, box);
          };
        }"""
    )
    boards = {board["name"]: board for board in Picture(reader, walked()).boards}

    def painted(k: int) -> dict[str, list[int]]:
        reader.evaluate("() => { painted.length = 0; }")
        found: dict[str, list[int]] = {}
        for name, x, y, width, height in reader.seek(k).evaluate("painted"):
            board = boards[name]
            place = ((x + width / 2) // board["wide"], (y + height / 2) // board["high"])
            found.setdefault(name, []).append(list(zip(board["xs"], board["ys"], strict=True)).index(place))
        return {name: sorted(flats) for name, flats in found.items()}

    # The kernel moves on by two columns: they come under it, and as many are left.
    cells = np.arange(3 * 7 * 7).reshape(3, 7, 7)
    moved = sorted(cells[:, 0:3, [0, 1, 3, 4]].ravel().tolist())
    assert painted(6) == {"x_padded": moved}
    assert painted(7) == {}, "the products stand in the strip"
    assert painted(8) == {"z": [1]}
    assert painted(7) == {}, "it is wiped"
    assert painted(8) == {"z": [1]}


def test_pointing_at_a_cell_names_it_and_tells_its_value_in_full(reader: Reader):
    trace = walked()
    k = trace.chapters[-2].stop  # all of the weights are updated: their numbers do not fit into the cells
    reader.open().seek(k).figures()
    board = next(board for board in Picture(reader, trace).boards if board["name"] == "w")
    for flat in (0, 31):
        x = board["left"] + (board["xs"][flat] + 0.5) * board["wide"]
        y = board["top"] + (board["ys"][flat] + 0.5) * board["high"]
        reader.page.mouse.move(x, y)
        f, c, i, j = (int(index) for index in np.unravel_index(flat, (2, 3, 3, 3)))
        value = str(trace.snapshot(k)["w"][f, c, i, j]).replace("-", "−")
        label = reader.page.locator("[data-array=w] .hint:visible")
        label.filter(has_text=f"w[{f}, {c}, {i}, {j}] = {value}").wait_for()
    reader.page.mouse.move(5, 5)
    label.wait_for(state="hidden")
