"""Every screen: nothing cut off, nothing that needs scrolling, and the rules of the page's own policy."""

import base64
import hashlib
import re

import pytest
from playwright.sync_api import expect

import core
from tests.browser import NewReader, Reader, walked

pytestmark = pytest.mark.browser

# What sticks out of the window, and what is cut off inside an element that hides its overflow.
CUT_OFF = """() => [...document.querySelectorAll("#transport *, .saying *, header *")].filter((element) => {
  const { left, top, right, bottom, width } = element.getBoundingClientRect();
  const scrolls = element.closest("#track ol, .loop") !== null;
  if (!width || scrolls) return false;
  return left < -0.5 || top + scrollY < -0.5 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5
    || (element.matches("button, label, .counter, .caption") && element.scrollWidth > element.clientWidth + 1);
}).map((element) => `${element.tagName} ${element.className} ${element.textContent.trim().slice(0, 30)}`)"""

SCROLLS = """() => {
  const { scrollWidth, scrollHeight } = document.documentElement;
  return [scrollWidth > innerWidth, scrollHeight > innerHeight];
}"""


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_large_screen_shows_everything_at_once(new_reader: NewReader, language: str):
    trace = walked()
    reader = new_reader(viewport={"width": 1280, "height": 800})
    reader.open(f"/?lang={language}")
    for width, height in ((1280, 800), (1920, 1080)):
        reader.page.set_viewport_size({"width": width, "height": height})
        reader.wait("(width) => innerWidth === width", width).figures()
        for k in (3, *(chapter.first + 2 for chapter in trace.chapters), len(trace.steps)):
            reader.seek(k)
            assert reader.evaluate(SCROLLS) == [False, False], f"the page of {width} scrolls after {k} steps"
            assert reader.evaluate(CUT_OFF) == [], f"at {width} after {k} steps"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.slow
def test_a_telephone_plays_by_touch_and_never_scrolls_sideways(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2)
    reader.open(f"/?lang={language}").figures()
    play, pause = ("Play", "Pause") if language == "en" else ("播放", "暂停")
    reader.page.get_by_role("button", name=play, exact=True).tap()
    reader.wait("() => convwalk.step > 4")
    reader.page.get_by_role("button", name=pause, exact=True).tap()
    expect(reader.page.get_by_role("button", name=play, exact=True)).to_be_visible()
    for chapter in walked().chapters:
        reader.seek(chapter.first + 2)
        assert reader.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), chapter.name
        assert reader.evaluate(CUT_OFF) == [], chapter.name


def test_on_a_telephone_a_longer_caption_lies_over_no_name_of_a_board(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/max_pool2d/walk?lang=en").arrived(len(core.record("max_pool2d").steps))
    places = """() => [".caption", ".panel figcaption"].map((each) => {
      const { top, bottom, height } = document.querySelector(each).getBoundingClientRect();
      const { lineHeight } = getComputedStyle(document.querySelector(each));
      const range = document.createRange();
      range.selectNodeContents(document.querySelector(each));
      return { top, bottom, lines: Math.round(range.getBoundingClientRect().height / parseFloat(lineHeight)) };
    })"""
    lines, tops = set(), set()
    for k in (6, 7, 8, 9, 10, 11):
        caption, name = reader.seek(k).evaluate(places)
        assert caption["bottom"] <= name["top"], f"after {k} steps"
        lines.add(caption["lines"])
        tops.add(round(name["top"]))
    assert lines == {1, 2}
    assert len(tops) == 1, "the boards stand still"


def test_on_a_telephone_the_map_of_all_arrays_leaves_room_for_the_stage(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/?lang=en").arrived(len(walked().steps))
    reader.page.get_by_role("button", name="Pictures of the arrays").click()
    seen = """() => {
      const track = document.querySelector("#track").getBoundingClientRect();
      const { top, bottom } = document.querySelector("#track .current").getBoundingClientRect();
      return [track.height / innerHeight, top >= track.top - 1 && bottom <= track.bottom + 1];
    }"""
    for chapter in walked().chapters:
        share, is_in_view = reader.seek(chapter.first + 1).evaluate(seen)
        assert share < 0.4
        assert is_in_view, chapter.name


def test_a_matrix_that_is_wider_than_the_stage_is_scrolled_to_the_column_that_is_written(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 720})
    reader.open("/im2col/lay_out?in_channels=3&in_height=64&in_width=64&seed=3#900").drawn(900)
    seen = """(n) => {
      const column = document.querySelector("[data-array=columns] .board").getBoundingClientRect();
      const cell = parseFloat(document.querySelector("[data-array=columns] [role=gridcell]").style.width);
      const { left, right } = document.querySelector(".panels").getBoundingClientRect();
      const x = document.querySelector("[data-array=x_padded] .board").getBoundingClientRect();
      const at = column.left + 26 + (n + 0.5) * cell;
      return [column.width > right - left, at > left && at < right, x.left >= left && x.right <= right];
    }"""
    for k in (900, 1800, 1801, 2600, 40):
        reader.page.evaluate("(k) => convwalk.seek(k)", k)
        reader.wait("(k) => convwalk.step === k && convwalk.steps > k", k).rest()
        row, beat = divmod(k - 1, 2 * 63 + 1)  # a row of places has 63, of two beats each, and an end
        assert reader.evaluate(seen, 63 * row + min(beat, 125) // 2) == [True, True, True], f"after {k} steps"


def test_boards_that_need_little_room_stand_in_the_middle_of_the_stage(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1920, "height": 1080}).open("/?lang=en").arrived(len(walked().steps))
    [activate] = [chapter for chapter in walked().chapters if chapter.name == "activate"]
    sides = reader.seek(activate.stop).evaluate("""() => {
      const { left, right } = document.querySelector(".panels").getBoundingClientRect();
      const boxes = [...document.querySelectorAll(".panel")].map((panel) => panel.getBoundingClientRect());
      return [Math.min(...boxes.map((box) => box.left)) - left, right - Math.max(...boxes.map((box) => box.right))];
    }""")
    assert sides[0] > 200
    assert abs(sides[0] - sides[1]) <= 1


def test_a_telephone_shows_what_is_wrong_with_a_setting(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.expect_complaint("status of 422")
    reader.open("/conv2d/walk?in_width=0")
    # Nothing cuts it off: this is the element at its very middle.
    said = """() => {
      const refusal = document.querySelector('[data-refusal="in_width"]');
      const { left, top, width, height } = refusal.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) === refusal;
    }"""
    assert reader.refusal("in_width")
    assert reader.evaluate(said)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_telephone_says_what_is_wrong_with_a_link_once(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.expect_complaint("status of 422")
    reader.open(f"/conv2d/walk?in_width=0&stride=abc&padding=99&kernelsize=3&lang={language}").figures()
    shown = """() => [...document.querySelectorAll("#settings .refusal:not([hidden])")].filter((box) => {
      const { left, right } = box.getBoundingClientRect();
      return left < innerWidth && right > 0;
    }).map((box) => box.dataset.refusal)"""
    assert reader.evaluate(shown) == ["stride", "in_width"]  # in the row, and in what was opened for it
    noticed = reader.page.locator("#notice").inner_text()
    assert [name in noticed for name in ("in_width", "stride", "padding", "kernelsize")] == [False, True, True, True]
    assert reader.page.locator("#set-kernel_height").bounding_box()["x"] < 130  # type: ignore[index]


def test_the_key_of_a_cells_links_stays_inside_the_legend_of_a_telephone(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    x = "u8:1x28x28:" + base64.urlsafe_b64encode(bytes(range(196)) * 4).decode().rstrip("=")
    inside = """() => {
      const [legend, links] = [".legend", ".links"].map((name) => document.querySelector(name).getBoundingClientRect());
      return links.height > 0 && links.left >= legend.left && links.bottom <= legend.bottom + 1;
    }"""
    for language in ("en", "zh"):
        reader.open(f"/conv2d/walk?x={x}&lang={language}#43").drawn(43)
        reader.page.locator("#stage [data-array=w] [role=gridcell]").first.focus()
        reader.press("ArrowRight").press("Enter")
        reader.wait("() => document.querySelector('.legend.linking') !== null")
        assert reader.evaluate(inside)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_refusal_among_further_settings_stays_inside(new_reader: NewReader, width: int):
    reader = new_reader(viewport={"width": width, "height": 720 if width > 900 else 844})
    for first in ("", "1,5"):
        reader.open("/?lang=en")
        if first:
            reader.page.locator("#set-stride").fill(first)
            reader.page.locator("#set-stride").dispatch_event("change")
        reader.page.get_by_role("button", name="More settings").click()
        field = reader.page.locator("#set-learning_rate")
        field.fill("1.5.2")
        field.dispatch_event("change")
        assert reader.refusal("learning_rate")
        box, around = (reader.page.locator(name).bounding_box() for name in ("[data-refusal=learning_rate]", "#more"))
        assert box
        assert around
        assert around["x"] <= box["x"]
        assert box["x"] + box["width"] <= around["x"] + around["width"] <= width
        assert box["y"] + box["height"] <= around["y"] + around["height"]


def test_every_button_of_a_telephone_is_large_enough_for_a_finger(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open()
    small = """() => [...document.querySelectorAll("#transport button")].map((button) => button.getBoundingClientRect())
                .filter(({ width, height }) => width && (width < 40 || height < 40)).length"""
    assert reader.evaluate(small) == 0
    reader.page.get_by_role("button", name="More", exact=True).tap()
    reader.page.get_by_role("button", name="Present", exact=True).tap()
    assert reader.page.get_by_role("button", name="Leave").is_visible()
    assert reader.evaluate(small) == 0


def test_a_window_that_changes_its_size_is_filled_anew(reader: Reader):
    reader.open().figures()
    before = reader.evaluate("() => document.querySelector('[data-array=x_padded] canvas').width")
    reader.page.set_viewport_size({"width": 1900, "height": 1200})
    reader.wait("(width) => document.querySelector('[data-array=x_padded] canvas').width > width", before)
    reader.figures()
    assert reader.evaluate(SCROLLS) == [False, False]


def test_the_pages_policy_names_just_the_style_sheets_that_plotly_brings(reader: Reader):
    with reader.page.expect_response(f"{reader.url}/") as answer:
        reader.open().figures()
    policy = answer.value.headers["content-security-policy"]
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    texts = reader.evaluate("() => [...document.querySelectorAll('style')].map((sheet) => sheet.textContent)")
    assert allowed == {base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in texts}
    # They were let in: the empty one has been filled.
    rules = reader.evaluate("() => [...document.querySelectorAll('style')].map((sheet) => sheet.sheet.cssRules.length)")
    assert all(rules)


def test_plotly_offers_no_cloud_and_asks_nothing_of_anybody(reader: Reader):
    addresses: list[str] = []
    reader.page.on("request", lambda request: addresses.append(request.url))
    reader.open().figures()
    assert all(address.startswith((reader.url, "data:", "blob:")) for address in addresses)
    assert reader.page.locator(".modebar-btn").count() == 0
    assert reader.evaluate("() => [...document.querySelectorAll('a[href]')].every((a) => a.host === location.host)")


# The part of the window that shows the stage, and how many cells' boards begin in it.
STAGE = """() => {
  const stage = document.querySelector("#stage").getBoundingClientRect();
  const foot = document.querySelector("footer").getBoundingClientRect().top;
  const tops = [...document.querySelectorAll(".board")].map((board) => board.getBoundingClientRect().top);
  return [(Math.min(stage.bottom, foot) - stage.top) / innerHeight, tops.filter((top) => top < foot - 60).length];
}"""


@pytest.mark.parametrize(
    ("width", "height", "query"),
    [(640, 400, "?lang=en"), (390, 844, "?lang=en"), (640, 420, "?embed=1"), (400, 400, "?lang=zh&embed=1")],
)
def test_a_small_screen_is_the_stages_before_all(new_reader: NewReader, width: int, height: int, query: str):
    reader = new_reader(viewport={"width": width, "height": height})
    reader.open(f"/{query}").figures()
    share, boards = reader.evaluate(STAGE)
    assert share >= 0.55
    assert boards
    assert reader.evaluate(SCROLLS)[0] is False
    reader.page.locator(".more-paces").click()
    expect(reader.page.locator("#pace")).to_be_visible()
