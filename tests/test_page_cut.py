"""No number is cut, and none overprints its neighbour: in the worked sum, beside it where a cell is pinned, in the name
of a cell, the legend, the size of the output and the values over the code; with many digits, tiny and huge, in windows
of every size. A number is exact or says that it is rounded; where it has no room it loses digits, wraps, or is scrolled
to.
"""

import json
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

from tests.browser import NewReader, Reader

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

# Of every text in the parts of the page that a selector names: whether it is cut, or lies over another one; and whether
# a letter of the sum is too small to be read. What can be scrolled to is not cut: what begins before the beginning is.
CUT = """(selector) => {
  const found = [], texts = [];
  const named = (text) => `${text.parentElement.className || text.parentElement.tagName}: ${text.data.trim()}`;
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true });
  const lineOf = ({ left, right, top, bottom, height }) =>
    ({ left, right, top: top + height * 0.3, bottom: bottom - height * 0.3 });
  const sticksOut = (line, { left, right, top, bottom }) =>
    line.left < left - 0.6 || line.right > right + 0.6 || line.top < top || line.bottom > bottom;

  function look(text) {
    const range = document.createRange();
    range.selectNodeContents(text);
    const legend = text.parentElement.closest(".legend")?.getBoundingClientRect();
    if (legend && range.getBoundingClientRect().top >= legend.bottom) return; // a key that is left out whole
    let lines = [...range.getClientRects()].filter(({ width, height }) => width > 1 && height > 1).map(lineOf);
    const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
    if (text.parentElement.closest("#inspector, .strip") && size < 12) found.push(`small ${named(text)}`);
    for (let around = text.parentElement; around && around !== document.body; around = around.parentElement) {
      const { overflowX, contain, clipPath } = getComputedStyle(around);
      if (clipPath !== "none") return; // only to be heard
      const room = around.getBoundingClientRect();
      if (/auto|scroll/.test(overflowX)) {
        if (lines.some((line) => line.left < room.left - around.scrollLeft - 0.6)) found.push(`cut ${named(text)}`);
        lines = lines.filter((line) => !sticksOut(line, room));
      } else if ((overflowX !== "visible" || contain === "strict") && lines.some((line) => sticksOut(line, room)))
        found.push(`cut ${named(text)}`);
    }
    for (const line of lines) texts.push({ text, line });
  }

  for (const root of [...document.querySelectorAll(selector)].filter(isSeen)) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode())
      if (text.data.trim() && isSeen(text.parentElement)) look(text);
  }
  texts.sort((one, other) => one.line.left - other.line.left);
  texts.forEach(({ text, line }, at) => {
    for (let next = at + 1; next < texts.length && texts[next].line.left < line.right - 1; next++) {
      const { text: over, line: other } = texts[next];
      if (over !== text && other.top < line.bottom && line.top < other.bottom)
        found.push(`over each other ${named(text)} and ${named(over)}`);
    }
  });
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} wide`);
  return [...new Set(found)];
}"""

# Another walk of the same layer, without a new page: as one that the reader goes back to.
GO = """async (asked) => {
  const [query, step] = asked.split("#");
  const view = new URLSearchParams(location.search).has("present") ? { present: "1" } : {};
  const written = (pairs) => String(new URLSearchParams(pairs)).replaceAll("+", "%20");
  const address = `${location.pathname}?${written([...new URLSearchParams(query), ...Object.entries(view)])}`;
  history.pushState({ query: written(query), view, address }, "", `${address}#${step}`);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}"""

SHOWS = """([k, size]) => convwalk.step === k && convwalk.value("x").flat(3).length === size
  && document.querySelector(".counter").textContent.startsWith(`${k} /`)
  && document.querySelector(".slider").style.getPropertyValue("--arrived") === `100%`"""

SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 60))))"

SIZES = [(1280, 720), (390, 844), (1280, 800), (1440, 900), (1920, 1080), (960, 700), (640, 360)]  # the last: at 200 %

PARTS = ".strip, #inspector, .legend, .sizes, .mark i, .hint, .answer"


def grid(*rows: list[float]) -> list[list[list[float]]]:
    return [list(rows)]


DECIMALS = grid([-0.788, -0.383, 2.176], [1.083, -0.788, -0.383], [2.176, 1.083, -0.788])
LONG = grid([-1.23456789012345e-7, 0.1234567890123, -98765.4321098], *DECIMALS[0][1:])

# Numbers of the kernel, and by how much those of the input are multiplied.
TABLE: list[tuple[Any, float]] = [
    (DECIMALS, 1),
    (DECIMALS, -1),
    (DECIMALS, 100),
    (DECIMALS, 1e-9),
    (DECIMALS, 1e5),
    (DECIMALS, 1e-300),
    (grid([-1e-12] * 3, [1e-9, -3e-10, 2e-9], [1, 0, -1]), 1),
    (grid([123456.789, -123456.789, 0], [99999, -99999, 1], [0.5, -0.5, 1e6]), 1),
    (grid([1e6, -1e6, 1e-21], [999999.999, -1e-100, 1], [0, 0, 0]), 1e5),
    (LONG, 1),
    (LONG, 0.333333333333),
    (grid([1, 2, 3], [4, 5, 6], [7, 8, 9]), 1),
    (grid([-100, 255, 999], [-99, 12, 0], [1000, -1000, 1]), 1),
    (grid([0.5, 0.25, 0.125], [-0.5, -0.25, -0.125], [0, 1, -1]), 1),
    (grid([-0.007] * 3, [0.007] * 3, [-0.07] * 3), 0.01),
    (grid([-9.99] * 3, [9.99] * 3, [-99.9] * 3), 9.99),
    (grid([-0.1]), 1),
    (grid([-123456.789]), 1),
    (grid([-0.788, 2.176], [1.083, -0.383]), 1),
    (grid(*[[-0.788, -0.383, 2.176, 1.083, -1.5]] * 5), 1),
    (grid(*[[-123, 456, -7, 8, 99]] * 5), 1),
    ([DECIMALS[0]] * 3, 1),
]


def query(kernel: Any, times: float, k: int) -> tuple[str, int]:
    side = max(5, len(kernel[0]))
    x = [[[times * round(0.532 * ((7 * i + 3 * j + c) % 11 - 5), 3) for j in range(side)] for i in range(side)]
         for c in range(len(kernel))]  # fmt: skip
    arrays = {"x": x, "w": [kernel], "b": [-0.383]}
    asked = "&".join(f"{name}={quote(json.dumps(array, separators=(',', ':')))}" for name, array in arrays.items())
    return f"?padding=1&stride=1&{asked}#{k}", side * side * len(kernel)


def go(reader: Reader, kernel: Any, times: float, k: int) -> None:
    address, size = query(kernel, times, k)
    reader.evaluate(GO, address)
    reader.wait(SHOWS, [k, size])


def amiss(reader: Reader, parts: str, sizes: list[tuple[int, int]]) -> dict[str, list[str]]:
    found = {}
    for width, height in sizes:
        reader.page.set_viewport_size({"width": width, "height": height})
        for _ in range(8):  # all of the page is laid out anew, a part a frame
            reader.evaluate(SETTLED)
            if not (cut := reader.evaluate(CUT, parts)):
                break
        if cut:
            found[f"{width}×{height}"] = cut
    return found


def pin(reader: Reader) -> None:
    reader.page.locator('[data-array="z"], [data-array="y"]').locator('[role="gridcell"][tabindex="0"]').focus()
    reader.press("Enter")
    expect(reader.page.locator("#inspector")).to_be_visible()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.slow
def test_no_number_of_a_sum_is_cut(new_reader: NewReader, language: str):
    reader = new_reader().open(f"/conv2d/walk?lang={language}").rest()
    pin(reader)
    for at, (kernel, times) in enumerate(TABLE if language == "en" else TABLE[:1]):
        go(reader, kernel, times, 29)
        if at == 0:  # on a phone there is no room for grids of many digits
            expect(reader.page.locator(".strip .group").first).to_be_visible()
        assert amiss(reader, PARTS, SIZES if at in (0, 19) else SIZES[:2]) == {}, (kernel, times)


@pytest.mark.slow
def test_no_number_of_the_strip_is_cut(new_reader: NewReader):
    reader = new_reader().open("/conv2d/walk?lang=en&present=1")
    for kernel, times in TABLE[:2] + TABLE[6:10] + TABLE[12:13]:
        go(reader, kernel, times, 29)
        assert amiss(reader, ".strip", [SIZES[0], SIZES[4]]) == {}, (kernel, times)


def test_no_number_below_the_code_begins_before_it(new_reader: NewReader):
    reader = new_reader().open("/softmax_cross_entropy/walk?lang=en").rest()
    for step in range(1, 33):
        reader.seek(step)
        assert amiss(reader, ".mark i", SIZES[:1]) == {}, step


def test_what_arrays_hold_a_setting_is_seen_with_its_value(new_reader: NewReader):
    arrays = {"w_linear": [[0.5] * 18] * 3, "b_linear": [0.5] * 3}
    query = "&".join(f"{name}={quote(json.dumps(array))}" for name, array in arrays.items())
    reader = new_reader().open(f"/network/walk?lang=en&{query}")
    reader.page.get_by_role("button", name="More settings").click()
    held = reader.page.locator("#more .knob", has=reader.page.get_by_label("Classes", exact=True))
    expect(held.locator(".held button")).to_have_count(2)
    wide = "(field) => field.clientWidth >= 2 * parseFloat(getComputedStyle(field).fontSize)"
    assert held.locator("input").evaluate(wide)
    assert amiss(reader, "#more", SIZES[:1]) == {}
    within = "(held) => held.getBoundingClientRect().right <= held.closest('#more').getBoundingClientRect().right - 8"
    assert all(note.evaluate(within) for note in held.locator(".held button").all())


@pytest.mark.parametrize(("layer", "moments"), [("max_pool2d", {2: 40, 7: 40}), ("avg_pool2d", {2: 160, 5: 80})])
def test_no_number_under_a_window_is_cut(new_reader: NewReader, layer: str, moments: dict[int, int]):
    x = grid(*[[-0.788 * 10 ** (j % 7 - 3) for j in range(i, i + 9)] for i in range(9)])
    for kernel_size, k in moments.items():
        arrays = f"x={quote(json.dumps(x))}&kernel_size={kernel_size}&padding=1&stride=1"
        reader = new_reader().open(f"/{layer}/walk?{arrays}#{k}").rest()
        pin(reader)
        assert amiss(reader, PARTS, SIZES[:2]) == {}, kernel_size


def test_a_sum_reads_as_what_its_terms_come_to_wherever_it_is_told(new_reader: NewReader):
    address = "/conv2d/correlate?x=[[[0.532,0.788]]]&w=[[[[1.083,0.383]]]]&b=[0]&padding=0&stride=1&lang=en"
    reader = new_reader().open(f"{address}#3")
    reader.wait("() => convwalk.step === 3")
    assert reader.evaluate("() => convwalk.value('z')") == [[[0.8779600000000001]]]
    outcome = reader.page.locator(".strip .outcome")
    expect(outcome).to_have_text("z[0, 0, 0] = Σ + b[0] = 0.87796 + 0 = 0.87796")
    pin(reader)
    inspected = reader.page.locator("#inspector")
    expect(inspected.locator("h3")).to_have_text("z[0, 0, 0] = 0.87796")
    expect(inspected.locator(".result")).to_have_text("= 0.87796")
    expect(inspected.locator(".notes")).to_contain_text("the recorded number is 0.8779600000000001")
    expect(reader.page.locator('[data-array="z"] .hint')).to_have_text("z[0, 0, 0] = 0.87796")
    expect(reader.page.get_by_role("gridcell", name="z, filter 0, row 0, column 0: 0.87796,")).to_be_focused()
    expect(inspected.locator("tbody tr").nth(1).locator("td").last).to_have_text("0.87796")
    reader.press("Escape", "p")
    expect(outcome).to_have_text("z[0, 0, 0] = Σ + b[0] = 0.87796 + 0 = 0.87796")


def test_one_of_what_a_sum_only_counts_is_told_as_one(new_reader: NewReader):
    reader = new_reader().open("/conv2d/walk?lang=en")
    counted = """async (terms) => {
        const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
        const { phrase } = await import(folder + "say/phrase.js");
        const words = await (await fetch(folder + "i18n/en.json")).json();
        const expr = { op: "+", terms: terms.map((value) => ({ minus: false, expr: { op: "number", value } })) };
        const say = (key) => words[key];
        return phrase(expr, { names: false, all: false, most: 2, say }).map(({ text }) => text).join("");
    }"""
    assert [reader.evaluate(counted, terms) for terms in ([5, 0], [5, 0, 0], [1, 2, 3], [1, 2, 3, 4])] == [
        "5 + 1 zero",
        "5 + 2 zeros",
        "1 + 2 + 1 more term",
        "1 + 2 + 2 more terms",
    ]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_sum_without_room_for_its_terms_is_told_by_what_it_comes_to(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 390, "height": 844}).open(f"/conv2d/walk?lang={language}").rest()
    go(reader, [DECIMALS[0], LONG[0], DECIMALS[0]], 1, 29)
    reader.page.locator('[data-array="z"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("ArrowRight", "Enter")
    shown = "() => document.querySelector('.saying .answer .derived').textContent"
    value = reader.evaluate("() => convwalk.value('z')")[0][0][1]
    reader.wait("() => document.querySelector('.saying .answer .end').textContent")
    name, _, told = reader.evaluate(shown).partition("= ")
    assert name.strip() == "z[0, 0, 1]"
    assert float(told.replace("−", "-")) == pytest.approx(value, rel=1e-12)
    lead = reader.page.locator(".saying .answer button")
    expect(lead).to_be_visible()
    lead.click()
    expect(reader.page.locator("#inspector")).to_be_in_viewport()
    expect(lead).to_be_hidden()


def test_two_values_below_one_line_of_code_do_not_touch_each_other(new_reader: NewReader):
    apart = """() => {
      const marks = [...document.querySelectorAll(".mark i")].map((mark) => mark.getBoundingClientRect());
      return marks.flatMap((one) => marks.flatMap((other) =>
        Math.abs(one.top - other.top) < 2 && one.left < other.left ? [other.left - one.right] : []));
    }"""
    reader = new_reader(viewport={"width": 1920, "height": 1080}).open("/softmax_cross_entropy/walk?lang=en#40")
    reader.wait("() => window.convwalk?.ready.then(() => true)").drawn(40)
    found = reader.evaluate(apart)
    assert found
    assert min(found) >= 3  # pixels
