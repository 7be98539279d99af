"""The inspector: a cell's whole sum with the numbers in it, what was filled in by its name, a contest and its winner,
the way to the step that wrote it; and beside the boards the same sum, in grids, as it comes about.
"""

import json
import re
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

import core
from core.recording.trace import Trace
from tests.browser import NewReader, Reader, read, walked

pytestmark = pytest.mark.browser

# Where on the screen a cell of the stage is.
PLACE = """async ([array, shape, flat]) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const board = document.querySelector(`.panel[data-array="${array}"] .board`);
  board.scrollIntoView({ block: "nearest" });
  const plan = new Plan(shape, board.dataset.layout);
  const { x, y, width, height } = board.getBoundingClientRect();
  return [
    x + MARGIN.l + ((plan.xs[flat] + 0.5) * (width - MARGIN.l - MARGIN.r)) / plan.columns,
    y + MARGIN.t + ((plan.ys[flat] + 0.5) * (height - MARGIN.t - MARGIN.b)) / plan.rows,
  ];
}"""

STANDS = """() => {
  const { x, y, width } = document.querySelector('[data-array="z"] .board').getBoundingClientRect();
  const place = `${x} ${y} ${width}`;
  window.still = window.place === place ? window.still + 1 : 0; // the formula comes a little later, and takes room
  window.place = place;
  return window.still > 20;
}"""


def pin(reader: Reader, array: str, *index: int) -> Reader:
    """Click on a cell of the stage, and wait for its name in the inspector."""
    shape = np.shape(reader.evaluate("(name) => convwalk.value(name)", array))
    place, before = [0, 0], None
    while place != before:  # the stage settles a moment after its first picture
        reader.evaluate("() => new Promise((settled) => setTimeout(settled, 120))")
        place, before = reader.evaluate(PLACE, [array, list(shape), int(np.ravel_multi_index(index, shape))]), place
    reader.page.mouse.click(*place)
    expect(title(reader)).to_contain_text(f"{array}[{', '.join(map(str, index))}]")
    return reader


def title(reader: Reader) -> Any:
    return reader.page.locator("#inspector h3")


def line(reader: Reader) -> str:
    return str(reader.page.locator("#inspector .derived").inner_text())


def blocks(reader: Reader) -> dict[str, list[list[str]]]:
    """The numbers in the grids of the worked sum, by what stands above them."""
    found = reader.evaluate(
        """() => [...document.querySelectorAll(".strip .group:not([hidden])")].map((group) =>
            [group.querySelector(".heading").textContent,
             [...group.querySelectorAll(".block:not([hidden])")].map((block) =>
                [...block.querySelectorAll("span:not([hidden])")].map((cell) => cell.textContent))])"""
    )
    return dict(found)


def rows(reader: Reader) -> list[list[str]]:
    cells = """() => [...document.querySelectorAll("#inspector tbody tr")].map((row) =>
        [...row.cells].map((cell) => cell.textContent.trim()))"""
    found: list[list[str]] = reader.evaluate(cells)
    return found


def evaluated(text: str) -> float:
    """What a line of numbers comes to, by Python's own arithmetic."""
    assert re.fullmatch(r"[0-9.−+·/ ()]+", text), text
    return float(eval(text.replace("·", "*").replace("−", "-")))


def first_write(trace: Trace, array: str, index: tuple[int, ...]) -> int:
    """The moment after the first step that writes a cell."""
    box = tuple((at, at + 1, 1) for at in index)
    accesses = ((k, a) for k, step in enumerate(trace.steps, 1) for a in step.accesses)
    return next(k for k, a in accesses if a.array == array and a.values is not None and a.box == box)


def test_a_pinned_output_shows_its_whole_sum_with_the_numbers_in_it(reader: Reader):
    reader.open("/#30").arrived(len(walked().steps))
    pin(reader, "z", 0, 0, 1)
    arrays = core.run("conv2d", "correlate")
    expect(title(reader)).to_have_text("z[0, 0, 1] = 7")
    # Folded, and in full: both come to just the number that is there.
    assert line(reader) == "1·1 + 2·1 + 2·1 + 2·1 + 1·(−1) + 1 + 22 products with a zero = 7"
    assert len(rows(reader)) == 6
    reader.page.get_by_role("button", name="Show all 28 terms").click()
    terms, _, result = line(reader).rpartition(" = ")
    assert evaluated(terms) == read(result) == arrays["z"][0, 0, 1] == 7
    assert terms.count("·") == 27
    # The grids are the patch, the kernel and their products.
    patch, kernel = arrays["x_padded"][:, 0:3, 2:5], arrays["w"][0]
    for c, (name, grids) in enumerate(blocks(reader).items()):
        assert name == f"x_padded[{c}] × w[0, {c}]"
        wanted = [patch[c], kernel[c], patch[c] * kernel[c]]
        assert [[read(text) for text in texts] for texts in grids] == [each.ravel().tolist() for each in wanted]
    # The padding is named, in the grid and in the list.
    expect(reader.page.locator(".strip .zeros")).to_have_text("9 cells from the padding")
    assert reader.page.locator(".strip .block .padding").count() == 9
    listed = rows(reader)
    assert [row[0] for row in listed if " padding" in row[0]] == [
        f"x_padded[{c}, 0, {j}] padding · w[0, {c}, 0, {j - 2}]" for c in range(3) for j in (2, 3, 4)
    ]
    assert listed[4][0] == "x[0, 0, 2] · w[0, 0, 1, 1]"
    running = np.cumsum([read(row[2]) for row in listed])
    assert [read(row[3]) for row in listed] == running.tolist()


def test_an_input_gradient_lists_every_delta_with_its_weight(reader: Reader):
    k = next(k for k, step in enumerate(walked().steps, 1) if any(a.array == "dx" and a.values for a in step.accesses))
    reader.open(f"/#{k + 1}").arrived(len(walked().steps))
    reader.seek(k)
    pin(reader, "dx", 2, 1, 1)
    expect(reader.page.locator("#inspector .path")).to_have_text("It is a copy: dx_padded[2, 2, 2]")
    reader.page.get_by_role("button", name="Show all 18 terms").click()
    deltas = {row[0] for row in rows(reader) if row[0].startswith("dz[")}
    assert deltas == {
        f"dz[{f}, {i}, {j}] · w[{f}, 2, {2 - 2 * i}, {2 - 2 * j}]" for f in (0, 1) for i in (0, 1) for j in (0, 1)
    }
    terms, _, result = line(reader).rpartition(" = ")
    assert evaluated(terms) == read(result) == core.run("conv2d")["dx"][2, 1, 1]


def test_a_max_pool_shows_the_contest_its_winner_and_a_tie(reader: Reader):
    x = [[[1, 3, 0, 0], [3, 2, 0, 5]]]
    reader.open(f"/max_pool2d/walk?x={quote(json.dumps(x, separators=(',', ':')))}#8")
    reader.wait("() => convwalk.step === 8 && document.querySelector('.counter').textContent.startsWith('8 /')")
    pin(reader, "y", 0, 0, 0)
    assert (
        line(reader)
        == "x_padded[0, 0, 1] wins: 3 is the largest of 4. First of 2 equal: it takes the place of all of them."
    )
    assert blocks(reader) == {"x_padded[0]": [["1", "3", "3", "2"]]}
    assert reader.page.locator(".strip .winner").all_inner_texts() == ["3"]
    pin(reader, "y", 0, 0, 1)
    assert line(reader) == "x_padded[0, 1, 3] wins: 5 is the largest of 4."


def test_from_a_term_to_its_cell_and_back_and_to_the_step_that_wrote_it(reader: Reader):
    trace = walked()
    reader.open("/#60").arrived(len(trace.steps))
    pin(reader, "y", 0, 0, 0)
    first = reader.page.locator("#inspector tbody button").first
    name = first.inner_text()
    first.click()
    expect(title(reader)).to_contain_text(f"{name} = ")
    expect(title(reader)).to_be_focused()
    assert line(reader) == "It is given: the walk begins with it."
    channel, row, column = (int(index) for index in re.findall(r"\d+", name))
    onward = reader.page.locator("#inspector .feeds")
    padded = f"x_padded[{channel}, {row + 1}, {column + 1}]"
    back = f"Backward, its gradient collects in {name.replace('x', 'dx', 1)}"
    expect(onward).to_have_text(f"In “pad” it feeds one cell of x_padded:{padded}{back}")
    reader.page.get_by_role("button", name="Back to y[0, 0, 0]").click()
    expect(title(reader)).to_have_text("y[0, 0, 0] = 6")
    reader.page.get_by_role("button", name="Go to the step that wrote it").click()
    reader.drawn(first_write(trace, "y", (0, 0, 0)))
    # A cell that is still to come leads on to its step.
    pin(reader, "y", 1, 0, 0)
    moment = first_write(trace, "y", (1, 0, 0))
    assert line(reader) == f"It is not computed yet: step {moment} will write it."
    reader.page.get_by_role("button", name="Go to the step that will write it").click()
    reader.drawn(moment)
    expect(title(reader)).to_have_text("y[1, 0, 0] = 2")


def test_the_sum_comes_about_beside_the_boards_as_it_is_computed(new_reader: NewReader):
    reader = new_reader(locale="zh-CN").open("/#6").arrived(len(walked().steps))
    expect(reader.page.locator("#inspector")).to_be_hidden()
    outcome = reader.page.locator(".strip .outcome")
    z = walked().outline.end["z"]
    told = []
    for k, step in enumerate(walked().steps[:8], 1):
        if step.stack[-1].source != "conv.correlate":
            continue
        reader.seek(k)
        grids = blocks(reader)["x_padded[0] × w[0, 0]"]
        name, value = outcome.locator("code").inner_text(), outcome.locator("b").inner_text()
        told.append((name, value, *(any(grids[nth]) for nth in (0, 2))))
    # Take the patch, multiply, sum: for one cell, and then for the next.
    assert told == [
        ("z[0, 0, 0]", "", True, False), ("z[0, 0, 0]", "", True, True), ("z[0, 0, 0]", f"{z[0, 0, 0]:g}", True, True),
        ("z[0, 0, 1]", "", True, False), ("z[0, 0, 1]", "", True, True), ("z[0, 0, 1]", f"{z[0, 0, 1]:g}", True, True),
    ]  # fmt: skip


def test_a_sum_that_rounding_changes_says_so(reader: Reader):
    # NumPy adds in pairs: from left to right the same numbers come to another last digit.
    x, w = (np.round(np.random.default_rng(seed).normal(size=(1, 4, 4)), 2).tolist() for seed in (7, 8))
    brought = {"x": x, "w": [w], "b": [0.1]}
    arrays = "&".join(f"{name}={quote(json.dumps(array, separators=(',', ':')))}" for name, array in brought.items())
    reader.open(f"/conv2d/correlate?{arrays}&padding=0&stride=1#3")
    reader.wait("() => convwalk.step === 3 && document.querySelector('.counter').textContent.startsWith('3 /')")
    pin(reader, "z", 0, 0, 0)
    notes = reader.page.locator("#inspector .notes")
    expect(notes).to_contain_text("NumPy adds in another order")
    terms = sum((np.array(x) * w).ravel().tolist(), 0.0) + 0.1
    for number in (terms, core.run("conv2d", "correlate", arrays=brought, padding=0, stride=1)["z"][0, 0, 0]):
        assert str(number) in notes.inner_text()


def test_terms_still_pin_and_nothing_listens_twice_after_settings_were_changed(reader: Reader):
    reader.open("/#60").arrived(len(walked().steps))
    pin(reader, "y", 0, 0, 0)
    session = reader.session()
    session.send("Performance.enable")

    def listeners() -> float:
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return float(next(metric["value"] for metric in metrics if metric["name"] == "JSEventListeners"))

    def change(filters: int) -> None:
        reader.page.get_by_role("button", name="More settings").click()
        field = reader.page.locator('[data-setting="out_channels"]')
        field.fill(str(filters))
        field.press("Enter")
        reader.settled(out_channels=filters).evaluate("() => document.querySelector('#more').hidePopover()")

    change(3)
    change(2)
    before = listeners()
    for filters in (3, 2, 3, 2):
        change(filters)
    assert listeners() - before < 3  # one for each run, before
    reader.page.locator("#stage").focus()
    reader.press("Escape")
    pin(reader, "y", 0, 0, 0)
    term = reader.page.locator("#inspector tbody button").first
    name = term.inner_text()
    term.focus()
    reader.press("Enter")
    # Its array is not on the stage, and yet it stays, with the focus, until it is let go.
    expect(title(reader)).to_contain_text(f"{name} = ")
    expect(title(reader)).to_be_focused()
    assert reader.evaluate("() => document.querySelector('#stage [data-array=x]')") is None
    reader.press("Escape")
    expect(reader.page.locator("#inspector")).to_be_hidden()


def test_a_weight_leads_to_every_output_that_it_feeds_by_the_cell_that_it_meets(reader: Reader):
    reader.open("/#30").arrived(len(walked().steps))
    pin(reader, "w", 1, 2, 0, 1)
    onward = reader.page.locator("#inspector .feeds")
    assert onward.locator("p").first.inner_text() == "In “correlate” it feeds 9 cells of z:"
    # At a stride of 2, the weight in row 0 and column 1 meets every other cell of the padded input.
    assert onward.locator("li").all_inner_texts() == [
        f"z[1, {i}, {j}] (with x_padded[2, {2 * i}, {2 * j + 1}])" for i in range(3) for j in range(3)
    ]
    onward.get_by_role("button", name="z[1, 1, 2]").click()
    expect(title(reader)).to_contain_text("z[1, 1, 2]")
    expect(title(reader)).to_be_focused()


def test_where_the_inspector_is_out_of_sight_the_footer_tells_the_sum(new_reader: NewReader):
    sum_of_z = "z[0, 0, 1] = 1·1 + 2·1 + 2·1 + 2·1 + 1·(−1) + 1 + 22 products with a zero = 7"
    presented = new_reader().open("/?present=1#30")
    presented.arrived(len(walked().steps))
    answer = presented.page.locator(".answer .derived")
    expect(answer).to_be_hidden()
    presented.figures().wait(STANDS)
    x, y = presented.evaluate(PLACE, ["z", [2, 3, 3], 1])
    presented.page.mouse.click(x, y)
    expect(answer).to_have_text(sum_of_z, use_inner_text=True)
    expect(presented.page.locator(".loop")).to_be_hidden()
    presented.press("Escape")
    expect(answer).to_be_hidden()
    expect(presented.page.locator(".loop")).to_be_visible()
