"""Pictures and files are brought in every way there is, and the walk has just the numbers that NumPy has of them."""

import base64
import io
import json
import struct
from pathlib import Path
from urllib.parse import urlencode

import numpy as np
import pytest
from playwright.sync_api import Locator, Route, expect

import core
from app.walks.arrays import written
from core.pictures.shelf import shelf
from core.recording.trace import Arrays
from tests.browser import NewReader, Reader
from tests.conftest import ROOT
from tests.node import node
from tests.rasters import cmyk, numbers, png
from tests.test_page_axe import in_both_schemes

pytestmark = pytest.mark.browser

RNG = np.random.default_rng(28)
COLOURS = RNG.integers(0, 256, (24, 40, 3)).astype(np.uint8)
WORDS = {lang: json.loads((ROOT / f"static/bring/{lang}.json").read_text(encoding="utf-8")) for lang in ("en", "zh")}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.8)]
SOBEL = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])

# Files that somebody drags over a place of the page, and drops there or not; or pastes.
ARRIVE = """([selector, files, events]) => {
  const carried = new DataTransfer();
  for (const { name, data, type } of files)
    carried.items.add(new File([Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0))], name, { type }));
  const place = document.querySelector(selector);
  for (const event of events) {
    const common = { bubbles: true, cancelable: true };
    const isLeft = () => place.dispatchEvent(new DragEvent(event, { ...common, dataTransfer: carried }));
    if (event !== "paste") window.prevented = [...(window.prevented ?? []), ...(isLeft() ? [] : [event])];
    else place.dispatchEvent(new ClipboardEvent(event, { ...common, clipboardData: carried }));
  }
}"""

# Of lists to choose from, the choices that have no room.
CUT_CHOICES = """(lists) => {
  const pen = document.createElement("canvas").getContext("2d");
  return lists.filter((list) => list.checkVisibility()).flatMap((list) => {
    const { font, paddingLeft, paddingRight } = getComputedStyle(list);
    const room = list.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight) - 24; // and the arrow
    pen.font = font;
    return [...list.options].map(({ label }) => label).filter((label) => pen.measureText(label).width > room);
  });
}"""

# Which cells of a canvas are white.
SEEN = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  return [...data].filter((_, at) => at % 4 === 0).map((red) => red / 255);
}"""


def arrive(reader: Reader, selector: str, files: dict[str, bytes], *events: str, kind: str = "") -> None:
    carried = [{"name": name, "data": base64.b64encode(data).decode(), "type": kind} for name, data in files.items()]
    # What hears of files comes with the sheet, after the first picture.
    reader.wait("() => document.querySelector('dialog.editor')")
    reader.figures().evaluate(ARRIVE, [selector, carried, list(events)])


def drop(reader: Reader, files: dict[str, bytes], selector: str = "#stage") -> None:
    arrive(reader, selector, files, "dragenter", "dragover", "drop")


def dialog(reader: Reader) -> Locator:
    shown = reader.page.locator("dialog.bring[open]")
    expect(shown).to_be_visible()
    return shown


def sheet(reader: Reader, name: str = "x") -> Locator:
    reader.page.get_by_role("button", name=f"Edit all of {name}", exact=True).click()
    return reader.page.locator("dialog.editor[open]")


def choose(reader: Reader, label: str, option: str) -> None:
    dialog(reader).get_by_label(label).select_option(label=option)


def walk(reader: Reader) -> None:
    """Walk with what is seen; the dialogs close, and nothing lies over the page."""
    dialog(reader).locator(".answers .apply").click()
    expect(reader.page.locator("dialog[open]")).to_have_count(0)


def sobel(channels: int) -> np.ndarray:
    """Two filters, the one across and the other down, alike in all channels."""
    return np.stack([np.stack([kernel] * channels) for kernel in (SOBEL, SOBEL.T)])


def assert_walks(reader: Reader, arrays: Arrays) -> None:
    """The walk of these arrays is there, just as Python has it."""
    same = "(arrays) => Object.entries(arrays).every(([name, value]) => JSON.stringify(convwalk.value(name)) === value)"
    wanted = {
        name: json.dumps(array.tolist(), separators=(",", ":")).replace(".0", "") for name, array in arrays.items()
    }
    reader.wait(same, wanted)
    trace = core.record("conv2d", arrays=arrays)
    reader.arrived(len(trace.steps)).assert_shows(trace.snapshot(reader.step))


def stroke(reader: Reader, points: list[tuple[float, float]]) -> None:
    box = dialog(reader).locator(".surface canvas").bounding_box()
    assert box
    (x, y), *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    reader.page.mouse.move(x, y)
    reader.page.mouse.down()
    for x, y in others:
        reader.page.mouse.move(x, y)
    reader.page.mouse.up()


def inked(points: list[tuple[float, float]], size: int = 28) -> np.ndarray:
    (cells,) = node("inked", acts=[{"erases": False, "points": points}], sizes=[size])
    return np.array(cells, float).reshape(1, size, size)


def test_a_file_is_opened_and_walked_in_its_colours(reader: Reader):
    opened = sheet(reader.open())
    with reader.page.expect_file_chooser() as chooser:
        opened.get_by_role("button", name="Open a file").click()
    chooser.value.set_files({"name": "no-picture.txt", "mimeType": "text/plain", "buffer": png(COLOURS)})
    expect(dialog(reader).locator(".tells")).to_have_text("3×17×28 · black is 0, white is 255 · b = 0")
    expect(dialog(reader).locator(".private")).to_have_text(WORDS["en"]["bring.private"])
    walk(reader)
    assert_walks(reader, {"x": numbers(COLOURS, 28, colour=True), "w": sobel(3), "b": np.zeros(2)})


def test_a_picture_is_dropped_on_the_stage_and_marked_where_it_will_go(reader: Reader):
    reader.open()
    files = {"photo": png(COLOURS)}
    arrive(reader, "#stage", files, "dragenter", "dragover")
    mark = reader.page.locator("#stage .drop-mark")
    expect(mark).to_have_text("Drop it: it goes to x")
    arrive(reader, "#stage", files, "dragleave")
    expect(mark).to_be_hidden()
    # A picture goes to x from a board of weights too, where the browser tells that it is one.
    for kind, name in {"image/png": "x", "": "w"}.items():
        arrive(reader, '[data-array="w"]', files, "dragenter", "dragover", kind=kind)
        expect(mark).to_have_text(f"Drop it: it goes to {name}")
        arrive(reader, '[data-array="w"]', files, "dragleave", kind=kind)
    arrive(reader, '[data-array="w"]', files | {"other": b"1"}, "dragenter", "dragover")
    expect(mark).to_have_text("Drop it: it goes to x, w, b, dy")
    arrive(reader, '[data-array="w"]', files, "dragleave")
    drop(reader, files)
    expect(dialog(reader)).to_be_visible()
    expect(mark).to_be_hidden()
    for label, option in [("Size", "16×16"), ("Part", "a square of its middle"), ("Maps", "1: grey"),
                          ("Numbers", "0 to 1"), ("Kernels", "Laplacian")]:  # fmt: skip
        choose(reader, label, option)
    dialog(reader).get_by_label("Dark is large").check()
    expect(dialog(reader).locator(".tells")).to_have_text("1×16×16 · black is 0, white is 1 · b = 0")
    walk(reader)
    kernel = np.array([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])
    wish = {"square": True, "most": 1, "ink": True}
    assert_walks(reader, {"x": numbers(COLOURS, 16, **wish), "w": np.stack([kernel[None]] * 2), "b": np.zeros(2)})
    drop(reader, files)  # the kernel that there is stays, with other channels too
    expect(dialog(reader).get_by_label("Kernels").locator("option:checked")).to_have_text("Laplacian")
    choose(reader, "Maps", "3: red, green, blue")
    walk(reader)
    wanted = {"x": numbers(COLOURS, 16, colour=True), "w": np.stack([np.stack([kernel] * 3)] * 2), "b": np.zeros(2)}
    assert_walks(reader, wanted)
    drop(reader, {"x.csv": b"1,2\n3,4\n"})
    expect(reader.page.locator("dialog[open] textarea")).to_have_value("1,2\n3,4\n")


def test_what_is_dropped_on_a_dialog_is_seen_in_its_place_and_a_drawing_is_kept(reader: Reader):
    arrays = {"x": np.ones((1, 3, 3)), "w": np.ones((1, 1, 2, 2))}
    files = {"csv": b"1,2\n3,4\n", "npy": saved_alone(arrays["x"]), "npz": saved(**arrays), "photo": png(COLOURS)}
    reader.open().figures()
    shown = reader.page.locator("dialog:modal:visible")
    sheet(reader).get_by_role("button", name="Draw").click()
    stroke(reader, SEVEN)
    drawn = dialog(reader).locator(".surface canvas").evaluate("(canvas) => canvas.toDataURL()")
    over = ".surface"
    for dropped, seen in [("csv", "textarea"), ("npz", ".handed"), ("photo", ".seen canvas"), ("npz", ".handed"),
                          ("npy", "textarea"), ("photo", ".seen canvas"), ("csv", "textarea")]:  # fmt: skip
        drop(reader, {dropped: files[dropped]}, f"dialog[open] {over}")
        over = seen
        expect(shown.locator(seen), dropped).to_be_visible()
        expect(shown).to_have_count(1)
    shown.get_by_role("button", name="Draw").click()
    assert dialog(reader).locator(".surface canvas").evaluate("(canvas) => canvas.toDataURL()") == drawn
    # On a picture for dy, with no sheet below it.
    reader.press("Escape", "Escape")
    reader.settled().seek(3 * reader.steps // 4)
    drop(reader, {"photo": files["photo"]}, '#stage [data-array="dy"]')
    expect(dialog(reader).get_by_role("heading")).to_contain_text("dy")
    drop(reader, {"csv": files["csv"]}, "dialog.bring[open]")
    expect(shown.locator("textarea")).to_have_value("1,2\n3,4\n")
    expect(shown.get_by_role("heading").first).to_contain_text("dy")


def test_a_picture_has_no_place_where_the_input_is_a_row_of_numbers_which_is_said(reader: Reader):
    reader.open("/linear/walk").figures()
    arrive(reader, "#stage", {"photo": png(COLOURS)}, "dragenter", "dragover", kind="image/png")
    expect(reader.page.locator(".drop-mark")).to_have_text(WORDS["en"]["bring.no.picture"])
    drop(reader, {"photo": png(COLOURS)})
    expect(reader.page.locator("#notice")).to_have_text(WORDS["en"]["bring.no.picture"])
    drop(reader, {"x.csv": b"1,2,3"})
    expect(reader.page.locator("dialog[open] textarea")).to_have_value("1,2,3")
    expect(reader.page.locator("#notice")).to_have_text("")


def test_a_file_that_is_dropped_before_the_page_is_ready_waits_for_it(reader: Reader):
    def late(route: Route) -> None:  # the sheet comes, which takes what is dropped
        reader.page.wait_for_function("() => window.prevented?.includes('drop')")
        route.continue_()

    reader.page.route("**/hands/editor.js", late)
    reader.open()
    carried = [{"name": "x", "data": base64.b64encode(png(COLOURS)).decode(), "type": ""}]
    reader.evaluate(ARRIVE, ["#stage", carried, ["dragenter", "dragover", "drop"]])
    assert reader.evaluate("() => window.prevented") == ["dragover", "drop"], "or the browser would leave the page"
    expect(dialog(reader).locator(".tells")).to_contain_text("3×17×28")


def test_a_picture_is_pasted_on_the_stage_and_into_the_sheet(reader: Reader):
    reader.open()
    files = {"image.png": png(COLOURS[:16, :16])}
    arrive(reader, "#stage", files, "paste")
    expect(dialog(reader)).to_be_visible()
    reader.press("Escape")
    opened = sheet(reader)
    arrive(reader, "dialog[open] textarea", files, "paste")
    choose(reader, "Size", "8×8")
    dialog(reader).get_by_role("button", name="Edit as numbers").click()
    expect(opened.locator(".read")).to_contain_text("3×8×8")
    opened.get_by_role("button", name="Apply").click()
    reader.wait("() => convwalk.value('x')[0].length === 8")
    assert reader.evaluate("convwalk.value('x')") == numbers(COLOURS[:16, :16], 8, colour=True).tolist()


def test_a_drawn_digit_is_walked_in_three_actions_and_its_link_opens_elsewhere(reader: Reader, new_reader: NewReader):
    reader.open()
    sheet(reader).get_by_role("button", name="Draw").click()  # one
    expect(dialog(reader).get_by_role("button", name="Walk on it")).to_be_disabled()
    stroke(reader, SEVEN)  # two
    stroke(reader, [(0.1, 0.9), (0.9, 0.9)])
    dialog(reader).get_by_role("button", name="Undo").click()
    walk(reader)  # three
    arrays = {"x": inked(SEVEN), "w": sobel(1), "b": np.zeros(2)}
    assert_walks(reader, arrays)
    assert reader.rest().asked.keys() == {"x", "w", "b"}
    address = reader.address
    reader.press("Control+z")  # it was one change
    reader.wait("() => convwalk.value('x')[0].length === 5").press("Control+Shift+Z")
    reader.wait("(address) => location.href.endsWith(address)", address)
    other = new_reader()
    other.open(reader.address)
    assert_walks(other, arrays)


@pytest.mark.slow
def test_a_drawn_digit_is_walked_on_to_max_pooling_in_three_clicks(new_reader: NewReader):
    for where in ({"viewport": {"width": 1280, "height": 720}}, PHONE):
        reader = new_reader(**where)
        reader.open("/conv2d/walk?dilation=2&stride=1&seed=7").figures()
        sheet(reader).get_by_role("button", name="Draw").click()
        stroke(reader, SEVEN)
        drawn = dialog(reader).locator(".surface canvas").evaluate(SEEN)
        dialog(reader).get_by_role("button", name="Walk on to max pooling").click()
        reader.page.wait_for_url("**/chain/walk?**")
        arrays = {"x": np.reshape(drawn, (1, 28, 28)), "w": sobel(1), "b": np.zeros(2)}
        trace = core.record("chain", arrays=arrays, stride=1, seed=7)
        end = reader.arrived(len(trace.steps)).seek(len(trace.steps))
        end.assert_shows(trace.snapshot(end.step))
        assert reader.asked.keys() == {"x", "w", "b", "stride", "seed"}, "it has no dilation"
        other = new_reader()
        other.open(reader.address).arrived(len(trace.steps))
        assert other.evaluate("convwalk.value('x')") == arrays["x"].tolist()


def test_a_digit_of_ones_own_is_shown_to_a_network_as_it_is_and_told_what_it_is(reader: Reader):
    reader.open("/network/walk").figures()
    sheet(reader).get_by_role("button", name="Draw").click()
    stroke(reader, SEVEN)
    expect(dialog(reader).locator(".tells")).to_have_text("1×8×8 · black is 0, white is 16")  # and no bias becomes 0
    drawn = np.reshape(dialog(reader).locator(".surface canvas").evaluate(SEEN), (1, 8, 8))
    walk(reader)
    reader.page.get_by_role("button", name="More settings").click()
    right = reader.page.get_by_label("Digit, the right class")
    right.fill("1")
    right.press("Enter")
    reader.wait("() => convwalk.value('t')[1] === 1").rest()
    assert reader.asked.keys() == {"x", "digit"}, "weights and biases are those that were there"
    trace = core.record("network", arrays={"x": 16 * drawn}, digit=1)
    end = reader.arrived(len(trace.steps)).seek(len(trace.steps))
    end.assert_shows(trace.snapshot(end.step))


def test_what_is_chosen_on_a_phone_is_read_to_its_end(new_reader: NewReader):
    reader = new_reader(**PHONE)
    for language in ("en", "zh"):
        reader.open(f"/?lang={language}").figures()
        drop(reader, {"photo": png(COLOURS)})
        assert dialog(reader).locator("select").evaluate_all(CUT_CHOICES) == [], language


def test_a_digit_is_drawn_by_touch_on_a_phone(new_reader: NewReader):
    reader = new_reader(**PHONE)
    reader.open("/chain/walk").figures()
    reader.page.get_by_role("button", name="Edit all of x", exact=True).tap()
    reader.page.get_by_role("button", name="Draw").tap()
    box = dialog(reader).locator(".surface canvas").bounding_box()
    assert box
    places = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in SEVEN]
    touch = reader.session()
    for kind, points in [
        ("touchStart", places[:1]),
        ("touchMove", places[1:2]),
        ("touchMove", places[2:]),
        ("touchEnd", []),
    ]:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    wide = (
        "() => document.querySelector('dialog.bring').scrollWidth <= document.querySelector('dialog.bring').clientWidth"
    )
    assert reader.evaluate(wide)
    seen = dialog(reader).locator(".surface canvas").evaluate(SEEN)
    dialog(reader).get_by_role("button", name="Walk on it").tap()
    reader.wait("() => convwalk.value('x')[0].length === 28")
    x = np.array(reader.evaluate("convwalk.value('x')"), float)
    np.testing.assert_array_equal(x[0], np.reshape(seen, (28, 28)))
    assert np.count_nonzero(x != inked(SEVEN)) < 20  # a finger is as exact as a pixel of the screen
    assert reader.evaluate("convwalk.value('w')") == sobel(1).tolist()


def test_the_surface_stays_under_the_finger_when_the_first_ink_is_on_it(new_reader: NewReader):
    reader = new_reader(**PHONE)
    for address in ("/training/walk?epochs=1", "/conv2d/walk"):  # with what a drawing becomes beside it, and without
        reader.open(address).figures()
        reader.page.get_by_role("button", name="Edit all of x", exact=True).tap()
        reader.page.get_by_role("button", name="Draw").tap()
        surface, onward = dialog(reader).locator(".surface"), dialog(reader).locator(".answers .apply")
        empty = surface.bounding_box()
        assert empty
        expect(onward).to_be_disabled()
        reader.page.touchscreen.tap(empty["x"] + empty["width"] / 2, empty["y"] + empty["height"] / 2)
        expect(onward).to_be_enabled()
        assert surface.bounding_box() == empty, address


def test_a_cell_is_drawn_by_keyboard_alone(reader: Reader):
    reader.open()
    reader.page.get_by_role("button", name="Edit all of x", exact=True).focus()
    reader.press("Enter")
    expect(reader.page.locator("dialog[open] textarea")).to_be_focused()
    reader.press("Tab", "Tab", "Enter")  # past the text and the file
    expect(dialog(reader).locator(".surface")).to_be_focused()
    reader.press("ArrowRight", "ArrowDown", "Space", "ArrowRight", "Space", "Space", "ArrowLeft")
    expect(dialog(reader).get_by_role("status").first).to_have_text("Row 2, column 2: ink")
    reader.press("Tab", "Tab", "Tab", "Enter")  # pen, eraser, undo: of the cell that was cleared again
    reader.press("Enter")
    for _ in range(6):  # clear, and the four settings of a drawing
        reader.press("Tab")
    expect(dialog(reader).get_by_role("button", name="Walk on it")).to_be_focused()
    reader.press("Enter")
    cells = np.zeros((1, 28, 28))
    cells[0, 1, 1] = 1
    reader.wait("() => convwalk.value('x')[0].length === 28")
    assert reader.evaluate("convwalk.value('x')") == cells.tolist()


def test_a_picture_is_taken_from_the_shelf(reader: Reader):
    opened = sheet(reader.open())
    opened.get_by_role("button", name="Shelf").click()
    name = "digit-7-0"
    picture = dialog(reader).locator(f'[data-picture="{name}"]')
    picture.click()
    expect(dialog(reader).locator(".look")).to_contain_text("a handwritten 7")
    expect(dialog(reader).locator(".shelved .source")).to_contain_text("CC BY 4.0")
    choose(reader, "Size", "16×16")
    walk(reader)
    drawn = shelf()[name].draw(16)[None].astype(float)
    assert_walks(reader, {"x": drawn, "w": sobel(1), "b": np.zeros(2)})


def test_the_camera_takes_a_picture_and_is_off_afterwards(new_reader: NewReader):
    reader = new_reader(permissions=["camera"])
    reader.begin_with(
        """const real = navigator.mediaDevices?.getUserMedia.bind(navigator.mediaDevices);
        window.streams = [];
        if (real) navigator.mediaDevices.getUserMedia = async (wish) => {
          const stream = await real(wish);
          streams.push(stream);
          return stream;
        };"""
    )
    live = (
        "() => streams.flatMap((stream) => stream.getTracks()).filter(({ readyState }) => readyState === 'live').length"
    )
    sheet(reader.open()).get_by_role("button", name="Camera").click()
    shutter = dialog(reader).get_by_role("button", name="Take the picture")
    expect(shutter).to_be_enabled()
    assert reader.evaluate(live) == 1
    reader.press("Escape")
    reader.wait(f"() => ({live})() === 0")
    reader.page.get_by_role("button", name="Camera").click()
    shutter.click()
    expect(dialog(reader).locator(".tells")).to_contain_text("×28")
    assert reader.evaluate(live) == 0
    walk(reader)
    reader.wait("() => convwalk.value('x').length === 3 && convwalk.value('x')[0][0].length === 28")
    assert len(set(np.ravel(reader.evaluate("convwalk.value('x')")))) > 3


REFUSED = "async () => { throw new DOMException('refused', 'NotAllowedError'); }"  # as a browser does for its owner


@pytest.mark.parametrize(("devices", "reason"), [
    (f"{{ getUserMedia: {REFUSED} }}", "camera-refused"), ("undefined", "camera-none"),
    ("{ getUserMedia: async () => { throw { name: 'OverconstrainedError' }; } }", "camera-none"),  # WebKit
])  # fmt: skip
def test_a_camera_that_is_refused_or_absent_is_told_of(reader: Reader, devices: str, reason: str):
    reader.begin_with(f"Object.defineProperty(navigator, 'mediaDevices', {{ value: {devices} }})")
    sheet(reader.open()).get_by_role("button", name="Camera").click()
    expect(dialog(reader).locator(".camera .told")).to_have_text(WORDS["en"][f"bring.no.{reason}"])
    reader.press("Escape")
    expect(reader.page.locator("dialog[open] textarea")).to_be_visible()


def saved(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def saved_alone(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def test_arrays_of_a_file_go_where_their_names_say_or_where_one_sends_them(reader: Reader):
    arrays = {"x": RNG.integers(-4, 5, (1, 6, 5)).astype(float), "w": RNG.integers(-4, 5, (2, 1, 3, 2)).astype(float)}
    bias = np.array([3.0, -4.0])
    drop(reader.open(), {"a.npz": saved(**arrays, bias=bias, more=np.array([{}]))})
    handed = dialog(reader)
    expect(handed.locator("select")).to_have_count(3)
    expect(handed.locator(".handed .told")).to_have_text(WORDS["en"]["bring.no.objects"])
    handed.get_by_label("bias").select_option("w")
    expect(handed.get_by_role("alert")).to_have_text("w can be given once only.")
    handed.get_by_label("bias").select_option("b")
    walk(reader)
    assert_walks(reader, arrays | {"b": bias})
    sheet(reader).get_by_role("button", name="Draw").click()  # weights of a reader's own stay theirs
    expect(dialog(reader).get_by_label("Kernels").locator("option:checked")).to_have_text("as they are")
    reader.press("Escape", "Escape")
    weights = saved_alone(np.asfortranarray(arrays["w"]).astype(">f4"))
    drop(reader, {"weights.npy": weights}, '[data-array="w"]')
    expect(reader.page.locator("dialog[open] h2")).to_contain_text("w")
    expect(reader.page.locator("dialog[open] .read")).to_contain_text("2×1×3×2")
    reader.press("Escape")
    # More axes than the array has are told as they are of text in brackets.
    drop(reader, {"batch.npy": saved_alone(np.arange(18.0).reshape(2, 1, 3, 3))})
    expect(reader.page.locator("dialog[open] .read")).to_contain_text("looks like a batch of 2")
    reader.press("Escape")
    drop(reader, {"many.npy": saved_alone(np.ones((1, 2, 3, 2)))}, '[data-array="w"]')
    expect(reader.page.locator("dialog[open] .read")).to_contain_text("1×2×3×2")


def test_the_file_of_a_walk_opens_it_again_on_whatever_page(reader: Reader):
    query = "stride=1&padding=0&x=[[[1,2,3],[4,5,6],[7,8,9.5]]]"
    file = reader.page.request.get(f"{reader.url}/api/conv2d/walk/arrays.npz?{query}").body()
    reader.open("/max_pool2d/walk")
    # One of no walk that is here is told of, and has its arrays all the same.
    reader.expect_complaint("404")
    for layer, algorithm in [("nosuch", "walk"), ("conv2d", "nosuch")]:
        tells = {"layer": layer, "algorithm": algorithm, "settings": {}, "arrays": ["x"]}
        told = np.frombuffer(json.dumps(tells).encode(), np.uint8)
        drop(reader, {"walk.npz": saved(convwalk=told, x=np.ones((1, 3, 3)))})
        expect(dialog(reader).locator(".said")).to_contain_text(f"{layer}/{algorithm}")
        expect(dialog(reader).locator("select")).to_have_value("x")
        reader.press("Escape")
    drop(reader, {"walk.npz": file})
    reader.page.wait_for_url("**/conv2d/walk?**")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    x = np.array([[[1, 2, 3], [4, 5, 6], [7, 8, 9.5]]])
    trace = core.record("conv2d", arrays={"x": x}, stride=1, padding=0)
    reader.arrived(len(trace.steps)).assert_shows(trace.snapshot(reader.step))


def test_the_file_of_a_walk_that_no_address_can_hold_opens_it_again(reader: Reader):
    x = np.random.default_rng(3).normal(size=(3, 64, 64))
    settings = {"stride": 16, "out_channels": 1}
    query = urlencode(settings)
    body = {"headers": {"Content-Type": "application/json"}, "data": json.dumps({"x": written(x)})}
    file = reader.page.request.post(f"{reader.url}/api/conv2d/correlate/arrays.npz?{query}", **body).body()
    drop(reader.open("/max_pool2d/walk"), {"walk.npz": file})
    reader.page.wait_for_url("**/conv2d/correlate?**not-in-link**")
    reader.wait("() => window.convwalk?.ready.then(() => true)")
    trace = core.record("conv2d", "correlate", arrays={"x": x}, **settings)
    now = trace.snapshot(reader.arrived(len(trace.steps)).step)
    reader.assert_shows({name: now[name] for name in ("x_padded", "w", "z")})


HOSTILE = {
    "empty": ("empty", b""),
    "no picture": ("unknown", bytes(range(256))),
    "a picture with no end": ("broken", png(COLOURS)[:200]),
    "a picture of 2,500 megapixels": ("pixels", png(COLOURS, sizes=(50_000, 50_000))),
    "a picture that says it is another": ("broken", png(COLOURS, sizes=(30, 30))),
    "a drawing that is none": ("broken", b"<svg><"),
    "a pickle": ("objects", saved(x=np.array([{}]))),
    "a table of 320,000 numbers": ("many", b"1.5,2.25\n" * 160_000),
    "half an archive": ("zip", saved(x=np.ones(9))[:-40]),
}


# What is asked for, and whether the dialog lies over the page by then.
ASKED = """() => {
  const { fetch } = window;
  window.asked = [];
  window.fetch = (url, how) => {
    const [path] = String(url).split("?");
    if (path.startsWith("/api/")) asked.push([path.split("/").at(-1), Boolean(document.querySelector("dialog[open]"))]);
    return fetch(url, how);
  };
}"""


def test_of_a_picture_nothing_is_asked_before_it_is_taken_and_then_the_walk_alone_until_it_is_seen(reader: Reader):
    reader.open("/conv2d/walk?stride=1").figures()
    reader.page.evaluate(ASKED)
    drop(reader, {"photo.png": png(COLOURS)})
    choose(reader, "Size", "8×8")
    assert reader.page.evaluate("asked") == []
    walk(reader)
    reader.wait("() => asked.length > 1")
    assert reader.page.evaluate("asked")[:2] == [["stream", True], ["limits", False]]


PAGE_IN_A_DRAWING = (
    b"<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='20' height='20' fill='red'/>"
    b"<foreignObject width='40' height='20'><p xmlns='http://www.w3.org/1999/xhtml'>1</p></foreignObject></svg>"
)
TAINTED = """() => {
  const { prototype } = CanvasRenderingContext2D;
  const { getImageData } = prototype;
  prototype.getImageData = () => { throw new DOMException("tainted", "SecurityError"); };
  window.restore = () => { prototype.getImageData = getImageData; };
}"""


def drop_paths(reader: Reader, *paths: str) -> None:
    """Drop what the machine of the reader has at some places."""
    carried = {"items": [], "files": list(paths), "dragOperationsMask": 1}
    hand = reader.session()
    for kind in ("dragEnter", "dragOver", "drop"):
        hand.send("Input.dispatchDragEvent", {"type": kind, "x": 400, "y": 400, "data": carried})


WITHHELD = """(url) => {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData("text/uri-list", url);
    const how = { bubbles: true, cancelable: true, dataTransfer };
    const events = ["dragover", "drop"].map((name) => new DragEvent(name, how));
    for (const event of events) document.querySelector("#stage").dispatchEvent(event);
    return events.at(-1).defaultPrevented;
}"""


def test_a_file_that_a_browser_keeps_to_itself_leads_nowhere_and_that_is_said(reader: Reader):
    reader.open().wait("() => document.querySelector('dialog.editor')")
    assert not reader.evaluate(WITHHELD, "https://example.org/")  # a link is the browser's
    assert reader.evaluate(WITHHELD, "file:///home/somebody/digit.png")
    expect(reader.page.locator("#notice")).to_have_text(WORDS["en"]["bring.no.withheld"])


def test_a_hostile_file_is_refused_in_a_sentence_and_nothing_is_asked_or_lost(reader: Reader, tmp_path: Path):
    reader.open("/?stride=1").figures()
    before = reader.address
    drop(reader, {"good": png(COLOURS)})  # what is needed has come with it
    expect(dialog(reader)).to_be_visible()
    reader.press("Escape")
    asked: list[str] = []
    reader.page.on("request", lambda request: None if request.url.startswith("data:") else asked.append(request.url))
    said = reader.page.locator("#notice")
    for what, (reason, file) in HOSTILE.items():
        drop(reader, {"x.png": file})
        expect(said, what).to_contain_text(WORDS["en"][f"bring.no.{reason}"].partition("{")[0])
        assert "{" not in said.inner_text()
    # A folder, and a file that is gone: as a browser drops them.
    (tmp_path / "folder").mkdir()
    (tmp_path / "x.npy").write_bytes(saved_alone(np.ones(3)))
    gone = WORDS["en"]["bring.no.gone"]
    paths = [str(tmp_path / name) for name in ("folder", "gone.png", "x.npy")]
    for path in paths[:2]:
        drop_paths(reader, path)
        expect(said, path).to_have_text(gone)
        reader.page.evaluate("document.querySelector('#notice').textContent = ''")
    drop_paths(reader, *paths[:2])
    expect(said).to_have_text(f"folder: {gone}")
    drop_paths(reader, *paths)
    expect(dialog(reader).locator(".handed > p").first).to_have_text(f"folder{gone}")
    expect(dialog(reader).locator("select")).to_have_count(1)
    reader.press("Escape")
    # A drawing of which the browser hands out no pixels.
    reader.page.evaluate(TAINTED)
    drop(reader, {"page.svg": PAGE_IN_A_DRAWING})
    expect(said).to_have_text(WORDS["en"]["bring.no.tainted"])
    reader.page.evaluate("restore()")
    # One that is seen, and then can be looked at no more: what was seen is not walked in its place.
    drop(reader, {"good": png(COLOURS)})
    expect(dialog(reader).locator(".answers .apply")).to_be_enabled()
    reader.page.evaluate(TAINTED)
    reader.expect_complaint("tainted")
    choose(reader, "Size", "16×16")
    expect(dialog(reader).locator(".said")).to_have_text(WORDS["en"]["bring.no.strange"])
    expect(dialog(reader).locator(".answers .apply")).to_be_disabled()
    reader.page.evaluate("restore()")
    choose(reader, "Size", "8×8")
    expect(dialog(reader).locator(".said")).to_be_hidden()
    expect(dialog(reader).locator(".answers .apply")).to_be_enabled()
    reader.press("Escape")
    drop(reader, {"x.png": b""})
    expect(said).to_have_text(WORDS["en"]["bring.no.empty"])
    drop(reader, {"good": png(COLOURS)})
    expect(dialog(reader)).to_be_visible()
    expect(said).to_have_text("")
    reader.press("Escape")
    # In the sheet it is said there, and what stands in it stays.
    text = sheet(reader).locator("textarea")
    text.fill("1 2\n3 4")
    drop(reader, {"x.png": b"\0\1"}, "dialog[open] textarea")
    expect(reader.page.locator("dialog[open] .said")).to_have_text(WORDS["en"]["bring.no.unknown"])
    expect(text).to_have_value("1 2\n3 4")
    # It is not said of the next one, and what was typed can be put back.
    drop(reader, {"x.csv": b"5 6\n7 8"}, "dialog[open] textarea")
    expect(text).to_have_value("5 6\n7 8")
    expect(reader.page.locator("dialog[open] .said")).to_be_hidden()
    text.press("Control+z")
    expect(text).to_have_value("1 2\n3 4")
    drop(reader, {"x.npy": saved_alone(np.ones((1, 2)))}, "dialog[open] textarea")
    expect(text).not_to_have_value("1 2\n3 4")
    reader.page.get_by_role("button", name="Put it back").click()
    expect(text).to_have_value("1 2\n3 4")
    assert [url for url in asked if "/layout?" not in url] == []
    assert reader.address == before


def test_pictures_of_every_kind_are_what_numpy_has(reader: Reader):
    """Deep ones, transparent ones, grey ones, turned ones, drawings of lines, the first of several."""
    deep = RNG.integers(0, 65536, (6, 9, 3)).astype(np.uint16)
    clear = RNG.integers(0, 256, (6, 9, 4)).astype(np.uint8)
    grey = RNG.integers(0, 256, (6, 9, 1)).astype(np.uint8)
    share = clear[..., 3:] / 255
    reader.open()
    script = """async (files) => {
      const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
      const { read } = await import(folder + "bring/file.js");
      return Promise.all(files.map(async (file) => {
        const { pixels } = await read(new Blob([Uint8Array.from(atob(file), (sign) => sign.charCodeAt(0))]));
        const signs = Array.from(pixels.rows(0, pixels.height), (byte) => String.fromCharCode(byte));
        return { shape: [pixels.height, pixels.width, 4], cells: btoa(signs.join("")) };
      }));
    }"""
    made = """(type) => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 32, height: 16 });
      const context = canvas.getContext("2d");
      for (const [at, colour] of ["#f00", "#00f"].entries()) {
        context.fillStyle = colour;
        context.fillRect(16 * at, 0, 16, 16);
      }
      return canvas.toDataURL(type, 1).split(",")[1];
    }"""
    jpeg, webp = (base64.b64decode(reader.evaluate(made, kind)) for kind in ("image/jpeg", "image/webp"))
    turn = b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0"
    turned = jpeg[:2] + b"\xff\xe1" + (len(turn) + 2).to_bytes(2, "big") + turn + jpeg[2:]
    lines = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 1'><path fill='red' d='M0 0h1v1H0z'/></svg>"
    gif = base64.b64decode(TWO_FRAMES)
    files = [
        png(deep),
        png(clear),
        png(grey),
        jpeg,
        webp,
        turned,
        lines,
        gif,
        PAGE_IN_A_DRAWING,
        lines.decode().encode("utf-16"),
        struct.pack("<3H4B2H2I", 0, 1, 1, 9, 6, 0, 0, 1, 32, len(png(grey)), 22) + png(grey),  # ICO
        cmyk((200, 60, 40, 230)),
        cmyk((0, 255, 255, 255)),
    ]
    read = reader.evaluate(script, [base64.b64encode(file).decode() for file in files])
    bytes_of = [np.frombuffer(base64.b64decode(one["cells"]), np.uint8).reshape(one["shape"]) for one in read]
    found = [each[..., :3].astype(int) for each in bytes_of]
    np.testing.assert_array_equal(found[0], deep >> 8)
    np.testing.assert_allclose(found[1], clear[..., :3] * share + 255 * (1 - share), atol=1)
    np.testing.assert_array_equal(found[2], np.repeat(grey, 3, -1))
    halves = np.zeros((16, 32, 3)) + np.where(np.arange(32) < 16, 0, 1)[None, :, None] * [-255, 0, 255] + [255, 0, 0]
    for one in found[3:5]:
        np.testing.assert_allclose(one[:, [4, 28]], halves[:, [4, 28]], atol=8)
    np.testing.assert_allclose(found[5][[4, 28]], halves.transpose(1, 0, 2)[[4, 28]], atol=3)
    assert found[6].shape == (512, 1024, 3)
    assert (found[6][100, [10, 1000]] == [[255, 0, 0], [255, 255, 255]]).all()
    assert (found[7] == [255, 0, 0]).all()
    assert (found[8][[500, 500], [400, 600]] == [[255, 0, 0], [255, 255, 255]]).all()
    np.testing.assert_array_equal(found[9], found[6])
    np.testing.assert_array_equal(found[10], found[2])
    np.testing.assert_allclose(found[11], np.broadcast_to(np.array([200, 60, 40]) * 230 / 255, (8, 8, 3)), atol=2)
    np.testing.assert_allclose(found[12], np.broadcast_to([0, 255, 255], (8, 8, 3)), atol=2)


# One pixel, first red and then blue.
TWO_FRAMES = "R0lGODlhAQABAPAAAP8AAAAA/yH5BAQKAAAALAAAAAABAAEAAAICRAEAIfkEBAoAAAAsAAAAAAEAAQAAAgJMAQA7"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.slow
def test_bringing_keeps_no_reader_out(reader: Reader, language: str):
    reader.open(f"/?lang={language}").figures()
    reader.page.locator('.edit-array[data-edits="x"]').first.click()
    found = in_both_schemes(reader, "dialog.editor[open]")
    for way in ("draw", "shelf"):
        reader.page.locator(f'[data-way="{way}"]').click()
        ready = ".shelf button" if way == "shelf" else ".surface"
        expect(dialog(reader).locator(ready).first).to_be_visible()
        found += in_both_schemes(reader, "dialog.bring[open]")
        reader.press("Escape")
    drop(reader, {"photo.png": png(COLOURS)})
    expect(dialog(reader).get_by_role("heading")).to_have_text(WORDS[language]["bring.title.photo"].format(array="x"))
    found += in_both_schemes(reader, "dialog.bring[open]")
    assert found == []
