"""The page in a real browser: what it plays, and that every array of it is Python's at every step."""

import random
from typing import Any

import pytest
from playwright.sync_api import Route, expect

import core
from core.catalog import LAYERS
from tests.browser import Reader, assert_same, walked

pytestmark = pytest.mark.browser

LESSON = "<!doctype html><title>A lesson</title><iframe src='/conv2d/walk?embed=1' width=1000 height=700></iframe>"


def play(reader: Reader, pace: str) -> None:
    """Play from where the reader is to the end."""
    reader.page.get_by_label("Stop at").select_option(pace)
    reader.page.get_by_label("Speed").select_option("60 a second")
    reader.page.get_by_role("button", name="Play").click()
    reader.wait("() => convwalk.step === convwalk.steps")
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()


def test_a_page_opens_at_the_first_cell_that_is_worked_out(reader: Reader):
    trace = walked()
    reader.open()
    assert (reader.step, reader.steps, reader.chapter) == (5, len(trace.steps), "correlate")
    reader.assert_shows(trace.snapshot(5))


@pytest.mark.parametrize(("pace", "begin"), [("every cell", 780), ("every chapter", 3)])
def test_it_plays_to_the_end_where_every_array_is_that_of_a_plain_run(reader: Reader, pace: str, begin: int):
    reader.open().arrived(len(walked().steps)).seek(begin)
    play(reader, pace)
    assert reader.step == len(walked().steps)
    reader.drawn(reader.steps).assert_shows(core.run("conv2d"))


def test_every_array_is_pythons_snapshot_wherever_a_reader_stops(reader: Reader):
    trace = walked()
    reader.open().arrived(len(trace.steps))
    moments = random.Random(4).sample(range(len(trace.steps) + 1), 25)
    for k, shown in zip(moments, reader.values(list(trace.start), moments), strict=True):
        assert_same(shown, trace.snapshot(k), k)


@pytest.mark.slow
def test_each_chapter_alone_plays_to_its_end(reader: Reader):
    for algorithm in LAYERS["conv2d"].algorithms.keys() - {"walk"}:
        trace, ends = walked(algorithm), core.run("conv2d", algorithm)
        reader.open(f"/conv2d/{algorithm}")
        assert reader.steps == len(trace.steps), algorithm
        play(reader, "every chapter")
        reader.drawn(reader.steps).assert_shows({name: ends[name] for name in trace.outline.used})


def test_a_step_back_undoes_a_step(reader: Reader):
    trace = walked()
    reader.open().arrived(len(trace.steps))
    back = reader.page.get_by_role("button", name="Step back")
    forward = reader.page.get_by_role("button", name="Step forward")
    scenes = [scene for chapter in trace.chapters for scene in chapter.scenes]
    begun = [scene.first + 1 for scene in (scenes[0], scenes[4], scenes[7], scenes[-1])]  # the first steps of scenes
    for k in (*begun, 700, len(trace.steps)):
        reader.seek(k)
        for step in (k - 1, k - 2):
            back.click()
            reader.drawn(max(0, step)).assert_shows(trace.snapshot(max(0, step)))
        forward.click()
        reader.drawn(max(0, k - 2) + 1).assert_shows(trace.snapshot(max(0, k - 2) + 1))


def test_the_keys_play_and_step(reader: Reader):
    trace = walked()
    firsts = [chapter.first for chapter in trace.chapters]
    reader.open().arrived(len(trace.steps))
    for key, k in [("End", reader.steps), ("Home", 0), ("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1),
                   ("PageDown", firsts[1] + 1), ("PageDown", firsts[2] + 1), ("ArrowRight", firsts[2] + 2),
                   ("PageUp", firsts[2] + 1), ("PageUp", firsts[1] + 1)]:  # fmt: skip
        reader.press(key).drawn(k)
        assert reader.step == k, key
    reader.press("Space")
    expect(reader.page.get_by_role("button", name="Pause")).to_be_visible()
    reader.wait("(k) => convwalk.step > k", firsts[1] + 1)
    reader.press("Space")
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()
    reader.page.get_by_label("Stop at").select_option("every map")
    reader.page.locator("body").click(position={"x": 2, "y": 2})
    reader.seek(firsts[1]).press("ArrowRight").drawn(
        next(k for k in range(firsts[1], 999) if trace.steps[k].level <= 2) + 1
    )


def test_a_control_keeps_its_own_keys(reader: Reader):
    reader.open().page.get_by_label("Stop at").focus()
    k = reader.press("ArrowDown").step
    assert reader.page.get_by_label("Stop at").input_value() == "cell"
    reader.page.get_by_label("Kernel height").focus()
    reader.press("Home", "ArrowRight", "Space")
    assert reader.step == k
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()


def test_the_slider_moves_by_keyboard(reader: Reader):
    steps = len(walked().steps)
    slider = reader.open().arrived(steps).page.get_by_role("slider", name="Step")
    slider.focus()
    for key, k in [("ArrowRight", 6), ("ArrowLeft", 5), ("End", steps), ("ArrowLeft", steps - 1), ("Home", 0)]:
        reader.press(key).drawn(k)
        assert slider.get_attribute("aria-valuetext") == f"{k} / {steps}"
    reader.assert_shows(walked().snapshot(0))


def test_the_track_goes_to_a_chapter(reader: Reader):
    trace = walked()
    reader.open().arrived(len(trace.steps))
    reader.page.get_by_role("button", name="weight gradient").click()
    chapter = next(chapter for chapter in trace.chapters if chapter.name == "weight_gradient")
    reader.drawn(chapter.first + 1)
    assert reader.chapter == "weight gradient"
    reader.assert_shows(trace.snapshot(chapter.first + 1))


def test_a_page_that_embeds_it_can_seek(reader: Reader):
    def lesson(route: Route) -> None:
        route.fulfill(body=LESSON, content_type="text/html")

    # A page of somebody else's, but from the same place: others may not embed.
    reader.page.route("**/lesson", lesson)
    reader.page.goto(f"{reader.url}/lesson")
    frame = reader.page.frames[1]
    frame.wait_for_function("() => window.convwalk?.ready.then(() => true)")
    for message, k in [({"convwalk": "seek", "step": 12}, 12), ({"other": "seek", "step": 13}, 12), ("seek", 12)]:
        reader.evaluate("(message) => frames[0].postMessage(message)", message)
        frame.wait_for_function("(k) => convwalk.step === k", arg=k)
    frame.wait_for_function("() => document.querySelector('.counter').textContent.startsWith('12 /')")


def test_a_script_that_asks_for_no_step_is_told_so(reader: Reader):
    reader.open()
    asked: list[Any] = [-1, 1.5, 10**6, "3", None]
    for odd in asked:
        said = reader.evaluate("(k) => { try { convwalk.seek(k); } catch (error) { return String(error); } }", odd)
        assert said.startswith(f"RangeError: a step from 0 to {reader.steps} was expected")
        assert reader.step == 5


def test_a_step_is_drawn_once(reader: Reader):
    """However the source is scrolled to the line that runs."""
    reader.open("/#30").arrived(len(walked().steps)).rest()
    reader.evaluate("""() => {
      window.drawn = 0;
      new MutationObserver((changes) => (drawn += changes.length))
        .observe(document.querySelector(".slider"), { attributeFilter: ["aria-valuetext"] });
    }""")
    for _ in range(6):
        reader.press("ArrowRight").evaluate("() => new Promise((later) => setTimeout(later, 200))")
    assert (reader.step, reader.evaluate("() => drawn")) == (36, 6)
