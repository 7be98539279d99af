"""What ConvWalk is for, in Chromium, in Firefox and in WebKitGTK, by real keys and a real pointer."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import numpy as np
import pytest

import core
from core.recording.trace import Chapter
from tests import firefox, webkit
from tests.browser import launch_arguments, walked
from tests.chromium import Chromium
from tests.conftest import Server, serving
from tests.firefox import Firefox
from tests.rasters import numbers, png
from tests.test_page_bring import ARRIVE, COLOURS
from tests.test_page_figure import CHAPTER as FIGURE
from tests.test_page_figure import HELD, held_is
from tests.webkit import WebKit
from tests.window import SIZE, Window

BROWSERS = [
    pytest.param("firefox", marks=pytest.mark.firefox),
    pytest.param("webkit", marks=pytest.mark.webkit),
    pytest.param("chromium", marks=pytest.mark.browser),
]


@pytest.fixture(scope="module", params=BROWSERS)
def opened(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Window]:
    """One window of each browser for all of these tests. Where a browser is missing, they say that they are not run."""
    loan = None
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "firefox":
        if not firefox.executable():
            pytest.skip("not run in Firefox: it is not installed")
        window: Window = Firefox(server.url, folder)
    elif request.param == "webkit":
        if not webkit.executable():
            pytest.skip("not run in WebKitGTK: it is not installed with its driver, Xvfb and Python's bindings")
        window = WebKit(server.url, folder)
    else:
        pages = request.getfixturevalue("pages")
        # A Chromium without a window refuses what one with a window allows without asking.
        is_windowless = "headless-shell" in launch_arguments()["executable_path"]
        loan = pages.lend({"permissions": ["clipboard-write"]} if is_windowless else {})
        window = Chromium(server.url, loan.page)
    try:
        window.go(f"{server.url}/words")
        window.evaluate("() => localStorage.setItem('convwalk.used', 'none')")  # no hints for newcomers
        yield window
    finally:
        window.close()
        if loan:
            pages.take_back(loan, server.url)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with rooms for a class."""
    with serving(tmp_path_factory.mktemp("school") / "log.txt", "--class") as server:
        yield server


@pytest.fixture
def window(opened: Window) -> Iterator[Window]:
    """The browser must have stayed quiet."""
    yield opened
    opened.assert_quiet()


SUMMED = "sum the products and add the bias"
IN_FIELD = "() => document.activeElement.matches('.cell-field input')"
WEIGHTS = "(wanted) => JSON.stringify(convwalk.value('w')) === JSON.stringify(wanted)"


def chapter(name: str, **settings: Any) -> Chapter:
    return next(each for each in walked(**settings).chapters if each.name == name)


# --- The walk ---------------------------------------------------------------------------------------------------------


def test_the_first_picture_is_there_without_any_script(window: Window):
    # What the server sends, in place of another page: scripts that come that way do not run.
    window.go(f"{window.url}/words")
    window.evaluate(
        """async () => {
            const text = await (await fetch("/conv2d/walk")).text();
            const page = new DOMParser().parseFromString(text, "text/html");
            for (const link of document.head.querySelectorAll("link:not([rel=icon])")) link.remove();
            for (const sheet of page.head.querySelectorAll("[rel=stylesheet]")) document.head.append(sheet);
            document.body.replaceWith(page.body);
        }"""
    )
    window.wait("() => [...document.querySelectorAll('[rel=stylesheet]')].every((link) => link.sheet)")
    window.wait("() => document.querySelector('.picture td').getBoundingClientRect().top > 100")
    shown = window.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".picture")].map((panel) => {
            const { left, top, width, height } = panel.querySelector("table").getBoundingClientRect();
            const isSeen = left > 0 && top > 100 && width > 20 && height > 20 && left + width < innerWidth;
            const numbers = [...panel.querySelectorAll("td:not(.unknown)")].map((cell) => Number(cell.textContent));
            return [panel.dataset.name, [isSeen, numbers.length]];
        }))"""
    )
    now = walked().snapshot(5)
    assert shown == {
        name: [True, 1 if name == "z" else now[name].size] for name in ("x_padded", "patch", "w", "product", "b", "z")
    }
    assert window.evaluate(
        "() => !document.documentElement.classList.contains('live') && window.convwalk === undefined"
    )


def test_it_steps_by_keys_and_by_buttons(window: Window):
    window.open().press("ArrowRight").drawn(6).press(*["ArrowLeft"] * 4).drawn(2)
    window.arrived().press("PageDown").drawn(chapter("correlate").first + 1)
    window.press("End").drawn(window.steps).press("Home").drawn(0)
    window.click("#transport button", "Step forward").drawn(1).assert_shows(walked().snapshot(1))
    window.click("#transport button", "Next chapter").drawn(chapter("correlate").first + 1)


def test_a_network_is_trained_to_its_end(window: Window):
    trace = core.record("training", epochs=2, batch_size=60)
    window.open("/training/walk?epochs=2&batch_size=60").arrived()
    window.evaluate("() => { pace.value = 'map'; speed.value = '60'; }")
    window.press("Space").wait("(end) => convwalk.step === end", len(trace.steps))
    window.drawn(len(trace.steps)).assert_shows(trace.snapshot(len(trace.steps)))


def test_it_plays_and_every_array_at_the_end_is_that_of_a_plain_run(window: Window):
    window.open().arrived()
    window.evaluate("() => { pace.value = 'cell'; speed.value = '60'; }")
    window.press("Space").wait("() => convwalk.step > 40").press("Space")
    stopped = window.step
    window.wait("() => document.querySelector('.play').getAttribute('aria-label') === 'Play'").drawn(stopped)
    window.assert_shows(walked().snapshot(stopped))
    window.evaluate("() => { pace.value = 'chapter'; }")
    window.click("#transport .play").wait("() => convwalk.step === convwalk.steps")
    window.drawn(window.steps).assert_shows(core.run("conv2d"))


def test_what_comes_next_is_said_rightly_and_wrongly(window: Window):
    first, second = [step for step, one in enumerate(walked().steps) if one.caption == SUMMED][:2]
    z = walked().snapshot(second + 1)["z"][0, 0]
    state = "(state) => document.querySelector('.predict')?.dataset.state === state"
    in_field = "() => document.activeElement.matches('.predict input')"
    window.open("/?predict=1&lang=en").wait(state, "asked").drawn(first).wait(in_field)
    assert window.evaluate("() => convwalk.value('z')[0][0][0]") is None
    window.type(f"{z[0]:g}").press("Enter").wait(state, "told").drawn(first + 1)
    assert window.text(".predict .head") == f"Right: z[0, 0, 0] = {z[0]:g}"
    window.seek(second).wait(state, "asked").wait(in_field).type("99").press("Enter").wait(state, "told")
    assert window.text(".predict .head") == f"Not 99: z[0, 0, 1] = {z[1]:g}"
    window.drawn(second + 1)
    assert window.text(".predict .count") == "1 of 2 right"
    window.evaluate("() => localStorage.removeItem('convwalk.predicted')")


@pytest.mark.parametrize(
    "layer", ["linear", "convolution_as_linear", "softmax_cross_entropy", "chain", "network", "batch"]
)
def test_what_leads_from_one_layer_to_a_network_is_played_to_its_end(window: Window, layer: str):
    window.open(f"/{layer}/walk").arrived()
    window.evaluate("() => { pace.value = 'chapter'; speed.value = '60'; }")
    window.click("#transport .play").wait("() => convwalk.step === convwalk.steps")
    window.drawn(window.steps).assert_shows(core.run(layer))


def test_a_layer_of_a_network_is_opened_as_a_walk_of_its_own(window: Window):
    window.open("/network/walk").arrived().seek(353)
    window.wait("() => !document.querySelector('.opens').hidden")
    scores, title = core.run("network")["scores"], "Fully connected layer"
    window.click(".opens button", f"Open this layer alone: {title}")
    window.wait("() => location.pathname === '/linear/walk' && window.convwalk?.steps").arrived()
    window.seek(window.steps)
    np.testing.assert_array_equal(window.evaluate("() => convwalk.value('y')"), scores)


def test_the_slider_follows_the_mouse_and_the_keys(window: Window):
    window.open().arrived()
    left, top, width = window.evaluate(
        """() => {
            const { left, top, width, height } = document.querySelector(".slider").getBoundingClientRect();
            return [left, top + height / 2, width];
        }"""
    )
    steps = window.steps
    window.drag((left + 10, top), (left + 0.5 * width, top)).wait("() => convwalk.step > 0.4 * convwalk.steps")
    assert abs(window.step - 0.5 * steps) < 0.05 * steps
    k = window.step
    window.drawn(k).press("ArrowRight").drawn(k + 1).press("Home").drawn(0).assert_shows(walked().snapshot(0))


def test_a_setting_brings_another_walk_and_a_link_leads_back_to_it(window: Window):
    k = chapter("expand").first + 2
    window.open().arrived().seek(k)
    window.click("#set-stride").press("ArrowDown")
    window.wait("() => new URLSearchParams(location.search).get('stride') === '1'").arrived()
    moment = chapter("expand", stride=1).first + 2
    window.drawn(moment).assert_shows(walked(stride=1).snapshot(moment))
    # A menu, which a browser may draw by itself, obeys keys.
    window.evaluate("() => document.querySelector('#more').showPopover()")
    window.evaluate("() => document.querySelector('#set-padding_mode').focus()")
    window.press("r").wait("() => location.search.includes('padding_mode=re')").arrived()
    mode = window.evaluate("() => document.querySelector('#set-padding_mode').value")
    window.wait("() => location.hash === `#${convwalk.step}`")
    link, trace = window.address, walked(stride=1, padding_mode=mode)
    window.open().arrived().go(link)
    window.wait("() => window.convwalk?.ready.then(() => convwalk.step > 5)")
    window.arrived().assert_shows(trace.snapshot(window.step))
    assert window.address == link
    window.press("End").drawn(len(trace.steps)).assert_shows(core.run("conv2d", stride=1, padding_mode=mode))


# --- Cells ------------------------------------------------------------------------------------------------------------


def test_a_cell_is_pointed_at_and_pinned_and_tells_its_sum(window: Window):
    k = next(k for k, step in enumerate(walked().steps, 1) if step.caption == SUMMED)
    window.open().arrived().seek(k).still("z")
    window.pointer(window.place("z", 0, 0, 0))
    window.wait("() => convwalk.cell?.array === 'z' && !convwalk.cell.pinned")
    window.pointer(window.place("z", 0, 0, 0), "down", "up")
    window.wait("() => convwalk.cell?.pinned")
    window.wait("() => document.querySelector('#inspector h3').innerText.startsWith('z[0, 0, 0] = ')")
    line = re.sub(r"\+ \d+ products with a zero", "", window.text("#inspector .derived")).strip()
    assert re.fullmatch(r"[0-9.−+·/ ()]+ = [0-9.−]+", line), line
    products, _, total = line.replace("·", "*").replace("−", "-").partition(" = ")
    assert eval(products) == float(total) == walked().snapshot(k)["z"][0, 0, 0]
    window.press("Escape").wait("() => !convwalk.cell?.pinned")


def test_numbers_are_typed_one_after_the_other_and_taken_back_by_keys(window: Window):
    k = chapter("correlate").first + 2
    window.open().arrived().seek(k).still("w")
    window.pointer(window.place("w", 0, 0, 0, 1), "down", "up")
    window.wait("() => convwalk.cell?.pinned")
    first, second = walked().start["w"].copy(), walked().start["w"].copy()
    first[0, 0, 0, 1] = second[0, 0, 0, 1] = 5
    second[0, 0, 0, 2] = -6.5
    window.press("F2", "5", "Tab", "-", "6", ".", "5", "Enter").wait(WEIGHTS, second.tolist())
    window.arrived().drawn(k).wait("() => document.querySelector('.cell-field').hidden")
    window.assert_shows(core.record("conv2d", arrays={"w": second}).snapshot(k))
    window.press("Control+z").wait(WEIGHTS, first.tolist())
    window.press("Control+z").wait(WEIGHTS, walked().start["w"].tolist())
    window.press("Control+y").wait(WEIGHTS, first.tolist())
    window.press("Control+Shift+z").wait(WEIGHTS, second.tolist()).arrived().drawn(k)


def test_a_cell_is_reached_and_typed_over_without_a_mouse(window: Window):
    k = chapter("correlate").first + 2
    window.open(f"/#{k}").arrived().press("Tab", "Enter")
    assert window.evaluate("() => document.activeElement.id") == "stage"  # by the link that skips what is above
    of_w = "() => document.activeElement.matches('[data-array=w] [role=gridcell]')"
    for _ in range(20):
        if window.press("Tab").evaluate(of_w):
            break
    array = walked().start["w"].copy()
    array[0, 0, 0, 1:] = 5, -6
    window.press("ArrowRight", "5", "Tab", "-", "6", "Enter").wait(WEIGHTS, array.tolist())
    window.wait(of_w).press("Control+z", "Control+z").wait(WEIGHTS, walked().start["w"].tolist())


def test_a_double_click_opens_a_cell_and_escape_leaves_it(window: Window):
    k = chapter("correlate").first + 2
    window.open().arrived().seek(k).still("w")
    for _ in range(10):
        window.pointer(window.place("w", 1, 0, 0, 0), "down", "up", "down", "up")
        if window.evaluate(IN_FIELD):
            break  # on a machine that is busy the two may have come too far apart
    window.wait(IN_FIELD).type("9").press("Escape")
    window.wait("() => document.querySelector('.cell-field').hidden").wait(WEIGHTS, walked().start["w"].tolist())


def test_what_is_pasted_onto_a_cell_stands_in_the_sheet_once(window: Window):
    window.open().arrived().seek(chapter("correlate").first + 2).copy("[3, -4]").still("b")
    window.pointer(window.place("b", 1), "down", "up")
    window.wait("() => convwalk.cell?.pinned").press("Control+v")
    window.wait("() => document.querySelector('dialog.editor').open")
    assert window.evaluate("() => document.querySelector('.editor textarea').value") == "[3, -4]"
    window.click(".editor button", "Apply").wait("() => convwalk.value('b').join() === '3,-4'")


def test_an_array_is_pasted_into_its_sheet(window: Window):
    cells = np.arange(36.0).reshape(1, 6, 6) / 2
    window.open().arrived().seek(1)
    window.copy("\n".join("\t".join(str(cell) for cell in row) for row in cells[0]))
    window.click("button.edit-array", "Edit all of x").wait("() => document.querySelector('dialog.editor[open]')")
    window.press("Control+a", "Control+v")
    window.wait("() => document.querySelector('.editor .read').textContent.startsWith('1×6×6')")
    window.click(".editor button", "Apply").wait("() => convwalk.value('x').length === 1").arrived()
    trace = core.record("conv2d", arrays={"x": cells})
    window.drawn(1).assert_shows(trace.snapshot(1))
    window.press("End").drawn(len(trace.steps)).assert_shows(core.run("conv2d", arrays={"x": cells}))


# --- The rest of the page ---------------------------------------------------------------------------------------------


def test_the_formula_is_lit_and_has_the_numbers_of_the_step(window: Window):
    k = next(k for k, step in enumerate(walked().steps, 1) if step.caption == SUMMED)
    window.open().arrived().seek(k)
    lit = "(how) => [...document.querySelectorAll(`.equations .${how}`)].map((node) => node.dataset.names).sort()"
    assert window.evaluate(lit, "written") == ["z"]
    assert window.evaluate(lit, "read") == ["b", "w", "x_padded"]
    width, height = window.evaluate(
        """() => {
            const { width, height } = document.querySelector(".equations > div").getBoundingClientRect();
            return [width, height];
        }"""
    )
    assert width > 200, "it is set as a formula"
    assert height > 30, "the letters under the sum stand under it"
    window.click("#formula .numbers")
    numbers = """() => Object.fromEntries([...document.querySelectorAll(".equations .idx")].map((node) =>
        [[...node.classList].find((each) => each.startsWith("idx-")).slice(4), node.textContent]))"""
    loop = walked().steps[k - 1].loop
    assert window.evaluate(numbers).items() >= {name: str(loop[name]) for name in "fij"}.items()


def test_the_chapter_is_copied(window: Window):
    window.open().arrived()
    for form, name in (("latex", "LaTeX"), ("numpy", "NumPy"), ("pytorch", "PyTorch")):
        window.click(".copy summary").click(".copy button", name)
        window.wait("(said) => document.querySelector('.copied').textContent === said", f"{name} copied")
        window.wait("() => document.querySelector('#stage .edit-array')").click("button.edit-array", "Edit all of w")
        window.wait("() => document.querySelector('dialog.editor[open]')").press("Control+a", "Control+v")
        pasted = window.evaluate("() => document.querySelector('.editor textarea').value")
        wanted = window.evaluate(
            "async (form) => (await fetch(`/api/conv2d/correlate/code?as=${form}`)).text()",
            form,
        )
        assert pasted.strip() == wanted.strip(), form
        window.press("Escape").wait("() => !document.querySelector('dialog.editor').open")


def test_the_presenter_view_comes_and_goes_by_keys(window: Window):
    presenting = "() => document.documentElement.classList.contains('presenting')"
    window.open().arrived().seek(40).press("p").wait(presenting)
    window.wait("() => !document.querySelector('#settings').checkVisibility()")
    window.press("PageDown").drawn(41).press("b").press("b").press("Escape")
    window.wait("() => !document.documentElement.classList.contains('presenting')").drawn(41)
    window.wait("() => location.pathname + location.search + location.hash === '/conv2d/walk#41'")


def test_what_opens_lies_within_a_small_window(window: Window):
    apart = """(selector) => {
        const { left, top, right, bottom, height } = document.querySelector(selector).getBoundingClientRect();
        return Math.min(left, top, innerWidth - right, innerHeight - bottom, innerHeight / 2 - height);
    }"""
    try:
        for width, height in [(390, 844), (844, 390)]:
            window.resize(width, height)
            for address, button, opened in [
                ("/", ".more", "#actions"),
                ("/", ".more-paces", "#paces"),
                ("/?present=1", ".more-paces", "#paces"),
            ]:
                window.open(address)
                if not window.evaluate("(button) => document.querySelector(button).checkVisibility()", button):
                    continue
                window.click(button).wait("(opened) => document.querySelector(opened).matches(':popover-open')", opened)
                assert window.evaluate(apart, opened) >= (0 if height > width else -110), (width, address, opened)
                window.press("Escape")
    finally:
        window.resize(*SIZE)


def test_a_sum_is_plotted_and_an_array_is_looked_at_closer(window: Window):
    window.open().arrived().seek(40).wait("() => Boolean(document.querySelector('#plot .drawn').data)")
    window.click("[data-look=w]").wait("() => Boolean(document.querySelector('.closer .drawn')?.data)")
    numbers = window.evaluate("() => document.querySelector('.closer .drawn').data[0].z.map((row) => [...row])")
    np.testing.assert_array_equal(numbers, walked().start["w"][0, 0])
    window.press("ArrowRight").drawn(41)  # the keys belong to the walk
    window.press("Escape").wait("() => !document.querySelector('.closer').open")


def test_a_chapter_is_played_as_a_figure_to_its_end(window: Window):
    window.go(window.url + FIGURE)
    window.wait("() => window.convwalk?.ready.then(() => Boolean(document.querySelector('#figure')._fullData))")
    window.click("#figure").press("End")
    said = "() => document.querySelector('.said').textContent"
    window.wait(f"() => ({said})().includes('one bias')")
    shape = {"in_height": 3, "in_width": 3, "out_channels": 1}
    held_is(window.evaluate(HELD), core.run("conv2d", "bias_gradient", {"dy": [[[1, 2], [3, 4]]]}, **shape))
    window.press("Home", "ArrowRight").wait(f"() => ({said})().includes('db[0] = dz[0, 0, 0] = 1')")


def test_two_walks_are_led_in_step_by_the_keyboard(window: Window):
    window.go(f"{window.url}/conv2d/walk/contrast?lang=en&b.stride=1")
    window.wait("() => window.convwalk?.ready.then(() => true)")
    for _ in range(3):
        window.press("ArrowRight")
    cells = "() => [...document.querySelectorAll('.sides .cell')].map(({ textContent }) => textContent).join()"
    window.wait(f"() => ({cells})() === 'no z[0, 0, 3] here: it waits,z[0, 0, 3]'")
    value = "(frame) => frame.contentWindow.convwalk.value('z')[0][0][3]"
    shown = window.evaluate(f"() => ({value})(document.querySelectorAll('iframe')[1])")
    assert shown == core.run("conv2d", stride=1)["z"][0, 0, 3]


@pytest.mark.parametrize("opened", BROWSERS[:2], indirect=True)  # in Chromium: tests/test_page_class.py
def test_a_student_follows_a_class_and_answers(window: Window, school: Server):
    at = "(step) => document.querySelector('iframe').contentWindow?.convwalk?.step === step"
    teacher = build_opener(HTTPCookieProcessor())

    def say(what: str, said: dict[str, Any]) -> Any:
        headers = {"Origin": school.url, "Content-Type": "application/json"}
        with teacher.open(Request(f"{school.url}/api/rooms{what}", json.dumps(said).encode(), headers)) as answer:
            return json.load(answer)

    code = say("", {})["code"]
    walk = {"layer": "conv2d", "algorithm": "walk", "query": "stride=1"}
    say(f"/{code}/moment", {"walk": walk, "step": 8})
    window.go(f"{school.url}/class/{code}?lang=en")
    window.wait(at, 8)
    say(f"/{code}/moment", {"step": 9, "cell": {"array": "z", "place": [0, 0, 1]}})
    window.wait(at, 9)
    window.wait("() => document.querySelector('iframe').contentWindow.convwalk.cell?.index.join() === '0,0,1'")
    say(f"/{code}/question", {"question": {"kind": "value", "array": "z", "cell": [0, 0, 2], "step": 9}})
    window.wait("() => document.querySelector('.question .text')?.textContent.includes('z[0, 0, 2]')")
    window.click(".question input").type("7").press("Enter")
    window.wait("() => document.querySelector('.answered').textContent.startsWith('Sent: 7')")
    say(f"/{code}/show", {})
    window.wait("() => Boolean(document.querySelector('.chart')?.data)")
    say(f"/{code}/truth", {"truth": [7]})
    window.wait("() => document.querySelector('.answered').textContent === 'You are right: 7.'")
    say(f"/{code}/end", {})
    window.wait("() => document.querySelector('.said').textContent === 'The room is over.'")


def test_a_page_in_chinese_says_everything_in_chinese(window: Window):
    window.open().arrived().seek(40)
    window.click("a.language")
    window.wait("() => document.documentElement.lang.startsWith('zh') && window.convwalk?.ready.then(() => true)")
    window.arrived().drawn(40)
    assert window.evaluate("() => document.querySelector('.play').getAttribute('aria-label')") == "播放"
    assert re.search("[\u4e00-\u9fff]{3}", window.text(".caption"))
    window.press("?").wait("() => document.querySelector('#shortcuts').open")
    assert "键" in window.text("#shortcuts h2")
    window.press("Escape").wait("() => !document.querySelector('#shortcuts').open")


# --- Pictures ---------------------------------------------------------------------------------------------------------


def test_a_picture_is_dropped_and_a_line_is_drawn(window: Window):
    window.open().arrived()
    heard = "() => document.querySelector('dialog.editor')"
    file = {"name": "picture", "data": base64.b64encode(png(COLOURS)).decode(), "type": ""}
    window.wait(heard + " !== null").evaluate(ARRIVE, ["#stage", [file], ["dragenter", "dragover", "drop"]])
    seen = "() => document.querySelector('dialog.bring[open] .tells')?.textContent.includes('3×17×28')"
    window.wait(seen).click("dialog.bring[open] .answers .apply")
    window.wait("() => !document.querySelector('dialog[open]') && convwalk.value('x')[0].length === 17").arrived()
    x = numbers(COLOURS, 28, colour=True)
    assert window.evaluate("() => convwalk.value('x')") == x.tolist()
    window.click('.edit-array[data-edits="x"]').click('[data-way="draw"]')
    window.wait("() => document.querySelector('dialog.bring[open] .surface')?.checkVisibility()")
    left, top, width, height = window.evaluate(
        """() => {
            const { x, y, width, height } = document.querySelector(".surface canvas").getBoundingClientRect();
            return [x, y, width, height];
        }"""
    )
    middle = top + 0.48 * height
    window.drag((left + 0.2 * width, middle), (left + 0.8 * width, middle))
    window.wait("() => !document.querySelector('dialog.bring[open] .answers .apply').disabled")
    window.click("dialog.bring[open] .answers .apply").wait("() => convwalk.value('x').length === 1")
    drawn = np.array(window.evaluate("() => convwalk.value('x')"))[0]
    assert drawn[13, 6:22].all()
    assert set(np.flatnonzero(drawn.any(1))) <= {12, 13, 14}
