"""The chapters in a row, and the map that it unfolds to: every array in small, and where the reader stands."""

from typing import Any

import pytest
from playwright.sync_api import expect

import core
from core.recording.trace import Trace
from tests.browser import NewReader, Reader, walked

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

# The pictures of a row, each array by name.
PICTURED = "(row) => [...document.querySelectorAll(`#track ${row} [data-thumb]`)].map((item) => item.dataset.thumb)"

# The colours of a picture's cells in the order of the array: between its maps nothing is painted.
COLOURS = """(name) => {
  const canvas = document.querySelector(`[data-thumb="${name}"] canvas`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return Array.from({ length: data.length / 4 }, (_, at) => [...data.slice(4 * at, 4 * at + 4)])
    .filter((colour) => colour[3]).map((colour) => colour.slice(0, 3).join());
}"""

PAINTED_ON_THE_STAGE = """(name) => {
  const canvas = document.querySelector(`.panel[data-array="${name}"] canvas.cells`);
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) if (data[at + 3] === 255) colours.add([...data.slice(at, at + 3)].join());
  return [...colours];
}"""

MARKED = "(mark) => [...document.querySelectorAll(`#track .${mark}[data-thumb]`)].map((item) => item.dataset.thumb)"

NAMES = "(kind) => [...document.querySelectorAll(`#track .${kind} > button`)].map((button) => button.textContent)"


def on_the_way(trace: Trace) -> dict[str, str]:
    """The arrays that some scene uses, with their roles; what a walk keeps for a moment only is left out."""
    header = trace.outline.header()
    used = {name for chapter in header["chapters"] for scene in chapter["scenes"] for _, name in scene["arrays"]}
    return {
        each["name"]: each["role"] for each in header["arrays"] if each["name"] in used and each["role"] != "scratch"
    }


def pictured(reader: Reader, row: str) -> list[str]:
    return list(reader.evaluate(PICTURED, row))


def unfold(reader: Reader) -> Reader:
    """Have the map shown, and not only the names of the chapters."""
    reader.page.get_by_role("button", name="Pictures of the arrays").click()
    return reader.wait("() => document.querySelector('#track canvas')?.checkVisibility()")


@pytest.mark.parametrize("layer", ["conv2d", "max_pool2d", "chain", "no_zeros_for_the_stride"])
def test_every_array_of_a_walk_is_on_its_map_once(reader: Reader, layer: str):
    arrays = on_the_way(core.record(layer))
    unfold(reader.open(f"/{layer}/walk"))
    forward, backward = pictured(reader, ".forward"), pictured(reader, ".backward")
    assert sorted(forward + backward) == sorted(arrays)
    assert "gradient" not in {arrays[name] for name in forward}
    assert backward[0] == "dy"  # which comes from the layer behind
    assert forward[0] == "x"
    top = "(way) => document.querySelector(`#track .${way} canvas`).getBoundingClientRect().top"
    assert reader.evaluate(top, "forward") < reader.evaluate(top, "backward")


def test_a_walk_that_goes_no_way_back_has_one_row(reader: Reader):
    reader.open("/cross_correlation/walk")
    assert sorted(pictured(reader, ".forward")) == sorted(on_the_way(core.record("cross_correlation")))
    assert reader.page.locator("#track ol").count() == 1


def test_what_is_done_and_what_is_to_come_follow_the_step(reader: Reader):
    trace = walked()
    reader.open().arrived(len(trace.steps))
    names = [chapter.name.replace("_", " ") for chapter in trace.chapters]
    for at, chapter in list(enumerate(trace.chapters))[::-4]:
        reader.seek((chapter.first + chapter.stop + 1) // 2)
        assert reader.evaluate(NAMES, "done") == names[:at]
        assert reader.evaluate(NAMES, "current") == [reader.chapter] == [names[at]]
        assert reader.evaluate(NAMES, "station:not(.done, .current)") == names[at + 1 :]
    widths = "() => [...document.querySelectorAll('#track .station')].map((item) => item.offsetWidth)"
    assert reader.seek(0).evaluate(widths) == reader.seek(len(trace.steps)).evaluate(widths), (
        "a name moves when it is done"
    )
    # On the map it is written, too: done has its tick.
    unfold(reader)
    tick = "(n) => getComputedStyle(document.querySelectorAll('#track .station > button')[n], '::before').visibility"
    reader.seek(trace.chapters[1].stop)
    assert [reader.evaluate(tick, at) for at in range(3)] == ["visible", "hidden", "hidden"]


def test_a_click_on_an_array_goes_to_the_chapter_that_makes_it(reader: Reader):
    trace = walked()
    first = {chapter.name: chapter.first for chapter in trace.chapters}
    unfold(reader.open().arrived(len(trace.steps)))
    reader.page.locator('[data-thumb="dw"] canvas').click()
    reader.drawn(first["weight_gradient"] + 1)
    reader.page.locator('[data-thumb="x_padded"] canvas').click()
    reader.drawn(first["pad"] + 1)
    button = reader.page.get_by_role("button", name="flip", exact=True)
    button.focus()
    reader.press("Enter").drawn(first["flip"] + 1)
    expect(button).to_be_focused()


def test_what_the_scene_reads_and_writes_is_marked(reader: Reader):
    trace = walked()
    reader.open().arrived(len(trace.steps))
    for chapter, reads, writes in [
        ("correlate", ["x_padded", "w", "b"], ["z"]),
        ("input_gradient", ["dz_padded", "w_flipped", "dx_padded"], ["dx_padded", "dx"]),
        ("update", ["w", "b", "dw", "db"], ["w", "b"]),
    ]:
        reader.seek(next(one.first for one in trace.chapters if one.name == chapter) + 2)
        assert reader.evaluate(MARKED, "read") == reads
        assert reader.evaluate(MARKED, "written") == writes


def test_a_picture_is_veiled_until_its_array_is_computed_and_has_the_colours_of_the_stage(reader: Reader):
    trace = walked()
    correlate = trace.chapters[1]
    unfold(reader.open().arrived(len(trace.steps)))
    veil = "() => getComputedStyle(document.documentElement).getPropertyValue('--veil').trim()"
    hexadecimal = reader.evaluate(veil)
    veiled = ",".join(str(int(hexadecimal[at : at + 2], 16)) for at in (1, 3, 5))
    colours = f"({COLOURS})"
    reader.seek(correlate.first)
    reader.wait(f"(veil) => {colours}('z').every((colour) => colour === veil)", veiled)
    reader.seek(correlate.first + 3)
    reader.wait(f"(veil) => {colours}('z').filter((colour) => colour !== veil).length === 1", veiled)
    reader.seek(correlate.stop)
    reader.wait(f"(veil) => !{colours}('z').includes(veil)", veiled)
    values = trace.snapshot(correlate.stop)["z"]
    in_small = reader.evaluate(COLOURS, "z")
    assert set(in_small) <= set(reader.evaluate(PAINTED_ON_THE_STAGE, "z"))
    # The maps stand side by side, so that a row of the picture is a row of each.
    in_rows = [float(value) for row in values.transpose(1, 0, 2) for value in row.ravel()]
    looks: dict[float, Any] = dict(zip(in_rows, in_small, strict=True))
    assert in_small == [looks[value] for value in in_rows]
    assert len(set(looks.values())) == len(looks)
    # And back again.
    reader.seek(correlate.first)
    reader.wait(f"(veil) => {colours}('z').every((colour) => colour === veil)", veiled)


def test_a_large_array_is_sampled(reader: Reader):
    reader.open("/max_pool2d/walk?in_height=64&in_width=64&in_channels=4")
    cells = reader.evaluate(
        "() => { const { width, height } = document.querySelector('[data-thumb=x] canvas'); return width * height; }"
    )
    assert 1000 < cells < 64 * 64 * 4 / 2


def test_the_chapters_are_one_quiet_row_that_unfolds_to_the_map(reader: Reader):
    reader.open()
    fold = reader.page.get_by_role("button", name="Pictures of the arrays")
    row = "() => [document.querySelector('#map').offsetHeight, document.querySelector('#track').scrollWidth]"
    height, width = reader.evaluate(row)
    assert height <= 40
    assert width <= 1280, "the chapters of the default layer do not fit one row"
    expect(fold).to_have_attribute("aria-expanded", "false")
    assert not reader.page.locator("#track canvas").first.is_visible()
    assert reader.page.locator("#track .station > button").all_inner_texts()[0] == "pad"
    fold.press("Enter")
    expect(fold).to_have_attribute("aria-expanded", "true")
    assert height < reader.evaluate(row)[0] <= 120
    rows = """() => ["forward", "backward"].map((way) => {
      const [label, row] = [`#way-${way}`, `#track .${way}`].map((one) =>
        document.querySelector(one).getBoundingClientRect());
      return label.right <= row.left + 1 && label.top >= row.top && label.bottom <= row.bottom;
    })"""
    assert reader.evaluate(rows) == [True, True], "each row is named in front of it"
    overlaps = """() => [...document.querySelectorAll("#track .name")].filter(({ children: [code, shape] }) =>
      code.getBoundingClientRect().bottom > shape.getBoundingClientRect().top + 1).length"""
    assert reader.evaluate(overlaps) == 0
    reader.wait(f"() => ({COLOURS})('x').length === 75")  # what was not painted while nobody saw it now is
    reader.open()
    expect(fold).to_have_attribute("aria-expanded", "true")
    fold.press("Enter")
    assert reader.evaluate(row)[0] == height


def test_on_a_phone_the_map_is_one_strip_that_follows(new_reader: NewReader):
    trace = walked()
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open().arrived(len(trace.steps))
    bounds = """(n) => {
      const { left, right } = document.querySelectorAll("#track .station")[n].getBoundingClientRect();
      const strip = document.querySelector("#track").getBoundingClientRect();
      return [left - strip.left, strip.right - left, scrollX, scrollY];
    }"""
    for at, chapter in list(enumerate(trace.chapters))[::3]:
        reader.seek(chapter.first + 1)
        from_left, to_right, *scrolled = reader.evaluate(bounds, at)
        assert from_left >= -1, chapter.name
        assert to_right > 40, chapter.name
        assert scrolled == [0, 0]
    # Whoever goes there by keyboard sees where they are.
    reader.page.locator("#track button").first.focus()
    from_left, _, *scrolled = reader.evaluate(bounds, 0)
    assert from_left >= 0
    assert scrolled == [0, 0]


def test_on_a_phone_the_unfolded_map_wraps(new_reader: NewReader):
    phone = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader = unfold(phone.open("/?lang=en"))
    outside = """() => [...document.querySelectorAll("#track :is(.way, button, canvas, code)")].filter((one) => {
      const { left, right } = one.getBoundingClientRect();
      return left < 0 || right > innerWidth;
    }).map((one) => one.textContent)"""
    assert reader.evaluate(outside) == []
    tops = "() => ['#way-forward', '#way-backward'].map((one) => document.querySelector(one).offsetTop)"
    forward, backward = reader.evaluate(tops)
    assert forward < backward


def test_the_focus_goes_along_with_the_walk_from_chapter_to_chapter(reader: Reader):
    reader.open().page.locator("#track button").first.focus()
    reader.press("Enter", "PageDown", "PageDown")
    reader.wait("() => document.querySelector('#track [aria-current]').closest('.station').matches(':nth-child(3)')")
    assert reader.evaluate("() => document.activeElement.getAttribute('aria-current')") == "step"


def test_counts_are_grey_on_the_map_once_they_are_known_and_not_as_if_empty(reader: Reader):
    pixel = """(name) => {
      const canvas = document.querySelector(`[data-thumb="${name}"] canvas`);
      return [...canvas.getContext("2d").getImageData(0, 0, 1, 1).data].join();
    }"""
    steps = len(core.record("avg_pool2d").steps)
    reader.open("/avg_pool2d/walk?lang=en").arrived(steps).seek(1)
    unfold(reader)
    reader.wait(f"() => ({pixel})('counts') === '223,228,235,255'")
    reader.seek(steps)
    reader.wait(f"() => !['223,228,235,255', '255,255,255,255'].includes(({pixel})('counts'))")
