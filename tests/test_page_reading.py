"""What there is to read: of every chapter what to look for and a question, words that light up, and hints."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import expect

from app.ground.files import static_files
from app.ground.words import Words
from app.paths import STATIC
from app.render.docstrings import paragraphs, words_of
from core.catalog import LAYERS, Run
from core.offer.settings import Choice
from core.recording.recorder import source_named
from tests.browser import NewReader, Reader, walked
from tests.everywhere import MARKS
from tests.test_page_settings import control

NAME = re.compile(r"`([A-Za-z_]+)`")


def walks() -> Iterator[tuple[str, Run]]:
    """Every layer's walk, as it is and with every choice that leads into other functions."""
    for layer in LAYERS.values():
        walk = next(iter(layer.algorithms))
        yield layer.name, Run.of(layer.name, walk)
        for setting, kind in layer.settings.kinds().items():
            for choice in kind.choices[1:] if isinstance(kind, Choice) else ():
                yield f"{layer.name} with {setting} {choice}", Run.of(layer.name, walk, **{setting: choice})


def moments(run: Run) -> Iterator[tuple[str, list[str], dict[str, str]]]:
    """Each scene of each chapter: the chapter, the functions that run, and the arrays by the names they go by."""
    seen, stacks = set(), [[frame.source for frame in step.stack[1:]] for step in run.steps()]
    for chapter in run.outline().chapters:
        for scene in chapter.scenes:
            for stack in stacks[scene.first : scene.stop]:
                if (chapter.name, *stack) not in seen:
                    seen.add((chapter.name, *stack))
                    yield chapter.name, [chapter.source, *stack], dict(scene.arrays)


def pointing(running: list[str]) -> dict[str, str]:
    """The notes that are shown while these functions run: those of the outermost that has some."""
    notes = ({kind: text for kind, text in paragraphs(source_named(name)) if kind} for name in running)
    return next(filter(None, notes), {})


@pytest.fixture(scope="module")
def every_moment() -> list[tuple[str, list[str], dict[str, str]]]:
    return [
        (f"{name}, {chapter}", running, arrays)
        for name, trace in walks()
        for chapter, running, arrays in moments(trace)
    ]


def test_every_moment_of_every_walk_has_something_to_look_for_and_a_question_in_both_languages(every_moment: Any):
    assert len(every_moment) > 300
    for where, running, _ in every_moment:
        notes = pointing(running)
        assert notes.keys() == {"look", "question", "answer"}, where
        for text in notes.values():
            chinese = Words("zh")(text)
            assert re.search(r"[\u4e00-\u9fff]", chinese), text
            assert sorted(NAME.findall(chinese)) == sorted(NAME.findall(text)), f"{where}: other arrays in Chinese"
            assert Words("en")(text) == text


def test_what_to_look_for_names_an_array_that_is_on_the_stage(every_moment: Any):
    for where, running, arrays in every_moment:
        named = NAME.findall(pointing(running)["look"])
        assert any(name in arrays or name in arrays.values() for name in named), f"{where}: {named}, not {arrays}"


def test_every_name_between_backticks_is_an_array_that_the_function_is_given(every_moment: Any):
    sources = {name for _, running, _ in every_moment for name in running}
    for source in map(source_named, sources):
        signature = " ".join(source.lines[: source.body - source.first]).partition('"""')[0]
        for name in NAME.findall(source.doc):
            assert re.search(rf"\b{name}\b", signature), f"{source.name} says {name}"


def test_a_page_brings_the_words_of_all_that_its_settings_lead_to_and_not_those_of_every_layer(every_moment: Any):
    words = Words("zh")
    for name, layer in LAYERS.items():
        brought = words_of(layer, words)
        runs = [running for where, running, _ in every_moment if re.match(rf"{name}\b", where)]
        assert runs
        for source in {source for running in runs for source in running}:
            assert {text for _, text in paragraphs(source_named(source)) if text} <= brought.keys(), f"{name}: {source}"
    assert len(words_of(LAYERS["global_avg_pool2d"], words)) < 0.75 * len(words.all)


def test_the_scripts_of_the_page_say_nothing_that_it_does_not_bring():
    brought = words_of(LAYERS["conv2d"], Words("en"))
    scripts = [STATIC / name for name in static_files() if re.match(r"(?!figure/|join/|contrast/|room/).*\.js$", name)]
    said = {key for script in scripts for key in re.findall(r'["`]([a-z]+\.[a-z.-]+)["`]', script.read_text("utf-8"))}
    known = said & Words("en").all.keys()
    assert len(known) > 150
    assert known <= brought.keys()


# --- On the page --------------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_a_chapter_says_what_to_look_for_and_hides_the_answer_to_its_question(reader: Reader):
    reader.open("/conv2d/expand")
    doc = reader.page.locator(".chapter-doc")
    assert doc.locator(".look").inner_text() == "Look for", "it waits folded where there is little room"
    doc.get_by_text("Look for", exact=True).click()
    assert doc.locator(".look").inner_text().startswith("Look for\n\nCount the underlined zeros")
    question = doc.locator(".question p").first
    assert not question.is_visible(), "it waits folded where there is little room"
    doc.get_by_text("Think", exact=True).click()
    assert question.inner_text() == "Set the stride to 1: what does this chapter still do?"
    answer = doc.get_by_text("It only copies")
    assert not answer.is_visible()
    doc.get_by_text("Answer", exact=True).click()
    assert answer.is_visible()
    assert "Look:" not in doc.inner_text()
    # The page of words opens at the word of this chapter.
    reader.page.get_by_role("link", name="Glossary").click()
    reader.page.wait_for_url("**/words?*#expanded-map")
    assert reader.page.locator("tbody:target th").inner_text().startswith("expanded map dz_expanded")


@pytest.mark.browser
@pytest.mark.parametrize("address", ["/", "/conv2d/input_gradient", "/conv2d/weight_gradient", "/max_pool2d/walk"])
def test_the_line_that_runs_and_its_whole_formula_are_in_view_at_the_opening_of_a_low_window(
    address: str, new_reader: NewReader
):
    reader = new_reader(viewport={"width": 1280, "height": 720}).open(f"{address}?lang=en").rest()
    reader.wait("() => document.querySelector('#source .mark')?.checkVisibility()")
    low = """() => {
      const values = [...document.querySelectorAll("#source pre:not([hidden]) .mark i")];
      return Math.max(...values.map((value) => value.getBoundingClientRect().bottom));
    }"""
    assert reader.evaluate(low) <= reader.evaluate("() => document.querySelector('footer').getBoundingClientRect().top")
    outside = """() => {
      const { right } = document.querySelector(".equations").getBoundingClientRect();
      const lines = [...document.querySelectorAll(".equations math")];
      return lines.filter((line) => line.getBoundingClientRect().right > right).length;
    }"""
    assert reader.evaluate(outside) == 0
    assert reader.page.locator(".symbols button", has_text="_").first.is_visible()


@pytest.mark.browser
def test_reasons_once_opened_are_open_in_the_next_chapter_and_run_too(reader: Reader):
    reader.open("/global_avg_pool2d/walk")
    why, leads = reader.page.locator(".why"), reader.page.locator(".chapter-doc > p").all_inner_texts()
    # What the whole walk is about is no headline of its first chapter.
    assert [lead.partition(":")[0] for lead in leads] == ["Each output is the mean of a whole channel"]
    assert why.get_attribute("open") is None  # there is no room for them at once
    why.locator("summary").click()
    reader.seek(30)
    assert "slope" in why.locator("p").last.inner_text()
    assert why.get_attribute("open") is not None
    control(reader, "Input height").fill("3")
    reader.wait("() => convwalk.value('x')[0].length === 3")
    assert why.get_attribute("open") is not None


@pytest.mark.browser
def test_a_name_in_the_text_lights_its_array_up_while_it_is_pointed_at_focused_or_pressed(reader: Reader):
    reader.open("/conv_transpose2d/gather#3")
    named = reader.page.locator(".panel.named")
    # The function that runs calls x_expanded by another name, which the board and the word say besides.
    reader.page.locator(".chapter-doc").get_by_text("Look for", exact=True).click()
    word = reader.page.locator(".look .name", has_text="x_expanded")
    assert word.get_attribute("title") == "the code calls it dz_expanded"
    assert reader.page.locator("[data-array=x_expanded] .alias").inner_text() == "= dz_expanded"
    word.hover()
    assert named.get_attribute("data-array") == "x_expanded"
    reader.page.mouse.move(5, 5)
    assert named.count() == 0
    word.focus()
    reader.press("Shift+Tab", "Tab")
    assert named.get_attribute("data-array") == "x_expanded"
    reader.press("Space")
    word.blur()
    assert named.count() == 1
    assert word.get_attribute("aria-pressed") == "true"
    reader.seek(100)  # another scene: nothing of it stays
    assert named.count() == 0


@pytest.mark.browser
def test_a_tap_on_a_name_lights_its_array_up_and_brings_it_into_view(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True)
    reader.open("/conv2d/flip")
    word = reader.page.locator(".look .name", has_text="w_flipped")
    word.tap()
    panel = reader.page.locator(".panel.named")
    assert panel.get_attribute("data-array") == "w_flipped"
    reader.wait("() => document.querySelector('.panel.named').getBoundingClientRect().bottom > 0")
    word.tap()
    assert panel.count() == 0


@pytest.mark.browser
def test_chapters_of_one_name_are_told_apart_by_the_array_that_differs(reader: Reader):
    reader.open("/conv2d/gradient_check")
    buttons = reader.page.locator("#track button").all_inner_texts()
    assert buttons == ["nudge w_nudged", "nudge b_nudged", "nudge x_nudged", "verdict"]
    assert reader.page.locator(".chapter-title").inner_text().lower() == "nudge w_nudged"


@pytest.mark.browser
def test_one_hint_at_a_time_is_gone_once_it_was_followed_and_does_not_come_back(new_reader: NewReader):
    reader = new_reader(hinted=True)
    hint, ringed = reader.open("/conv2d/flip").page.locator(".tip"), reader.page.locator(".hinted")
    assert hint.inner_text().startswith("One step forward")
    assert ringed.get_attribute("data-go") == "forward"
    reader.press("End")  # from where nothing leads on
    reader.wait("() => document.querySelector('.tip').textContent.startsWith('Point')")
    reader.press("Home").wait("() => document.querySelector('.tip').textContent.startsWith('One step')")
    reader.press("ArrowRight")
    assert hint.inner_text().startswith("Play")
    reader.page.reload()
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert hint.inner_text().startswith("Play")
    reader.page.get_by_role("button", name="Play", exact=True).click()
    reader.wait("() => document.querySelector('.tip').textContent.startsWith('Point')")
    reader.page.get_by_role("button", name="Pause", exact=True).click()
    reader.page.locator(".panel .board").first.hover(position={"x": 45, "y": 55})
    reader.wait("() => document.querySelector('.tip').textContent.startsWith('Change')")
    reader.page.set_viewport_size({"width": 1280, "height": 720})
    is_whole = """() => {
      const [tip, text] = [".tip", ".tip span"].map((each) => document.querySelector(each));
      return text.scrollWidth <= text.clientWidth && text.offsetHeight <= tip.clientHeight;
    }"""
    assert reader.evaluate(is_whole)
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.fill("1")
    stride.press("Enter")
    hint.wait_for(state="hidden")
    assert ringed.count() == 0


@pytest.mark.browser
def test_hints_are_waved_away_for_good_and_take_no_click_but_that(new_reader: NewReader):
    reader = new_reader(hinted=True)
    hint = reader.open("/conv2d/flip").page.locator(".tip")
    box = hint.bounding_box()
    assert box
    under = "([x, y]) => document.elementFromPoint(x, y).closest('.tip') === null"
    assert reader.evaluate(under, [box["x"] + 8, box["y"] + box["height"] / 2])
    reader.page.get_by_role("button", name="No more hints").focus()
    reader.press("Enter")
    reader.wait("() => document.activeElement.matches('.play')")
    hint.wait_for(state="hidden")
    reader.page.reload()
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    assert hint.is_hidden()
    reader.evaluate("localStorage.clear()")
    reader.page.reload()
    hint.wait_for()
    reader.press("Escape")
    hint.wait_for(state="hidden")


@pytest.mark.browser
def test_hints_do_without_a_browser_that_remembers(new_reader: NewReader):
    reader = new_reader(hinted=True)
    reader.begin_with(
        "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked', 'SecurityError') }})"
    )
    reader.open("/conv2d/flip").press("ArrowRight")
    assert reader.page.locator(".tip").inner_text().startswith("Play")


# The lines of code that are seen, and of those the ones that a box lies on.
LINES = """() => {
  const lines = [...document.querySelectorAll("pre:not([hidden]) .line")];
  const marked = new Set([...document.querySelectorAll("pre:not([hidden]) .mark")].map((mark) => mark.dataset.row));
  return lines.filter((line) => line.checkVisibility())
    .map((line) => [line.textContent.trim(), marked.has(line.dataset.row)]);
}"""


@pytest.mark.browser
def test_the_code_is_folded_to_what_runs_and_unfolds_to_all_of_it_for_good(reader: Reader):
    trace = walked()
    correlate = next(chapter for chapter in trace.chapters if chapter.name == "correlate")
    reader.open("/?lang=en").arrived(len(trace.steps)).seek(correlate.first + 2)
    loops = [["for f in range(F):", False], ["for i, j in np.ndindex(OH, OW):", False]]
    assert reader.evaluate(LINES) == [*loops, ["product[:] = patch[:] * w[f]", True]]
    reader.seek(correlate.first + 3)
    assert reader.evaluate(LINES) == [*loops, ["z[f, i, j] = product[:].sum() + b[f]", True]]
    assert reader.evaluate(MARKS) == []
    source = next(source for source in trace.outline.sources if source.name == correlate.scenes[0].source)
    body = [line.strip() for line in source.lines[source.body - source.first :] if line.strip()]
    reader.page.get_by_role("button", name=f"Show all {len(body) + 1} lines").click()
    # A pause is what is said there, and no statement.
    shown = [line for line, _ in reader.evaluate(LINES)]
    said = re.compile(r'yield "(.*)"')
    assert shown == [match[1] if (match := said.fullmatch(line)) else line for line in body]
    assert reader.evaluate(MARKS) == []
    reader.open(f"/?lang=zh#{correlate.first + 3}").arrived(len(trace.steps))
    assert "放好卷积核，取出它盖住的窗口" in [line for line, _ in reader.evaluate(LINES)]
    reader.page.get_by_role("button", name="只看正在运行的行").click()
    assert len(reader.evaluate(LINES)) == 3


@pytest.mark.browser
def test_the_text_is_there_in_full_and_has_no_scrollbar_of_its_own(reader: Reader):
    reader.open("/?lang=en").arrived(len(walked().steps))
    cut = """() => [...document.querySelectorAll("#source .chapter-doc, #source .chapter-doc *, #formula")]
      .filter((each) => each.clientHeight && each.scrollHeight > each.clientHeight + 1).length"""
    for chapter in walked().chapters:
        reader.seek(chapter.first + 1)
        assert reader.evaluate(cut) == 0, chapter.name
    number = reader.page.locator(".chapter-number")
    expect(number).to_have_text("Chapter 12 of 12")


@pytest.mark.browser
def test_the_numbers_below_short_expressions_do_not_stand_over_each_other(reader: Reader):
    told = """() => [...document.querySelectorAll("#source pre:not([hidden]) .mark i")].map((each) => {
      const { left, right, top } = each.getBoundingClientRect();
      return [each.textContent, left, right, top];
    })"""
    for address in ("/softmax_cross_entropy/normalize#9", "/softmax_cross_entropy/backward#2"):
        reader.open(address).figures()
        numbers = sorted(reader.evaluate(told), key=lambda each: each[1])
        assert len(numbers) >= 3
        for (_, _, right, above), (text, left, _, top) in pairwise(numbers):
            assert left >= right or abs(above - top) > 5, (address, text, numbers)
