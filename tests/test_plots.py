"""The plots that algorithms declare, step by step, without a page: every number in them is one of the trace."""

import json
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.recording.trace import Arrays, Trace, replay
from tests.conftest import ROOT
from tests.node import node

WORDS = {
    lang: json.loads((ROOT / "static" / "i18n" / f"{lang}.json").read_text(encoding="utf-8")) for lang in ("en", "zh")
}


def pictures(trace: Trace, moments: list[int], lang: str = "en", **more: Any) -> list[Any]:
    found: list[Any] = node("pictures", **trace.as_dict(), moments=moments, words=WORDS[lang], **more)
    return found


def scenes(trace: Trace, kind: str) -> list[tuple[dict[str, str], range]]:
    """The scenes with a plot of some kind: what their parameters stand for, and the moments after their steps."""
    kinds = {source.name: source.plot.kind for source in trace.outline.sources if source.plot}
    return [
        (dict(scene.arrays), range(scene.first + 1, scene.stop + 1))
        for chapter in trace.chapters
        for scene in chapter.scenes
        if kinds.get(scene.source) == kind
    ]


def shown(trace: Trace, moments: range, **more: Any) -> Iterator[tuple[int, Arrays, Any]]:
    """Each of some moments, with the arrays and the plot of it; the arrays are changed for the next one."""
    now = trace.snapshot(moments[0] - 1)
    for k, picture in zip(moments, pictures(trace, list(moments), **more), strict=True):
        replay(trace.steps[k - 1], now)
        yield k, now, picture


def finite(numbers: Any) -> list[float]:
    return [float(number) for number in np.nan_to_num(numbers, posinf=0, neginf=0)]


def written(trace: Trace, k: int, array: str) -> tuple[int, ...] | None:
    """The cell of an array that the step before a moment has written."""
    boxes = [one.box for one in trace.steps[k - 1].accesses if one.array == array and one.values is not None]
    return tuple(start for start, _, _ in boxes[0]) if boxes else None


@pytest.mark.parametrize(
    ("lang", "layer"), [*(("en", layer) for layer in LAYERS), ("zh", "max_pool2d"), ("zh", "chain")]
)
def test_every_moment_of_every_layer_has_its_plot_in_words(layer: str, lang: str):
    trace = core.record(layer)
    moments = list(range(len(trace.steps) + 1))
    for k, picture in zip(moments, pictures(trace, moments, lang, told=True), strict=True):
        for text in (picture["title"], picture["sentence"]) if picture else ():
            assert text, k
            assert "?plot" not in text, (k, text)
            assert not re.search("undefined|NaN|[{}]", text), (k, text)


# --- The waterfall ----------------------------------------------------------------------------------------------------


def test_a_bar_has_the_number_of_the_sum_in_full_where_there_is_room_and_else_rounded_by_its_digits():
    x = [[[-1.25, 0.5, 2.75], [3.1, -0.2, 1], [0, 1, -2.5]]]
    trace = core.record("conv2d", arrays={"x": x}, kernel_size=2, stride=1, padding=0)
    [wide] = pictures(trace, [5])
    assert wide["data"][-1]["text"] == ["1.25", "0.5", "", "−0.2", "1", "2.55"]
    [narrow] = pictures(trace, [5], size={"width": 200, "height": 130, "letters": 12})
    assert narrow["data"][-1]["text"] == ["1.3", "0.5", "", "−.2", "1", "2.55"]


DEJAVU = {"−": 0.838, ".": 0.318}  # how many times the size of its letters a letter is wide; a digit 0.636


def written_boxes(picture: Any, width: int, height: int, letters: int) -> list[tuple[str, tuple[float, ...]]]:
    """Where the numbers of a waterfall lie, in pixels: left, right, low and high."""
    layout, texts = picture["layout"], picture["data"][-1]
    margin, (first, last), (low, high) = layout["margin"], layout["xaxis"]["range"], layout["yaxis"]["range"]
    found = []
    for x, y, text, position in zip(*(texts[name] for name in ("x", "y", "text", "textposition")), strict=True):
        if not text:
            continue
        wide = letters * sum(DEJAVU.get(letter, 0.636) for letter in text)
        at = margin["l"] + (x - first) / (last - first) * (width - margin["l"] - margin["r"])
        left = at - (wide if "left" in position else wide / 2)
        up = margin["b"] + (y - low) / (high - low) * (height - margin["t"] - margin["b"])
        bottom = up - 1.2 * letters if "bottom" in position else up
        found.append((text, (left, left + wide, bottom, bottom + 1.2 * letters)))
    return found


@pytest.mark.parametrize("size", [(350, 130, 12), (262, 110, 11), (500, 160, 13)])
@pytest.mark.parametrize(("side", "kernel"), [(5, 2), (7, 3)])
def test_no_number_of_a_waterfall_lies_on_another_or_is_cut_at_the_edge(side: int, kernel: int, size: Any):
    drawn = np.random.RandomState(kernel)
    x, w = drawn.normal(size=(1, side, side)).round(2), drawn.normal(size=(1, 1, kernel, kernel)).round(2)
    trace = core.record("conv2d", "correlate", arrays={"x": x, "w": w, "b": [-0.1]}, stride=1, padding=0)
    moments = [k for k, step in enumerate(trace.steps, 1) if step.caption.startswith("sum the products")]
    width, _, letters = size
    sized = dict(zip(("width", "height", "letters"), size, strict=True))
    for picture in pictures(trace, moments, size=sized):
        boxes = written_boxes(picture, *size)
        for at, (text, (left, right, low, high)) in enumerate(boxes):
            assert right <= width, (text, picture["title"])
            for other, (first, last, bottom, top) in boxes[:at]:
                clear = letters / 2  # more than the line of the running total, which else divides them
                apart = left >= last or first >= right or low >= top + clear or bottom >= high + clear
                assert apart, (text, other, picture["title"])


# --- The curve --------------------------------------------------------------------------------------------------------

CURVES = (
    ("activation", {"activation": "relu"}),
    ("activation", {"activation": "sigmoid", "channels": 2, "seed": 3}),
    ("activation", {"activation": "gelu"}),
    ("activation", {"activation": "leaky_relu", "height": 1, "width": 1}),
    ("conv2d", {"activation": "tanh", "activation_before": "tanh"}),
    ("chain", {}),
)


@pytest.mark.parametrize(("layer", "settings"), CURVES)
def test_points_and_tangents_of_a_curve_are_those_of_the_step(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    tangents = 0
    for arrays, moments in scenes(trace, "curve"):
        of, to = next(iter(arrays.values())), list(arrays.values())[-1]
        by = arrays.get("dy")
        at: tuple[int, ...] = ()
        for k, now, picture in shown(trace, moments):
            at = written(trace, k, to) or at
            line, _, done, guide, looked, *slopes = picture["data"]
            if not by:
                map_of = [(*at[:-2], *rest) for rest in np.ndindex(now[of].shape[-2:])]
                known = {(now[of][cell], now[to][cell]) for cell in map_of if cell <= at}
                drawn = set(zip(done["x"], done["y"], strict=True))
                assert drawn <= known  # those that would lie on one another are drawn once
                assert len(drawn) >= 0.7 * len(known)
                assert (looked["x"], looked["y"]) == ([now[of][at]], [now[to][at]])
                continue
            *_, slope = slopes
            assert slope["x"] == [now[of][at]]
            assert now[by][at] * slope["y"][0] == pytest.approx(now[to][at], rel=1e-14)
            if line["x"]:  # where the function itself is known, its tangent
                (left, right), (low, high) = guide["x"], guide["y"]
                assert (high - low) / (right - left) == pytest.approx(slope["y"][0], abs=1e-12)
                assert (left + right) / 2 == pytest.approx(now[of][at], abs=1e-12)
                assert (low + high) / 2 == pytest.approx(looked["y"][0])
                tangents += 1
    assert tangents


# --- The contest ------------------------------------------------------------------------------------------------------

POOLS = (
    ("max_pool2d", {}),
    ("max_pool2d", {"kernel_size": 3, "stride": 1, "padding": 1, "seed": 2}),
    ("max_pool2d", {"ties": "first_in_columns", "seed": 4}),
    ("max_pool2d", {"kernel_size": 2, "dilation": 2, "stride": 1, "seed": 7}),
    ("global_max_pool2d", {}),
    ("chain", {}),
)


@pytest.mark.parametrize(("layer", "settings"), POOLS)
def test_the_bars_of_a_contest_are_the_numbers_of_the_window_and_the_winner_goes_on(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    won = ties = 0
    for arrays, moments in scenes(trace, "contest"):
        of, to = arrays.get("window", arrays.get("x", "")), arrays["y"]
        ahead: dict[tuple[int, ...], float] = {}  # of each cell that is won, the winner of the next
        for k, now, picture in shown(trace, moments):
            bars, texts, lead, *leads = picture["data"]
            at = written(trace, k, to)
            taking_part = now[of] if layer != "global_max_pool2d" else now[of][trace.steps[k - 1].loop["c"]]
            assert bars["y"] == finite(taking_part.ravel())
            values = [None if np.isinf(value) else value for value in taking_part.ravel()]
            assert [spot["value"] for spot in picture["spots"][: len(values)]] == values
            if at is None:
                continue
            won += 1
            ahead[at] = np.subtract(*np.sort(taking_part, axis=None)[:-3:-1])
            map_of = {cell: by for cell, by in ahead.items() if cell[:-2] == at[:-2] and np.isfinite(by)}
            points, tied, looked = leads
            assert sorted(points["x"] + tied["x"]) == sorted(map_of.values())
            assert len(tied["x"]) == list(map_of.values()).count(0)
            assert looked["x"] == ([ahead[at]] if at in map_of else [])
            assert ("Of the cells" in picture["sentence"]) == (len(map_of) > 1)
            winners = np.flatnonzero(np.array(bars["marker"]["color"]) == "write").tolist()
            assert len(winners) == 1
            assert bars["y"][winners[0]] == now[to][at] == taking_part.max()
            equal = int((taking_part == taking_part.max()).sum())
            assert bars["marker"]["color"].count("meets") == equal - 1
            ties += equal > 1
            if equal > 1:
                assert f"tie: {equal} are" in picture["title"]
                assert lead["y"] == []
            else:
                behind = sorted(taking_part.ravel())[-2]
                if np.isfinite(behind):
                    assert lead["y"][-2:] == [behind, now[to][at]]
            assert len(texts["text"]) == len(bars["y"])
    assert won
    assert ties or "seed" not in settings


def test_of_very_many_numbers_a_bar_is_the_largest_of_some():
    trace = core.record("global_max_pool2d", in_height=20, in_width=20)
    [picture] = pictures(trace, [2])
    bars = picture["data"][0]["y"]
    x = trace.start["x"][0].ravel()
    assert bars == [x[first : first + 7].max() for first in range(0, 400, 7)]
    assert "each bar: the largest of 7" in picture["title"]
    assert "of 400 numbers" in picture["sentence"]


# --- The change -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "settings"),
    [
        ("conv2d", {}),
        ("conv2d", {"learning_rate": 0.3, "seed": 5}),
        ("conv2d", {"kernel_size": 5, "padding": 2, "in_channels": 4, "out_channels": 1}),
        ("chain", {}),
    ],
)
def test_old_and_new_numbers_and_the_steps_between_them_are_those_of_the_update(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    rate = trace.outline.settings["learning_rate"]
    [(_, moments)] = scenes(trace, "change")
    factors = set()
    for k, now, picture in shown(trace, moments):
        steps, old, looked = picture["data"]
        cells = [(spot["cell"]["array"], spot["cell"]["flat"]) for spot in picture["spots"]]
        assert old["y"] == steps["base"] == [trace.start[name].flat[flat] for name, flat in cells]
        times = float(re.findall(r"drawn (\d+) times", picture["sentence"])[0])
        factors.add(times)
        moved = [step is not None for step in steps["y"]]
        for is_moved, (name, flat), step in zip(moved, cells, steps["y"], strict=True):
            if is_moved:
                assert step == times * -(rate * now[f"d{name}"].flat[flat])
            else:
                assert now[name].flat[flat] == trace.start[name].flat[flat]
        assert [spot["value"] for spot in picture["spots"]] == [now[name].flat[flat] for name, flat in cells]
        name = "b" if (at := written(trace, k, "b")) else "w"
        at = at or written(trace, k, "w")
        assert at
        flat = int(np.ravel_multi_index(at, now[name].shape))
        assert looked["x"] == [cells.index((name, flat))]
        assert looked["y"] == [trace.start[name][at]]
    assert all(moved)
    assert len(factors) == 1  # all steps on one scale


# --- The agreement ----------------------------------------------------------------------------------------------------

CHECKED = (
    ("activation", {"activation": "relu"}),
    ("activation", {"activation": "gelu", "seed": 1}),
    ("conv2d", {"in_height": 3, "in_width": 3, "in_channels": 1, "activation": "relu"}),
    ("max_pool2d", {"seed": 4}),
    ("avg_pool2d", {}),
    ("global_max_pool2d", {}),
)


@pytest.mark.parametrize(("layer", "settings"), CHECKED)
def test_the_points_of_a_check_are_both_gradients_and_the_recorded_losses(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    kinks = 0
    for arrays, moments in scenes(trace, "agreement"):
        if "nudged" not in arrays:
            continue
        numeric, analytic, nudged = (arrays[name] for name in ("numeric", "analytic", "nudged"))
        checked: set[tuple[int, ...]] = set()
        losses: dict[int, float] = {}
        at: tuple[int, ...] | None = None  # the cell that is nudged, and how far
        step = 0.0
        for k, now, picture in shown(trace, moments):
            _, equal, looked, kinked, curve, chord, tangent, *_ = picture["data"]
            was, at = at, written(trace, k, nudged) or at
            if at is None:
                continue
            if at != was:
                losses, step = {}, now[nudged][at] - float(trace.snapshot(moments[0])[nudged][at])
            losses |= {
                one.box[0][0]: one.values[0]
                for one in trace.steps[k - 1].accesses
                if one.array == arrays["loss"] and one.values
            }
            checked |= {cell for cell in [written(trace, k, numeric)] if cell}
            crossed = {cell for cell in checked if now[arrays["kinks"]][cell] > 0}
            for points, cells in ((equal, checked - crossed), (kinked, crossed)):
                drawn = set(zip(points["x"], points["y"], strict=True))
                wanted = {(now[analytic][cell], now[numeric][cell]) for cell in cells}
                assert drawn <= wanted  # those that would lie on one another are drawn once
                assert bool(drawn) == bool(wanted)
            assert curve["x"] == [*([-1] if 0 in losses else []), 0, *([1] if 2 in losses else [])]
            assert curve["y"] == [*([losses[0]] if 0 in losses else []), 0, *([losses[2]] if 2 in losses else [])]
            (left, right), (low, high) = tangent["x"], tangent["y"]
            assert (high - low) / (right - left) / step == pytest.approx(now[analytic][at])
            if at in checked:
                assert (looked["x"], looked["y"]) == ([now[analytic][at]], [now[numeric][at]])
                assert (chord["y"][1] - chord["y"][0]) / (2 * step) == now[numeric][at]
            kinks += bool(crossed)
        assert checked
    assert kinks or layer != "activation" or settings["activation"] != "relu"


@pytest.mark.parametrize(("layer", "settings"), CHECKED)
def test_the_verdict_has_the_cells_at_kinks_marked_too(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    arrays, [k] = scenes(trace, "agreement")[-1]
    end = trace.snapshot(k)
    analytic, numeric, kinks = (end[arrays[name]].ravel() for name in ("analytic", "numeric", "kinks"))
    [picture] = pictures(trace, [k])
    _, _, _, kinked = picture["data"]
    crossed = set(zip(analytic[kinks > 0], numeric[kinks > 0], strict=True))
    drawn = set(zip(kinked["x"], kinked["y"], strict=True))
    assert drawn <= crossed
    assert bool(drawn) == bool(crossed)
    assert (f"At a kink: {(kinks > 0).sum()} of them" in picture["sentence"]) == bool(crossed)


@pytest.mark.parametrize(("layer", "settings"), CHECKED)
def test_the_verdict_marks_the_cell_whose_gradients_are_farthest_apart(layer: str, settings: Any):
    trace = core.record(layer, **settings)
    arrays, [k] = scenes(trace, "agreement")[-1]
    end = trace.snapshot(k)
    analytic, numeric, off = (end[arrays[name]].ravel() for name in ("analytic", "numeric", "difference"))
    at = int(np.abs(off).argmax())
    [picture] = pictures(trace, [k])
    marked = picture["data"][2]
    assert (marked["x"], marked["y"]) == (([analytic[at]], [numeric[at]]) if off[at] else ([], []))
    name = f"{arrays['analytic']}[{', '.join(map(str, np.unravel_index(at, end[arrays['analytic']].shape)))}]"
    assert (f"Farthest apart is {name}, by " in picture["sentence"]) == bool(off[at])
    assert arrays["analytic"] in picture["title"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [("en", ["this cell", "numeric", "analytic", "kink", "analytic dx", "ΔL close up", "ΔL from afar"]),
     ("zh", ["这一格", "数值", "解析", "折点", "解析 dx", "ΔL 近看", "ΔL 远看"])],
)  # fmt: skip
def test_lines_marks_and_panels_of_a_check_are_named_in_the_plot(lang: str, words: list[str]):
    trace = core.record("max_pool2d", seed=4)
    _, moments = scenes(trace, "agreement")[0]
    [picture] = pictures(trace, [moments[3]], lang)
    legend, *names = [each["text"] for each in picture["layout"]["annotations"]]
    assert [re.sub("<.*?>.*?</.*?>", "", entry).strip() for entry in legend.split(" \u00a0")] == words[:4]
    assert names[1:] == words[4:]
    near = picture["layout"]["yaxis2"]
    assert [each.startswith("−") for each in near["ticktext"]] == [True, False, False]  # both steps have their number
    far = picture["layout"]["xaxis3"]
    assert picture["layout"]["xaxis2"]["domain"][1] < far["domain"][0] - 0.05


@pytest.mark.parametrize("low", [-10.0, -9.8])
def test_no_number_of_an_axis_stands_on_its_name(low: float):
    arrays = {"z": [[[low, 3.0, 13.0]]], "dy": [[[1.0, 1.0, 1.0]]]}
    trace = core.record("activation", arrays=arrays, activation="relu")
    [picture] = pictures(trace, [2], size={"width": 310, "height": 115, "letters": 12})
    axis = picture["layout"]["xaxis"]
    margin = picture["layout"]["margin"]
    pixels = (310 - margin["l"] - margin["r"]) / (axis["range"][1] - axis["range"][0])
    assert len(axis["tickvals"]) > 2
    for value, text in zip(axis["tickvals"], axis["ticktext"], strict=True):
        assert (value - axis["range"][0]) * pixels > 0.3 * 12 * len(text)


def test_two_numbers_beside_each_other_are_not_read_as_one():
    trace = core.record("conv2d", "correlate")
    [picture] = pictures(trace, [3], size={"width": 321, "height": 115, "letters": 12})
    texts = picture["data"][-1]
    assert texts["text"][-2:] == ["1", "6"]
    margin = picture["layout"]["margin"]
    slot = (321 - margin["l"] - margin["r"]) / len(texts["x"])
    assert slot * (texts["x"][-1] - texts["x"][-2]) - 0.64 * 12 > 3  # pixels between two digits


def test_the_number_of_a_result_lies_on_no_other():
    trace = core.record("conv2d", "correlate", arrays={"x": np.full((3, 5, 5), 0.00123)})  # nearly nothing but the bias
    [picture] = pictures(trace, [3], size={"width": 310, "height": 115, "letters": 12})
    texts = picture["data"][-1]
    *terms, result = zip(texts["x"], texts["text"], texts["textposition"], strict=True)
    assert result[0] == len(terms) + 0.5  # where its bar ends
    assert result[1]
    assert result[2].endswith("left")
    assert terms[-1][1] == ""


# --- The descent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "lang", "word"),
    [(0.02, "en", "4.7 less"), (10, "en", "10 less"), (0, "en", "no less"), (0.1, "zh", "减少了 9.4")],
)
def test_the_loss_before_and_after_a_step_lies_on_its_curve(rate: float, lang: str, word: str):
    trace = core.record("chain", learning_rate=rate)
    [(_, moments)] = scenes(trace, "descent")
    [picture] = pictures(trace, list(moments), lang)
    end = trace.snapshot(moments[-1])
    curve, promise, fall, ends = picture["data"]
    assert (ends["x"], ends["y"]) == ([0, rate], [end["loss_start"][0], end["loss_end"][0]])
    assert fall["y"][-2:] == ends["y"]
    sampled = trace.outline.curves["chain.loss_after"]["loss_end"]
    assert (curve["x"], curve["y"]) == (sampled["x"].tolist(), sampled["y"].tolist())
    assert promise["y"] == sampled["promised"].tolist()
    for x, y in zip(ends["x"], ends["y"], strict=True):
        assert curve["y"][curve["x"].index(x)] == pytest.approx(y)
    assert word in picture["sentence"]


def test_a_loss_that_is_not_computed_yet_is_not_given_away():
    trace = core.record("chain", "loss_after")
    [picture] = pictures(trace, [0])
    curve, promise, fall, ends = picture["data"]
    assert [each["y"] for each in (curve, promise, fall)] == [[], [], []]
    assert ends["y"][0] == 10
    assert "not known yet" in picture["sentence"]


def test_what_a_step_came_to_is_told_in_one_line():
    trace = core.record("network", "loss_after")
    [(_, moments)] = scenes(trace, "descent")
    for lang, by in (("en", "≈ 2.973 less"), ("zh", "减少 ≈ 2.973")):
        [picture] = pictures(trace, list(moments)[-1:], lang)
        assert picture["title"].endswith(by)
        assert len(picture["title"]) <= 41  # letters, beside a stage of 1280 pixels


def test_between_two_numbers_of_which_one_is_rounded_stands_one_sign():
    trace = core.record("conv2d", "update", arrays={"x": np.full((3, 5, 5), 1 / 3)}, learning_rate=0.1)
    [(_, moments)] = scenes(trace, "change")
    titles = [picture["title"] for picture in pictures(trace, list(moments)) if picture]
    assert any(re.search(r"\d − ≈ \d\S* ≈ ", title) for title in titles)
    assert not [title for title in titles if "= ≈" in title or "+ ≈ −" in title or "+ −" in title]


# --- Cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "kind", "array"),
    [("max_pool2d", "contest", "window"), ("conv2d", "change", "w"), ("activation", "curve", "z"),
     ("activation", "agreement", "numeric_dz"), ("chain", "descent", "loss_end")],
)  # fmt: skip
def test_a_pinned_cell_lights_its_bar_or_its_point(layer: str, kind: str, array: str):
    trace = core.record(layer)
    _, moments = scenes(trace, kind)[0]
    k = moments[-2] if len(moments) > 1 else moments[-1]
    flat = 0 if array == "loss_end" else 3
    [plain], [lit] = (pictures(trace, [k], **more) for more in ({}, {"pinned": {"array": array, "flat": flat}}))
    assert plain["data"] != lit["data"]
    assert any({"array": array, "flat": flat} in spot["cells"] for spot in lit["spots"])
