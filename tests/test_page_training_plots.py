"""The plots of a training on the page: what Plotly has are the numbers of the trace, and they move with the walk."""

from typing import Any, Literal

import numpy as np
import pytest
from playwright.sync_api import expect

import core
from core.recording.trace import Trace
from tests.browser import NewReader, Reader
from tests.test_colours import contrast
from tests.test_training_plots import bars, chapter, trained

# What Plotly has of each of its traces. A part that it keeps as numbers of one type is a list here.
DRAWN = """() => document.querySelector("#plot .drawn").data.map(({ x, y, z, text }) => {
  const list = (part) => (part === undefined ? [] : [...part]);
  return { x: list(x), y: list(y), z: list(z).map(list), text: list(text).map((row) => [...row]) };
})"""
# The numbers in a heatmap: what each is written in, and the colour of the cell below it.
INKED = """async () => {
  const [cells, image] = [document.querySelector("#plot .heatmaplayer image"), new Image()];
  image.src = cells.href.baseVal;
  await image.decode();
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const from = cells.getBoundingClientRect();
  return [...document.querySelectorAll("#plot .textpoint text")].map((text) => {
    const box = text.getBoundingClientRect();
    const x = ((box.x + box.width / 2 - from.x) / from.width) * image.width;
    const y = ((box.y + box.height / 2 - from.y) / from.height) * image.height;
    const channels = [...context.getImageData(Math.floor(x), Math.floor(y), 1, 1).data].slice(0, 3);
    return [getComputedStyle(text).fill.match(/\\d+/g).map(Number), channels];
  });
}"""
COUNT = """() => {
  window.called = { react: 0, animate: 0, restyle: 0 };
  for (const name of Object.keys(called)) {
    const real = Plotly[name];
    Plotly[name] = (...given) => (called[name]++, real(...given));
  }
}"""


def drawn(reader: Reader) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.figures().evaluate(DRAWN)
    return found


def opened(reader: Reader, lang: str = "en") -> Trace:
    trace = trained()
    reader.open(f"/training/walk?lang={lang}&epochs=3").arrived(len(trace.steps))
    return trace


@pytest.mark.browser
def test_losses_counts_and_the_loss_around_are_those_of_the_step(reader: Reader):
    trace = opened(reader)
    learn, test, around = (chapter(trace, name) for name in ("learn", "test", "look_around"))
    for k in (learn[0], learn[45], learn[60], learn[-1], learn[3]):
        now = trace.snapshot(k)
        losses, _, read, looked, _, *sizes = drawn(reader.seek(k))
        done, over = len(losses["y"]), len(read["y"])
        assert losses["y"] == now["loss"].ravel()[:done].tolist()
        assert (done, over) == ((k - k // 46 + 2) // 3, k // 46)  # an epoch has 15 steps of three beats, and its end
        assert read["y"] == now["accuracy"][:over].tolist()
        assert looked["y"] == losses["y"][-1:]
        assert [each["y"] for each in sizes] == [pytest.approx(bars(now[name])) for name in ("dw", "dw_linear")]
    for k in (test[0], test[30], test[-1], test[7]):
        counts = trace.snapshot(k)["confusion"].astype(int)
        heat, numbers, _ = drawn(reader.seek(k))
        assert heat["z"] == np.where(np.eye(10, dtype=bool), counts, -counts).tolist()
        assert ["".join(text) for text in numbers["text"]] == [str(count) for count in counts.ravel() if count]
    for k in (around[0], around[1], around[64], around[-1], around[12]):
        now = trace.snapshot(k)
        heat, *_, path, start, end = drawn(reader.seek(k))
        shown = [each for column in zip(*heat["z"], strict=True) for each in column]
        done = k - around[0]
        assert shown == [*now["loss_around"].ravel()[:done].tolist(), *[None] * (121 - done)]
        pair = now["pair"].astype(int)
        assert [path["x"][0], path["y"][0]] == [*start["x"], *start["y"]] == now["w_start"].ravel()[pair].tolist()
        assert [path["x"][-1], path["y"][-1]] == [*end["x"], *end["y"]] == now["w"].ravel()[pair].tolist()
        assert len(path["x"]) == 46


@pytest.mark.browser
def test_from_step_to_step_only_what_moves_is_drawn(reader: Reader):
    trace = opened(reader)
    for name, by in (("learn", "animate"), ("test", "restyle"), ("look_around", "restyle")):
        first = chapter(trace, name)[3]
        reader.seek(first).figures().evaluate(COUNT)
        for k in range(first + 1, first + 5):
            reader.seek(k).figures()
        called = reader.evaluate("called")
        assert called["react"] == 0
        assert called[by] >= 4


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "at", "told", "cell"),
    [
        ("learn", 100, "loss[2, 2] ", "loss[2,2]"),
        ("test", 20, "confusion[0, 0] = 6", "confusion[0,0]"),
        ("look_around", 30, "loss_around[0, 0] ", "loss_around[0,0]"),
    ],
)
def test_points_and_cells_of_a_training_are_cells(reader: Reader, name: str, at: int, told: str, cell: str):
    trace = opened(reader)
    k = chapter(trace, name)[at]
    reader.seek(k).figures()
    plot = reader.page.locator("#plot")
    plot.scroll_into_view_if_needed()
    title = plot.locator("figcaption").inner_text()
    place = """(isMap) => {
      const drawn = document.querySelector("#plot .drawn");
      const { xaxis, yaxis } = drawn._fullLayout;
      const { left, top } = drawn.getBoundingClientRect();
      const of = (axis, value) => axis._offset + axis.l2p(value);
      const { x, y } = isMap ? { x: drawn.data[0].x ?? [0], y: drawn.data[0].y ?? [0] } : drawn.data[3];
      return [left + of(xaxis, x[0]), top + of(yaxis, y[0])];
    }"""
    reader.page.mouse.move(*reader.evaluate(place, name != "learn"))
    expect(plot.locator("figcaption")).to_contain_text(told)
    reader.page.mouse.down()
    reader.page.mouse.up()
    reader.wait("() => convwalk.cell?.pinned")
    assert reader.evaluate("convwalk.cell.array + JSON.stringify(convwalk.cell.index)") == cell
    reader.press("Escape").wait("() => !convwalk.cell")
    reader.page.mouse.move(5, 5)
    expect(plot.locator("figcaption")).to_have_text(title)


@pytest.mark.browser
def test_a_training_is_told_in_words_in_both_languages(new_reader: NewReader):
    trace = trained()
    test, around = chapter(trace, "test"), chapter(trace, "look_around")
    counts = trace.snapshot(test[-1])["confusion"]
    right = int(counts.trace())
    for lang, titles, words in (
        (
            "en",
            ("accuracy ", f"{right} of 60 right", "the lowest so far"),
            ("Accuracy after 3 epochs", "mistakes", "path"),
        ),
        ("zh", ("准确率 ", f"60 个中 {right} 个正确", "至今最低"), ("3 个周期之后的准确率", "错误", "走到")),
    ):
        reader = new_reader()
        opened(reader, lang)
        plot = reader.page.locator("#plot")
        for k, title, word in zip((test[0] - 1, test[-1], around[-1]), titles, words, strict=True):
            reader.seek(k).figures()
            expect(plot.locator("figcaption")).to_contain_text(title)
            assert word in (plot.locator("[role=img]").get_attribute("aria-label") or "")


@pytest.mark.browser
def test_the_way_is_absent_where_the_weights_were_learned_before(reader: Reader):
    trace = core.record("training", "look_around", epochs=3)
    reader.open("/training/look_around?lang=en&epochs=3").arrived(len(trace.steps))
    heat, _, _, start, end = drawn(reader.seek(20))
    now = trace.snapshot(20)
    pair = now["pair"].astype(int)
    assert [*start["x"], *start["y"]] == now["w_start"].ravel()[pair].tolist()
    assert [*end["x"], *end["y"]] == now["w"].ravel()[pair].tolist()
    assert heat["z"][0][0] == now["loss_around"][0, 0]


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (390, 844)])
def test_counts_stand_in_their_cells_in_every_usual_window(new_reader: NewReader, size: tuple[int, int]):
    reader = new_reader(viewport={"width": size[0], "height": size[1]})
    trace = opened(reader)
    reader.seek(chapter(trace, "test")[-1]).figures()
    counts = trace.snapshot(chapter(trace, "test")[-1])["confusion"]
    shown = reader.page.locator("#plot .textpoint").all_text_contents()
    assert sorted(int(text) for text in shown if text.strip()) == sorted(counts[counts > 0].astype(int).tolist())


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_count_can_be_read_on_the_colour_of_its_cell(new_reader: NewReader, scheme: Literal["light", "dark"]):
    reader = new_reader(color_scheme=scheme)
    test = chapter(opened(reader), "test")
    for k in (test[12], test[-1]):  # drawn anew, and moved on to
        inked = reader.seek(k).figures().evaluate(INKED)
        assert len(inked) == np.count_nonzero(trained().snapshot(k)["confusion"])
        for pair in inked:
            ink, cell = ("#" + bytes(channels).hex() for channels in pair)
            assert contrast(ink, cell) >= 4.5, (k, ink, cell)
