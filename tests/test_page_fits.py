"""Whatever the size of a layer and whatever its numbers: all of the scene is in view at once, no text is wider than its
box or lies over another one, no letter is too small to read, and the cells of pictures are square. It is measured at
moments in the midst and at the end of each scene of every layer.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest

from core.catalog import LAYERS, Run
from core.recording.trace import Scene
from tests.browser import NewReader, Reader
from tests.canvas import WRITTEN

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

LONGEST = 4000  # steps of a run that arrives soon; of longer ones the chapters are opened one by one
FAR = 700  # steps into such a chapter
CROWDED = 4  # arrays of a scene; where there are fewer of these sizes there is more room
SIZES = {"small": (4, 7, 6), "digit": (1, 28, 28), "picture": (3, 64, 64)}  # channels, rows, columns

# What is amiss with what is seen of a scene.
AMISS = """async () => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const found = new Set();
  const stage = document.querySelector("#stage");
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;

  // --- the boards ---
  const room = document.querySelector(".panels");
  const scrolls = getComputedStyle(room).overflowY === "visible"; // the page does
  if (!scrolls && room.scrollHeight > room.clientHeight + 1)
    found.add(`boards are ${room.scrollHeight - room.clientHeight} too high`);
  if (room.scrollWidth > room.clientWidth + 1) found.add(`boards are ${room.scrollWidth - room.clientWidth} too wide`);
  const panels = [...document.querySelectorAll("#stage [data-array]")].filter(isSeen);
  const isPicture = panels.some((panel) => {
    const [height, width] = panel.querySelector(".shape").firstChild.data.trim().split("×").slice(-2).map(Number);
    return Math.max(height, width) > 12;
  });
  for (const panel of panels) {
    const name = panel.dataset.array;
    const shape = panel.querySelector(".shape").firstChild.data.trim().split("×").map(Number);
    const board = panel.querySelector(".board");
    const plan = new Plan(shape, board.dataset.layout);
    const cell = panel.querySelector("[role=gridcell]").getBoundingClientRect();
    const [wide, high] = [cell.width, cell.height];
    if (isPicture && shape.length > 1 && Math.abs(wide - high) > 0.1) found.add(`${name}: cells are ${wide}×${high}`);
    const texts = panel.querySelector("canvas").written ?? [];
    const cells = new Map();
    for (const text of texts) {
      if (text.size < 12) found.add(`${name}: ${text.size} px: ${text.text}`);
      const [x, y] = [Math.floor(text.x / wide), Math.floor(text.y / high)];
      const flat = text.align === "center" ? plan.at(x, y) : -1; // else it is an index beside the cells
      if (flat < 0) continue;
      cells.set(text, flat);
      if (text.left < x * wide || text.right > (x + 1) * wide)
        found.add(`${name}: ${text.text} is ${(text.right - text.left).toFixed(1)} wide in ${wide}`);
      if (text.top < y * high - 0.5 || text.bottom > (y + 1) * high + 0.5)
        found.add(`${name}: ${text.text} is ${text.size} high in ${high}`);
    }
    const beside = texts.filter((text) => !cells.has(text));
    for (const [at, one] of beside.entries()) {
      if (one.right > plan.columns * wide + MARGIN.r + 0.5) found.add(`${name}: ${one.text} sticks out to the right`);
      if (one.left < -MARGIN.l) found.add(`${name}: ${one.text} sticks out to the left`);
      for (const other of beside.slice(at + 1))
        if (meet({ ...one, right: one.right + 1 }, other)) found.add(`${name}: ${one.text} over ${other.text}`);
    }
    for (const weight of panel.querySelectorAll(".kernel .weight")) {
      const box = weight.getBoundingClientRect();
      const origin = board.getBoundingClientRect();
      const [left, top] = [origin.left + MARGIN.l, origin.top + MARGIN.t];
      const across = Math.floor(((box.left + box.right) / 2 - left) / wide);
      const flat = plan.at(across, Math.floor(((box.top + box.bottom) / 2 - top) / high));
      const number = [...cells].findLast(([, each]) => each === flat)?.[0];
      if (number && number.bottom > box.top - top + 1.5)
        found.add(`${name}: ${number.text} under ${weight.textContent}`);
    }
  }

  // --- the texts of the page ---
  const parts = ".strip, .panel figcaption, .kernel, .saying, .legend, #stage .all, #track";
  const texts = [];
  const nameOf = ({ className, tagName }) => className || tagName;
  const named = (text) => `${nameOf(text.parentElement)}: ${text.data.trim().slice(0, 60)}`;
  const lineOf = ({ left, right, top, bottom, height }) =>
    ({ left, right, top: top + height * 0.3, bottom: bottom - height * 0.3 });
  const sticksOut = (line, { left, right, top, bottom }) =>
    line.left < left - 0.6 || line.right > right + 0.6 || line.top < top || line.bottom > bottom;
  for (const root of [...document.querySelectorAll(parts)].filter(isSeen)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (!text.data.trim() || !isSeen(text.parentElement) || text.parentElement.closest("math, svg")) continue;
      const style = getComputedStyle(text.parentElement);
      const range = document.createRange();
      range.selectNodeContents(text);
      const legend = text.parentElement.closest(".legend")?.getBoundingClientRect();
      if (legend && range.getBoundingClientRect().top >= legend.bottom) continue; // a key that is left out whole
      let lines = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1).map(lineOf);
      for (let around = text.parentElement; around && around !== document.body; around = around.parentElement) {
        const { overflowX, contain, clipPath } = getComputedStyle(around);
        if (clipPath !== "none") lines = []; // only to be heard
        const box = around.getBoundingClientRect();
        const isBox = around.matches(".block span, .weight, .group, .outcome, .outcome b, .strip, .panel, figcaption");
        const isTight = isBox || overflowX !== "visible" || contain === "strict";
        if (/auto|scroll/.test(overflowX)) lines = lines.filter((line) => !sticksOut(line, box));
        else if (isTight && lines.some((line) => sticksOut(line, box)))
          found.add(`cut in ${nameOf(around)}: ${named(text)}`);
      }
      if (!lines.length) continue;
      if (parseFloat(style.fontSize) < 12) found.add(`${style.fontSize} ${named(text)}`);
      for (const line of lines) texts.push({ text, line });
    }
  }
  texts.sort((one, other) => one.line.left - other.line.left);
  texts.forEach(({ text, line }, at) => {
    for (let next = at + 1; next < texts.length && texts[next].line.left < line.right - 1; next++) {
      const { text: over, line: other } = texts[next];
      if (over !== text && other.top < line.bottom && line.top < other.bottom)
        found.add(`over each other ${named(text)} and ${named(over)}`);
    }
  });
  const foot = document.querySelector("footer").getBoundingClientRect().top;
  const strip = document.querySelector(".strip");
  if (isSeen(strip) && !scrolls) {
    const [box, around] = [strip.getBoundingClientRect(), stage.getBoundingClientRect()];
    if (box.bottom > foot + 1 || box.right > around.right + 1) found.add("the strip is out of view");
    const { scrollHeight, clientHeight, scrollWidth, clientWidth } = strip;
    if (scrollHeight > clientHeight + 1 || scrollWidth > clientWidth + 1) found.add("the strip is cut");
    for (const panel of panels)
      if (meet(panel.getBoundingClientRect(), box)) found.add(`the strip over ${panel.dataset.array}`);
  }
  return [...found];
}"""


@dataclass(frozen=True)
class Page:
    """What is opened, and the moments that are looked at."""

    layer: str
    algorithm: str
    query: str
    moments: tuple[int, ...]

    @property
    def address(self) -> str:
        return f"/{self.layer}/{self.algorithm}?{self.query}"


def settings_of(layer: str, size: str) -> dict[str, Any]:
    """A size in a layer's own words, as far as it has them: the example's where it has none."""
    names = LAYERS[layer].settings.kinds()
    channels, height, width = SIZES.get(size, (0, 0, 0))
    wanted = {"in_channels": channels, "in_height": height, "in_width": width}
    wanted |= {name.removeprefix("in_"): value for name, value in wanted.items()}
    wanted = {name: value for name, value in wanted.items() if value and name in names}
    if layer == "depth_from_the_filters" and channels == 1:
        wanted["out_channels"] = 1  # with more filters than channels it refuses to run
    return wanted


def decimals(run: Run) -> dict[str, str]:
    """Numbers from −3 to 3 with three decimals, for the input and the weights."""
    rng = np.random.default_rng(5)
    made = {name: rng.uniform(-3, 3, run.start[name].shape).round(3) for name in run.layer.axes if name != "dy"}
    return {
        name: json.dumps(array.tolist(), separators=(",", ":")) for name, array in made.items() if array.size < 1000
    }


def pages(layer: str, size: str, is_decimal: bool) -> Iterator[Page]:
    """The whole walk, or, where that is long, its chapters with crowded scenes; with a moment of each kind of scene."""
    wanted = settings_of(layer, size)
    laid = set()
    if size != "example" and not wanted:
        return
    for algorithm in LAYERS[layer].algorithms:
        try:
            run = Run.of(layer, algorithm, **wanted)
            query = urlencode(wanted | (decimals(run) if is_decimal else {}))
            outline = run.outline()
        except ValueError:
            assert size == "picture"  # its walk is too long
            continue
        scenes = [scene for chapter in outline.chapters for scene in chapter.scenes]
        if algorithm == "walk":
            if outline.steps <= LONGEST:
                yield Page(layer, algorithm, query, tuple(sorted(moments(scenes))))
                return
            continue
        shapes = {scene: tuple(run.start[name].shape for _, name in scene.arrays) for scene in scenes}
        crowded = [scene for scene in scenes if len(shapes[scene]) >= CROWDED and shapes[scene] not in laid]
        laid.update(shapes.values())
        if crowded:
            yield Page(layer, algorithm, query, tuple(sorted(moments(crowded))))


def moments(scenes: list[Scene]) -> Iterator[int]:
    """One in the midst of each kind of scene; of short ones the end too, by which all numbers are there."""
    seen = set()
    for scene in scenes:
        if (scene.source, scene.arrays) in seen:
            continue
        seen.add((scene.source, scene.arrays))
        if scene.stop <= LONGEST:
            yield scene.stop
        else:
            yield min(scene.first + (scene.stop - scene.first + 1) // 2, scene.first + FAR)


def look(reader: Reader, layer: str, size: str, is_decimal: bool, language: str = "en") -> list[str]:
    """What is amiss with the pages of a layer."""
    found = []
    for page in pages(layer, size, is_decimal):
        reader.open(f"{page.address}&lang={language}")
        for k in page.moments:
            amiss = reader.seek(k).evaluate(AMISS)
            found += [f"{page.layer}/{page.algorithm}, {size}, after {k} steps: {each}" for each in amiss]
    return found


LAPTOP = (1280, 720)
# Mistakes differ from each other in a line of code; these two have the most scenes.
MISTAKES = [name for name, layer in LAYERS.items() if layer.group == "What goes wrong"]
SMALL = [name for name in LAYERS if name not in MISTAKES] + ["slope_ignored", "no_zeros_for_the_stride"]
OF_SIZE = ("max_pool2d", "chain", "im2col")  # a convolution is in the chain
CASES = (
    [("conv2d", "example", False, LAPTOP, "en")]  # the others are measured while they are walked, in test_page_layers
    + [(layer, "small", True, LAPTOP, "zh" if layer == "chain" else "en") for layer in SMALL]
    + [(layer, "digit", layer == "max_pool2d", LAPTOP, "en") for layer in OF_SIZE]
    # A matrix of 27 × 1024 numbers has no room at a pixel a cell either: im2col is scrolled to then.
    + [(layer, "picture", False, LAPTOP, "en") for layer in ("conv2d", "avg_pool2d")]
    + [("conv2d", "example", True, screen, "en") for screen in ((1920, 1080), (390, 844))]
)


@pytest.mark.parametrize(("layer", "size", "is_decimal", "screen", "language"), CASES)
def test_all_of_a_scene_is_in_view_and_no_text_is_cut_or_overprinted(
    new_reader: NewReader, layer: str, size: str, is_decimal: bool, screen: tuple[int, int], language: str
):
    reader = new_reader(viewport={"width": screen[0], "height": screen[1]})
    reader.begin_with(WRITTEN)
    amiss = look(reader, layer, size, is_decimal, language)
    assert not amiss, "\n".join(amiss)


PRECISION = """(name) => [...document.querySelector(`#stage [data-array=${name}] canvas`).written]
  .filter(({ text }) => /\\.\\d/.test(text)).map(({ text, font }) => [text, font.startsWith("italic")])"""


def test_positive_and_negative_numbers_of_a_board_have_the_same_precision(reader: Reader):
    reader.begin_with(WRITTEN)
    x = "[[[-0.123,0.123,-2.987,2.987],[1.5,-1.5,0.004,-0.25],[1,2,3,4],[0.5,0.25,0.125,-0.125]]]"
    reader.open(f"/conv2d/walk?x={x}&w=[[[[0.1,0.2],[0.3,-1.25]]]]&b=[0]&lang=en").seek(2)
    for width in (1280, 500):  # with room for all decimals, and without
        reader.page.set_viewport_size({"width": width, "height": 720})
        reader.wait("(width) => innerWidth === width", width).rest()
        told = dict(reader.evaluate(PRECISION, "x"))
        assert len(told) > 6
        for text, is_rounded in told.items():
            other = text.removeprefix("−") if text.startswith("−") else f"−{text}"
            if other in told:
                assert told[other] == is_rounded
        places = {
            len(text.partition(".")[2]) for text, is_rounded in told.items() if is_rounded and text.strip("−0.") > "1"
        }
        assert len(places) <= 1, told


def test_arrays_of_one_shape_have_their_cells_below_each_other(reader: Reader):
    reader.page.set_viewport_size({"width": 1280, "height": 720})
    lefts = """(names) => names.map((name) =>
        document.querySelector(`.panels [data-array=${name}] .board`).getBoundingClientRect().left)"""
    reader.open("/batch/mean_of_both").seek(98).figures()
    for names in (["dw_first", "dw_second", "dw"], ["db_first", "db_second", "db"]):
        assert len(set(reader.evaluate(lefts, names))) == 1, names


def test_what_is_left_of_the_stage_goes_to_tiny_boards_and_to_their_captions(reader: Reader):
    reader.begin_with(WRITTEN)
    reader.page.set_viewport_size({"width": 1280, "height": 800})
    reader.open("/batch/gradient_check?lang=en").seek(199).figures()
    numbers = """(name) => [...document.querySelector(`#stage [data-array=${name}] canvas`).written]
        .filter(({ x }) => x > 0).length"""
    assert [reader.evaluate(numbers, name) for name in ("loss", "b_nudged")] == [3, 3]
    lines = """() => [...document.querySelectorAll(".panels figcaption")].map((caption) => {
      const words = document.createRange();
      words.selectNodeContents(caption);
      return new Set([...words.getClientRects()].map(({ bottom }) => Math.round(bottom / 12))).size;
    })"""
    assert max(reader.evaluate(lines)) <= 3
