"""How smoothly the page plays in Chromium, beside doing nothing and beside letting Plotly redraw all of it.

Three boards are played at "every cell", sixty steps a second asked for, once all steps have arrived. The intervals
between animation frames are collected in the page. Each board is measured three ways, in turns and from the same step:

- idle: the same page, paused. No page can do better than this on this machine at this moment.
- play: `convwalk.play()`.
- react: the page plays, and after each step `Plotly.react` gets every figure on the stage anew, with its numbers as
  they are now. It is what a page does that leaves all drawing to Plotly, and the reason why this one does not.

Two more: how long a change of the stride takes until the new picture stands, and what the main thread does for a step
(Chromium's own count of its tasks, what the idle page costs taken off).
"""

import os
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.server import Server, serving
from benchmarks.table import Figure, middle_ratio, p95

ROUNDS = 3
SECONDS = 5.0  # of each measurement
EDITS = 20
PATIENCE = 60_000  # milliseconds that anything in the page may take


@dataclass(frozen=True)
class Board:
    """What is played, from which chapter on: one with steps enough for every measurement."""

    name: str
    query: str
    chapter: str


BOARDS = (
    Board("default, 3×5×5", "", "input_gradient"),
    Board("28×28", "in_channels=1&in_height=28&in_width=28&out_channels=8&kernel_height=5&kernel_width=5&stride=1"
          "&padding=2", "correlate"),
    Board("64×64×3", "in_height=64&in_width=64&stride=1", "input_gradient"),
)  # fmt: skip

SETTLED = """() => {
  const { arrived, steps } = window.bench;
  return window.Plotly && arrived() && document.querySelector(".js-plotly-plot .main-svg");
}"""

FRAMES = """async ({ seconds, way }) => {
  const stamps = [];
  let shown = 0, last = convwalk.step;
  const react = way === "react" ? window.bench.react : () => {};
  if (way !== "idle") convwalk.play();
  await new Promise((done) => requestAnimationFrame(function each(now) {
    stamps.push(now);
    if (convwalk.step !== last) {
      last = convwalk.step;
      shown++;
      react();
    }
    now - stamps[0] < seconds * 1000 ? requestAnimationFrame(each) : done();
  }));
  convwalk.pause();
  return { stamps, shown };
}"""
