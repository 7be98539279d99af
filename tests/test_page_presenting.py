"""The page in other hands: before a lecture hall, inside another page, as a link; and every key that it obeys."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Route, expect

from app.walks.views import PARTS
from tests.browser import NewReader, Reader, walked
from tests.canvas import WRITTEN

pytestmark = pytest.mark.browser

PRESENTING = "() => document.documentElement.classList.contains('presenting')"
LESSON = """<!doctype html><title>A lesson</title>
<iframe src='/conv2d/walk?stride=1&embed=1&hide=settings,source' width=960 height=680></iframe>"""
CUT_OFF = """() => [...document.querySelectorAll(".caption, .loop, .chapter-title")].filter((element) => {
  const { left, right, bottom } = element.getBoundingClientRect();
  const { top } = document.querySelector(".panels").getBoundingClientRect();
  const isOut = left < 0 || right > innerWidth || bottom > innerHeight + 0.5;
  return bottom > top + 1 || isOut || element.scrollWidth > element.clientWidth;
}).map((element) => element.textContent)"""
BOX = "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()"
# The usual size of the numbers of each board: those of rows and columns have 12 pixels, those above a weight less room.
DIGITS = """() => [...document.querySelectorAll(".panels > .panel")].map((panel) => {
  const sizes = panel.querySelector("canvas").written.map(({ size }) => size).filter((size) => size > 12);
  return [panel.dataset.array, sizes.sort((one, other) => one - other)[sizes.length >> 1]];
})"""
HEARD = """() => { window.heard = []; addEventListener("message", ({ data }) => heard.push(data)); }"""


def is_presenting(reader: Reader) -> bool:
    return bool(reader.evaluate(PRESENTING))


def firsts() -> list[int]:
    return [chapter.first + 1 for chapter in walked().chapters]


def test_the_presenter_view_is_a_place_of_its_own_that_a_link_leads_to(reader: Reader, new_reader: NewReader):
    reader.open("/?stride=1#40").rest()
    letters = "() => parseFloat(getComputedStyle(document.querySelector('.caption')).fontSize)"
    usual = reader.evaluate(letters)
    reader.page.get_by_role("button", name="Present", exact=True).click()
    reader.wait(f"(usual) => ({letters})() > 1.3 * usual", usual)
    assert reader.rest().address == "/conv2d/walk?stride=1&present=1#40"
    assert is_presenting(reader)
    page = reader.page
    for shown in ("#stage", ".caption", ".loop", ".chapter-title"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in ("header", "#settings", "#track", "#source .texts", "#source .chapter-doc"):
        expect(page.locator(hidden)).to_be_hidden()
    assert reader.evaluate("() => document.activeElement.id") == "stage"

    page.go_back()
    reader.wait("() => !document.documentElement.classList.contains('presenting')")
    assert reader.rest().address == "/conv2d/walk?stride=1#40"
    assert reader.evaluate("() => document.activeElement.textContent.trim()") == "Present"
    page.go_forward()
    reader.wait(PRESENTING).press("Escape").rest()
    assert reader.address == "/conv2d/walk?stride=1#40"
    reader.press("p").rest()
    guest = new_reader().open(reader.address).rest()
    assert is_presenting(guest)
    assert guest.address == reader.address == "/conv2d/walk?stride=1&present=1#40"


def test_a_lesson_needs_no_way_out_and_what_is_asked_for_covers_no_number(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 720}).open("/?present=1").arrived(len(walked().steps))
    page = reader.page
    reader.press("c", "t")
    for shown in ("h1 button", "#track", "#settings", "#source .chapter-doc", "#source .texts", "#stage"):
        expect(page.locator(shown).first).to_be_visible()
    page.locator("[data-station=expand]").click()
    reader.wait("() => document.querySelector('.chapter-title').textContent === 'expand'")
    page.get_by_label("Stride", exact=True).fill("1")
    reader.press("Enter").settled(stride=1).rest()
    assert is_presenting(reader)
    stage, aside, settings = (reader.evaluate(BOX, each) for each in ("#stage", "#source", "#settings"))
    assert stage["right"] <= aside["left"] + 1
    assert settings["bottom"] <= stage["top"] + 1
    reader.press("c", "t")
    for hidden in ("header", "#track", "#settings", "#source .chapter-doc"):
        expect(page.locator(hidden)).to_be_hidden()
    page.mouse.move(600, 300)
    for part in (".panels", ".strip"):
        bar, result = (reader.evaluate(BOX, each) for each in ("#transport", part))
        assert bar["top"] >= result["bottom"] - 1, "the controls cover the legend at most"
    reader.press("c", "Escape")
    assert not is_presenting(reader)
    reader.press("p")
    expect(page.locator("#settings")).to_be_hidden()


def test_before_a_class_the_digits_of_the_boards_have_18_pixels_beside_the_sum(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 720})
    reader.begin_with(WRITTEN)
    reader.open("/?present=1").arrived(len(walked().steps))
    for name in ("correlate", "input_gradient", "weight_gradient"):
        [chapter] = [each for each in walked().chapters if each.name == name]
        reader.seek(chapter.stop - 1).wait("() => document.fonts.status === 'loaded'").rest()
        expect(reader.page.locator(".strip")).to_be_visible()
        digits = dict(reader.evaluate(DIGITS))
        assert len(digits) == 2, "what is read and what is written"
        assert min(digits.values()) >= 18, (name, digits)


def test_a_clicker_steps_at_the_pace_whatever_was_touched_last(reader: Reader):
    reader.open("/?present=1").arrived(len(walked().steps)).seek(firsts()[1])
    k = firsts()[1]
    for key, drawn in [("PageDown", k + 1), ("Enter", k + 2), ("ArrowDown", k + 3),
                       ("PageUp", k + 2), ("ArrowUp", k + 1), ("ArrowRight", k + 2), ("ArrowLeft", k + 1),
                       ("Shift+PageDown", firsts()[2]), ("Shift+PageUp", firsts()[1])]:  # fmt: skip
        reader.press(key).drawn(drawn)
    for touched in (".slider", ".more-paces"):
        reader.page.mouse.move(200, 100 + len(touched))  # a hand on the mouse brings the controls
        reader.page.locator(touched).focus()
        reader.press("PageDown").drawn(firsts()[1] + 1).press("PageUp").drawn(firsts()[1])
    reader.page.mouse.move(200, 90)
    reader.page.locator(".more-paces").click()
    reader.page.get_by_label("Stop at").select_option("every map")
    reader.press("Escape")
    reader.page.locator("#stage").focus()
    level = next(at for at, step in enumerate(walked().steps[k:], start=k + 1) if step.level <= 2)
    reader.press("PageDown").drawn(level).press("Space")
    expect(reader.page.locator(".play")).to_have_attribute("aria-label", "Pause")
    reader.press("Space")
    expect(reader.page.locator(".play")).to_have_attribute("aria-label", "Play")


def test_escape_takes_away_what_came_last(reader: Reader):
    reader.open("/?present=1").rest()
    curtain, light = reader.page.locator(".curtain"), reader.page.locator(".spotlight")
    reader.page.mouse.move(300, 200)
    reader.press("s", "b")
    expect(curtain).to_be_visible()
    expect(light).to_be_visible()
    assert reader.page.locator("#stage").is_visible()  # below it
    reader.press(".")
    expect(curtain).to_be_hidden()
    reader.press(".", "Escape")
    expect(curtain).to_be_hidden()
    expect(light).to_be_visible()
    reader.page.mouse.move(640, 321)
    reader.wait("() => document.querySelector('.spotlight').style.getPropertyValue('--y') === '321px'")
    reader.press("Escape")
    expect(light).to_be_hidden()
    assert is_presenting(reader)
    reader.press("Escape")
    assert not is_presenting(reader)
    reader.press("s", "b", "Escape")  # these are keys of the presenter view alone
    expect(curtain).to_be_hidden()
    expect(light).to_be_hidden()


def test_full_screen_is_a_key_away_and_a_browser_that_refuses_is_no_mishap(reader: Reader):
    reader.open("/?present=1").press("f")
    reader.wait("() => document.fullscreenElement === document.documentElement")
    button = reader.page.locator(".hands [data-does=fullscreen]")
    expect(button).to_have_attribute("aria-pressed", "true")
    reader.press("f").wait("() => !document.fullscreenElement")
    assert is_presenting(reader)
    reader.evaluate("() => { Element.prototype.requestFullscreen = () => Promise.reject(new TypeError('no')); }")
    reader.press("f")
    expect(reader.page.get_by_role("status").filter(has_text="does not let this page fill the screen")).to_be_visible()


def test_the_controls_rest_until_they_are_wanted(new_reader: NewReader):
    reader = new_reader(fresh=True)
    reader.page.clock.install()
    reader.open("/?present=1").page.clock.run_for(3000)
    controls = reader.page.locator("#transport")
    expect(controls).to_be_hidden()
    k = reader.step
    reader.press("PageDown")
    reader.page.clock.run_for(100)
    assert reader.step == k + 1
    expect(controls).to_be_hidden()  # a clicker does not flash them
    reader.page.mouse.move(200, 200)
    expect(controls).to_be_visible()
    reader.page.clock.run_for(3000)
    expect(controls).to_be_hidden()
    reader.press("Tab")
    expect(controls).to_be_visible()
    reader.page.get_by_role("button", name="Play").focus()
    reader.press("Tab", "Shift+Tab")
    reader.page.clock.run_for(9000)
    expect(controls).to_be_visible()  # the focus is in them, and never out of sight


def test_the_stage_of_a_presenter_holds_still_and_nothing_is_cut_off(reader: Reader):
    first: dict[str, int] = {}
    for k, step in enumerate(walked().steps, start=1):
        first.setdefault(step.caption, k)
    longest = sorted(first, key=len)[-3:]
    fullest = sorted(first, key=lambda caption: len(walked().steps[first[caption] - 1].loop))[-3:]
    reader.open("/?present=1").arrived(len(walked().steps))
    for width, height in [(1920, 1080), (1024, 768), (390, 844)]:
        reader.page.set_viewport_size({"width": width, "height": height})
        heights: dict[str, set[int]] = {}  # of the stage by chapter: formulas are not all of one height
        for k in (0, *(first[caption] for caption in longest + fullest)):
            reader.seek(k).wait("() => document.fonts.status === 'loaded'")
            height = reader.evaluate("() => document.querySelector('#stage').clientHeight")
            heights.setdefault(reader.chapter, set()).add(height)
            assert reader.evaluate(CUT_OFF) == [], f"after {k} steps, at {width}×{height}"
            covered = """() => {
                const [said, boards] = [".saying", ".panels"].map((each) => document.querySelector(each));
                return said.getBoundingClientRect().bottom > boards.getBoundingClientRect().top;
            }"""
            assert not reader.evaluate(covered), f"names of boards at {width}×{height}"
        assert all(len(each) == 1 for each in heights.values()), heights


def test_hide_takes_away_the_parts_that_it_names_and_no_other(reader: Reader):
    parts = {"settings": "#settings", "source": "#source", "transport": "#transport", "caption": ".caption",
             "map": "#track", "header": "header", "legend": ".legend", "plot": "#plot", "sum": ".strip"}  # fmt: skip
    assert parts.keys() == set(PARTS)
    reader.open("/?hide=settings,legend").rest()
    within = {"plot": {"source"}}  # it stands at the end of the text
    for hidden in ({"settings", "legend"}, *({part} for part in PARTS), set(PARTS)):
        names = " ".join(f"hides-{part}" for part in hidden)
        reader.evaluate("(names) => { document.documentElement.className = `live drawn ${names}`; }", names)
        expect(reader.page.locator("#stage")).to_be_visible()
        for part, selector in parts.items():
            assert reader.page.locator(selector).is_hidden() == bool(hidden & {part, *within.get(part, ())}), (
                part,
                hidden,
            )


def test_settings_languages_and_requests_keep_a_view_to_the_page(reader: Reader):
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(request.url))
    reader.open("/conv2d/walk?hide=source&lang=en").rest()
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1).rest()
    assert reader.asked == {"stride": "1", "lang": "en", "hide": "source"}
    reader.page.get_by_role("link", name="中文").click()
    reader.settled(stride=1).rest()
    assert reader.asked == {"stride": "1", "lang": "zh", "hide": "source"}
    expect(reader.page.locator("#source")).to_be_hidden()
    api = [url for url in asked if "/api/" in url]
    assert api
    assert not [url for url in api if "hide" in url]


def test_a_frame_goes_where_it_is_told_and_tells_where_it_is(reader: Reader):
    def lesson(route: Route) -> None:
        route.fulfill(body=LESSON, content_type="text/html")

    reader.page.route("**/lesson", lesson)
    reader.begin_with(f"({HEARD})()")
    reader.page.goto(f"{reader.url}/lesson")
    frame = reader.page.frames[1]
    frame.wait_for_function("() => window.convwalk?.ready.then(() => true)")
    steps = len(walked(stride=1).steps)
    said = "([k, steps]) => JSON.stringify(heard.at(-1)) === JSON.stringify({ convwalk: 'step', step: k, steps })"
    reader.wait(said, [5, steps])
    frame.wait_for_function("(steps) => document.querySelector('.counter').textContent.endsWith(steps)", arg=steps)
    reader.evaluate("() => frames[0].postMessage({ convwalk: 'seek', step: 12 })")
    reader.wait(said, [12, steps])
    frame.evaluate("() => { for (let k = 100; k <= 200; k++) convwalk.seek(k); }")
    reader.wait(said, [200, steps])
    assert reader.evaluate("() => heard.length") < 20  # it does not shout

    assert frame.locator("#settings").is_hidden()
    assert frame.locator("#stage").is_visible()
    whole = frame.get_by_role("link", name=re.compile("ConvWalk"))
    whole.hover()
    assert whole.get_attribute("href") == "/conv2d/walk?stride=1#200"
    assert (whole.get_attribute("target"), whole.get_attribute("rel")) == ("_blank", "noopener")


def test_share_gives_the_links_to_this_step_and_a_frame_to_paste(reader: Reader):
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reader.open("/?stride=1").seek(20).rest()
    page = reader.page
    page.get_by_role("button", name="Share").click()
    link = f"{reader.url}/conv2d/walk?stride=1"
    assert page.get_by_label("This step", exact=True).input_value() == f"{link}#20"
    assert page.get_by_label("This step in the presenter view", exact=True).input_value() == f"{link}&present=1#20"
    sign = "() => getComputedStyle(document.querySelector('#share .said'), '::before').content"
    assert reader.evaluate(sign) == "none", "what is said here is no pause of a function"
    code = page.get_by_label("A frame for another page", exact=True)
    page.get_by_label("legend", exact=True).check()
    [source] = re.findall(r'<iframe src="([^"]+)"', code.input_value())
    shown = urlsplit(source.replace("&amp;", "&"))
    assert parse_qs(shown.query) == {"stride": ["1"], "embed": ["1"], "hide": ["settings,source,legend"]}
    assert shown.fragment == "20"

    page.get_by_role("button", name="Copy: This step", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Copied")).to_be_visible()
    assert reader.evaluate("() => navigator.clipboard.readText()") == f"{link}#20"
    # A page that comes by plain http has no clipboard: the text is selected for the reader to copy.
    reader.evaluate("() => Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy: A frame for another page").click()
    expect(page.get_by_role("status").filter(has_text="selected")).to_be_visible()
    assert reader.evaluate("() => String(getSelection())") == code.input_value()


def test_the_question_mark_lists_the_keys_and_gives_the_focus_back(reader: Reader):
    reader.open().rest()
    page = reader.page
    list_ = page.get_by_role("dialog", name="Keyboard shortcuts")
    page.get_by_role("button", name="Keyboard shortcuts").focus()
    reader.press("Enter")
    expect(list_).to_be_visible()
    for text in ("Play, pause", "Next chapter", "Pin the cell", "Undo", "Spotlight", "Page Down", "F2"):
        expect(list_.get_by_text(text).first).to_be_visible()
    k = reader.step
    assert reader.press("ArrowRight", "p").step == k, "the page behind it rests"
    assert not is_presenting(reader)
    reader.press("Escape")
    expect(list_).to_be_hidden()
    assert reader.evaluate("() => document.activeElement.dataset.does") == "shortcuts"
    reader.page.get_by_label("Stop at").focus()
    reader.evaluate("() => document.activeElement.blur()")
    reader.press("?")
    expect(list_).to_be_visible()


def test_every_key_of_the_list_that_the_page_obeys_has_somebody_who_does_it(reader: Reader):
    reader.open("/?present=1").rest()
    unknown = """async () => {
      const { SHORTCUTS } = await import(document.querySelector('link[href$="shortcuts.js"]').href);
      const words = JSON.parse(document.querySelector("#boot").textContent).words;
      return SHORTCUTS.filter(({ says, group }) => !(says in words) || !(`shortcuts.${group}` in words));
    }"""
    assert reader.evaluate(unknown) == []
    assert reader.evaluate("() => [...document.querySelectorAll('[data-does]')].length") == 9


def test_single_letters_can_be_switched_off_and_stay_off(reader: Reader):
    reader.open().rest()
    page = reader.page
    page.get_by_role("button", name="Keyboard shortcuts").click()
    page.get_by_label("Use single-key shortcuts").uncheck()
    page.get_by_role("button", name="Close", exact=True).click()
    page.locator("#stage").focus()
    for again in (False, True):
        if again:
            page.reload()
            reader.wait("() => window.convwalk?.ready.then(() => true)")
        reader.press("p", "?")
        assert not is_presenting(reader)
        assert page.get_by_role("dialog").count() == 0 or page.get_by_role("dialog").is_hidden()
        k = reader.step
        reader.press("ArrowRight").drawn(k + 1)


def test_letters_are_letters_where_text_is_typed_and_beside_other_keys(reader: Reader):
    reader.open().page.get_by_label("Kernel height").focus()
    reader.press("p", "Space")
    reader.page.locator("#stage").focus()
    reader.press("Control+p", "Alt+p", "Shift+p")
    assert not is_presenting(reader)
    expect(reader.page.get_by_role("button", name="Play")).to_be_visible()
    reader.press("p")
    assert is_presenting(reader)


def test_the_first_stop_of_the_keyboard_leads_to_the_stage(reader: Reader):
    reader.open("/#20").rest().press("Tab")
    expect(reader.page.get_by_role("link", name="To the stage")).to_be_focused()
    reader.press("Enter")
    assert reader.evaluate("() => document.activeElement.id") == "stage"
    reader.press("ArrowRight").drawn(21).rest()
    assert reader.address.endswith("#21")


def test_a_telephone_has_the_rare_actions_behind_one_button(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open().rest()
    actions = reader.page.locator("#actions")
    expect(actions).to_be_hidden()
    reader.page.get_by_role("button", name="More", exact=True).tap()
    expect(actions).to_be_visible()
    out = """() => [...document.querySelectorAll("#actions *")].map((element) => element.getBoundingClientRect())
             .filter(({ left, right, width }) => width && (left < 0 || right > innerWidth)).length"""
    assert reader.evaluate(out) == 0
    actions.get_by_role("button", name="Keyboard shortcuts").tap()
    expect(reader.page.get_by_role("dialog")).to_be_visible()
    assert reader.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    reader.press("Escape")
    reader.wait("() => document.activeElement.matches('.more')")  # it was opened from a menu that has closed
    reader.page.get_by_role("button", name="More", exact=True).tap()
    actions.get_by_role("button", name="Present", exact=True).tap()
    assert is_presenting(reader)
    expect(actions).to_be_hidden()


def test_the_presenters_controls_cover_neither_the_caption_nor_the_sum(new_reader: NewReader):
    box = "(selector) => document.querySelector(selector).getBoundingClientRect().toJSON()"
    for size in ({"width": 1280, "height": 800}, {"width": 1920, "height": 1080}):
        reader = new_reader(viewport=size).open("/?present=1&lang=zh").seek(firsts()[1] + 2)
        reader.page.mouse.move(300, 200)
        expect(reader.page.locator("#transport")).to_be_visible()
        controls, said = reader.evaluate(box, "#transport"), reader.evaluate(box, ".saying")
        assert said["bottom"] <= controls["top"]
        assert controls["height"] < 70  # one row


def test_what_a_sum_comes_to_is_seen_however_long_it_is(new_reader: NewReader):
    reader = new_reader(viewport={"width": 920, "height": 690}).open("/?present=1").arrived(len(walked().steps))
    reader.seek(57).page.locator('[data-array="z"] [role="gridcell"][tabindex="0"]').focus()
    reader.press("ArrowRight", "ArrowDown", "Enter")
    end = reader.page.locator(".answer .end")
    expect(end).to_have_text("= −1")
    terms = reader.page.locator(".answer .terms")
    expect(terms).to_contain_text("more terms")
    assert terms.evaluate("(line) => line.scrollWidth <= line.clientWidth"), "none is cut in two"
    box = end.bounding_box()
    assert box
    assert box["x"] + box["width"] < 920


def test_a_lecture_hall_reads_the_equation_that_runs(reader: Reader):
    trace = walked()
    chapter = next(chapter for chapter in trace.chapters if chapter.name == "input_gradient")
    reader.open("/?present=1").arrived(len(trace.steps))
    seen = """() => [...document.querySelectorAll(".equations > div")]
                .filter((each) => each.checkVisibility({ visibilityProperty: true }))
                .map((each) => each.querySelector("math").textContent)"""
    [gathered] = reader.seek(chapter.first + 3).evaluate(seen)
    top = reader.evaluate("() => document.querySelector('#stage').getBoundingClientRect().top")
    assert "∑" in gathered
    [cropped] = reader.seek(chapter.stop).evaluate(seen)
    assert "∀" in cropped
    assert reader.evaluate("() => document.querySelector('#stage').getBoundingClientRect().top") == top
