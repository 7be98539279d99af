"""A page in a browser that lacks something, or to which something of it does not get through: it says so, in words."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect

from tests.browser import NewReader, Reader, walked
from tests.node import node

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[1]

# How a browser is made an old one, and what it says that it lacks.
LACKING = {
    "module": "delete HTMLScriptElement.prototype.noModule",
    "fetch": "delete window.fetch",
    "AbortController": "delete window.AbortController",
    "ResizeObserver": "delete window.ResizeObserver",
    "replaceChildren": "delete Element.prototype.replaceChildren",
    "findLast": "delete Array.prototype.findLast",
    "showModal": "delete HTMLDialogElement.prototype.showModal",
    "popover": "delete HTMLElement.prototype.showPopover",
    "checkVisibility": "delete Element.prototype.checkVisibility",
    ":has()": "CSS.supports = (asked) => false",
    "cqi": "CSS.supports = (asked) => false",
    "color-mix()": "CSS.supports = (asked) => false",
}


def test_an_old_browser_says_what_it_lacks(reader: Reader):
    reader.expect_complaint(
        "is not a constructor|is not defined|apply was called on undefined"
    )  # without some of these no script of the page can run
    for language, said, names in (
        ("en", "This browser lacks {}, which", ["showModal"]),
        ("en", "This browser lacks {}, which", ["ResizeObserver"]),
        ("zh", "这个浏览器缺少本页所依赖的功能（{}）", ["module"]),
        ("zh", "这个浏览器缺少本页所依赖的功能（{}）", list(LACKING)),
    ):
        page = reader.context.new_page()
        for name in names:
            page.add_init_script(LACKING[name])
        page.goto(f"{reader.url}/?lang={language}")
        lacks = page.locator("#lacks")
        expect(lacks).to_be_visible()
        assert said.format(", ".join(names)) in lacks.inner_text()
        page.close()
    reader.open()
    expect(reader.page.locator("#lacks")).to_be_hidden()


def test_what_runs_in_every_browser_is_written_in_the_language_of_all_of_them():
    text = (ROOT / "static" / "early.js").read_text(encoding="utf-8")
    assert node("es5", text=text) == []
    assert node("es5", text="var f = () => 1;") != []  # the judge can say no
    for line in (
        "let a = 1;",
        "const a = 1;",
        "a ?? b;",
        "a?.b;",
        "`a`;",
        "class A {}",
        "f(...a);",
        "for (a of b) c();",
    ):
        assert node("es5", text=line) != [], line


def test_every_need_of_the_page_is_in_the_list_for_readers():
    needs = re.findall(r'^    \["(.+?)", ', (ROOT / "static" / "early.js").read_text(encoding="utf-8"), re.MULTILINE)
    listed = (ROOT / "docs" / "old-browsers.md").read_text(encoding="utf-8")
    assert needs == list(LACKING)
    for need in needs:
        assert f"| `{need}` |" in listed


def test_a_page_whose_scripts_do_not_get_through_says_so(reader: Reader):
    reader.expect_complaint("Failed to load resource")
    reader.page.route("**/stage.js", lambda route: route.abort())
    for language, said in (("en", "The scripts of this page could not be started"), ("zh", "本页的脚本没能启动")):
        reader.page.goto(f"{reader.url}/?lang={language}")
        expect(reader.page.locator("#lacks")).to_contain_text(said)


def test_a_page_whose_main_script_stops_on_its_way_says_so(new_reader: NewReader):
    reader = new_reader(fresh=True)  # which keeps the script
    reader.expect_complaint("uncaught: broken")

    def broken(route: Route) -> None:
        answer = route.fetch()
        begins = "const url = new Url("
        assert begins in answer.text()
        route.fulfill(response=answer, body=answer.text().replace(begins, f"throw new Error('broken');\n{begins}"))

    reader.page.route(re.compile("/main[.]js"), broken)
    reader.page.goto(reader.url)
    expect(reader.page.locator("#lacks")).to_contain_text("The scripts of this page could not be started")


def test_a_walk_is_asked_for_once(reader: Reader):
    asked: list[str] = []
    reader.page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    reader.open("/conv2d/walk?stride=1&utm_source=x").settled(stride=1)
    assert asked.count("/api/conv2d/walk/stream") == 1
    padding = reader.page.get_by_label("Padding", exact=True)
    padding.focus()
    reader.press("ArrowUp").settled(stride=1, padding=2)
    assert asked.count("/api/conv2d/walk/stream") == 2


def test_plotly_is_tried_again_where_it_could_not_be_loaded(reader: Reader):
    reader.expect_complaint("Failed to load resource")
    reader.expect_complaint("Unexpected end of input")
    tries: list[str] = []

    def hinder(route: Route) -> None:
        tries.append(route.request.url)
        if len(tries) == 1:
            route.abort()
        elif len(tries) == 2:
            route.fulfill(body="(function () {", content_type="text/javascript")  # cut short
        else:
            route.continue_()

    reader.page.route("**/assets/plotly*", hinder)
    reader.open("/#12").arrived(len(walked().steps))
    said = reader.page.locator("#plot figcaption")
    expect(said).to_contain_text("Plotly could not be loaded")
    reader.seek(40).assert_shows(walked().snapshot(40))  # all else goes on
    reader.evaluate("window.dispatchEvent(new Event('online'))")
    expect(said).to_contain_text("sum of")
    reader.figures()
    assert len(tries) == 3
    assert reader.evaluate("document.querySelectorAll('head script[src*=plotly]').length") == 1


def test_a_walk_is_played_and_looked_at_before_the_scripts_that_plot_have_come(reader: Reader):
    reader.expect_complaint("Failed to load resource")
    tries: list[str] = []

    def hinder(route: Route) -> None:
        tries.append(route.request.url)
        route.abort() if len(tries) == 1 else route.continue_()

    reader.page.route("**/plots/drawings.js", hinder)
    reader.open("/#12").arrived(len(walked().steps))
    said = reader.page.locator("#plot figcaption")
    expect(said).to_contain_text("Plotly could not be loaded")
    reader.page.locator("[data-look]").first.click()
    expect(reader.page.locator("#notice")).to_contain_text("on its way")
    reader.seek(40).assert_shows(walked().snapshot(40))
    reader.evaluate("window.dispatchEvent(new Event('online'))")
    expect(reader.page.locator("dialog.closer")).to_be_visible()  # what was wished for is not forgotten
    expect(reader.page.locator("#notice")).to_be_hidden()
    reader.figures()
    assert len(tries) == 2


def test_where_nothing_is_plotted_plotly_is_not_loaded(new_reader: NewReader):
    loaded = "() => performance.getEntriesByType('resource').some(({ name }) => name.includes('plotly'))"
    reader = new_reader()
    reader.open("/conv2d/walk?embed=1&hide=plot#12").arrived(len(walked().steps))
    reader.wait("() => performance.getEntriesByType('resource').some(({ name }) => name.includes('plots/closer.js'))")
    reader.seek(13).rest()
    assert not reader.evaluate(loaded)
    reader.page.locator("[data-look]").first.click()
    reader.wait(loaded)


def test_a_page_without_its_script_of_the_head_works_all_the_same(new_reader: NewReader):
    reader = new_reader()
    reader.expect_complaint("Failed to load resource")
    reader.page.route("**/early.js", lambda route: route.abort())
    reader.open("/conv2d/walk?stride=1#12").settled(stride=1).drawn(12)
