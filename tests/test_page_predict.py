"""Prediction: the walk stops before a cell is made, the reader says what comes, and nothing tells it before."""

import json
import re
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Page, expect

import core
from core.catalog import LAYERS
from core.recording.trace import Trace
from tests.browser import NewReader, Reader
from tests.node import node
from tests.test_page_axe import in_both_schemes

pytestmark = pytest.mark.browser

PREDICTING = "() => document.documentElement.classList.contains('predicting')"
STATE = "(state) => document.querySelector('.predict')?.dataset.state === state"
# Every text, attribute and form value of the page, hidden or not, with plain minus signs. Addresses have the arrays
# that were given, and nothing that is computed.
TOLD = """(page = document) => {
  const parts = [];
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) parts.push(texts.currentNode.data);
  for (const each of page.querySelectorAll("body *")) {
    for (const { name, value } of each.attributes) if (name !== "href") parts.push(value);
    if ("value" in each) parts.push(String(each.value));
  }
  return parts.join("\\n").replaceAll("−", "-");
}"""


def asked(reader: Reader) -> Reader:
    return reader.wait(STATE, "asked")


def told(reader: Reader) -> Reader:
    return reader.wait(STATE, "told")


def head(page: Page) -> str:
    return page.locator(".predict .head").inner_text()


def more(page: Page) -> str:
    return page.locator(".predict .more").inner_text()


def odd(layer: str) -> dict[str, Any]:
    """The arrays that a layer is given, with odd decimals: hardly any number of the walk is another one too."""
    rng = np.random.default_rng(7)
    start = core.record(layer).start
    return {name: np.round(start[name] + rng.uniform(0.1, 0.9, start[name].shape), 3) for name in LAYERS[layer].axes
            if name in start and start[name].size <= 80}  # fmt: skip


def lone(trace: Trace, questions: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Of each chapter the first question for a number that is nowhere before, and what would tell it."""
    found: dict[str, tuple[dict[str, Any], str]] = {}
    for question in (each["question"] for each in questions if each["question"]["kind"] == "value"):
        step = question["step"]
        chapter = next(each.name for each in trace.chapters if each.first <= step < each.stop)
        if chapter in found:
            continue
        value = float(trace.snapshot(step + 1)[question["array"]][tuple(question["cell"])])
        known = np.concatenate([each.ravel() for each in trace.snapshot(step).values()])
        is_lone = not any(digits(value) in digits(float(each)) for each in known)
        if abs(value) > 1 and round(value, 2) != value and is_lone:
            found[chapter] = (question, digits(value))
    return list(found.values())


def digits(value: float) -> str:
    """Such as 13.43, of which no page shows fewer but in a small cell."""
    return f"{abs(value):.6f}"[:5]


def places(trace: Trace, questions: list[dict[str, Any]]) -> list[tuple[dict[str, Any], str]]:
    """Of each kind the last question for a place, and the name of the place."""
    found = {each["question"]["asks"]: each for each in questions if each["question"]["kind"] == "place"}
    told = []
    for each in found.values():
        name = each["question"]["array"]
        index = np.unravel_index(each["answer"]["flats"][0], trace.start[name].shape)
        told.append((each["question"], f"{name}[{', '.join(str(at) for at in index)}]"))
    return told


@pytest.mark.slow
def test_nothing_on_the_page_tells_an_answer_before_it_is_said(reader: Reader):
    seen: list[tuple[str, str]] = []
    for layer in LAYERS:
        given = odd(layer)
        trace = core.record(layer, arrays=given)
        questions = node("questions", **json.loads(json.dumps(trace.as_dict())), pace="cell")
        kinds = {asks for _, asks in seen}
        found = [*lone(trace, questions)[:1], *(one for one in places(trace, questions) if one[0]["asks"] not in kinds)]
        walk = urlencode({name: json.dumps(array.tolist()) for name, array in given.items()})
        reader.open(f"/{layer}/walk?lang=en&{walk}").arrived(len(trace.steps))
        for question, telling in found:
            step, array = question["step"], question["array"]
            # It has been seen, and is out of sight at most.
            reader.evaluate("(k) => { convwalk.seek(0); convwalk.seek(k); }", step + 1)
            reader.drawn(step + 1).press("q").wait(PREDICTING)
            asked(reader.seek(step))
            assert_open(reader, question, telling)
            reader.evaluate("(k) => convwalk.seek(k)", min(step + 3, len(trace.steps)))
            assert reader.step == step, "a question is not sought past"
            assert_open(reader, question, telling)
            reader.page.locator(".skip-button").click()
            told(reader)
            assert telling in reader.evaluate(f"() => ({TOLD})()"), (layer, question)  # as it does now
            expect(reader.page.locator(f".panels [data-array={array}]")).to_have_count(1)
            reader.press("q").wait(f"() => !({PREDICTING})()")
            seen.append((layer, question["asks"]))
    assert len({layer for layer, asks in seen if asks == "value"}) >= 12, "most layers have such a number"
    assert {asks for _, asks in seen} >= {"winner", "window", "goes", "comes", "stamp"}


def assert_open(reader: Reader, question: dict[str, Any], telling: str) -> None:
    """The question stands, the board that it is about is there, and nothing tells."""
    look = f"""([array, cell]) => [({TOLD})(), cell && cell.reduce((part, at) => part[at], convwalk.value(array)),
        document.querySelectorAll(`.panels [data-array=${{array}}]`).length]"""
    found, cell, count = reader.evaluate(look, [question["array"], question.get("cell")])
    assert (cell, count) == (None, 1), question
    lines = [line for line in found.splitlines() if re.search(rf"(?<!\w){re.escape(telling)}", line)]
    assert not lines, (question, lines)


def test_a_right_answer_a_wrong_one_hints_and_the_count(reader: Reader):
    page = reader.open("/?predict=1&lang=en").page
    asked(reader)
    assert reader.step == 4, "the first cell is open, and no result has been seen"
    assert reader.evaluate("convwalk.value('z')[0][0][0]") is None
    assert head(page) == "What number comes into z[0, 0, 0]?"
    assert more(page) == "sum the products and add the bias"
    expect(page.locator(".predict input")).to_be_focused()
    expect(page.locator(".kernel")).to_have_count(0)
    reader.press("7", "x")
    expect(page.locator(".predict .refusal")).to_have_text("A number was expected.")
    reader.press("Enter")
    expect(page.locator(".predict")).to_have_attribute("data-state", "asked")
    reader.press("Backspace", "Backspace", "6", "Enter")
    told(reader).drawn(5)
    assert head(page) == "Right: z[0, 0, 0] = 6"
    assert reader.evaluate("convwalk.value('z')[0][0][0]") == 6
    expect(page.locator(".predict .count")).to_have_text("1 of 1 right")

    page.get_by_label("Stop at").select_option("every map")
    reader.seek(32)  # before the first cell of the second map
    asked(reader)
    assert head(page) == "What number comes into z[1, 0, 0]?"
    page.locator(".hint-button").click()
    expect(page.locator(".predict .more")).to_contain_text("sum of 27 products and b[1]")
    expect(page.locator(".kernel")).to_have_count(3)
    assert page.locator(".strip .nth-2 span").all_inner_texts() == [""] * 27
    page.locator(".hint-button").click()
    expect(page.locator(".predict .more")).to_have_text("These are its terms. What do they make?")
    assert "" not in page.locator(".strip .nth-2 span").all_inner_texts()
    expect(page.locator(".strip .outcome b")).to_have_text("")
    expect(page.locator(".strip .total").first).to_have_text("")
    expect(page.locator(".hint-button")).to_be_disabled()
    z = core.run("conv2d")["z"]
    page.locator(".predict input").fill(str(int(z[1, 0, 0])))
    page.locator(".predict .check").first.click()
    told(reader)
    expect(page.locator(".predict .count")).to_have_text("2 of 2 right")
    expect(page.locator(".strip .outcome b")).to_have_text(str(int(z[1, 0, 0])).replace("-", "−"))


def test_a_wrong_answer_is_told_its_slip_and_is_tried_again(reader: Reader):
    page = reader.open("/?predict=1&lang=en").page
    asked(reader).press("5", "Enter")
    told(reader)
    assert head(page) == "Not 5: z[0, 0, 0] = 6"
    assert more(page) == "Yours is the sum without b[0]."
    expect(page.locator(".predict")).to_have_attribute("data-right", "false")
    assert in_both_schemes(reader, ".predict") == []
    reader.rest()
    page.reload()
    asked(reader).drawn(5)  # the next one
    expect(page.locator(".predict .count")).to_have_text("0 of 1 right")
    page.locator(".skip-button").click()
    told(reader)
    page.locator(".predict .count").click()
    assert page.locator("#predict-count dd").all_inner_texts() == ["2", "0", "0", "1", "1"]
    assert in_both_schemes(reader, "#predict-count") == []
    links = page.locator("#predict-count .again a")
    assert links.all_inner_texts() == ["z[0, 0, 0]", "x_padded, 5"]
    assert re.search(r"predict=1#4$", links.first.get_attribute("href") or "")
    reader.press("Escape")
    page.get_by_label("Stop at").select_option("every chapter")
    page.locator(".predict .count").click()
    links.first.click()
    asked(reader).drawn(4)
    reader.press("6", "Enter")
    told(reader)
    expect(page.locator(".predict .count")).to_have_text("1 of 2 right")  # each counts once, as it was answered last
    page.locator(".predict .count").click()
    expect(links).to_have_text(["x_padded, 5"])
    page.get_by_role("button", name="Start over").click()
    expect(page.locator(".predict .count")).to_be_hidden()
    assert "convwalk.predicted" in reader.evaluate("() => Object.keys(localStorage)")


def test_a_place_is_pointed_at_and_an_option_chosen(reader: Reader):
    page = reader.open("/max_pool2d/walk?predict=1&lang=en").page
    asked(reader)
    assert head(page) == "Which cell wins y[0, 0, 0]? Point at it on x_padded."
    point(page, "y", 0)
    expect(page.locator("#notice")).to_have_text("Point at a cell of x_padded.")
    point(page, "x_padded", 4)
    told(reader)
    assert head(page) == "Not x_padded[0, 1, 0] but x_padded[0, 1, 1]"
    assert more(page) == "x_padded[0, 1, 1] holds 6, x_padded[0, 1, 0] only 5."
    reader.seek(29)
    asked(reader)
    assert head(page).startswith("Where does dy[")
    page.mouse.move(5, 5)
    page.locator(".hint-button").click()
    expect(page.locator(".kernel")).to_have_count(1)
    expect(page.locator(".kernel .winner")).to_have_count(0)

    page = reader.open("/?predict=1&lang=en#121").page
    asked(reader)
    assert head(page) == "Where does w[0, 0, 0, 0] go? Point at the cell of w_flipped."
    page.locator(".hint-button").click()
    expect(page.locator(".predict .more")).to_have_text("The cell that it comes from is marked.")
    page.locator(".hint-button").click()
    line = "w_flipped[f, c, row, column] = w[f, c, u, v] with f = 0, c = 0, u = 0, v = 0"
    expect(page.locator(".predict .more")).to_have_text(line)  # the row and the column are what is asked

    page.locator(".skip-button").click()
    told(reader)
    asked(reader.seek(814))
    assert head(page) == "How does w[0, 0, 0, 0] change?"
    page.get_by_role("button", name="It shrinks").click()
    told(reader)
    assert head(page) == "Right: w[0, 0, 0, 0] shrinks, from −1 to −1.008"


def point(page: Page, array: str, flat: int) -> None:
    """Click on a cell of the first map of a board, by where its row and column stand."""
    width = core.record("max_pool2d").start[array].shape[-1]
    canvas = page.locator(f"[data-array={array}] .board")
    grid = canvas.locator("[role=gridcell][tabindex='0']").first.bounding_box()
    assert grid
    page.mouse.click(
        grid["x"] + grid["width"] * (flat % width + 0.5), grid["y"] + grid["height"] * (flat // width + 0.5)
    )


def test_the_keyboard_alone_answers_all_of_it(reader: Reader):
    reader.open("/?lang=en").rest().press("q")
    page = reader.page
    reader.wait("() => document.documentElement.classList.contains('predicting')")
    assert reader.rest().asked["predict"] == "1"
    reader.seek(3).press("ArrowRight")
    reader.press("ArrowRight")
    asked(reader)
    reader.press("6", "Enter")
    told(reader)
    expect(page.locator(".predict .go-on")).to_be_focused()
    reader.press("Enter")
    asked(reader)
    assert head(page) == "Where does the window go next? Point at its first cell on x_padded."
    cell = page.locator("[data-array=x_padded] [role=gridcell]:focus")
    expect(cell).to_have_count(1)
    reader.press("ArrowRight", "ArrowRight", "Enter")
    told(reader)
    assert head(page) == "Right: x_padded[0, 0, 2]"
    expect(page.locator(".predict .go-on")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".predict .count")).to_be_focused()
    page.locator("#stage").focus()
    reader.press("q").wait("() => !document.documentElement.classList.contains('predicting')")
    expect(page.locator(".predict")).to_have_count(0)
    assert "predict" not in reader.rest().asked


def test_playing_stops_at_a_question_and_goes_on_after_it(reader: Reader):
    page = reader.open("/activation/walk?predict=1&lang=en").page
    asked(reader)
    assert reader.step == 0
    page.locator(".skip-button").click()
    told(reader).press("Space")  # on Next
    asked(reader).drawn(1)
    page.locator(".skip-button").click()
    told(reader)
    page.locator(".play").click()
    asked(reader).drawn(2)
    expect(page.locator(".play")).to_have_attribute("aria-label", "Play")
    page.locator("[data-go=forward]").click()
    expect(page.locator("#notice")).to_have_text("A question stands: answer it, or skip it.")
    assert reader.step == 2
    page.locator(".skip-button").click()
    told(reader)
    page.locator(".predict .go-on").click()
    asked(reader).drawn(3)


def test_a_link_asks_at_the_places_that_it_names(reader: Reader):
    page = reader.open("/?predict=at-8-30&lang=en").page
    reader.drawn(5)  # where a walk opens: nobody is asked there
    expect(page.locator(".predict")).to_have_attribute("data-state", "idle")
    reader.press(*["ArrowRight"] * 6)
    asked(reader)
    assert head(page) == "What number comes into z[0, 0, 2]?"
    page.locator(".skip-button").click()
    told(reader).seek(29).press(*["ArrowRight"] * 6)
    asked(reader)
    assert head(page) == "What number comes into z[1, 0, 0]?"
    assert reader.rest().asked["predict"] == "at-8-30"
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.locator("#share-predict")).to_have_value(re.compile(r"\?lang=en&predict=1#\d+$"))


def test_inside_another_page_there_are_no_questions_unless_that_asks(reader: Reader):
    reader.open("/?embed=1").rest().press("q").seek(4)
    expect(reader.page.locator(".predict")).to_have_count(0)
    assert "predict" not in reader.rest().asked
    asked(reader.open("/?embed=1&predict=1&lang=zh"))
    assert head(reader.page) == "z[0, 0, 0] 会是多少？"


def test_on_a_phone_the_question_stays_in_view_and_keeps_no_reader_out(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page = reader.open("/?predict=1&lang=en").page
    asked(reader)
    line = page.locator(".predict")
    expect(line).to_be_in_viewport(ratio=1)
    expect(page.locator(".predict input")).not_to_be_focused()  # its keyboard would cover the boards
    assert reader.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    assert in_both_schemes(reader) == []
    page.locator(".predict input").tap()
    reader.press("6")
    page.locator(".predict .check").first.tap()
    told(reader)
    expect(line).to_be_in_viewport(ratio=1)
    page.locator(".predict .go-on").tap()
    asked(reader)
    page.locator("[data-array=x_padded] .board").tap(position={"x": 100, "y": 40})
    told(reader)
    assert in_both_schemes(reader) == []


def test_the_server_sends_no_picture_that_could_tell(reader: Reader):
    page = reader.page
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{reader.url}/?lang=en&predict=1")
    expect(page.locator(".picture")).to_have_count(0)
    page.goto(f"{reader.url}/?lang=en")
    expect(page.locator(".picture").first).to_be_attached()


def test_no_closer_look_stays_open_or_opens_while_a_question_stands(reader: Reader):
    page = reader.open("/?lang=en").arrived(1398).press("q").page
    asked(reader)  # at the moment that was shown
    page.locator(".skip-button").click()
    told(reader)
    look = page.locator("[data-look=z]")
    look.click()
    expect(page.locator(".closer")).to_be_visible()
    asked(reader.seek(4))
    expect(page.locator(".closer")).to_have_count(0)
    look.click()
    expect(page.locator("#notice")).to_have_text("The plot comes with the answer.")
    page.locator(".skip-button").click()
    told(reader)
    look.click()
    expect(page.locator(".closer")).to_be_visible()
