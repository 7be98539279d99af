"""A reader looks at a cell: its links light up, it can be pinned, and the keyboard reaches every one."""

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser import LINES, NewReader, Reader, walked

pytestmark = pytest.mark.browser

# What is tinted on each board, by kind, as flat indices.
LIT = """async () => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const [{ Plan }, { themeOf }] = await Promise.all(
    ["board/plan.js", "say/look.js"].map((name) => import(folder + name)));
  const { read, write, meets } = themeOf();
  const found = { from: {}, feeds: {}, meets: {} };
  const kinds = { from: [read, false], feeds: [write, false], meets: [meets, true] };
  for (const panel of document.querySelectorAll("[data-array]")) {
    const name = panel.dataset.array;
    const shape = panel.querySelector(".shape").firstChild.textContent.trim().split("×").map(Number);
    const plan = new Plan(shape, panel.querySelector(".board").dataset.layout);
    const { lines, boxes } = panel.querySelector(".above");
    const { offsetWidth: wide, offsetHeight: high } = panel.querySelector("[role=gridcell]");
    for (const [kind, [colour, dotted]] of Object.entries(kinds)) {
      const tints = boxes.filter((each) => each.colour === colour && each.seen < 1).map(({ box }) => box);
      const cells = [...plan.xs.keys()].filter((flat) => {
        const [x, y] = [(plan.xs[flat] + 0.5) * wide, (plan.ys[flat] + 0.5) * high];
        return tints.some(([x0, y0, x1, y1]) => x0 < x && x < x1 && y0 < y && y < y1);
      });
      const isLined = lines.some((each) => each.colour === colour && each.dotted === dotted && each.seen === 1);
      if (cells.length !== 0 && isLined) found[kind][name] = cells;
    }
  }
  return found;
}"""

PLACE = """async ([name, flat]) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const panel = document.querySelector(`[data-array="${name}"]`);
  const plan = new Plan(panel.querySelector(".shape").firstChild.textContent.trim().split("×").map(Number),
    panel.querySelector(".board").dataset.layout);
  const board = panel.querySelector(".board");
  const wide = (board.clientWidth - MARGIN.l - MARGIN.r) / plan.columns;
  const high = (board.clientHeight - MARGIN.t - MARGIN.b) / plan.rows;
  const x = MARGIN.l + (plan.xs[flat] + 0.5) * wide;
  const y = MARGIN.t + (plan.ys[flat] + 0.5) * high;
  let box = board.getBoundingClientRect();
  if (box.y + y > innerHeight * 0.6 || box.y + y < 100) window.scrollBy(0, box.y + y - innerHeight / 2);
  box = board.getBoundingClientRect();
  return [box.x + x, box.y + y];
}"""

CELL = "() => convwalk.cell"


def place(reader: Reader, name: str, *index: int) -> tuple[float, float]:
    shape = walked().start[name].shape
    x, y = reader.evaluate(PLACE, [name, int(np.ravel_multi_index(index, shape))])
    return x, y


def looks_at(reader: Reader, name: str | None, *index: int, pinned: bool = False) -> Reader:
    """Wait until the page shows that the reader looks at just this cell."""
    cell = {"array": name, "index": list(index), "pinned": pinned} if name else None
    return reader.wait(
        """(cell) => JSON.stringify(convwalk.cell) === JSON.stringify(cell)
            && document.querySelector(".legend").classList.contains("linking") === (cell !== null)
            && document.querySelectorAll(".hint:not([hidden])").length === (cell ? 1 : 0)""",
        cell,
    )


def flat_of(name: str, *index: Any) -> list[int]:
    cells = walked().start[name]
    return np.arange(cells.size).reshape(cells.shape)[index].ravel().tolist()


@pytest.fixture
def opened(reader: Reader) -> Reader:
    """At the first patch of the forward pass."""
    reader.begin_with(LINES)
    return reader.open("/").settled().figures()


def test_pointing_at_a_cell_lights_up_what_it_came_from_what_it_feeds_and_what_it_meets(opened: Reader):
    opened.page.mouse.move(*place(opened, "z", 1, 0, 2))
    looks_at(opened, "z", 1, 0, 2)
    assert opened.evaluate(LIT) == {
        "from": {
            "x_padded": flat_of("x_padded", slice(None), slice(0, 3), slice(4, 7)),
            "w": flat_of("w", 1),
            "b": [1],
        },
        "feeds": {},
        "meets": {},
    }
    opened.page.mouse.move(*place(opened, "w", 0, 2, 1, 1))
    looks_at(opened, "w", 0, 2, 1, 1)
    lit = opened.evaluate(LIT)
    assert lit["meets"]["x_padded"] == flat_of("x_padded", 2, slice(1, 6, 2), slice(1, 6, 2))
    assert lit["feeds"] == {"z": flat_of("z", 0)}
    opened.page.mouse.move(*place(opened, "x_padded", 0, 2, 2))
    looks_at(opened, "x_padded", 0, 2, 2)
    assert opened.evaluate(LIT)["feeds"]["z"] == flat_of("z", slice(None), slice(0, 2), slice(0, 2))
    opened.page.mouse.move(5, 5)
    looks_at(opened, None)
    assert not any(opened.evaluate(LIT).values())


def test_a_chip_beside_the_caption_says_what_is_pinned_and_lets_it_go(opened: Reader):
    chip = opened.page.locator(".pin")
    assert not chip.is_visible()
    opened.page.mouse.click(*place(opened, "z", 0, 1, 1))
    looks_at(opened, "z", 0, 1, 1, pinned=True)
    expect(chip).to_have_text("pinned: z[0, 1, 1] ×", use_inner_text=True)
    over = """() => {
      const [name, board] = [".hint.pinned", "[data-array=z] .cells"].map((one) =>
        [...document.querySelectorAll(one)].find((each) => each.checkVisibility()).getBoundingClientRect());
      return name.bottom > board.top + 18; // where its numbers begin
    }"""
    assert not opened.evaluate(over), "the name of a pinned cell covers no number of its board"
    chip.click()
    looks_at(opened, None)
    assert not chip.is_visible()
    assert opened.evaluate("() => document.activeElement.id") == "stage"


def test_a_tap_on_a_cell_in_view_scrolls_nothing(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True).open("/?lang=en").rest()
    reader.evaluate("() => scrollTo(0, 141)")
    reader.page.touchscreen.tap(*place(reader, "x_padded", 0, 3, 2))
    reader.wait("() => document.querySelector('.cursor.pinned')?.checkVisibility()")
    # Long enough for whatever a change of the room would set off.
    reader.evaluate("() => new Promise((done) => setTimeout(done, 400))")
    assert reader.evaluate("() => scrollY") == 141
    assert reader.page.locator(".saying .answer").is_visible()


@pytest.mark.parametrize("address", ["/max_pool2d/walk", "/input_gradient/walk#34", "/#5", "/?in_height=14#5"])
def test_loop_variables_are_never_cut(new_reader: NewReader, address: str):
    reader = new_reader(viewport={"width": 1280, "height": 720}).open(address).rest()
    height = "() => document.querySelector('.saying').offsetHeight"
    k = reader.step
    for width in (1280, 1000):
        reader.page.set_viewport_size({"width": width, "height": 720})
        reader.wait("(width) => innerWidth === width", width).seek(k).figures()
        at = reader.evaluate(height)
        for _ in range(4):
            reader.press("ArrowRight").rest()
            cut = "() => { const { scrollWidth, clientWidth } = document.querySelector('.loop');"
            assert reader.evaluate(f"{cut} return scrollWidth <= clientWidth; }}"), width
            assert reader.evaluate(height) == at, f"the boards would jump, {width} wide"


@pytest.mark.parametrize("caption", ["set each δ at its row and column times the stride",
    "set each weight in the place opposite, through the centre of the kernel"])  # fmt: skip
def test_the_way_of_a_number_ends_at_its_cell_and_runs_over_no_number(reader: Reader, caption: str):
    trace = walked()
    steps = [k for k, step in enumerate(trace.steps, 1) if step.caption == caption]
    reader.open("/?lang=en").arrived(len(trace.steps))
    points = """() => {
      const line = document.querySelector(".way-of-number .line");
      const { x, y } = line.ownerSVGElement.getBoundingClientRect();
      const at = (share) => line.getPointAtLength(share * line.getTotalLength());
      return Array.from({ length: 101 }, (_, n) => at(n / 100)).map((point) => [point.x + x, point.y + y]);
    }"""
    for k in steps[:9]:
        reader.seek(k)
        way = np.array(reader.evaluate(points))
        step = trace.steps[k - 1]
        for name in {access.array for access in step.accesses}:
            shape = trace.start[name].shape
            middles = np.array([reader.evaluate(PLACE, [name, flat]) for flat in range(int(np.prod(shape)))])
            half = np.abs(middles[1] - middles[0]).max() / 2
            apart = np.abs(way[:, None] - middles[None]).max(axis=-1)
            assert apart.min() > 0.7 * half, (k, name)
        assert apart.size


def test_a_pinned_cell_stays_until_it_is_freed(opened: Reader):
    mouse = opened.page.mouse
    z, other = place(opened, "z", 0, 1, 1), place(opened, "w", 0, 0, 0, 0)
    mouse.click(*z)
    mouse.move(*other)
    looks_at(opened, "z", 0, 1, 1, pinned=True)
    assert opened.page.locator("[data-array=z] .cursor.pinned:visible").count() == 1
    mouse.click(*other)  # the pin moves
    looks_at(opened, "w", 0, 0, 0, 0, pinned=True)
    mouse.click(*other)  # and once more frees it
    looks_at(opened, "w", 0, 0, 0, 0)
    mouse.click(*z)
    opened.press("Escape")
    looks_at(opened, None)
    mouse.click(*z)
    looks_at(opened, "z", 0, 1, 1, pinned=True)
    ground = opened.page.locator(".legend").bounding_box()
    assert ground is not None
    mouse.click(ground["x"] + 5, ground["y"] + ground["height"] / 2)
    looks_at(opened, None)


def test_the_walk_rests_while_a_cell_is_pinned(opened: Reader):
    opened.page.get_by_label("Play", exact=True).click()
    opened.page.mouse.click(*place(opened, "w", 0, 0, 0, 0))
    looks_at(opened, "w", 0, 0, 0, 0, pinned=True)
    opened.page.get_by_label("Play", exact=True).click()  # it had stopped, and now goes on
    opened.wait("() => convwalk.cell === null")
    opened.page.get_by_label("Pause", exact=True).click()
    # A step by hand keeps the pin as long as its array is on the stage.
    opened.seek(20).page.mouse.click(*place(opened, "w", 0, 0, 0, 0))
    looks_at(opened.seek(21), "w", 0, 0, 0, 0, pinned=True)
    opened.seek(65)
    assert opened.evaluate(CELL) is None


def test_every_cell_is_reached_and_pinned_by_the_keyboard_alone(opened: Reader):
    page, step = opened.page, opened.step
    focused = page.locator("[role=gridcell]:focus")
    page.locator("#map .fold").focus()  # the stage comes next
    names = []
    while "z, before" not in (names or [""])[-1]:
        assert len(names) < 100, names
        opened.press("Tab")
        names.append(opened.evaluate("document.activeElement.closest('[role=grid]')?.getAttribute('aria-label') ?? ''"))
    assert [name for name in names if name] == ["x_padded, padded input, 3×7×7", "z, before the activation, 2×3×3"]
    looks_at(opened, "z", 0, 0, 0)
    assert focused.get_attribute("aria-label") == "z, filter 0, row 0, column 0: 6, sum of 27 products and b[0]"
    for keys, index in (
        (["ArrowDown", "ArrowRight"], (0, 1, 1)),
        (["ArrowRight", "ArrowRight"], (1, 1, 0)),  # from map to map, over the gap between them
        (["End"], (1, 1, 2)),
        (["PageUp"], (0, 1, 2)),
        (["Home", "ArrowLeft", "ArrowUp"], (0, 0, 0)),
        (["Control+End", "ArrowRight"], (1, 2, 2)),
        (["Control+Home"], (0, 0, 0)),
    ):
        looks_at(opened.press(*keys), "z", *index)
        assert page.locator("[role=grid][aria-label^='z,'] [role=gridcell]:visible").count() == 1
    looks_at(opened.press("Enter"), "z", 0, 0, 0, pinned=True)
    opened.wait("() => document.activeElement.ariaSelected === 'true'")
    looks_at(opened.press("ArrowRight"), "z", 0, 0, 0, pinned=True)
    looks_at(opened.press("Space"), "z", 0, 0, 1, pinned=True)
    looks_at(opened.press("Escape"), "z", 0, 0, 1)
    assert opened.step == step  # no key has moved the walk

    opened.seek(20)  # redrawn, the cell keeps the focus and tells its value
    opened.wait(
        "() => document.activeElement.getAttribute('aria-label').startsWith('z, filter 0, row 0, column 1: 7, ')"
    )
    before = opened.evaluate("document.querySelector('.panels').clientWidth")
    opened.page.set_viewport_size({"width": 1200, "height": 760})
    opened.wait("(before) => document.querySelector('.panels').clientWidth < before", before).figures()
    looks_at(opened, "z", 0, 0, 1)
    opened.seek(60)  # the next chapter has a z as well
    assert focused.get_attribute("aria-label").startswith("z, filter 0, row 0, column 1: 7, ")
    opened.seek(110)  # this one has none
    assert opened.evaluate("document.activeElement.id") == "stage"
    assert opened.evaluate(CELL) is None


def test_a_finger_pins_a_cell_and_frees_it(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/").settled().figures()
    touch = reader.page.touchscreen
    touch.tap(*place(reader, "w", 0, 0, 0, 0))
    looks_at(reader, "w", 0, 0, 0, 0, pinned=True)
    touch.tap(*place(reader, "w", 1, 0, 2, 2))
    looks_at(reader, "w", 1, 0, 2, 2, pinned=True)
    hint = reader.page.locator(".hint:visible").bounding_box()
    assert hint is not None
    assert 0 <= hint["x"] <= 390 - hint["width"]
    reader.page.wait_for_timeout(600)  # or the two taps were a double one, which edits
    touch.tap(*place(reader, "w", 1, 0, 2, 2))
    looks_at(reader, None)


def test_the_chinese_page_tells_a_cell_in_chinese(new_reader: NewReader):
    reader = new_reader(locale="zh-CN").open("/").settled()
    reader.page.mouse.click(*place(reader, "w", 1, 0, 2, 1))
    told = reader.page.locator("[role=gridcell]:focus").get_attribute("aria-label")
    assert told == "w，滤波器 1，通道 0，行 2，列 1：−1，给定"
    assert reader.page.locator(".legend .links").inner_text().split() == ["此格", "它的来源", "它的去处", "与它配对"]


def test_from_the_start_page_to_a_pinned_cell_of_dx_by_keyboard_alone(reader: Reader):
    trace = walked()
    reader.open("/").arrived(len(trace.steps))

    def tab_to(condition: str) -> None:
        for _ in range(200):
            if reader.press("Tab").evaluate(condition):
                return
        pytest.fail(f"Tab leads to nothing of which holds: {condition}")

    tab_to("document.activeElement.closest('#track') !== null")  # the chapters are one stop, with arrow keys within
    while reader.press("ArrowRight").evaluate("document.activeElement.textContent") != "input gradient":
        pass
    reader.press("Enter", "PageDown")
    tab_to("document.activeElement.ariaLabel === 'Step back'")
    reader.press("Enter")
    reader.drawn(next(chapter.stop for chapter in trace.chapters if chapter.name == "input_gradient"))
    tab_to("document.activeElement.closest('[role=grid]')?.getAttribute('aria-label').startsWith('dx,') ?? false")
    looks_at(reader.press("ArrowDown", "ArrowRight", "Enter"), "dx", 0, 1, 1, pinned=True)
    value = trace.outline.end["dx"][0, 1, 1]
    expect(reader.page.locator("#inspector h3")).to_have_text(f"dx[0, 1, 1] = {value:g}".replace("-", "−"))
