"""A walk that is still arriving: what can be seen of it meanwhile, and what happens when the line breaks."""

from pathlib import Path

import pytest
from playwright.sync_api import Route, expect

from app.walks.stream import BLOCK
from core.catalog import Run
from core.recording.trace import Arrays, replay
from tests.browser import NewReader, Reader, walked
from tests.conftest import serving
from tests.process import slowed

pytestmark = pytest.mark.browser

LARGE = {"in_height": 40, "in_width": 40, "stride": 1}
ADDRESS = "/conv2d/walk?in_height=40&in_width=40&stride=1"

ARRIVED = "() => parseFloat(document.querySelector('.slider').style.getPropertyValue('--arrived'))"


# How many lines of a stream were handed over: while the second one took its time, at the end, and once it was given up
# while the second one took its time.
LINES = """async (url) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { readLines } = await import(folder + "run/stream.js");
  async function read(isGivenUp) {
    const asking = new AbortController();
    let [count, meanwhile] = [0, 0];
    const receive = () => {
      if (++count !== 2) return undefined;
      return new Promise((seen) => setTimeout(() => {
        meanwhile = count;
        if (isGivenUp) asking.abort();
        seen();
      }, 100));
    };
    const ended = await readLines(url, fetch, asking.signal, receive).then(() => "whole", (error) => error.name);
    return [ended, meanwhile, count];
  }
  return [await read(false), await read(true)];
}"""


def test_the_steps_that_follow_wait_until_the_first_ones_are_seen(reader: Reader):
    reader.open()
    url, blocks = "/api/conv2d/walk/stream", -(-len(walked().steps) // BLOCK)
    assert blocks > 2
    assert reader.evaluate(LINES, url) == [["whole", 2, blocks + 2], ["AbortError", 2, 2]]


def test_a_step_that_has_not_arrived_is_waited_for(new_reader: NewReader):
    reader = new_reader(fresh=True)  # whose browser has not had this walk before
    reader.line(500_000).open(f"{ADDRESS}#36000")
    assert reader.steps > 36_000
    assert reader.step < 36_000
    assert reader.page.locator("#stage.waiting").count() == 1
    assert reader.page.locator(".panel").count() > 1  # what has arrived is better than an empty stage
    assert reader.address.endswith("#36000")
    reader.line()
    reader.drawn(36_000)
    assert reader.page.locator("#stage.waiting").count() == 0
    # So far, the arrays are what the first 36,000 steps of that very run have made of them.
    run = Run.of("conv2d", **LARGE)
    assert reader.chapter in ("input gradient", "weight gradient", "bias gradient", "update", "gradient check")
    reader.arrived(run.outline().steps).seek(reader.steps)
    reader.assert_shows(run.finish())


def test_a_walk_plays_while_it_arrives(reader: Reader):
    reader.open(ADDRESS)
    reader.page.get_by_role("button", name="Play").click()
    reader.wait("() => convwalk.step > 5")
    share = reader.evaluate(ARRIVED)
    assert share > 0
    reader.page.get_by_role("button", name="Pause").click()
    reader.wait(f"(share) => ({ARRIVED})() > share || share === 100", share)


@pytest.mark.slow
def test_what_a_pinned_cell_feeds_is_told_once_its_scene_has_arrived(new_reader: NewReader):
    reader = new_reader(fresh=True)  # whose browser has not had the other run before
    reader.open("/#30").rest()
    reader.page.locator('[data-array="x_padded"] [role=gridcell][tabindex="0"]').focus()
    reader.press("Enter")
    reader.line(15_000)
    reader.page.locator("#set-stride").focus()
    reader.press("ArrowDown").wait("(steps) => convwalk.steps === steps", len(walked(stride=1).steps))
    assert reader.evaluate(ARRIVED) < 100
    reader.line()
    expect(reader.page.locator("#inspector .feeds li").first).to_be_visible()


HEARD = """() => {
  window.heard = [];
  new MutationObserver(() => {
    const text = document.querySelector("#recording")?.textContent;
    if (text !== undefined && text !== heard.at(-1)) heard.push(text);
  }).observe(document, { subtree: true, childList: true, characterData: true });
}"""
PLACES = """() => ["#transport", ".slider", ".counter", "#stage", ".panels"].map((selector) => {
  const { x, y, width, height } = document.querySelector(selector).getBoundingClientRect();
  return [selector, x, y, width, height];
})"""


@pytest.mark.slow
def test_a_walk_that_takes_its_time_says_quietly_how_far_it_is(reader: Reader):
    reader.begin_with(f"({HEARD})()")
    reader.open().rest()  # the browser has all but the walk and its page, which a slow line brings slowly
    reader.line(30_000)
    reader.open(ADDRESS.replace("40", "41"))  # which no other test has left in the browser's cache
    shares = []
    for least in (1, 4):
        reader.wait(
            """(least) => {
              const said = document.querySelector(".counter").dataset.recorded;
              return Number(/^recorded (\\d+) %$/.exec(said)?.[1] ?? 0) >= least;
            }""",
            least,
        )
        shares.append(reader.evaluate(ARRIVED))
    assert 1 <= shares[0] < shares[1] < 100
    meanwhile = reader.evaluate(PLACES)
    reader.line()
    reader.arrived(reader.steps)
    reader.wait("() => !document.querySelector('[data-recorded], [data-awaited]')")
    assert reader.evaluate(PLACES) == meanwhile  # nothing moves when it goes
    assert [text for text in reader.evaluate("heard") if text] == [
        "The server is recording this walk, which takes a while …",
        "All steps of this walk are recorded.",
    ]
    reader.open().rest()
    assert not reader.evaluate("document.querySelector('#recording').textContent")  # of a short walk nothing is said


def test_an_empty_stage_says_what_it_waits_for(reader: Reader):
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    reader.page.route("**/stream?*", hold)
    reader.page.goto(f"{reader.url}{ADDRESS}&lang=zh")
    reader.wait("() => document.querySelector('#stage').dataset.awaited === '服务器正在记录这次演示，需要一点时间……'")
    reader.wait("() => document.querySelector('#recording').textContent.startsWith('服务器正在记录')")
    for route in held:
        route.continue_()
    reader.wait("() => window.convwalk?.ready.then(() => !document.querySelector('[data-awaited]'))").rest()
    assert reader.page.locator(".panel").count() > 1


@pytest.mark.slow
def test_a_stream_that_is_cut_short_says_so_and_goes_on_where_it_was(new_reader: NewReader, tmp_path: Path):
    with serving(tmp_path / "first.txt") as first:
        port = first.port
        reader = new_reader(url=first.url)
        reader.expect_complaint("ERR_")
        reader.open().rest()  # from now on the browser has all but the walk
        with slowed(first.process.pid):  # or all of it might have come before the server is gone
            reader.open(ADDRESS)
            first.process.kill()
        first.process.wait()
    broken = reader.page.get_by_role("status").filter(has_text="The connection broke off")
    expect(broken).to_be_visible()
    assert 0 < reader.evaluate(ARRIVED) < 100
    reader.seek(3).assert_shows(walked_start(3))  # what has arrived can be walked meanwhile
    requests: list[str] = []
    reader.page.on("request", lambda request: requests.append(request.url))
    with serving(tmp_path / "second.txt", "--port", str(port)):
        run = Run.of("conv2d", **LARGE)
        reader.arrived(run.outline().steps)
        expect(broken).to_be_hidden()
        assert any("start=" in address for address in requests)
        reader.seek(reader.steps).assert_shows(run.finish())


def walked_start(k: int) -> Arrays:
    """The arrays of the large walk after its first steps, without recording the others."""
    run = Run.of("conv2d", **LARGE)
    arrays = {name: array.copy() for name, array in run.start.items()}
    for step, _ in zip(run.steps(), range(k), strict=False):
        replay(step, arrays)
    return arrays
