"""Compare with mine, on the page: an array of one's own in the closer look, beside that of the walk."""

import io
import re
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Route, expect

import core
from app.walks.arrays import written
from core.catalog import LAYERS
from tests.browser import NewReader, Reader
from tests.test_page_axe import in_both_schemes
from tests.test_page_bring import arrive, drop
from tests.test_page_closer import NUMBERS, drawn
from tests.wrong_code import Mine

pytestmark = pytest.mark.browser

MARKS = """() => document.querySelector('.closer .drawn').layout.shapes
    .filter(({ type }) => type === 'path').map(({ path }) => path.split('Z').length - 1)"""


def layer(groups: int) -> Mine:
    """A kernel that is not square, stride 2, padding 1."""
    dice = np.random.default_rng(5)
    x, w, dy = (dice.integers(-3, 4, shape) * 1.0 for shape in ((4, 6, 5), (4, 4 // groups, 3, 2), (4, 3, 3)))
    return Mine(x, w, np.zeros(4), dy, (2, 2), ((1, 1), (1, 1)), (1, 1), groups, "identity", 5)


def settings_of(mine: Mine) -> dict[str, Any]:
    return {"x": mine.x, "w": mine.w, "dy": mine.dy, "stride": 2, "padding": 1, "groups": mine.groups}


def address(mine: Mine, language: str) -> str:
    pairs = settings_of(mine) | {"lang": language}
    query = {name: written(one) if isinstance(one, np.ndarray) else str(one) for name, one in pairs.items()}
    return "/conv2d/input_gradient?" + "&".join(f"{name}={text}" for name, text in query.items())


def opened(reader: Reader, address: str) -> Locator:
    """The closer look at dx, opened by the keyboard alone; its panel."""
    reader.open(address).wait("() => document.querySelector('.slider').style.getPropertyValue('--arrived') === '100%'")
    reader.page.locator("[data-look=dx]").focus()
    reader.press("Enter")
    return drawn(reader)


def bring(reader: Reader, panel: Locator, array: np.ndarray) -> Locator:
    """Paste an array as NumPy prints it, and have it compared; what is said of it."""
    panel.locator(".opens-mine:visible, .change:visible").focus()
    reader.press("Enter")
    field = panel.locator("#mine-text")
    expect(field).to_be_focused()
    with np.printoptions(threshold=10**6, floatmode="unique"):
        field.fill(repr(array))
    reader.press("Control+Enter")
    expect(field).to_be_hidden()
    said = panel.locator(".verdict")
    expect(said).not_to_have_text(re.compile("^(Comparing|正在)"))
    return said


def test_a_wrong_gradient_is_named_and_the_first_cell_that_differs_is_pinned_with_its_sum(reader: Reader):
    mine = layer(groups=2)
    right, wrong = mine.dx(), mine.cropped(mine.gathered(mine.dz(), mine.w))
    panel = opened(reader, address(mine, "en"))
    said = bring(reader, panel, wrong)
    expect(said).to_contain_text("dx_padded: the kernel is not turned by 180°")
    expect(said).to_contain_text(f"dx differs in {np.sum(wrong != right)} of {right.size} cells")
    link = panel.locator(".walks a")
    expect(link).to_have_text("See it in one group, dx[0:2]: The kernel is not flipped ↗")
    assert "/kernel_not_flipped/walk?" in str(link.get_attribute("href"))
    first = np.argwhere(wrong != right)[0].tolist()
    reader.wait("() => convwalk.cell?.pinned")
    assert reader.evaluate("convwalk.cell") == {"array": "dx", "index": first, "pinned": True}
    assert reader.evaluate("convwalk.value('dx')[0][0][0]") == right[0, 0, 0]  # where it is computed
    shown = panel.locator(".sum").inner_text()
    assert shown.startswith(f"dx{first} = dx_padded[0, 1, 1] = "), shown
    assert shown.endswith(f"= {right[tuple(first)]:g}".replace("-", "−")), shown
    assert reader.evaluate(NUMBERS) == (wrong - right)[0].tolist()
    assert reader.evaluate(MARKS) == [np.sum(wrong[0] != right[0])]
    panel.get_by_role("button", name="Yours", exact=True).click()
    reader.wait(f"() => ({NUMBERS})()[0]?.[0] === {wrong[0, 0, 0]}")
    panel.get_by_role("button", name="Right", exact=True).click()
    reader.press("Escape").seek(3)  # nothing of it is lost
    reader.page.locator("[data-look=dx]").click()
    drawn(reader)
    expect(said).to_contain_text("dx_padded: the kernel is not turned by 180°")
    reader.wait(f"() => {{ const [row] = ({NUMBERS})(); return row?.every((each) => each === null); }}")
    assert reader.evaluate(MARKS) == [np.sum(wrong[0] != right[0])]

    # What float32 rounds is no mistake, and nobody is led to a cell of it. A rule of one's own has the word.
    said = bring(reader, panel, (right + 0.1).astype("f4").astype(float) - 0.1)
    expect(said).to_contain_text("dx is right as far as float32 goes: the differences are its rounding alone")
    assert reader.step == 3
    panel.locator(".rounding summary").click()
    panel.get_by_label("atol").fill("1e-3")
    reader.press("Enter")
    expect(panel.get_by_label("atol")).to_be_focused()
    expect(said).to_have_text(f"dx agrees in all {right.size} cells")
    assert reader.evaluate(MARKS) == []

    # A shape that does not fit is asked about, not compared.
    panel.get_by_role("button", name="Change").click()
    panel.locator("#mine-text").fill(str(right.tolist()))
    expect(panel.locator(".apply")).to_have_text("Compare")
    panel.locator("#mine-text").fill(str(right[:, :5].tolist()))
    expect(panel.locator(".read")).to_have_text("4×5×5; dx is 4×6×5")
    expect(panel.locator(".apply")).to_have_text("Why not?")
    reader.press("Escape")
    said = bring(reader, panel, right[:, :5])
    reader.expect_complaint("422")
    expect(said).to_contain_text("dx must have the shape (4, 6, 5); it has (4, 5, 5): it lacks the last rows")
    said = bring(reader, panel, right + np.arange(right.size).reshape(right.shape))
    expect(said).to_contain_text("none of the known mistakes")


# How high the letters of the least readable number are, and how much of a cell the widest and the highest take.
READ = """() => {
    const drawn = document.querySelector('.closer .drawn'), { xaxis, yaxis } = drawn._fullLayout;
    const cell = (axis) => axis._length / Math.abs(axis.range[1] - axis.range[0]);
    const texts = [...drawn.querySelectorAll('.heatmap-label text')];
    const sizes = texts.map((text) => parseFloat(getComputedStyle(text).fontSize));
    const boxes = texts.map((text) => text.getBoundingClientRect());
    return [texts.length, Math.min(...sizes), Math.max(...boxes.map(({ width }) => width / cell(xaxis))),
        Math.max(...boxes.map(({ height }) => height / cell(yaxis)))];
}"""


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_the_numbers_of_a_difference_are_read_and_lie_in_their_cells(new_reader: NewReader, size: tuple[int, int]):
    reader = new_reader(viewport={"width": size[0], "height": size[1]})
    mine = layer(groups=2)
    mine.dy = mine.dy * 0.731
    panel = opened(reader, address(mine, "en"))
    bring(reader, panel, mine.cropped(mine.gathered(mine.dz(), mine.w)))
    reader.wait("() => document.querySelector('.closer .heatmap-label text')?.textContent.length > 2")
    count, least, wide, high = reader.evaluate(READ)
    assert count == mine.x[0].size
    assert least >= 9.5
    assert wide <= 1
    assert high <= 1.2  # a line's box is higher than its letters


HIGH = """() => {
    const drawn = document.querySelector('.closer .drawn');
    return [drawn.clientHeight, drawn._fullLayout.height];
}"""


def test_a_print_is_compared_to_its_decimals_and_the_cell_that_is_pinned_is_one_that_differs(reader: Reader):
    mine = layer(groups=2)
    mine.x, mine.w, mine.dy = (
        one + 0.1 * np.sin(np.arange(one.size).reshape(one.shape)) for one in (mine.x, mine.w, mine.dy)
    )
    mine.x, mine.w, mine.dy = (np.round(one, 5) for one in (mine.x, mine.w, mine.dy))
    right, wrong = mine.dx(), mine.dx(mine.dz()[:, :-1])
    differs = ~np.isclose(wrong, right)
    assert 0 < differs.sum() < right.size / 1.5
    first = np.argwhere(differs)[0].tolist()
    panel = opened(reader, address(mine, "en"))
    said = bring(reader, panel, np.round(wrong, 8))
    expect(said).to_contain_text(
        f"dx differs in {differs.sum()} of {right.size} cells, to the 8 decimals that you gave, first in dx{first}:"
    )
    expect(said).to_contain_text("the last row is left out")
    expect(said).not_to_contain_text("example")
    reader.wait("() => convwalk.cell?.pinned")
    assert reader.evaluate("convwalk.cell") == {"array": "dx", "index": first, "pinned": True}
    drop(reader, {"mine.npy": npy(right.astype("f4"))}, ".closer .drawn")
    expect(said).to_have_text("dx agrees in all 120 cells, as far as float32 goes")
    reader.wait(f"() => {{ const [room, plot] = ({HIGH})(); return Math.abs(plot - room) < 2; }}")
    high = reader.evaluate(HIGH)[0]
    panel.locator(".rounding summary").click()  # it takes of the plot's room
    reader.wait(f"() => {{ const [room, plot] = ({HIGH})(); return room < {high} && Math.abs(plot - room) < 2; }}")
    panel.get_by_label("computed in").select_option("float64")
    expect(said).to_contain_text("the differences are its rounding alone")


def test_arrays_of_the_example_are_told_and_one_file_brings_ones_own(reader: Reader):
    mine = layer(groups=1)
    right = mine.dw()
    sizes = "in_channels=4&in_height=6&in_width=5&out_channels=4&kernel_height=3&kernel_width=2&stride=2&padding=1"
    reader.open(f"/conv2d/weight_gradient?{sizes}&lang=en")
    reader.wait("() => document.querySelector('.slider').style.getPropertyValue('--arrived') === '100%'")
    arrive(reader, "#stage", {"x.npy": npy(mine.x)}, "dragenter", "dragover")
    expect(reader.page.locator("#stage .drop-mark")).to_have_text(re.compile(r"it goes to \w"))
    arrive(reader, "#stage", {"x.npy": npy(mine.x)}, "dragleave")
    reader.page.locator("[data-look=dw]").click()
    panel = drawn(reader)
    panel.get_by_role("button", name="Compare with mine").click()
    expect(panel.locator("#mine-beside")).to_contain_text("It is compared on the x, w, b, dy of this walk")
    drop(reader, {"dw.npy": npy(right)}, ".closer .read")
    said = panel.locator(".verdict")
    expect(said).to_contain_text("x and dy are those of the example")
    drop(reader, {"mine.npz": npz(x=mine.x, w=mine.w, dy=mine.dy)}, "#stage")  # though this walk begins with others
    reader.page.locator("dialog.handing .apply").click()
    expect(said).to_have_text("dw agrees in all 96 cells")

    # Of one file the walk takes what it begins with, and compares what it computes, whatever is looked at.
    reader.press("Escape").seek(3)
    expect(panel).to_be_hidden()
    drop(reader, {"mine.npz": npz(x=mine.x, w=mine.w, dy=-mine.dy, dw=right, dx=mine.dx())}, "#stage")
    file = reader.page.locator("dialog.handing")
    goes = 'label:has(code:text-is("%s")) select'
    expect(file.locator(goes % "dw")).to_have_value("=")
    expect(file.locator(goes % "dx")).to_have_value("")  # which this walk does not compute
    expect(file.locator(".apply")).to_have_text("Walk and compare")
    file.locator(".apply").click()
    expect(said).to_contain_text("dw: every number has the other sign")
    assert reader.wait("() => convwalk.cell?.pinned").evaluate("convwalk.cell.array") == "dw"


GOES = 'label:has(code:text-is("%s"))'


def test_a_file_sets_settings_by_their_names_and_an_array_that_does_not_fit_is_made_to(reader: Reader):
    mine = layer(groups=2)
    wrong = mine.cropped(mine.gathered(mine.dz(), mine.w))
    saved = {"x": mine.x, "w": mine.w, "dy": mine.dy, "dx": wrong, "padding": 1.0, "learning_rate": 0.5}
    reader.open("/conv2d/walk?lang=en")  # with one group, and the stride 1
    reader.expect_complaint("422")
    before = reader.address
    drop(reader, {"mine.npz": npz(**saved, stride=[2, 0])})
    file = reader.page.locator("dialog.handing")
    expect(file.locator(GOES % "stride")).to_contain_text("2, 0")
    expect(file.locator(f"{GOES % 'stride'} :checked")).to_have_text("as a setting")
    file.locator(".apply").click()
    expect(file.locator(".said")).to_contain_text("stride must be from 1")
    expect(file.locator(".moves button")).to_have_count(0)
    file.locator(".answers button", has_text="Cancel").click()
    assert reader.address.partition("#")[0] == before.partition("#")[0]  # nothing of it is lost

    # With all settings in it, the file is all that it takes.
    drop(reader, {"mine.npz": npz(**saved, stride=2, groups=2)})
    file.locator(".apply").click()
    expect(reader.page.locator(".closer .verdict")).to_contain_text("dx_padded: the kernel is not turned by 180°")
    arrays = {"x": mine.x, "w": mine.w, "dy": mine.dy}
    trace = core.record("conv2d", arrays=arrays, stride=2, padding=1, groups=2)
    assert reader.evaluate("convwalk.steps") == len(trace.steps)
    reader.page.go_back()
    reader.wait("() => convwalk.value('x').length === 3")

    # Channels that come last are moved.
    drop(reader, {"mine.npz": npz(x=mine.x.transpose(1, 2, 0), w=layer(groups=1).w)})
    expect(file.locator(".said")).to_be_hidden()
    file.locator(".apply").click()
    file.locator(".moves button", has_text="H, W, C → C, H, W: 4×6×5").click()
    expect(file).to_be_hidden()
    reader.wait("(x) => convwalk.value('x')[0][5][4] === x", mine.x[0, 5, 4])

    # w has its share of the channels: the groups are set.
    drop(reader, {"mine.npz": npz(**saved, Stride=[2, 2])})
    file.locator(".apply").click()
    expect(file.locator(".said")).to_contain_text("with groups = 2")
    file.locator(".moves button", has_text="set groups to 2").click()
    expect(file).to_be_hidden()
    expect(reader.page.locator(".closer .verdict")).to_contain_text("dx_padded: the kernel is not turned by 180°")
    assert "&groups=2" in reader.address


def test_what_was_computed_from_other_numbers_is_compared_once_they_are_walked_on(reader: Reader):
    mine = layer(groups=2)
    panel = opened(reader, address(mine, "en").replace("input_gradient", "walk") + "#input_gradient")
    said, file = panel.locator(".verdict"), reader.page.locator("dialog.handing")
    drop(reader, {"mine.npz": npz(x=mine.x, w=mine.w, dx=mine.dx())}, ".closer .drawn")  # as they are
    expect(said).to_have_text("dx agrees in all 120 cells")
    drop(reader, {"mine.npz": npz(dy=-mine.dy, dx=-mine.dx())}, ".closer .drawn")
    file.locator(".apply").click()
    reader.wait("(first) => convwalk.value('dy')[0][0][0] === first", -mine.dy[0, 0, 0])
    expect(said).to_have_text("dx agrees in all 120 cells")

    # The same where the file is chosen.
    panel.locator(".change").click()
    panel.locator("[data-opens]").set_input_files(
        {"name": "mine.npz", "mimeType": "", "buffer": npz(dy=mine.dy, dx=mine.dx())}
    )
    file.locator(".apply").click()
    reader.wait("(first) => convwalk.value('dy')[0][0][0] === first", mine.dy[0, 0, 0])
    expect(said).to_have_text("dx agrees in all 120 cells")

    # Settings are as good as numbers, whether they can be read or not; small letters and capitals are alike.
    for more in ({"padding": 2}, {"activation": "relu"}, {"kernel_size": 3}):
        drop(reader, {"mine.npz": npz(DX=mine.dx(), **more)}, ".closer .drawn")
        file.locator(".answers button", has_text="Cancel").click()
    drop(reader, {"mine.npz": npz(DX=mine.dx(), dz=mine.dz())}, ".closer .drawn")
    expect(said).to_have_text("dx agrees in all 120 cells")
    drop(reader, {"mine.npz": npz(x=mine.x)}, ".closer .drawn")
    expect(panel.locator(".read")).to_contain_text("dx is not among the arrays of this file: x.")


def walk_on(reader: Reader, **saved: Any) -> Locator:
    """Drop a file with these arrays on the stage, and walk and compare; the dialog, and what it says."""
    drop(reader, {"mine.npz": npz(**saved)})
    file = reader.page.locator("dialog.handing")
    file.locator(".apply").click()
    return file


@pytest.mark.parametrize(
    ("algorithm", "query", "settings", "said"),
    [
        ("conv2d", "", {"activation": "relu", "padding": [[1, 0], [1, 1]], "stride": [2, 1]}, "agrees"),
        ("avg_pool2d", "", {"kernel_size": 3, "stride": 3, "count_include_pad": np.False_, "padding": 1}, "agrees"),
        ("max_pool2d", "padding=0", {"kernel_size": [2, 3], "stride": [1, 2], "ties": "split"}, "agrees"),
        ("avg_pool2d", "kernel_height=3&kernel_width=3", {"kernel_size": 2, "padding": 0, "ceil_mode": True}, "agrees"),
    ],
)
def test_settings_in_a_file_are_pairs_words_and_switches_too(
    reader: Reader, algorithm: str, query: str, settings: dict[str, Any], said: str
):
    dice = np.random.default_rng(1)
    settings = settings | ({"dilation": 1} if algorithm == "max_pool2d" else {})
    names = LAYERS[algorithm].axes
    x = dice.normal(size=(2, 7, 6))
    w = {"w": dice.normal(size=(2, 2, 3, 3))} if "w" in names else {}
    plain = {name: one.tolist() if isinstance(one, np.generic) else one for name, one in settings.items()}
    plain = {name: tuple(map(tuple, one)) if np.ndim(one) == 2 else one for name, one in plain.items()}
    shape = core.record(algorithm, arrays={"x": x, **w}, **plain).start["dy"].shape
    brought = {"x": x, **w, "dy": dice.normal(size=shape)}
    dx = core.run(algorithm, arrays=brought, **plain)["dx"]
    reader.open(f"/{algorithm}/walk?lang=en&{query}")
    expect(walk_on(reader, **brought, dx=dx, **settings)).to_be_hidden()
    expect(reader.page.locator(".closer .verdict")).to_contain_text(f"dx {said} in all {dx.size} cells")


def test_a_gradient_that_does_not_fit_is_refused_and_nothing_else_is_judged_in_its_place(reader: Reader):
    mine = layer(groups=1)
    reader.expect_complaint("422")
    reader.open("/conv2d/walk?lang=en")  # the padding is that of the example, 1, and should be 0
    small = np.ones((4, 2, 2))
    file = walk_on(reader, x=mine.x, w=mine.w, dy=small, dx=mine.dx(), stride=2)
    expect(file.locator(".said")).to_have_text("dy must have the shape (4, 3, 3); it has (4, 2, 2)")
    expect(file.locator(".apply")).to_be_focused()
    # More numbers than a setting has, and what only looks like a fraction.
    for name, numbers, said in (
        ("padding", [1, 1, 1, 1, 1], "padding must be"),
        ("learning_rate", [0, 5], "learning_rate must be a number"),
    ):
        file.locator(".answers button", has_text="Cancel").click()
        walk_on(reader, x=mine.x, w=mine.w, **{name: np.array(numbers)})
        expect(file.locator(".said")).to_contain_text(said)
    assert not reader.page.locator(".closer[open]").count()


def test_of_two_arrays_that_do_not_fit_one_is_moved_after_the_other(reader: Reader):
    mine = layer(groups=1)
    reader.expect_complaint("422")
    reader.open("/conv2d/walk?lang=en")
    moved = {"x": mine.x.transpose(1, 2, 0), "w": mine.w, "dy": mine.dy.transpose(1, 2, 0)}
    file = walk_on(reader, **moved, dx=mine.dx(), stride=2, padding=1)
    for label in ("H′, W′, F → F, H′, W′: 4×3×3", "H, W, C → C, H, W: 4×6×5"):
        expect(file.locator(".moves button", has_text=label)).to_be_focused()
        reader.press("Enter")
    expect(file).to_be_hidden()
    expect(reader.page.locator(".closer .verdict")).to_have_text("dx agrees in all 120 cells")


def test_an_answer_that_comes_too_late_says_nothing_of_another_file(reader: Reader):
    mine = layer(groups=1)
    reader.expect_complaint("422")
    reader.open("/conv2d/walk?lang=en")
    held: list[Route] = []
    reader.page.route("**/layout?*", lambda route: held.append(route))  # noqa: PLW0108 - playwright takes no builtin
    file = walk_on(reader, x=mine.x.transpose(1, 2, 0), w=mine.w)
    reader.wait("() => document.querySelector('.handed').inert")
    while not held:
        reader.page.wait_for_timeout(20)
    drop(reader, {"mine.npz": npz(x=mine.x, w=mine.w, dy=mine.dy, dw=mine.dw(), stride=2, padding=1)})
    expect(file.locator(GOES % "dw")).to_be_visible()
    held[0].continue_()
    reader.page.unroute("**/layout?*")
    file.locator(".apply").click()
    expect(file).to_be_hidden()
    expect(reader.page.locator(".closer .verdict")).to_have_text("dw agrees in all 96 cells")

    # Escape gives up what is on its way.
    held.clear()
    reader.page.route("**/stream?*", lambda route: held.append(route))  # noqa: PLW0108
    walk_on(reader, x=-mine.x, dw=mine.dw())
    reader.wait("() => document.querySelector('.handed').inert")
    reader.press("Escape")
    expect(file).to_be_hidden()
    reader.page.unroute("**/stream?*")
    assert reader.evaluate("convwalk.value('x')[0][0][0]") == mine.x[0, 0, 0]
    expect(reader.page.locator(".closer .verdict")).to_have_text("dw agrees in all 96 cells")


AXES = """() => {
    const { xaxis, yaxis, _size } = document.querySelector('.closer .drawn')._fullLayout;
    return [xaxis.range, yaxis.range, xaxis.dtick, yaxis.dtick, _size.h >= 110];
}"""


def test_a_small_array_is_drawn_as_it_is_computed_or_not_and_after_a_larger_one(reader: Reader):
    reader.page.set_viewport_size({"width": 1280, "height": 720})
    mine = layer(groups=2)
    reader.open(address(mine, "en").replace("input_gradient", "weight_gradient"))
    reader.wait("() => document.querySelector('.slider').style.getPropertyValue('--arrived') === '100%'")
    reader.seek(0)
    reader.page.locator("[data-look=x_padded]").click()
    panel = drawn(reader)
    reader.wait(f"() => ({AXES})()[0][1] === 6.5")
    reader.page.locator("[data-look=dw]").click()
    as_it_is = [[-0.5, 1.5], [2.5, -0.5], 1, 1, True]
    reader.wait(f"() => ({AXES})()[0][1] === 1.5")
    assert reader.evaluate(AXES) == as_it_is  # nothing of it is computed
    drop(reader, {"dw.npy": npy(mine.dw()[::-1])}, ".closer .drawn")
    expect(panel.locator(".verdict")).to_contain_text("dw: the filters stand in reverse order")
    reader.wait(f"() => {{ const [row] = ({NUMBERS})(); return row?.every((each) => each !== null); }}")
    assert reader.evaluate(AXES) == as_it_is
    reader.page.set_viewport_size({"width": 1920, "height": 1080})
    reader.wait(f"() => ({AXES})()[4]")
    assert reader.evaluate(AXES) == as_it_is


TEXTS = "() => document.querySelector('.closer .drawn').data[0].text"


def test_nan_is_a_cell_that_differs_and_signs_are_those_of_the_page(reader: Reader):
    mine = layer(groups=2)
    right = mine.dx()
    wrong = right + 1e-15
    wrong[0, 0, 0], wrong[0, 0, 1], wrong[1, 2, 3] = -5.25, np.nan, -np.inf
    panel = opened(reader, address(mine, "en"))
    said = bring(reader, panel, wrong)
    expect(said).to_contain_text(f"yours is −5.25, and should be {right[0, 0, 0]:g}".replace("-", "−"))
    expect(said).to_contain_text(
        "dx is NaN or infinite where it should not be, in 2 of 120 cells, the first of them dx[0, 0, 1]"
    )
    expect(panel.locator(".rounding summary")).to_contain_text("rtol 1e−9")
    assert reader.evaluate(MARKS) == [2]
    [first, *rest] = reader.evaluate(TEXTS)[0]
    assert first.startswith("−")
    assert rest == ["NaN", *["≈0" if cell else "0" for cell in (wrong - right)[0, 0, 2:]]]
    panel.get_by_role("button", name="Yours", exact=True).click()
    reader.wait(f"() => ({TEXTS})()[0][0] === '−5.25'")
    panel.get_by_role("button", name="Change").click()
    expect(panel.locator("#mine-text")).to_have_value(re.compile("NaN"))  # as it can be read again
    expect(panel.locator(".read")).to_have_text("4×6×5, as it should be")


def npy(array: np.ndarray) -> bytes:
    np.save(file := io.BytesIO(), array)
    return file.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    np.savez(file := io.BytesIO(), **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def csv(array: np.ndarray) -> bytes:
    return "\n\n".join("\n".join(",".join(map(repr, row)) for row in each) for each in array.tolist()).encode()


def test_a_file_that_is_dropped_on_the_closer_look_is_compared_and_is_no_input(reader: Reader):
    mine = layer(groups=2)
    right = mine.dx()
    panel = opened(reader, address(mine, "en"))
    here = reader.rest().page.url
    mark = reader.page.locator(".drop-mark")
    arrive(reader, ".closer .drawn", {"mine.npy": npy(right)}, "dragenter", "dragover")
    expect(panel.locator(mark)).to_have_text("Drop it: it is compared with dx")
    expect(mark).to_have_count(1)
    arrive(reader, ".closer .drawn", {"mine.npy": npy(right)}, "dragleave")
    expect(mark).to_be_hidden()

    said = panel.locator(".verdict")
    wrong = right.copy()
    wrong[1, 0, 0] = np.nan
    drop(reader, {"mine.npy": npy(wrong)}, ".closer .drawn")
    expect(said).to_contain_text("dx differs in 1 of 120 cells, first in dx[1, 0, 0]: yours is NaN")
    expect(mark).to_be_hidden()
    drop(reader, {"mine.csv": csv(right)}, ".closer .mine")
    expect(said).to_have_text("dx agrees in all 120 cells")
    wrong = mine.cropped(mine.gathered(mine.dz(), mine.w))
    drop(reader, {"all.npz": npz(dx=wrong, dx_padded=right, other=right[0])}, ".closer .verdict")
    expect(said).to_contain_text("dx_padded: the kernel is not turned by 180°")
    drop(
        reader,
        {"dx.npy": npy(2 * right), "dx_padded.npy": npy(np.pad(right, ((0, 0), (1, 1), (1, 1))))},
        ".closer .verdict",
    )
    expect(said).to_contain_text("dx: every number is 2 times the right one")
    expect(panel.locator(".walks")).to_have_text("no walk of its own shows this mistake")
    reader.page.locator("[data-look=dx_padded]").click()
    expect(said).to_contain_text("dx_padded differs in")

    # What is no array of the walk is told of where it was dropped, and is not compared.
    drop(reader, {"all.npz": npz(dw=right, b=right)}, ".closer .verdict")
    expect(panel.locator(".read")).to_have_text("dx_padded is not among the arrays of this file: dw, b.")
    drop(reader, {"x.csv": b"1 2\n3 4\n"}, ".closer .read")
    expect(panel.locator("#mine-text")).to_have_value("1 2\n3 4\n")
    expect(panel.locator(".read")).to_have_text("1×2×2; dx_padded is 4×8×7")
    assert reader.page.locator("dialog:modal").count() == 0
    assert reader.page.url.partition("#")[0] == here.partition("#")[0]

    # Beside it, a file is an input as before.
    panel.get_by_role("button", name="Close").click()
    arrive(reader, "#stage", {"x.npy": npy(mine.x)}, "dragenter", "dragover")
    expect(reader.page.locator("#stage .drop-mark")).to_be_visible()


FOCUSED = "() => document.activeElement.matches(%r)"


def test_all_of_it_is_done_by_the_keyboard_alone(reader: Reader):
    mine = layer(groups=2)
    panel = opened(reader, address(mine, "en"))
    wrong = mine.cropped(mine.gathered(mine.dz(), mine.w))
    said = bring(reader, panel, wrong)
    reader.wait("() => convwalk.cell?.pinned")

    def reach(selector: str, key: str = "Tab") -> None:
        reader.press(key).wait(FOCUSED % selector)

    reader.wait(FOCUSED % ".change")
    reach("[data-side=difference]", "Shift+Tab")
    reach("[data-side=yours]", "Shift+Tab")
    reader.press("Enter").wait(f"() => ({NUMBERS})()[0]?.[0] === {wrong[0, 0, 0]}")
    reach("[data-side=difference]")
    reach(".change")
    reach(".walks a")
    reach(".shows")
    reader.evaluate("convwalk.seek(2)")
    reader.press("Enter")
    reader.wait("() => convwalk.step > 2 && convwalk.cell?.pinned && convwalk.cell.array === 'dx'")
    reader.page.locator(".shows").focus()
    reach(".rounding summary")
    reader.press("Enter")
    reach("#mine-dtype")
    reach("#mine-rtol")
    reach("#mine-atol")
    reader.page.keyboard.type("0,5")
    reader.press("Enter")
    expect(said).to_contain_text(f"dx differs in {np.sum(np.abs(wrong - mine.dx()) > 0.5)} of 120 cells")
    reader.page.locator(".change").focus()
    reader.press("Enter").wait(FOCUSED % "#mine-text")
    reader.press("Escape").wait(FOCUSED % ".change")  # thought better of it: what was compared stays
    expect(said).to_be_visible()
    reader.press("Enter").wait(FOCUSED % "#mine-text")
    reach(".away")
    reach(".file")
    reader.press("Shift+Tab").press("Enter")
    reader.wait(FOCUSED % ".opens-mine")


@pytest.mark.slow
def test_on_a_phone_in_chinese_a_link_leads_to_the_walk_that_makes_the_mistake(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    mine = layer(groups=1)
    panel = opened(reader, address(mine, "zh"))
    panel.get_by_role("button", name="与我的对照").tap()
    assert in_both_schemes(reader) == []
    panel.locator("#mine-text").fill("[[1, 2], [3, x]]")
    expect(panel.get_by_role("status").first).to_contain_text("x")
    reader.press("Escape")
    expect(panel.get_by_role("button", name="与我的对照")).to_be_focused()
    wrong = mine.cropped(mine.gathered(mine.dz(), mine.w))
    said = bring(reader, panel, wrong)
    expect(said).to_contain_text("dx_padded：卷积核没有旋转 180°")
    reader.wait("() => convwalk.cell?.pinned")
    assert in_both_schemes(reader) == []
    assert reader.evaluate("document.documentElement.scrollWidth") == 390
    panel.get_by_role("button", name="你的").tap()
    reader.wait(f"() => ({NUMBERS})()[0]?.[0] === {wrong[0, 0, 0]}")
    reader.evaluate("convwalk.seek(2)")
    panel.locator(".shows").tap()
    reader.wait("() => convwalk.step > 2 && convwalk.cell?.pinned")
    panel.locator(".rounding summary").tap()
    expect(panel.get_by_label("atol")).to_be_visible()
    assert in_both_schemes(reader, ".closer") == []
    assert reader.evaluate("document.documentElement.scrollWidth") == 390
    with reader.context.expect_page() as followed:
        panel.get_by_role("link").tap()
    walk = followed.value
    walk.wait_for_function("() => window.convwalk?.ready.then(() => true)")
    assert "/kernel_not_flipped/" in walk.url
    expect(walk.locator("[data-station=part_ways]")).to_have_attribute("aria-current", "step")
    assert walk.evaluate("document.documentElement.lang") == "zh-Hans"
    walk.evaluate("convwalk.seek(convwalk.steps)")
    walk.wait_for_function("() => convwalk.step === convwalk.steps")  # it may not have arrived yet
    last = walk.evaluate("convwalk.value('dx_wrong')")
    np.testing.assert_array_equal(np.array(last, float), wrong)
    walk.close()


def test_other_settings_are_compared_anew_and_a_server_that_is_busy_or_away_is_told_of(reader: Reader):
    mine = core.run("conv2d", "input_gradient")["dx"]
    answers = iter(["busy", "away"])

    def answer(route: Route) -> None:
        now = next(answers, "")
        if now == "busy":
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"setting": None, "message": "busy"})
        elif now == "away":
            route.abort()
        else:
            route.continue_()

    reader.page.route("**/compare?*", answer)
    reader.expect_complaint("429")
    reader.expect_complaint("ERR_FAILED")
    panel = opened(reader, "/conv2d/input_gradient?lang=en")
    said = bring(reader, panel, mine)
    expect(said).to_have_text("The server could not be reached.")
    panel.get_by_role("button", name="Try again").click()
    expect(said).to_have_text("dx agrees in all 75 cells w and dy are those of the example")
    reader.page.locator('[data-setting="stride"]').first.fill("1")
    reader.press("Enter")
    right = core.run("conv2d", "input_gradient", stride=1)["dx"]
    expect(said).to_contain_text(f"dx differs in {np.sum(right != mine)} of 75 cells")
    panel.get_by_role("button", name="Change").click()
    file = io.BytesIO()
    np.savez(file, dx=right.astype("f4"), dx_padded=np.zeros((3, 7, 7)))
    panel.locator("[data-opens]").set_input_files({"name": "m.npz", "mimeType": "", "buffer": file.getvalue()})
    expect(said).to_contain_text("dx agrees in all 75 cells")
    reader.page.locator("[data-look=dx_padded]").click()  # the other array of the file
    expect(said).to_contain_text("dx_padded differs in")
    reader.page.locator("[data-look=dx]").click()
    expect(said).to_contain_text("dx agrees in all 75 cells")
    panel.get_by_role("button", name="Change").click()
    np.save(file := io.BytesIO(), np.array([{}]), allow_pickle=True)
    panel.locator("[data-opens]").set_input_files({"name": "m.npy", "mimeType": "", "buffer": file.getvalue()})
    expect(panel.locator(".read")).to_contain_text("Python objects")
    panel.get_by_role("button", name="Put mine away").click()
    expect(panel.get_by_role("button", name="Compare with mine")).to_be_visible()
    reader.wait(f"() => ({MARKS})().length === 0")
