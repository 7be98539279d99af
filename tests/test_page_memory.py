"""Ten thousand steps leave nothing behind: no memory, no node, no listener."""

import pytest

from tests.browser import Reader, walked

pytestmark = pytest.mark.browser

STEPS = 10_000
AT_ONCE = 40  # moments asked for in each frame, of which the last is drawn

# Go on and on through the walk, as a slider does that is dragged to and fro.
GO = """async ([steps, atOnce]) => {
  for (let gone = 0; gone < steps; gone += atOnce) {
    for (let more = 0; more < atOnce; more++) convwalk.seek((gone + more) % (convwalk.steps + 1));
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
}"""


def left_behind(reader: Reader) -> dict[str, float]:
    session = reader.context.new_cdp_session(reader.page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    for _ in range(3):  # what a collection frees may hold something itself
        session.send("HeapProfiler.collectGarbage")
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    session.detach()
    return {name: metrics[name] for name in ("JSHeapUsedSize", "Nodes", "JSEventListeners")}


@pytest.mark.slow
def test_ten_thousand_steps_leave_nothing_behind(reader: Reader):
    reader.open().arrived(len(walked().steps)).figures()
    reader.evaluate(GO, [6 * reader.steps, AT_ONCE])  # every function has been on the page, every line of it marked
    reader.seek(3).figures()
    before = left_behind(reader)
    reader.evaluate(GO, [STEPS, AT_ONCE])
    reader.seek(3).figures()
    after = left_behind(reader)
    grown = {name: after[name] - before[name] for name in before}
    assert grown["JSHeapUsedSize"] < 2_000_000, grown  # of some twenty million
    assert grown["Nodes"] < 50, grown  # of some six thousand
    assert grown["JSEventListeners"] < 50, grown
