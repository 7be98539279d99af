"""The plots that an algorithm declares: what they show are the numbers of the trace, and their points are cells."""

import json
from typing import Any

import pytest
from playwright.sync_api import Route, expect

import core
from core.catalog import Run
from core.recording.trace import Trace
from tests.browser import NewReader, Reader
from tests.test_page_cells import place

# What Plotly has: the numbers of each of its traces, and how the page tells them in words.
DRAWN = """() => document.querySelector("#plot .drawn").data.map(({ x, y }) => [[...(x ?? [])], [...(y ?? [])]])"""


def drawn(reader: Reader) -> list[tuple[list[Any], list[Any]]]:
    return [(x, y) for x, y in reader.figures().evaluate(DRAWN)]


def told(reader: Reader) -> tuple[str, str]:
    """The title of the plot, and what those hear of it who do not see it."""
    plot = reader.figures().page.locator("#plot")
    return plot.locator("figcaption").inner_text(), plot.locator("[role=img]").get_attribute("aria-label") or ""


def pairs(trace: tuple[list[Any], list[Any]]) -> set[tuple[float, float]]:
    return set(zip(*trace, strict=True))


def opened(reader: Reader, layer: str, lang: str = "en", **settings: object) -> Trace:
    trace = core.record(layer, **settings)
    query = "&".join(f"{name}={value}" for name, value in settings.items())
    reader.open(f"/{layer}/walk?lang={lang}&{query}").arrived(len(trace.steps))
    return trace


# --- The curve --------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_every_cell_of_the_map_that_is_computed_lies_on_the_curve(reader: Reader, activation: str):
    trace = opened(reader, "activation", activation=activation)
    z = trace.start["z"].ravel().tolist()
    curve = trace.outline.curves[f"activation.{activation}"]["z"]
    for k in (1, 7, 15):
        line, waiting, done, _, looked = drawn(reader.seek(k))
        y = trace.snapshot(k)["y"].ravel().tolist()
        assert line == (curve["x"].tolist(), curve["y"].tolist())
        assert pairs(done) == set(zip(z[:k], y[:k], strict=True))
        assert sorted(waiting[0]) == z[k:]
        assert pairs(looked) == {(z[k - 1], y[k - 1])}


@pytest.mark.browser
@pytest.mark.parametrize("settings", [{"activation": "gelu"}, {"activation": "leaky_relu", "seed": 2, "channels": 2}])
def test_the_tangent_is_as_steep_as_the_number_that_the_gradient_is_multiplied_by(
    reader: Reader, settings: dict[str, object]
):
    trace = opened(reader, "activation", **settings)
    backward = next(chapter for chapter in trace.chapters if chapter.name == "backward")
    for k in (backward.first + 1, backward.first + 9, backward.first + 15):
        now = trace.snapshot(k)
        [write] = [access for access in trace.steps[k - 1].accesses if access.values is not None]
        at = tuple(start for start, _, _ in write.box)
        z, dy, dz = (float(now[name][at]) for name in ("z", "dy", "dz"))
        *_, tangent, looked, _, _, slope = drawn(reader.seek(k))
        (left, right), (low, high) = tangent
        assert dy * (high - low) / (right - left) == pytest.approx(dz, abs=1e-12)
        [(x, y)] = pairs(looked)
        assert x == z
        assert y == pytest.approx(float(core.run("activation", **settings)["y"][at]))
        [(below, steep)] = pairs(slope)
        assert (below, dy * steep) == (z, pytest.approx(dz))


@pytest.mark.browser
def test_the_layer_before_has_its_slope_plotted_over_its_output(reader: Reader):
    trace = opened(reader, "conv2d", activation_before="sigmoid")
    hand_over = next(chapter for chapter in trace.chapters if chapter.name == "hand_over")
    k = hand_over.first + 12
    now = trace.snapshot(k)
    x, dx, given = (float(now[name].flat[11]) for name in ("x", "dx", "dx_before"))
    *_, slope = drawn(reader.seek(k))
    [(at, steep)] = pairs(slope)
    assert at == x
    assert dx * steep == pytest.approx(given)


@pytest.mark.browser
def test_a_point_of_the_curve_is_a_cell_and_a_cell_is_a_point(reader: Reader):
    opened(reader, "activation", activation="relu")
    reader.seek(7).figures()
    point = reader.page.locator("#plot .scatterlayer .trace:nth-child(3) .point").nth(3)
    point.scroll_into_view_if_needed()
    x = drawn(reader)[2][0][3]
    box = point.bounding_box()
    assert box
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    cell = reader.wait("() => document.querySelector('#plot figcaption').textContent.startsWith('z[')")
    expect(cell.page.locator("#plot figcaption")).to_have_text(f"z[0, 0, 2] = {x}".replace("-", "−"))
    reader.page.mouse.down()
    reader.page.mouse.up()
    assert reader.wait("() => convwalk.cell?.pinned").evaluate("convwalk.cell.index") == [0, 0, 2]
    reader.wait("() => document.querySelector('#plot .drawn').data[4].x[0] === -2.5")  # what is pinned is looked at
    assert pairs(drawn(reader)[4]) == {(-2.5, 0)}
    reader.page.mouse.move(5, 5)
    assert told(reader)[0] == "z[0, 0, 2] = −2.5 → y[0, 0, 2] = 0"


@pytest.mark.browser
def test_the_curve_is_told_in_words_in_both_languages(new_reader: NewReader):
    for lang, forward, backward in (
        ("en", "Curve of y over z: z[0, 1, 4] = 1, and there y[0, 1, 4] = 1. 10 of the 15 cells of this map are on it.",
         "Curve with its tangent at z[0, 1, 4] = 1: the slope there is 1. dy[0, 1, 4] = 1, times the slope, makes "
         "dz[0, 1, 4] = 1."),
        ("zh", "y 随 z 变化的曲线：z[0, 1, 4] = 1，该处 y[0, 1, 4] = 1。这张图的 15 个格子中已有 10 个在曲线上。",
         "曲线及其在 z[0, 1, 4] = 1 处的切线：那里的斜率为 1。dy[0, 1, 4] = 1 乘以斜率，得 dz[0, 1, 4] = 1。"),
    ):  # fmt: skip
        reader = new_reader()
        opened(reader, "activation", lang, activation="relu")
        assert told(reader.seek(10))[1] == forward
        assert told(reader.seek(26))[1] == backward


@pytest.mark.browser
def test_a_plot_has_the_colours_of_the_page_light_and_dark(reader: Reader):
    opened(reader, "activation")
    colour = "document.querySelector('#plot .drawn').data?.[2]?.marker.color"
    page = "getComputedStyle(document.documentElement).getPropertyValue('--read').trim()"
    seen = set()
    for scheme in ("light", "dark"):
        reader.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        reader.open("/activation/walk?lang=en#7").figures()
        # The address is the same, so that the page is not another one and draws the plot anew some time later.
        reader.wait(f"() => {colour} === {page}")
        seen.add(reader.evaluate(page))
    assert len(seen) == 2


@pytest.mark.browser
def test_numbers_that_are_none_have_no_point(new_reader: NewReader):
    reader = new_reader()
    trace = core.record("activation")
    names = list(trace.start)

    def spoil(route: Route) -> None:
        lines = [json.loads(line) for line in route.fetch().text().splitlines()]
        [relu] = [source for source in lines[0]["header"]["sources"] if source["name"] == "activation.relu"]
        relu["plot"]["curves"]["z"]["y"][:2] = ["NaN", "Infinity"]
        lines[0]["header"]["arrays"][names.index("z")]["start"][0][0][:2] = ["NaN", "Infinity"]
        route.fulfill(body="\n".join(map(json.dumps, lines)) + "\n", content_type="application/jsonl")

    reader.page.route("**/walk/stream*", spoil)
    reader.open("/activation/walk?lang=en#2").arrived(len(trace.steps))
    line, _, done, _, looked = drawn(reader)
    assert line[1][:2] == [None, None]
    assert (pairs(done), pairs(looked)) == (set(), set())
    assert told(reader)[0] == "z[0, 0, 1] = ∞ → y[0, 0, 1] = 0"
    assert pairs(drawn(reader.seek(3))[2]) == {(-2.5, 0)}


# --- The loss ---------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(("lang", "scheme", "words"), [("en", "light", "kinks in it: 1, the nearest at 6"),
                                                       ("zh", "dark", "其折点数为 1，最近的在 6")])  # fmt: skip
def test_where_a_walk_rests_in_a_gradient_check_the_loss_is_a_curve_over_the_cell(
    reader: Reader, lang: str, scheme: Any, words: str
):
    asked: list[str] = []
    reader.page.emulate_media(color_scheme=scheme)
    reader.page.on("request", lambda request: asked.append(request.url) if "/losses?" in request.url else None)
    trace = opened(reader, "max_pool2d", lang)
    first = next(chapter for chapter in trace.chapters if chapter.name == "gradient_check").first
    for k in (first + 3, first + 4):  # of the same cell, the first
        reader.seek(k).wait("() => document.querySelector('#plot .drawn').data?.[7]?.x.length")
        line, *_, kinks = drawn(reader)[7:]
        curve = {name: numbers.tolist() for name, numbers in Run.planned("max_pool2d").losses("x_nudged", 0).items()}
        assert line == (curve["x"], curve["change"])
        assert kinks[0] == [curve["x"][at] for at in curve["kinks"]] == [6]
        assert words in told(reader)[1]
    assert len(asked) == 1
    colour = "document.querySelector('#plot .drawn').data[7].line.color"
    assert reader.evaluate(f"getComputedStyle(document.documentElement).getPropertyValue('--write').trim() == {colour}")


# --- The other kinds --------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize(
    ("address", "k", "mark", "name", "cell"),
    [
        ("max_pool2d", 5, ".bars .point >> nth=2", "x_padded[0, 1, 0] = 5", "window[1,0]"),
        ("chain", 700, ".bars .point >> nth=3", "w[0, 0, 1, 0] = −0.04", "w[0,0,1,0]"),
        ("activation", 65, ".trace:nth-child(4) .point >> nth=0", "numeric_dz[0, 1, 2] = 1", "numeric_dz[0,1,2]"),
        ("chain", 870, ".trace:nth-child(4) .point >> nth=1", "loss_end[0] = 5.3", "loss_end[0]"),
    ],
)
def test_bars_and_points_of_every_kind_are_cells(reader: Reader, address: str, k: int, mark: str, name: str, cell: str):
    opened(reader, address)
    title, sentence = told(reader.seek(k))
    shown = reader.page.locator(f"#plot {mark}")
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    assert box
    reader.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(reader.page.locator("#plot figcaption")).to_have_text(name)
    reader.page.mouse.down()
    reader.page.mouse.up()
    reader.wait("() => convwalk.cell?.pinned")
    assert reader.evaluate("convwalk.cell.array + JSON.stringify(convwalk.cell.index)") == cell
    reader.page.mouse.move(5, 5)
    assert title
    assert sentence
    reader.press("Escape").wait("() => !convwalk.cell")
    expect(reader.page.locator("#plot figcaption")).to_have_text(title)


@pytest.mark.browser
def test_a_cell_that_is_pinned_on_the_stage_is_looked_at_in_the_plot(reader: Reader):
    trace = opened(reader, "conv2d")
    k = next(chapter for chapter in trace.chapters if chapter.name == "update").first + 16
    reader.seek(k).figures()
    reader.page.mouse.click(*place(reader, "w", 0, 0, 0, 0))
    reader.wait("() => convwalk.cell?.pinned")
    expect(reader.page.locator("#plot figcaption")).to_contain_text("w[0, 0, 0, 0]: −1")
    assert pairs(drawn(reader)[2]) == {(0, trace.start["w"][0, 0, 0, 0])}


@pytest.mark.browser
def test_both_gradients_are_read_above_the_plot_of_a_check(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 720})
    title, _ = told(reader.open("/conv2d/gradient_check?lang=en&seed=5&activation=tanh").seek(60).rest())
    numbers, _, cell = title.partition(": ")
    assert [word.split()[0] for word in numbers.split(", ")] == ["numeric", "analytic"]
    assert cell == "w_nudged[0, 1, 1, 2]"
    room = """(numbers) => {
      const heading = document.querySelector("#plot figcaption"), brush = new OffscreenCanvas(1, 1).getContext("2d");
      brush.font = getComputedStyle(heading).font;
      return heading.clientWidth - brush.measureText(numbers).width;
    }"""
    assert reader.evaluate(room, numbers) > 0, "what is cut off is the cell's place alone"
