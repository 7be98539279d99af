"""How smoothly the page plays in Chromium, beside doing nothing and beside letting Plotly redraw all of it.

Three boards are played at "every cell", sixty steps a second asked for, once all their steps have arrived; the first of
them also with a processor slowed fourfold. The intervals between animation frames are collected in the page. Each board
is measured four ways, in turns and from the same step on:

- idle: the same page, paused. No page can do better on this machine at this moment.
- play: `convwalk.play()`.
- drag: the slider is moved on at every frame, as a hand moves it.
- bare: the page plays without its plot, for what that costs.
- react: the page plays, and at each step `Plotly.react` is given a heat map of every board on the stage, with the
  numbers of that step. It is what a page does that leaves all drawing to Plotly, and why this one does not.

A display shows a frame on time or one interval late, so the 95th percentile jumps: it stands at an idle page's as long
as fewer than one frame in twenty is late. The share of late frames tells how far that is.

Beside them: what the main thread does for a step (the time of all its tasks as Chromium counts it, an idle page's taken
off; and of its scripts alone), and how long a change of the stride takes until the new picture stands.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from playwright.sync_api import Browser, CDPSession, Page

from benchmarks.chromium import chromium, opened
from benchmarks.server import serving
from benchmarks.table import Figure, middle_ratio, p95
from core.catalog import Run

ROUNDS = 3
SECONDS = {
    "idle": 3.0,
    "play": 3.0,
    "bare": 3.0,
    "drag": 3.0,
    "react": 2.5,
}  # of each measurement; ten frames tell enough of react
SLOWED = (1, 4)  # how many times
EDITS = 20


@dataclass(frozen=True)
class Board:
    """What is played, and from which chapter on: one with cells enough to come."""

    name: str
    query: str
    chapter: str

    @property
    def begin(self) -> int:
        """The chapter's first step, for which the stage is set before anything is measured."""
        settings = dict(part.split("=") for part in self.query.split("&") if part)
        chapters = Run.of("conv2d", **settings).outline().chapters
        return next(chapter.first + 1 for chapter in chapters if chapter.name == self.chapter)


BOARDS = (
    Board("default", "", "input_gradient"),
    Board(
        "28×28",
        "in_channels=1&in_height=28&in_width=28&out_channels=8&kernel_height=5&kernel_width=5&stride=1&padding=2",
        "correlate",
    ),
    Board("64×64×3", "in_height=64&in_width=64&stride=1", "input_gradient"),
)

ARRIVED = """() => Boolean(window.Plotly) &&
  parseFloat(document.querySelector(".slider")?.style.getPropertyValue("--arrived")) === 100"""

# Go to a chapter and choose pace and speed as a reader does; and what the peer does at each step. It takes where a cell
# lies from the page's own module, so that both draw the same board.
PREPARE = """async (begin) => {
  const choose = (select, value) => {
    document.querySelector(select).value = value;
    document.querySelector(select).dispatchEvent(new Event("change", { bubbles: true }));
  };
  choose("#pace", "cell");
  choose("#speed", "60");
  convwalk.seek(begin);
  const { Plan } = await import(document.querySelector("link[href$='/plan.js']").href);
  const plans = new Map();
  const react = () => {
    for (const board of document.querySelectorAll("#stage .board")) {
      const name = board.closest("[data-array]").dataset.array;
      const nested = convwalk.value(name);
      const cells = [nested].flat(Infinity);
      if (!plans.has(name)) {
        const shape = [];
        for (let part = nested; Array.isArray(part); part = part[0]) shape.push(part.length);
        const figure = document.createElement("div");
        figure.style.cssText = "position: absolute; inset: 0";
        board.append(figure);
        plans.set(name, { plan: new Plan(shape), figure });
      }
      const { plan, figure } = plans.get(name);
      const [width, height] = [board.offsetWidth, board.offsetHeight];
      const hasText = width / plan.columns >= 14;
      const z = Array.from({ length: plan.rows }, (_, y) =>
        Array.from({ length: plan.columns }, (_, x) => cells[plan.at(x, y)] ?? null));
      const text = hasText ? z.map((row) => row.map((value) => (value === null ? "" : String(value)))) : undefined;
      const data = [{ type: "heatmap", z, text, texttemplate: hasText ? "%{text}" : "", showscale: false }];
      void Plotly.react(figure, data, { width, height, margin: { l: 18, t: 31, r: 3, b: 3 } }, { staticPlot: true });
    }
  };
  window.bench = { begin, react };
}"""

FRAMES = """async ([seconds, way]) => {
  convwalk.seek(bench.begin);
  await new Promise((done) => setTimeout(done, 300));
  const stamps = [];
  let shown = 0;
  let last = convwalk.step;
  const slider = document.querySelector(".slider");
  document.querySelector("#plot").style.display = way === "bare" ? "none" : "";
  if (way === "play" || way === "bare" || way === "react") convwalk.play();
  await new Promise((done) =>
    requestAnimationFrame(function each(now) {
      stamps.push(now);
      if (convwalk.step !== last) {
        last = convwalk.step;
        shown++;
        if (way === "react") bench.react();
      }
      if (way === "drag") {
        slider.value = bench.begin + ((3 * stamps.length) % (convwalk.steps - bench.begin));
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (now - stamps[0] < seconds * 1000) requestAnimationFrame(each);
      else done();
    }),
  );
  convwalk.pause();
  return { stamps, shown };
}"""

# From the change of a number as a form control tells it to the frame after the one that shows the new run.
EDIT = """async (stride) => {
  const field = document.querySelector("#set-stride");
  const counter = document.querySelector(".counter");
  field.value = stride;
  const before = performance.now();
  field.dispatchEvent(new Event("change", { bubbles: true }));
  const total = String(convwalk.steps);
  await new Promise((done) =>
    requestAnimationFrame(function each() {
      if (String(convwalk.steps) !== total && counter.textContent.endsWith(` / ${convwalk.steps}`)) done();
      else requestAnimationFrame(each);
    }),
  );
  return performance.now() - before;
}"""


@dataclass(frozen=True)
class Frames:
    """The animation frames of one measurement."""

    intervals: list[float]  # milliseconds
    shown: int  # steps
    work: float  # milliseconds of the main thread in each second,
    script: float  # and of its scripts

    @property
    def rate(self) -> float:
        return 1000 * len(self.intervals) / sum(self.intervals)

    @property
    def steps(self) -> float:
        """Shown in a second."""
        return 1000 * self.shown / sum(self.intervals)

    @property
    def p95(self) -> float:
        return p95(self.intervals)

    @property
    def late(self) -> float:
        """The share of frames that missed their turn on a display of 60 a second."""
        return sum(interval > 25 for interval in self.intervals) / len(self.intervals)


def measure() -> list[Figure]:
    figures = []
    with serving() as server, chromium() as browser:
        for board in BOARDS:
            figures += _board(browser, board, f"{server.url}/conv2d/walk?{board.query}&lang=en")
        figures += _board(browser, BOARDS[0], f"{server.url}/conv2d/walk?lang=en", slowed=4)
        figures += [_edits(browser, server.url + "/conv2d/walk?lang=en", slowed) for slowed in SLOWED]
    return figures


def _board(browser: Browser, board: Board, url: str, slowed: int = 1) -> list[Figure]:
    page = opened(browser, url)
    page.wait_for_function(ARRIVED)
    page.evaluate(PREPARE, board.begin)
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    client.send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    name = board.name if slowed == 1 else f"{board.name}, slowed ×{slowed}"
    taken: dict[str, list[Frames]] = {way: [] for way in SECONDS}
    for _ in range(ROUNDS):
        for way, frames in taken.items():
            frames.append(_frames(page, client, way))
    page.context.close()

    idle = taken["idle"]
    steps, work, script = {}, {}, {}
    for way in ("play", "bare", "react"):
        steps[way] = median(frames.steps for frames in taken[way])
        work[way] = median((f.work - i.work) / f.steps for f, i in zip(taken[way], idle, strict=True))
        script[way] = median(frames.script / frames.steps for frames in taken[way])
    figures = [
        Figure(
            f"page, {name}: {way} beside idle, 95th percentile",
            _smoothness(taken[way]),
            _smoothness(idle),
            middle_ratio([frames.p95 for frames in taken[way]], [frames.p95 for frames in idle]),
        )
        for way in ("play", "drag", "react")
    ]
    return [
        *figures,
        Figure(
            f"page, {name}: steps shown, beside react",
            f"{steps['play']:.1f} steps/s",
            f"{steps['react']:.1f} steps/s",
            steps["play"] / steps["react"],
        ),
        Figure(
            f"page, {name}: main thread a step, beside react",
            f"{work['play']:.1f} ms",
            f"{work['react']:.1f} ms",
            work["play"] / work["react"],
        ),
        Figure(
            f"page, {name}: scripts a step, beside the page without its plot",
            f"{script['play']:.1f} ms",
            f"{script['bare']:.1f} ms",
            script["play"] / script["bare"],
        ),
    ]


def _frames(page: Page, client: CDPSession, way: str) -> Frames:
    """Play, or do nothing, for some seconds."""
    before = _metrics(client)
    taken = page.evaluate(FRAMES, [SECONDS[way], way])
    after = _metrics(client)
    intervals = [later - sooner for sooner, later in pairwise(taken["stamps"])]
    seconds = after["Timestamp"] - before["Timestamp"]
    work, script = (1000 * (after[name] - before[name]) / seconds for name in ("TaskDuration", "ScriptDuration"))
    return Frames(intervals, taken["shown"], work, script)


def _metrics(client: CDPSession) -> dict[str, float]:
    return {metric["name"]: metric["value"] for metric in client.send("Performance.getMetrics")["metrics"]}


def _smoothness(rounds: list[Frames]) -> str:
    rate, high, late = (median(getattr(frames, part) for frames in rounds) for part in ("rate", "p95", "late"))
    return f"{rate:.1f}/s, {high:.1f} ms, {late:.1%} late"


def _edits(browser: Browser, url: str, slowed: int) -> Figure:
    page = opened(browser, url)
    page.wait_for_function(ARRIVED)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
    taken = []
    for edit in range(EDITS + 2):
        taken.append(page.evaluate(EDIT, "12"[edit % 2]))
        page.wait_for_function(ARRIVED)
    page.context.close()
    known = taken[2:]  # the first two runs are computed, later ones the server knows
    new = f"{max(taken[:2]):.0f} ms when new"
    told = f"{median(known):.0f} ms, p95 {p95(known):.0f} ms"
    slow = "" if slowed == 1 else f", slowed ×{slowed}"
    return Figure(f"page, default{slow}: stride changed to new picture", told, new)
