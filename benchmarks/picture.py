"""How long it takes in Chromium from a picture that is dropped on the stage to the first cell of its walk.

A photograph of 640×480, made in the page, is dropped; it is read, brought to its size and shown; and walked. What the
hand does in between is not counted: from the drop until the preview stands, and from the click until the stage shows
the first step with the numbers of the picture. The first drop of a page also fetches the scripts for pictures, and is
told of apart.
"""

from statistics import median

from playwright.sync_api import Browser, Page

from benchmarks.browser import ARRIVED
from benchmarks.chromium import blank, chromium
from benchmarks.server import serving
from benchmarks.table import Figure, p95

DROPS = 12
SIZES = {"28×28": ("28×28", "1: grey"), "64×64×3": ("64×64", "3: red, green, blue")}

# What hears of files comes with the sheet.
PREPARE = """async () => {
  while (!document.querySelector("dialog.editor")) await new Promise((done) => setTimeout(done, 50));
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const brush = canvas.getContext("2d");
  let seed = 1; // each drop is of another picture, so that the server has to record its walk
  window.drop = async () => {
    for (let y = 0; y < 480; y += 4)
      for (let x = 0; x < 640; x += 4) {
        seed = (seed * 16807) % 2147483647;
        brush.fillStyle = `rgb(${x % 256}, ${y % 256}, ${seed % 256})`;
        brush.fillRect(x, y, 4, 4);
      }
    const photo = await new Promise((done) => canvas.toBlob(done, "image/jpeg"));
    const carried = new DataTransfer();
    carried.items.add(new File([photo], "photo.jpg", { type: "image/jpeg" }));
    const begun = performance.now();
    for (const event of ["dragenter", "dragover", "drop"])
      document.querySelector("#stage").dispatchEvent(
        new DragEvent(event, { bubbles: true, cancelable: true, dataTransfer: carried }));
    const isSeen = () => document.querySelector("dialog.bring[open] .tells")?.textContent.includes("×");
    while (!isSeen()) await new Promise(requestAnimationFrame);
    return performance.now() - begun;
  };
  window.walked = async () => {
    const before = String(convwalk.value("x_padded"));
    const begun = performance.now();
    document.querySelector("dialog.bring[open] .answers .apply").click();
    const isThere = () => !document.querySelector("dialog[open]") && String(convwalk.value("x_padded")) !== before;
    while (!isThere()) await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame); // painted
    return performance.now() - begun;
  };
}"""


def measure() -> list[Figure]:
    with serving() as server, chromium() as browser:
        return [_row(browser, server.url, name) for name in SIZES]


def _row(browser: Browser, url: str, name: str) -> Figure:
    page = blank(browser)
    page.goto(f"{url}/conv2d/walk?stride=1&lang=en#30")
    page.wait_for_function(ARRIVED)
    page.evaluate(PREPARE)
    first, *known = (_drop(page, name) for _ in range(DROPS + 1))
    page.context.close()
    told = f"{median(known):.0f} ms, p95 {p95(known):.0f} ms"
    return Figure(f"a picture dropped, {name}: to the first cell of its walk", told, f"{first:.0f} ms the first time")


def _drop(page: Page, name: str) -> float:
    """Milliseconds from the drop to the preview, and from the click to the walk."""
    size, maps = SIZES[name]
    seen: float = page.evaluate("drop()")
    for label, option in (("Size", size), ("Maps", maps)):
        page.locator("dialog.bring[open]").get_by_label(label).select_option(label=option)
    walked: float = page.evaluate("walked()")
    page.wait_for_function(ARRIVED)
    return seen + walked
