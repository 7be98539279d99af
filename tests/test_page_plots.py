"""The waterfall of the current cell's sum: its bars are the numbers of the trace, in step with the walk."""

import json
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Route, expect

import core
from core.catalog import LAYERS
from core.recording.trace import CELL, Arrays, Trace, cells
from tests.browser import NewReader, Reader, walked
from tests.node import node

# The bars as Plotly has them, and the line of the running total.
DRAWN = """() => {
  const [bars, line] = document.querySelector("#plot .drawn").data;
  const number = (each) => (each === undefined ? null : each);
  return { values: [...bars.y].map(number), bases: [...bars.base], line: [...line.y].map(number) };
}"""


def written(trace: Trace, k: int) -> tuple[str, int] | None:
    """The one cell of a result that the iteration after k steps computes, be it before or after that moment."""
    first, stop = k, k
    while first > 1 and trace.steps[first - 2].level > CELL:
        first -= 1
    while stop < len(trace.steps) and trace.steps[stop - 1].level > CELL:
        stop += 1
    for step in [*reversed(trace.steps[first - 1 : k]), *trace.steps[k:stop]]:
        for access in step.accesses:
            if access.values is not None and trace.outline.roles[access.array] != "scratch":
                flats = np.arange(trace.start[access.array].size).reshape(trace.start[access.array].shape)
                found = flats[cells(access.box)].ravel()
                return (access.array, int(found[0])) if len(found) == 1 else None
    return None


def assert_is_of(trace: Trace, k: int, now: Arrays, shown: dict[str, Any]) -> int:
    """The bars are the products in their scratch array, and the last is the result, as far as these are known."""
    *terms, result = zip(shown["values"], shown["bases"], shown["cells"], strict=True)
    for value, _, cell in terms:
        if cell and value is not None and trace.outline.roles[cell["array"]] == "scratch":
            assert value == now[cell["array"]].flat[cell["flat"]], (k, cell)
    value, base, cell = result
    assert base == 0
    if value is not None:
        assert value == now[cell["array"]].flat[cell["flat"]], (k, cell)
        sums = np.cumsum([0, *(value for value, _, _ in terms)])
        np.testing.assert_allclose([base for _, base, _ in terms], sums[:-1], atol=1e-12)
        assert value == pytest.approx(sums[-1]), k
    else:
        assert all(base == 0 for _, base, _ in terms), k
    return sum(value is not None for value in shown["values"])


def test_the_bars_are_the_numbers_of_the_trace_at_every_step():
    trace = walked()
    now = {name: array.copy() for name, array in trace.start.items()}
    found = node("waterfalls", **trace.as_dict(), moments=list(range(len(trace.steps) + 1)))
    chapters: dict[str, int] = {}
    standing = 0
    for chapter in trace.chapters:
        for k in range(chapter.first + 1, chapter.stop + 1):
            for access in trace.steps[k - 1].accesses:
                if access.values is not None:
                    now[access.array][cells(access.box)] = np.reshape(
                        access.values, now[access.array][cells(access.box)].shape
                    )
            if (shown := found[k]) is None:
                continue
            chapters[chapter.name] = chapters.get(chapter.name, 0) + 1
            standing += assert_is_of(trace, k, now, shown)
            if trace.steps[k - 1].level > CELL:
                cell = shown["cells"][-1]
                assert written(trace, k) == (cell["array"], cell["flat"]), k
    sizes = {chapter.name: chapter.stop - chapter.first for chapter in trace.chapters}
    for name in ("correlate", "input_gradient", "weight_gradient"):
        assert chapters[name] >= sizes[name] - 100, name  # the cropped padding is copied, not added up
    silent = {"pad", "activate", "through_activation", "expand", "pad_fully", "flip"}
    assert {*silent, "update"}.isdisjoint(chapters)
    assert {chapter.name for chapter in trace.chapters if not trace.outline.adds_up(chapter)} == silent
    assert standing > 9_000


# --- On the page ------------------------------------------------------------------------------------------------------


def expected(moments: list[int]) -> list[dict[str, Any]]:
    """What the page's module makes of these moments, which is held against the trace above."""
    found: list[dict[str, Any]] = node("waterfalls", **walked().as_dict(), moments=moments)
    return found


def assert_drawn(reader: Reader, shown: dict[str, Any]) -> None:
    drawn = reader.figures().evaluate(DRAWN)
    assert drawn["values"] == shown["values"]
    assert drawn["bases"] == shown["bases"]
    *terms, _ = zip(shown["bases"], shown["values"], strict=True)
    if shown["isDone"]:
        assert drawn["line"][: len(terms)] == [base + value for base, value in terms]
        assert drawn["line"][-1] == shown["values"][-1]
    else:
        assert drawn["line"] == []


@pytest.mark.browser
def test_the_plot_shows_the_bars_in_step_with_the_walk_and_says_so_in_words(reader: Reader):
    moments = [3, 4, 5, 6, 9, 4, 300, 302, 303, 700]
    reader.open("/?lang=en").arrived(len(walked().steps))
    for k, shown in zip(moments, expected(moments), strict=True):
        assert_drawn(reader.seek(k), shown)
    caption, picture = reader.page.locator("#plot figcaption"), reader.page.locator("#plot [role=img]")
    sum_of = "sum of 27 products and b[0]"
    told = f"Waterfall of z[0, 0, 0]: a {sum_of}, "
    for k, title, sentence in (
        (3, f"z[0, 0, 0] = {sum_of}", f"{told}of whose 28 bars 0 are computed and none is added yet."),
        (4, f"z[0, 0, 0] = {sum_of}", f"{told}of whose 28 bars 27 are computed and none is added yet."),
        (5, f"z[0, 0, 0] = 6 · {sum_of}", f"{told}which comes from 0 to 6 on a way between 0 and 6."),
    ):
        reader.seek(k).figures()
        assert caption.inner_text() == title
        assert picture.get_attribute("aria-label") == sentence
    reader.page.goto("about:blank")
    reader.open("/?lang=zh#5").figures()
    assert caption.inner_text() == "z[0, 0, 0] = 6 · 27 个乘积与 b[0] 之和"


@pytest.mark.browser
def test_the_plot_is_right_again_after_a_fast_walk_and_was_drawn_but_seldom(reader: Reader):
    reader.open("/?lang=en").arrived(len(walked().steps)).seek(20).figures()
    reader.evaluate(
        """() => {
          window.plotted = 0;
          for (const name of ["react", "animate"]) {
            const real = Plotly[name];
            Plotly[name] = (...given) => (plotted++, real(...given));
          }
        }"""
    )
    reader.page.get_by_label("Speed").select_option("60")
    reader.evaluate("() => convwalk.play()")
    reader.wait("() => convwalk.step > 300")
    reader.evaluate("() => convwalk.pause()")
    k = reader.rest().step
    assert_drawn(reader, expected([k])[0])
    assert 0 < reader.evaluate("plotted") < 60  # of at least two hundred steps


@pytest.mark.browser
def test_a_bar_that_is_pointed_at_lights_its_cell_and_a_click_pins_it(reader: Reader):
    reader.open("/?lang=en").arrived(len(walked().steps)).seek(5).figures()
    bar = reader.page.locator("#plot .bars .point").nth(7)  # a product of 2
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    assert box
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(reader.page.locator(".strip .glanced")).to_have_attribute("data-cell", "product:7")
    expect(reader.page.locator("#plot figcaption")).to_have_text("x_padded[0, 2, 1] × w[0, 0, 2, 1] = 2")
    reader.page.mouse.down()
    reader.page.mouse.up()
    assert reader.wait("() => convwalk.cell?.pinned").evaluate("convwalk.cell.index") == [0, 2, 1]
    lit = "() => document.querySelector('#plot .drawn').data[0].marker.line.width"
    for k in (5, 4):  # it stays lit from step to step
        reader.seek(k).wait(f"() => String(({lit})().flatMap((width, at) => (width ? [at] : []))) === '7'")
    reader.press("Escape").wait(f"() => ({lit})().every((width) => width === 0)")


@pytest.mark.browser
def test_numbers_that_are_none_do_not_break_the_plot(new_reader: NewReader):
    reader = new_reader()
    trace = walked()
    names = list(trace.start)

    def spoil(route: Route) -> None:
        lines = [json.loads(line) for line in route.fetch().text().splitlines()]
        for step in (step for line in lines for step in line.get("steps", [])[:5]):
            for access in step[4]:
                if len(access) == 7 and names[access[4]] in ("product", "z"):
                    access[6][:2] = ["NaN", "Infinity"][: len(access[6])]
        route.fulfill(body="\n".join(map(json.dumps, lines)) + "\n", content_type="application/jsonl")

    reader.page.route("**/walk/stream*", spoil)
    reader.open("/?lang=en#5").figures()
    assert reader.page.locator("#plot figcaption").inner_text().startswith("z[0, 0, 0] = NaN · ")
    assert reader.evaluate(DRAWN)["values"][:3] == [0, 0, 0]
    assert {"NaN", "∞"} <= set(reader.page.locator("#plot .textpoint").all_text_contents())
    reader.seek(8).figures()
    assert_drawn(reader, expected([8])[0])


def test_a_sum_of_many_terms_has_a_bar_for_a_row_or_a_map_of_them():
    for settings, groups, count in (
        ({"in_height": 12, "in_width": 12, "kernel_size": 11, "padding": 5, "in_channels": 2}, 22, 11),
        ({"in_height": 9, "in_width": 9, "kernel_size": 3, "in_channels": 16, "out_channels": 1}, 48, 3),
    ):
        trace = walked("correlate", **settings)
        [shown] = node("waterfalls", **trace.as_dict(), moments=[3])
        *terms, bias, _ = zip(shown["values"], shown["counts"], strict=True)
        assert len(terms) == groups
        assert {terms_of for _, terms_of in terms} == {count}
        assert bias[1] == 1
        assert sum(value for value, _ in terms) + bias[0] == pytest.approx(shown["values"][-1])


@pytest.mark.browser
def test_the_library_comes_while_the_walk_plays(reader: Reader):
    reader.open("/?lang=en").evaluate("() => convwalk.play()")
    reader.wait("() => window.Plotly && document.querySelector('.play.playing')")


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000), (390, 844)])
def test_the_plot_has_its_room_before_any_script_has_come(new_reader: NewReader, size: tuple[int, int]):
    reader = new_reader(viewport={"width": size[0], "height": size[1]})
    reader.page.route("**/main.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    reader.page.goto(f"{reader.url}/?lang=en")
    high = "() => document.querySelector('#plot').offsetHeight"
    before = reader.evaluate(high)
    reader.page.unroute("**/main.js")
    assert reader.open("/?lang=en").figures().evaluate(high) == before >= 90


@pytest.mark.parametrize("layer", [name for name in LAYERS if name != "conv2d"])
def test_every_chapter_with_a_waterfall_is_one_that_adds_up(layer: str):
    trace = core.record(layer)
    found = node("waterfalls", **trace.as_dict(), moments=list(range(len(trace.steps) + 1)))
    for chapter in trace.chapters:
        if any(found[chapter.first + 1 : chapter.stop + 1]):
            assert trace.outline.adds_up(chapter), chapter.name


@pytest.mark.browser
def test_where_a_chapter_adds_nothing_up_and_declares_nothing_there_is_no_plot(reader: Reader):
    plot = reader.page.locator("#plot")
    reader.open("/?lang=en").seek(4)
    expect(plot).to_be_visible()
    reader.seek(1)  # it pads
    expect(plot).to_be_hidden()
    reader.seek(4)
    expect(plot).to_be_visible()
    for walk, hidden in ("conv2d/expand", True), ("max_pool2d/walk", False), ("activation/walk", False):
        html = reader.page.request.get(f"{reader.url}/{walk}?lang=en").text()
        assert ('<section id="stage" class="plotless"' in html) == hidden, walk
        reader.page.goto("about:blank")
        reader.open(f"/{walk}?lang=en")
        expect(plot).to_be_visible(visible=not hidden)


@pytest.mark.browser
def test_pointing_at_the_stage_draws_no_plot(reader: Reader):
    reader.open("/?lang=en").arrived(len(walked().steps)).seek(5).figures()
    reader.evaluate(
        """() => {
          window.plotted = 0;
          for (const name of ["react", "animate"]) {
            const real = Plotly[name];
            Plotly[name] = (...given) => (plotted++, real(...given));
          }
        }"""
    )
    board = reader.page.locator("[data-array=x_padded] .board").bounding_box()
    assert board
    for at in range(10):
        reader.page.mouse.move(board["x"] + 30 + 12 * at, board["y"] + 60)
    reader.page.locator("[data-array=x_padded] .hint:visible").wait_for()
    assert reader.seek(6).figures().evaluate("plotted") == 1
