"""Every word in the reader's language, and something to read without JavaScript."""

import re
from functools import cache

import numpy as np
import pytest

import core
from app.ground.words import Words
from app.render.docstrings import paragraphs
from core.catalog import LAYERS
from tests.browser import NewReader, Reader, read, walked

pytestmark = pytest.mark.browser

CHINESE = Words("zh").all

# All that a page says: texts of its elements, and labels that are read aloud or shown by pointing at something.
SAID = """() => {
  const said = [];
  const named = new Set(["CODE", "VAR", "PRE", "SCRIPT", "STYLE", "SVG", "TITLE", "MATH"]);
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT, (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    const shared = "noscript, .brand, .loop, .stack, .alias, [lang]";
    const aside = named.has(node.tagName.toUpperCase()) || node.matches(shared);
    return aside ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  });
  while (texts.nextNode()) said.push(texts.currentNode.textContent);
  for (const element of document.querySelectorAll("[aria-label], [title]"))
    if (!element.closest(".stack")) said.push(element.getAttribute("aria-label") ?? "", element.title);
  return [document.title, ...new Set(said.map((text) => text.trim()).filter(Boolean))];
}"""


@pytest.fixture
def chinese(new_reader: NewReader) -> Reader:
    return new_reader(locale="zh-CN")


SHARED = {value for value in CHINESE.values() if not re.search(r"[\u4e00-\u9fff]", value)} | {"JSON"}


@cache  # most of what a page says stands there at the next moment too
def assert_chinese(text: str) -> None:
    """A name that all languages share, or a sentence with Chinese in it."""
    if not re.search(r"[A-Za-z]{4}", text) or re.fullmatch(r"\w+\[[\d, ]+\]", text):  # a cell's name is shared too
        return
    assert re.search(r"[\u4e00-\u9fff]", text) or text in SHARED, f"there is English on the Chinese page: {text}"


@pytest.mark.slow
def test_the_chinese_page_says_every_caption_chapter_and_label_in_chinese(chinese: Reader):
    page, values = chinese.page, {text.replace("`", "") for text in CHINESE.values()}
    short = page.locator(".chapter-title, .chapter-doc p, .panel .label, #track button")
    seen: set[tuple[str, str]] = set()
    # The second walk has other functions for its activations; all else was seen in the first.
    for settings in ({}, {"activation": "tanh", "activation_before": "sigmoid"}):
        trace = walked(**settings)
        chinese.open("/conv2d/walk?" + "&".join(f"{name}={value}" for name, value in settings.items()))
        chinese.settled(**settings)
        assert page.locator("html").get_attribute("lang") == "zh-Hans"
        first: dict[tuple[str, str], int] = {}
        for k, step in enumerate(trace.steps, start=1):
            first.setdefault((step.stack[-1].source, step.caption), k)
        for k in (0, *(k for said, k in first.items() if said not in seen)):
            chinese.seek(k)
            caption = trace.steps[k - 1].caption if k else "caption.start"
            stretches = map(re.escape, re.split(r"\{\S+?\}", CHINESE[caption]))  # between them: the step's numbers
            assert re.fullmatch(r"[^{}]+".join(stretches), page.locator(".caption").inner_text())
            for text in short.all_text_contents():
                assert text in values, text
            for text in chinese.evaluate(SAID):
                assert_chinese(text)
        assert len(page.locator("#track button").all_inner_texts()) == len(trace.chapters)
        seen |= first.keys()


def test_the_chinese_page_says_in_chinese_what_goes_wrong(chinese: Reader):
    chinese.expect_complaint("status of 422")
    chinese.open("/conv2d/walk?stride=0").settled()
    assert chinese.refusal("stride") == "stride 必须在 1 到 16 之间"
    padding = chinese.page.get_by_label("填充", exact=True)
    padding.fill("99")
    padding.press("Enter")
    chinese.page.locator('[data-refusal="padding"]').wait_for()
    assert_chinese(chinese.refusal("padding"))
    chinese.open("/#99999")
    assert_chinese(chinese.page.locator("#notice").inner_text())


def test_the_language_is_chosen_by_address_cookie_and_browser_in_this_order(new_reader: NewReader):
    for locale, cases in {
        "en-GB": [("/?lang=zh", None, "zh-Hans"), ("/", "zh", "zh-Hans"), ("/", None, "en")],
        "zh-CN": [("/", "en", "en"), ("/?lang=en", "zh", "en"), ("/", None, "zh-Hans")],
    }.items():
        reader = new_reader(locale=locale)
        for address, cookie, spoken in cases:
            reader.context.clear_cookies()
            if cookie:
                reader.context.add_cookies([{"name": "lang", "value": cookie, "url": reader.url}])
            reader.open(address).wait("() => location.hash === '#5'")
            case = (locale, address, cookie)
            assert reader.page.locator("html").get_attribute("lang") == spoken, case
            play = "播放" if spoken == "zh-Hans" else "Play"
            assert reader.page.get_by_role("button", name=play, exact=True).is_visible(), case
            # The walk is told in that language too, and an address that names it goes on naming it.
            assert ("lang" in reader.asked) == ("lang" in address), case


@pytest.mark.parametrize("algorithm", ["walk", "expand"])
def test_without_javascript_there_are_the_text_the_source_and_the_finished_arrays(
    new_reader: NewReader, algorithm: str
):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.url}/conv2d/{algorithm}")
    body = reader.page.locator("body").inner_text()
    source = LAYERS["conv2d"].algorithms["expand"].source
    for kind, paragraph in paragraphs(source):
        assert paragraph.replace("`", "") in body or kind == "answer"  # which is behind its heading
    assert "dz_expanded[f, i * SH, j * SW] = dz[f, i, j]" in body
    ends = core.run("conv2d", algorithm)
    for name in LAYERS["conv2d"].algorithms[algorithm].parameters & ends.keys():
        cells = reader.page.locator(f'[data-array="{name}"] td').all_inner_texts()
        np.testing.assert_allclose([read(cell) for cell in cells], ends[name].ravel(), rtol=1e-5, err_msg=name)
    assert not reader.page.get_by_role("button", name="Play").is_visible()


def test_without_javascript_a_setting_is_applied_by_a_button(new_reader: NewReader):
    reader = new_reader(java_script_enabled=False)
    reader.page.goto(f"{reader.url}/conv2d/walk?padding=1,0,2,1")
    reader.page.get_by_label("Stride", exact=True).fill("1")
    reader.page.get_by_role("button", name="Apply").click()
    reader.page.wait_for_url("**/conv2d/walk?*stride=1*")
    cells = reader.page.locator('[data-array="y"] td').all_inner_texts()
    assert [read(cell) for cell in cells] == core.run("conv2d", stride=1, padding=(1, 0, 2, 1))["y"].ravel().tolist()


def test_the_page_of_words_leads_back_to_the_moment_that_was_left(reader: Reader):
    reader.open("/conv2d/walk?stride=1&lang=en").settled(stride=1).seek(40).rest()
    reader.page.get_by_role("link", name="Glossary").click()
    reader.page.get_by_role("link", name="Back to the walk").click()
    reader.wait("() => window.convwalk?.ready.then(() => true)").settled(stride=1).drawn(40).rest()
    assert reader.address == "/conv2d/walk?stride=1&lang=en#40"
    for elsewhere in ("https://example.org", "//example.org/conv2d/walk", "javascript:alert(1)", "/conv2d/nothing"):
        reader.page.goto(f"{reader.url}/words?lang=en&back={elsewhere}")
        assert reader.page.locator("a.back").get_attribute("href") == "/?lang=en"
