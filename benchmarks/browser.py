"""How smoothly the page plays in Chromium, beside doing nothing and beside letting Plotly redraw all of it.

Three boards are played at "every cell", sixty steps a second asked for, once all steps have arrived. The intervals
between animation frames are collected in the page. Each board is measured three ways, in turns and from the same step:

- idle: the same page, paused. No page can do better on this machine at this moment.
- play: `convwalk.play()`.
- react: the page plays, and at each step `Plotly.react` is given every figure on the stage anew, with the numbers of
  that step. It is what a page does that leaves all drawing to Plotly, and why this one does not.

Beside them: what the main thread does for a step (the time of all its tasks as Chromium counts it, an idle page's taken
off), and how long a change of the stride takes until the new picture stands.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.server import Server, serving
from benchmarks.table import Figure, p95

ROUNDS = 3
SECONDS = 5.0  # of each measurement
EDITS = 20
PATIENCE = 60_000  # milliseconds that the page may take for anything
WAYS = ("idle", "play", "react")


@dataclass(frozen=True)
class Board:
    """What is played, and from which chapter on: one with enough cells to come."""

    name: str
    query: str
    chapter: str


BOARDS = (
    Board("default", "", "input gradient"),
    Board(
        "28×28",
        "in_channels=1&in_height=28&in_width=28&out_channels=8&kernel_height=5&kernel_width=5&stride=1&padding=2",
        "correlate",
    ),
    Board("64×64×3", "in_height=64&in_width=64&stride=1", "input gradient"),
)

ARRIVED = """() =>
  parseFloat(document.querySelector(".slider").style.getPropertyValue("--arrived")) === 100 &&
  document.querySelectorAll(".js-plotly-plot").length > 0"""

# Go to a chapter and choose pace and speed as a reader does; and what the peer does at each step. It takes where a cell
# lies from the page's own module, so that both draw the same board.
PREPARE = """async (chapter) => {
  const choose = (select, value) => {
    document.querySelector(select).value = value;
    document.querySelector(select).dispatchEvent(new Event("change", { bubbles: true }));
  };
  choose("#pace", "cell");
  choose("#speed", "60");
  [...document.querySelectorAll("#track button")].find((each) => each.textContent === chapter).click();
  const begin = convwalk.step;
  const { Plan } = await import(document.querySelector("link[href$='/plan.js']").href);
  const plans = new Map();
  const react = () => {
    for (const figure of document.querySelectorAll(".js-plotly-plot")) {
      const name = figure.closest("[data-array]").dataset.array;
      const nested = convwalk.value(name);
      const cells = [nested].flat(Infinity);
      if (!plans.has(name)) {
        const shape = [];
        for (let part = nested; Array.isArray(part); part = part[0]) shape.push(part.length);
        plans.set(name, new Plan(shape));
      }
      const plan = plans.get(name);
      const [before] = figure.data;
      const z = Array.from({ length: plan.rows }, (_, y) =>
        Array.from({ length: plan.columns }, (_, x) => cells[plan.at(x, y)] ?? null));
      const text = before.text && z.map((row) => row.map((value) => (value === null ? "" : String(value))));
      void Plotly.react(figure, [{ ...before, z, text }], figure.layout);
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
  if (way !== "idle") convwalk.play();
  await new Promise((done) =>
    requestAnimationFrame(function each(now) {
      stamps.push(now);
      if (convwalk.step !== last) {
        last = convwalk.step;
        shown++;
        if (way === "react") bench.react();
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
    busy: float  # milliseconds that the main thread was at work

    @property
    def seconds(self) -> float:
        return sum(self.intervals) / 1000

    @property
    def rate(self) -> float:
        return len(self.intervals) / self.seconds


@contextmanager
def chromium() -> Iterator[Browser]:
    """A Chromium that talks to nobody but us."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    options = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    options += ["--disable-quic"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--no-sandbox")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=options)
        try:
            yield browser
        finally:
            browser.close()


def opened(browser: Browser, url: str) -> Page:
    """A page of the size of a laptop's, in a context of its own."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB").new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    return page


def frames(page: Page, way: str) -> Frames:
    """Play, or do nothing, for some seconds."""
    client = page.context.new_cdp_session(page)
    client.send("Performance.enable")
    before = _busy(client.send("Performance.getMetrics"))
    taken = page.evaluate(FRAMES, [SECONDS, way])
    after = _busy(client.send("Performance.getMetrics"))
    client.detach()
    intervals = [later - sooner for sooner, later in pairwise(taken["stamps"])]
    return Frames(intervals, taken["shown"], 1000 * (after - before))


def _busy(metrics: dict[str, Any]) -> float:
    return next(metric["value"] for metric in metrics["metrics"] if metric["name"] == "TaskDuration")


def board(page: Page, played: Board, rounds: int = ROUNDS) -> dict[str, list[Frames]]:
    page.wait_for_function(ARRIVED)
    page.evaluate(PREPARE, played.chapter)
    page.wait_for_timeout(500)
    taken: dict[str, list[Frames]] = {way: [] for way in WAYS}
    for _ in range(rounds):
        for way in WAYS:
            taken[way].append(frames(page, way))
    return taken
