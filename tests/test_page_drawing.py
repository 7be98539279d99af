"""Where a cell lies on its board (static/board/plan.js), and what its number looks like (static/say/look.js)."""

import math
import random
import re
import struct
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.browser import read, stands_for
from tests.node import node

ROOT = Path(__file__).parents[1]

# One axis to four, lone cells, tall stacks that become blocks, and filters with one channel.
SHAPES = [(1,), (2,), (16,), (1, 1), (5, 7), (3, 5, 5), (1, 64, 64), (16, 20, 20), (16, 3, 1), (40, 2, 2),
          (2, 3, 3, 3), (16, 1, 3, 3), (1, 16, 2, 5), (3, 2, 11, 1)]  # fmt: skip


def boards() -> list[tuple[tuple[int, ...], list[list[int]]]]:
    """Every shape with cells marked: none, all, one alone, a box as of a patch, and at random."""
    rng = random.Random(11)
    made = []
    for shape in SHAPES:
        cells = math.prod(shape)
        corner = np.arange(cells).reshape(shape)[tuple(slice(size // 3, size) for size in shape)]
        some = [[flat for flat in range(cells) if rng.random() < share] for share in (0.1, 0.5, 0.9)]
        made.append((shape, [[], list(range(cells)), [rng.randrange(cells)], corner.ravel().tolist(), *some]))
    return made


@pytest.fixture(scope="module")
def planned() -> list[tuple[tuple[int, ...], list[np.ndarray], Any]]:
    """Every shape, its sets of marked cells as grids of the board, and what the page makes of them."""
    made = []
    asked = boards()
    plans = node("plans", boards=[{"shape": shape, "masks": masks} for shape, masks in asked])
    for (shape, masks), plan in zip(asked, plans, strict=True):
        grids = []
        for mask in masks:
            grid = np.zeros((plan["rows"], plan["columns"]), bool)
            grid[np.array(plan["ys"])[mask], np.array(plan["xs"])[mask]] = True
            grids.append(grid)
        made.append((shape, grids, plan))
    return made


# --- Places -----------------------------------------------------------------------------------------------------------


def test_every_cell_has_a_place_of_its_own_on_its_board(planned):
    for shape, _, plan in planned:
        places = set(zip(plan["xs"], plan["ys"], strict=True))
        assert len(places) == math.prod(shape)
        assert all(0 <= x < plan["columns"] and 0 <= y < plan["rows"] for x, y in places)
        assert plan["at"] == list(range(math.prod(shape)))
        assert plan["outside"] == [-1] * 4


def test_a_cell_is_named_by_its_indices(planned):
    for shape, _, plan in planned:
        assert list(map(tuple, plan["indices"])) == list(np.ndindex(shape))


def test_rows_go_down_and_columns_go_right_within_a_map(planned):
    for shape, _, plan in planned:
        height, width = (shape[0], 1) if len(shape) == 1 else shape[-2:]
        xs, ys = (np.array(plan[axis]).reshape(-1, height, width) for axis in ("xs", "ys"))
        for number, place in enumerate(plan["maps"]):
            assert (xs[number] == place["x"] + np.arange(width)[None, :]).all()
            assert (ys[number] == place["y"] + np.arange(height)[:, None]).all()


def test_every_map_has_room_above_it_for_its_label(planned):
    for shape, grids, plan in planned:
        if len(shape) <= 2:
            assert [place["label"] for place in plan["maps"]] == [""]
            continue
        labels = [f"[{', '.join(map(str, index))}]" for index in np.ndindex(shape[:-2])]
        assert [place["label"] for place in plan["maps"]] == labels
        everything = grids[1]
        for place in plan["maps"]:
            if place["y"] > 0:  # above the board there is room
                assert not everything[place["y"] - 1, place["x"] : place["x"] + shape[-1]].any()


def test_maps_side_by_side_have_a_free_column_between_them(planned):
    for shape, grids, plan in planned:
        for place in plan["maps"]:
            beside = grids[1][:, place["x"] + (shape[-1] if len(shape) > 1 else 1) :][:, :1]
            assert not beside.any()


def test_an_outline_encloses_just_the_marked_cells(planned):
    for _, grids, plan in planned:
        for grid, lines in zip(grids, plan["outlines"], strict=True):
            # Whoever crosses an odd number of lines on the way in from the edge is inside.
            upright, level = np.zeros(grid.shape, int), np.zeros(grid.shape, int)
            for x0, y0, x1, y1 in lines:
                assert (x0 == x1) != (y0 == y1)
                if x0 == x1:
                    upright[y0:y1, x0:] += 1
                else:
                    level[y0:, x0:x1] += 1
            assert (upright % 2 == grid).all()
            assert (level % 2 == grid).all()


def test_rectangles_cover_just_the_marked_cells_and_each_of_them_once(planned):
    for _, grids, plan in planned:
        for grid, rectangles in zip(grids, plan["rectangles"], strict=True):
            covered = np.zeros(grid.shape, int)
            for x0, y0, x1, y1 in rectangles:
                assert x0 < x1
                assert y0 < y1
                covered[y0:y1, x0:x1] += 1
            assert (covered == grid).all()


def test_a_map_that_is_marked_all_over_is_one_rectangle_with_four_lines(planned):
    for _, grids, plan in planned:
        assert len(plan["rectangles"][1]) == len(plan["maps"])
        assert grids[1].any()
        if len(plan["maps"]) == 1:
            assert len(plan["outlines"][1]) == 4


# --- Numbers ----------------------------------------------------------------------------------------------------------


def awkward() -> list[float]:
    """Numbers of every size and sign, those of the walks, and those at the edges."""
    rng = random.Random(5)
    anywhere = [struct.unpack("<d", rng.randbytes(8))[0] for _ in range(300)]
    usual = [sign * rng.random() * 10.0 ** rng.randint(-8, 8) for sign in (1, -1) for _ in range(400)]
    short = [round(rng.uniform(-200, 200), digits) for digits in (0, 1, 2, 3) for _ in range(100)]
    edges = [0.0, -0.0, 0.5, -0.5, 0.05, 9.5, 9.95, 99.5, -99.5, 99.95, 999.5, 0.1 + 0.2, 1e-4, -1e-7, 5e-324,
             1e2, -1e2, -120.0, 1e3, 1e21, -1e21, 1.2e308, 0.995, -0.995, 0.001, 12.999, 1e6, -999999.5]  # fmt: skip
    return [value for value in (*anywhere, *usual, *short, *edges) if math.isfinite(value)]


def test_a_number_in_full_is_the_number():
    values = awkward()
    for value, told in zip(values, node("texts", values=values, rooms=[]), strict=True):
        assert read(told["exact"]) == value


def test_a_short_number_is_the_number_or_says_that_it_is_rounded():
    values, rooms = awkward(), [2, 3, 4, 5, 7, 9, 12]
    for value, told in zip(values, node("texts", values=values, rooms=rooms), strict=True):
        for shown in told["short"]:
            assert stands_for(shown["text"], value, shown["rounded"]), f"{value} is shown as {shown}"


def test_a_short_number_fits_its_room_unless_none_of_its_forms_does():
    values, rooms = awkward(), [2, 3, 4, 5, 7, 9, 12]
    for value, told in zip(values, node("texts", values=values, rooms=rooms), strict=True):
        sign = len("−") * (value < 0)
        power = math.floor(math.log10(abs(value))) if value else 0
        shortest = min(len(told["exact"]), sign + len(f"1e{power + 1}"))
        for room, shown in zip(rooms, told["short"], strict=True):
            assert len(shown["text"]) <= max(room, shortest), f"{value} is shown as {shown['text']} in {room}"
            # Where there is room for all of it, all of it is shown.
            assert len(told["exact"]) > room or (shown["text"], shown["rounded"]) == (told["exact"], False)


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [(-0.0714, 5, "−0.07"), (-0.0000111, 9, "−0.000011"), (0.125, 4, "0.13"), (-0.071, 4, "−.07"), (0.071, 3, "0.1")],
)
def test_a_number_gives_up_digits_before_the_zero_before_its_point(value: float, room: int, text: str):
    [told] = node("texts", values=[value], rooms=[room])
    assert told["short"] == [{"text": text, "rounded": True}]


# Numbers, and what is left of them in some characters. In binary most of them lie a little below or above the half.
HALVES = [
    (2.55, 3, "2.6"), (2.45, 3, "2.5"), (4.25, 3, "4.3"), (-4.25, 4, "−4.3"), (-1.35, 4, "−1.4"), (1.005, 4, "1.01"),
    (1.25, 3, "1.3"), (-0.25, 3, "−.3"), (0.15, 3, "0.2"), (8.345, 4, "8.35"), (1.45, 2, "1"), (9.95, 3, "10"),
    (0.00015, 6, "0.0002"), (2.5e-9, 5, "3e−9"), (-1.5e-12, 6, "−2e−12"), (9.5e22, 4, "1e23"), (25.5, 2, "26"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "room", "text"), HALVES)
def test_a_half_is_rounded_away_from_zero_by_the_digits_that_are_seen(value: float, room: int, text: str):
    [told] = node("texts", values=[value], rooms=[room])
    assert told["short"] == [{"text": text, "rounded": True}]


def test_the_digits_of_a_number_are_rounded_as_on_paper():
    rng = random.Random(3)
    values = [round(rng.uniform(-99, 99), digits) for digits in (1, 2, 3, 4) for _ in range(200)]
    for value, told in zip(values, node("texts", values=values, rooms=[4, 5]), strict=True):
        for shown in told["short"]:
            text = shown["text"].replace("−", "-")
            if "." in text:
                place = Decimal(1).scaleb(-len(text.partition(".")[2]))
                assert Decimal(text) == Decimal(repr(value)).quantize(place, ROUND_HALF_UP), (
                    f"{value} is shown as {text}"
                )


def test_a_number_without_the_zero_before_its_point_is_not_rounded():
    [told] = node("texts", values=[-0.2], rooms=[3])
    assert told["short"] == [{"text": "−.2", "rounded": False}]


# Numbers, and what stands in a cell as wide as high, in one of twice the width, and in one of three times; nothing
# where there is no room for any form of them.
FITTED = {
    -0.788: ("−.8", "−0.788", "−0.788"), -0.7881: ("−.8", "−0.79", "−0.7881"), 2.176: ("2.2", "2.176", "2.176"),
    1 / 3: ("0.3", "0.333", "0.33333"), 255: ("255",) * 3, -12: ("", "−12", "−12"), 0.5: ("0.5",) * 3,
    123456.789: ("1e5", "123457", "123456.8"), -123456.789: ("", "−1e5", "−123456.8"),
    1e-9: ("≈0", "1e−9", "1e−9"), -9.3e-9: ("≈0", "−9e−9", "−9.3e−9"), -3e-12: ("≈0", "≈0", "−3e−12"),
    -1e-300: ("≈0", "≈0", "−1e−300"), 1e300: ("", "1e300", "1e300"), 0: ("0",) * 3,
}  # fmt: skip


def test_a_number_in_a_cell_keeps_off_its_lines_by_smaller_letters_or_fewer_digits():
    found = node("texts", values=list(FITTED), rooms=[], widths=[1.6, 3.2, 4.8])
    told = {value: tuple(each["text"] for each in one["fitted"]) for value, one in zip(FITTED, found, strict=True)}
    assert told == FITTED


def test_a_tiny_number_in_a_cell_is_never_0():
    values = [value for value in awkward() if value]
    for value, told in zip(values, node("texts", values=values, rooms=[2, 3, 6], widths=[1.5, 2.84, 3.2]), strict=True):
        assert "0" not in [each["text"] for each in (*told["short"], *told["fitted"])], value


@pytest.mark.parametrize(("room", "text"), [(2, "≈0"), (4, "≈0"), (5, "2e−12"), (9, "2e−12")])
def test_a_tiny_number_is_a_power_or_almost_0_and_never_0(room: int, text: str):
    [told] = node("texts", values=[2.0463630789890885e-12], rooms=[room])
    assert told["short"] == [{"text": text, "rounded": True}]


@pytest.mark.parametrize(("value", "text"), [("NaN", "NaN"), ("Infinity", "∞"), ("-Infinity", "−∞")])
def test_what_is_no_finite_number_is_shown_as_what_it_is(value: str, text: str):
    [told] = node("texts", values=[value], rooms=[2, 3, 9])
    assert told["exact"] == text
    assert told["short"] == [{"text": text, "rounded": False}] * 3


# --- Colours ----------------------------------------------------------------------------------------------------------


def themes() -> dict[str, dict[str, Any]]:
    """The colours of the page, light and dark, as its style sheet sets them."""
    style = (ROOT / "static" / "style/page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    blocks = [dict(re.findall(r"--([\w-]+):\s*([^;]+);", root)) for root in roots]
    made = {}
    for name, colours in (("light", blocks[0]), ("dark", blocks[0] | blocks[1])):
        made[name] = {key: colours[key] for key in ("zero", "ink", "faint", "veil", "read", "write")} | {
            side: [colours[f"{side}-mid"], colours[side]] for side in ("positive", "negative")
        }
    return made


THEMES = themes()
LIMIT = 12.0
VALUES = [sign * size * LIMIT for size in (*np.linspace(0, 1, 101), *np.geomspace(1e-6, 1, 80)) for sign in (1, -1)]


def rgb(colour: str) -> np.ndarray:
    if colour.startswith("#"):
        return np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return np.array(list(map(int, re.findall(r"\d+", colour))))


def fills(theme: dict[str, Any], values: list[Any]) -> np.ndarray:
    return np.array([rgb(look["fill"]) for look in node("colours", theme=theme, limit=LIMIT, values=values)["looks"]])


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_zero_is_the_ground_the_limit_has_the_full_colour_and_what_is_no_size_has_none(theme: dict[str, Any]):
    values = [0, LIMIT, -LIMIT, 3 * LIMIT, -3 * LIMIT, "NaN", "Infinity", "-Infinity"]
    zero, more, less = rgb(theme["zero"]), rgb(theme["positive"][1]), rgb(theme["negative"][1])
    assert (fills(theme, values) == [zero, more, less, more, less, zero, zero, zero]).all()


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_colours_are_symmetric_and_grow_with_the_size_of_the_number(theme: dict[str, Any]):
    mirrored = theme | {"positive": theme["negative"], "negative": theme["positive"]}
    assert (fills(theme, VALUES) == fills(mirrored, [-value for value in VALUES])).all()
    for sign in (1, -1):
        sizes = [sign * size for size in sorted({abs(value) for value in VALUES})]
        away = [abs(luminance(fill) - luminance(rgb(theme["zero"]))) for fill in fills(theme, sizes)]
        rounding = 0.001  # of each channel to a whole number
        assert all(small <= large + rounding for small, large in pairwise(away))


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_legends_colours_are_those_of_the_cells(theme: dict[str, Any]):
    told = node("colours", theme=theme, limit=LIMIT, values=VALUES)
    places = [at for at, _ in told["scale"]]
    assert (places[0], places[-1]) == (0, 1)
    assert all(low < high for low, high in pairwise(places))
    stops = np.array([rgb(colour) for _, colour in told["scale"]])
    for value, look in zip(VALUES, told["looks"], strict=True):
        between = [np.interp((value / LIMIT + 1) / 2, places, stops[:, channel]) for channel in range(3)]
        assert np.abs(between - rgb(look["fill"])).max() <= 2, value


def luminance(colour: np.ndarray) -> float:
    """How bright a colour is, as WCAG measures it."""
    part = colour / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: np.ndarray, other: np.ndarray) -> float:
    """How well one colour is seen on another, as WCAG measures it: 4.5 is enough for text."""
    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_a_number_can_be_read_on_its_colour(theme: dict[str, Any]):
    looks = node("colours", theme=theme, limit=LIMIT, values=VALUES)["looks"]
    assert min(contrast(rgb(look["fill"]), rgb(look["ink"])) for look in looks) >= 4.5
