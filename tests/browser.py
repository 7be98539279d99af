"""A reader at a browser of their own: what they do there, what they see, and that the browser stays quiet about it."""

import base64
import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache, cached_property
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from playwright.sync_api import CDPSession, ConsoleMessage, Frame, Page, Request, WebError, expect

import core
from core.recording.trace import Arrays, Trace, cells

PATIENCE = 60_000  # milliseconds for anything that ought to happen at once, on the slowest and busiest machine
expect.set_options(timeout=PATIENCE)  # its own are five seconds

ARGUMENTS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
    "--font-render-hinting=none",
    # What V8 has compiled serves the next opening of a page too: Plotly is not parsed anew, nothing is let go.
    "--js-flags=--no-script-streaming,--no-flush-bytecode",
    # A camera that everybody may use: the Chromium without a window has nobody to ask.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    # No name leads out of the machine: what asks for one fails, and is told of. Its own addresses end with a digit.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, "
    + ", ".join(f"EXCLUDE *{digit}" for digit in range(10)),
]


def launch_arguments() -> dict[str, Any]:
    """How to start the machine's Chromium, which start.py finds or installs."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.fail("there is no Chromium: `python3 start.py test` finds one, or says which package to install")
    # Chromium's sandbox refuses root, who has no use for it.
    sandbox = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    return {"executable_path": path, "args": [*ARGUMENTS, *sandbox]}


# Has each canvas remember, since it was wiped, what was drawn on it: lines and filled boxes as [x0, y0, x1, y1] in
# pixels, with their colour and how much is seen of it; of a line also how wide it is, and whether dotted.
LINES = """
for (const name of ["setTransform", "clearRect", "beginPath", "moveTo", "lineTo", "stroke", "fillRect"]) {
  const real = CanvasRenderingContext2D.prototype[name];
  CanvasRenderingContext2D.prototype[name] = function (...given) {
    const { canvas, lineWidth: width, globalAlpha: seen } = this;
    if (name === "setTransform" || name === "clearRect") canvas.lines = canvas.boxes = [];
    if (name === "beginPath") canvas.path = [];
    if (name === "moveTo") canvas.from = given;
    if (name === "lineTo") canvas.path.push([...canvas.from, ...given]);
    const line = { width, seen, colour: this.strokeStyle, dotted: this.getLineDash().length > 0 };
    if (name === "stroke") canvas.lines = canvas.lines?.concat(canvas.path.map((each) => ({ ...line, line: each })));
    const [x, y, wide, high] = given;
    if (name === "fillRect")
      canvas.boxes = canvas.boxes?.concat({ seen, colour: this.fillStyle, box: [x, y, x + wide, y + high] });
    return real.apply(this, given);
  };
}
"""

# Hides the plot, as `hide=plot` does in an embedded page. Plotly is not loaded then: a quarter less work for each page.
PLOTLESS = """{
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("#plot { display: none !important; }");
  document.adoptedStyleSheets = [sheet];
}"""

# At how many pixels two pictures differ clearly.
APART = """async (pictures) => {
  const [one, other] = await Promise.all(pictures.map(async (picture) => {
    const image = new Image();
    image.src = `data:image/png;base64,${picture}`;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  }));
  if (one.length !== other.length) return Infinity;
  let count = 0;
  for (let at = 0; at < one.length; at += 4)
    count += [0, 1, 2].some((part) => Math.abs(one[at + part] - other[at + part]) > 16);
  return count;
}"""


class Reader:
    """Somebody who reads ConvWalk. Whatever their browser complains of fails the test, unless it was to be expected."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.context, self.url = page, page.context, url
        self.complaints: list[str] = []
        self._expected: list[str] = []
        self._undo = ExitStack()  # what the page is to be rid of before another reader has it
        self.context.set_default_timeout(PATIENCE)
        self.page.set_default_timeout(PATIENCE)
        # A page makes a hundred requests, and to hear of each would take as long as a tenth of the page.
        heard = {
            "console": self._on_console,
            "weberror": self._on_error,
            "requestfailed": self._on_failure,
            "page": self._on_page,
        }
        for event, hear in heard.items():
            self.context.on(event, hear)  # type: ignore[call-overload]
            self._undo.callback(self.context.remove_listener, event, hear)
        self._on_page(page)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning", "assert"):  # a violation of the page's policy is an error too
            self.complaints.append(f"{message.type}: {message.text}")

    def _on_error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _on_page(self, page: Page) -> None:
        page.on("framenavigated", self._on_frame)
        self._undo.callback(page.remove_listener, "framenavigated", self._on_frame)

    def _on_frame(self, frame: Frame) -> None:
        self._stay(frame.url)

    def _on_failure(self, request: Request) -> None:
        self._stay(request.url)  # to any other server it fails, by the policy or for want of a name

    def _stay(self, url: str) -> None:
        if not url.startswith((f"{self.url}/", "about:", "blob:", "chrome-error:", "data:")):
            self.complaints.append(f"a request that leaves the machine: {url}")

    def expect_complaint(self, pattern: str) -> None:
        """Something that a browser says of an answer such as 422, which the test brings about on purpose."""
        self._expected.append(pattern)

    def begin_with(self, script: str) -> None:
        """Run a script in whatever is opened in the page from now on, before the scripts that are there."""
        self._undo.enter_context(self.page.add_init_script(script))

    def session(self) -> CDPSession:
        """Chromium's own protocol, for what playwright has no word for."""
        session = self.context.new_cdp_session(self.page)
        self._undo.callback(session.detach)
        return session

    @cached_property
    def _line(self) -> CDPSession:
        session = self.session()
        session.send("Network.enable")
        return session

    def line(self, speed: int = -1) -> "Reader":
        """Have so many bytes a second come from the server from now on; without a number as fast as they can."""
        conditions = {"offline": False, "latency": 0, "downloadThroughput": speed, "uploadThroughput": -1}
        self._line.send("Network.emulateNetworkConditions", conditions)
        return self

    def leave(self) -> None:
        """Nothing may have been amiss, and what was expected must have come."""
        for page in self.context.pages:
            page.title()  # whatever the page has said until now has arrived with this answer
        self._undo.close()
        for pattern in self._expected:
            assert any(re.search(pattern, complaint) for complaint in self.complaints), f"nobody said {pattern}"
        amiss = [one for one in self.complaints if not any(re.search(pattern, one) for pattern in self._expected)]
        assert not amiss, "\n".join(amiss)

    # --- Going somewhere ----------------------------------------------------------------------------------------------

    def open(self, address: str = "/") -> "Reader":
        """Open a page, and wait for its first picture."""
        self.page.goto(self.url + address)
        return self.wait("() => window.convwalk?.ready.then(() => true)")

    def wait(self, condition: str, argument: Any = None, polling: float | Literal["raf"] = "raf") -> "Reader":
        """Wait until a JavaScript function holds, looked at at each frame or so many milliseconds; never for a time."""
        self.page.wait_for_function(condition, arg=argument, polling=polling)
        return self

    def arrived(self, steps: int) -> "Reader":
        """Wait until a run of so many steps has arrived in full and one of its moments is drawn."""
        return self.wait(
            """(steps) => window.convwalk?.steps === steps
                && document.querySelector(".slider").style.getPropertyValue("--arrived") === "100%"
                && document.querySelector(".counter").textContent.endsWith(`/ ${steps}`)""",
            steps,
        )

    def settled(self, **settings: Any) -> "Reader":
        """Wait until the walk with these settings has arrived."""
        described = walked(**settings).outline.settings
        return self.arrived(len(walked(**settings).steps)).wait(
            """(settings) => Object.entries(settings).every(([name, value]) => {
                const shown = [...document.querySelectorAll(`[data-setting="${name}"]`)].map((field) => field.value);
                const parts = [value].flat();
                const mode = document.querySelector(`[data-mode="${name}"]`)?.value;
                if (mode === value) return true; // a word stands for the numbers
                return shown.join() === parts.flatMap((part) => Array(shown.length / parts.length).fill(part)).join();
            })""",
            described,
        )

    def press(self, *keys: str) -> "Reader":
        for key in keys:
            self.page.keyboard.press(key)
        return self

    def seek(self, k: int) -> "Reader":
        self.page.evaluate("(k) => convwalk.seek(k)", k)
        return self.drawn(k)

    def drawn(self, k: int) -> "Reader":
        """Wait until the moment after k steps is drawn."""
        shown = '(k) => convwalk.step === k && document.querySelector(".counter").textContent.startsWith(`${k} /`)'
        return self.wait(shown, k)

    def rest(self) -> "Reader":
        """Wait until the URL names the moment, which it does a little later than all else."""
        return self.wait("() => location.hash === `#${convwalk.step}`")

    def figures(self) -> "Reader":
        """Wait until nothing will change any more by itself: the plot, if there is room for one, shows the moment."""
        self.wait(
            """() => {
                const plot = document.querySelector("#plot");
                const isDrawn = plot.classList.contains("quiet") || plot.querySelector(".trace");
                return !plot.checkVisibility() || (plot.dataset.step === String(convwalk.step) && Boolean(isDrawn));
            }"""
        )
        return self.rest()

    # --- Looking ------------------------------------------------------------------------------------------------------

    @property
    def step(self) -> int:
        return int(self.page.evaluate("convwalk.step"))

    @property
    def steps(self) -> int:
        return int(self.page.evaluate("convwalk.steps"))

    @property
    def address(self) -> str:
        """Where the page says that it is, without the server's part."""
        return self.page.url.removeprefix(self.url)

    @property
    def asked(self) -> dict[str, str]:
        """The settings and arrays that the address names."""
        return dict(parse_qsl(urlsplit(self.page.url).query))

    @property
    def chapter(self) -> str:
        """The chapter that the track marks as the one under way."""
        return self.page.locator("#track [aria-current]").inner_text()

    def values(self, names: list[str], moments: list[int]) -> list[Arrays]:
        """Arrays as the page has them after so many steps; it stays at the last of these moments."""
        nested = self.page.evaluate(
            """([names, moments]) => moments.map((k) => {
                convwalk.seek(k);
                return names.map((name) => convwalk.value(name));
            })""",
            [names, moments],
        )
        return [{name: np.array(value, float) for name, value in zip(names, values, strict=True)} for values in nested]

    def assert_shows(self, expected: Arrays) -> "Reader":
        """Every array of the page is just what Python says it is."""
        nested = self.page.evaluate("(names) => names.map((name) => convwalk.value(name))", list(expected))
        shown = {name: np.array(value, float) for name, value in zip(expected, nested, strict=True)}
        assert_same(shown, expected, self.step)
        return self

    def looks_like(self, other: "Reader") -> bool:
        """Whether two readers see the same picture, but for a dozen pixels: those of rounded corners depend on how much
        of the page was painted together with them.
        """
        for one in (self, other):  # a font may be on its way, and the map is painted a little later than the stage
            one.figures()
            one.evaluate("() => document.fonts.ready.then(() => new Promise((painted) => setTimeout(painted, 250)))")
        pictures = [base64.b64encode(one.page.screenshot(animations="disabled")).decode() for one in (self, other)]
        return bool(self.page.evaluate(APART, pictures) <= 12)

    def refusal(self, setting: str) -> str:
        """The sentence beside a control; empty while there is none to be seen."""
        said = self.page.locator(f'[data-refusal="{setting}"]')
        return said.inner_text() if said.is_visible() else ""

    def evaluate(self, expression: str, argument: Any = None) -> Any:
        return self.page.evaluate(expression, argument)


NewReader = Callable[..., Reader]


def walked(algorithm: str = "walk", **settings: Any) -> Trace:
    """The very walk that a page shows, as Python records it."""
    return _walked(algorithm, json.dumps(settings, sort_keys=True))


@cache
def _walked(algorithm: str, settings: str) -> Trace:
    return core.record("conv2d", algorithm, **json.loads(settings))


def assert_same(shown: Arrays, expected: Arrays, k: int) -> None:
    """Two sets of arrays are equal in every cell, after k steps."""
    assert shown.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_array_equal(shown[name], array, err_msg=f"{name} after {k} steps", strict=True)


def read(text: str) -> float:
    """A number as it stands on the page."""
    assert "-" not in text, "a minus sign is a minus sign"
    return float(text.replace("−", "-"))


def stands_for(text: str, value: float, rounded: bool) -> bool:
    """Whether a text is that very number; or, where it says that it is rounded, whether it is correctly."""
    if not rounded:
        return read(text) == value
    text = text.removeprefix("≈")  # a number so small that there is no room for it
    digits, _, power = text.partition("e")
    unit = 10.0 ** (int(power.replace("−", "-") or 0) - len(digits.partition(".")[2]))
    return abs(read(text) - value) <= (0.5 + 1e-9) * unit


def known(trace: Trace, k: int) -> dict[str, np.ndarray]:
    """Which cells have a value to show after k steps: those of the start, and those that are written."""
    described = trace.outline.header()["arrays"]
    masks = {array["name"]: np.full(array["shape"], array["known"]) for array in described}
    for access in (access for step in trace.steps[:k] for access in step.accesses if access.values is not None):
        masks[access.array][cells(access.box)] = True
    return masks
