"""What a reader waits for when the page is opened, what has been sent until then, and what ten thousand steps leave.

Each opening is in a browser with nothing in its cache. The times are those since the address was entered:

- first paint: the browser's own mark of the first content that it painted.
- first picture: the frame in which the tables that the server has written are laid out, and so are seen.
- live: `convwalk.ready`, from which on the page can be stepped and played.

Beside them stand those of an empty page of the same server, for no page is there sooner; and a frame with its plot
stands beside one whose plot is folded away, for what plotting costs whoever waits.
"""

from statistics import median

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.browser import ARRIVED, SLOWED
from benchmarks.chromium import blank, chromium
from benchmarks.server import serving
from benchmarks.table import Figure, middle_ratio, p95

OPENINGS = 7
STEPS = 10_000
TIMES = ("first paint", "first picture", "live")
FOLDED = ("&embed=1", "&embed=1&hide=plot")  # a frame of somebody's page, with its plot and without
AT_ONCE = 25  # moments asked for in each frame, of which the last is drawn

WHOLE = """() => {
  const plot = document.querySelector("#plot");
  return window.Plotly && plot.dataset.step === String(window.convwalk?.step);
}"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
WATCH = """() => {
  const look = () => {
    if (document.querySelector(".picture.placed, html.drawn")) window.pictured = performance.now();
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
LIVE = "() => convwalk.ready.then(() => performance.now())"
# What had come by the first paint, in bytes as they were sent: with the page itself, which has no entry of its own.
BYTES = """(until) => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
  .filter((each) => each.responseEnd && each.responseEnd <= until)
  .reduce((sum, each) => sum + each.transferSize, 0)"""

GO = """async ([steps, atOnce]) => {
  for (let gone = 0; gone < steps; gone += atOnce) {
    for (let more = 0; more < atOnce; more++) convwalk.seek((gone + more) % (convwalk.steps + 1));
    await new Promise((drawn) => requestAnimationFrame(drawn));
  }
}"""


def measure() -> list[Figure]:
    with serving() as server, chromium() as browser:
        warm = blank(browser)  # the server compresses its files when they are first asked for
        warm.goto(server.url + "/?lang=en")
        warm.wait_for_function(WHOLE)
        warm.context.close()
        figures = [figure for slowed in SLOWED for figure in _openings(browser, server.url, slowed)]
        return [*figures, *_memory(browser, server.url)]


def _openings(browser: Browser, url: str, slowed: int) -> list[Figure]:
    taken: dict[str, list[dict[str, float]]] = {where: [] for where in ("", *FOLDED)}
    empty = []
    for _ in range(OPENINGS):
        page = _on_the_way(browser, f"{url}/static/0/icon.svg", slowed)
        empty.append(page.wait_for_function(PAINTED).json_value())
        page.context.close()
        for where, times in taken.items():
            times.append(_opening(browser, f"{url}/?lang=en{where}", slowed))

    def of(where: str, what: str) -> list[float]:
        return [times[what] for times in taken[where]]

    slow = "" if slowed == 1 else f", slowed ×{slowed}"
    beside = f"an empty page: {median(empty):.0f} ms"
    whole, folded = FOLDED
    return [
        *(Figure(f"opening{slow}: {what}", _times(of("", what)), beside) for what in TIMES),
        Figure(f"opening{slow}: sent before the first picture", f"{median(of('', 'bytes')) / 1000:.0f} kB"),
        *(
            Figure(
                f"opening{slow}: {what} of a frame, beside plots folded",
                _times(of(whole, what)),
                _times(of(folded, what)),
                middle_ratio(of(whole, what), of(folded, what)),
            )
            for what in TIMES
        ),
    ]


def _opening(browser: Browser, url: str, slowed: int) -> dict[str, float]:
    """The times of one opening, and the bytes until its first picture."""
    page = _on_the_way(browser, url, slowed)
    page.wait_for_function("() => window.convwalk")
    times = {"live": page.evaluate(LIVE), "first paint": page.evaluate(PAINTED)}
    times["first picture"] = max(page.evaluate("pictured"), times["first paint"])
    times["bytes"] = page.evaluate(BYTES, times["first picture"])
    page.context.close()
    return times


def _times(taken: list[float]) -> str:
    return f"{median(taken):.0f} ms, p95 {p95(taken):.0f} ms"


def _on_the_way(browser: Browser, url: str, slowed: int) -> Page:
    page = blank(browser)
    page.add_init_script(f"({WATCH})()")
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    page.goto(url, wait_until="commit")
    return page


def _memory(browser: Browser, url: str) -> list[Figure]:
    """What is left of ten thousand steps once the garbage is collected."""
    page = blank(browser)
    page.goto(url + "/?lang=en")
    page.wait_for_function(ARRIVED)
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")
    page.evaluate(GO, [page.evaluate("2 * convwalk.steps"), AT_ONCE])
    before = _left(page, session)
    page.evaluate(GO, [STEPS, AT_ONCE])
    after = _left(page, session)
    page.context.close()
    return [
        Figure(
            f"{STEPS:,} steps: {what}",
            f"{(after[name] - before[name]) / unit:+.{digits}f}",
            f"of {before[name] / unit:.{digits}f}",
        )
        for what, name, unit, digits in (
            ("heap, MB", "JSHeapUsedSize", 1e6, 1),
            ("nodes", "Nodes", 1, 0),
            ("listeners", "JSEventListeners", 1, 0),
        )
    ]


def _left(page: Page, session: CDPSession) -> dict[str, float]:
    page.evaluate("() => convwalk.seek(3)")
    page.wait_for_function(WHOLE)
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    return {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
