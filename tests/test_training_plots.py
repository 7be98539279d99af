"""The plots of a training, step by step, without a page: every point, bar and cell is a number of the trace."""

from functools import cache
from typing import Any

import numpy as np
import pytest

import core
from core.recording.trace import Arrays, Trace
from tests.test_plots import pictures, scenes

ROOMY = {"width": 321, "height": 183, "letters": 12}
DECADES = range(-8, 2)  # the powers of ten that have a bar: the first has all smaller sizes too, the last all larger


@cache
def trained(**settings: Any) -> Trace:
    return core.record("training", **{"epochs": 3, **settings})


def chapter(trace: Trace, name: str) -> range:
    """The moments after the steps of a chapter."""
    [found] = [one for one in trace.chapters if one.name == name]
    return range(found.first + 1, found.stop + 1)


def bars(array: np.ndarray) -> list[float]:
    """The share of an array that is zero, and that of each power of ten."""
    sizes = np.abs(array[np.isfinite(array)])
    powers = [int(f"{size:e}".split("e")[1]) for size in sizes[sizes > 0]]
    powers = np.clip(powers, DECADES[0], DECADES[-1]).tolist() if powers else []
    return [count / array.size for count in ((sizes == 0).sum(), *(powers.count(power) for power in DECADES))]


def wanted(picture: Any, now: Arrays) -> None:
    """The cells that its bars and points stand for have the numbers that they are said to have."""
    for spot in picture["spots"]:
        if "cell" in spot and "value" in spot and len(spot["cells"]) == 1 and "cells of" not in spot["name"]:
            assert spot["value"] == now[spot["cell"]["array"]].flat[spot["cell"]["flat"]], spot


# --- The progress -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("settings", [{}, {"learning_rate": 10.0}, {"initial_bias": -10.0}, {"batch_size": 100}])
def test_losses_means_accuracies_and_gradients_are_those_up_to_the_step(settings: Any):
    trace = trained(**settings)
    moments = chapter(trace, "learn")
    some = [*moments[:7], *moments[7::13], moments[-1]]
    for k, picture in zip(some, pictures(trace, some, size=ROOMY), strict=True):
        now = trace.snapshot(k)
        epochs, batches = now["loss"].shape
        done = sum(any(one.array == "loss" and one.values for one in step.accesses) for step in trace.steps[:k])
        over = sum(any(one.array == "accuracy" for one in step.accesses) for step in trace.steps[:k])
        losses, means, read, looked, _, *sizes = picture["data"]
        assert losses["y"] == now["loss"].ravel()[:done].tolist()
        assert losses["x"] == [(n + 0.5) / batches for n in range(done)]
        rows = [row[: done - epoch * batches] for epoch, row in enumerate(now["loss"]) if epoch * batches < done]
        assert means["y"][::2] == means["y"][1::2] == pytest.approx([row.mean() for row in rows])
        assert means["x"][::2] == list(range(len(rows)))
        assert means["x"][-1] == pytest.approx(done / batches)
        assert (read["x"], read["y"]) == (list(range(1, over + 1)), now["accuracy"][:over].tolist())
        assert (looked["x"], looked["y"]) == ([losses["x"][-1]], [losses["y"][-1]])
        for bar, name in zip(sizes, ("dw", "dw_linear"), strict=True):
            assert bar["y"] == pytest.approx(bars(now[name]))
            assert f"{(now[name] == 0).sum()} of {now[name].size}" in picture["sentence"]
        wanted(picture, now)
        assert f"{done} steps" in picture["sentence"]
        assert ("accuracy" in picture["title"]) == (over > 0)
        assert epochs == 3


def test_a_learning_rate_that_is_too_large_is_seen_in_gradients_that_are_all_zero():
    trace = trained(learning_rate=10.0)
    [picture] = pictures(trace, [chapter(trace, "learn")[-1]], size=ROOMY)
    *_, first, second = picture["data"]
    assert first["y"] == second["y"] == [1] + [0] * len(DECADES)
    assert "The numbers of dw: zero are 36 of 36." in picture["sentence"]


def test_where_there_is_little_room_the_losses_stand_alone():
    trace = trained()
    [picture] = pictures(trace, [20], size={"width": 240, "height": 130, "letters": 12})
    assert [each["type"] for each in picture["data"]] == ["scatter"] * 5
    assert "The numbers of dw are from" in picture["sentence"]


def test_before_the_first_step_nothing_of_a_training_is_plotted():
    [picture] = pictures(core.record("training", "learn", epochs=1), [0], size=ROOMY)
    assert [each.get("y", []) for each in picture["data"][:5]] == [[]] * 5
    assert {share for each in picture["data"][5:] for share in each["y"]} == {0}
    assert picture["title"] == "no step yet"


# --- The confusion ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("lang", "title"), [("en", "{} of {} right"), ("zh", "{1} 个中 {0} 个正确")])
def test_the_counts_are_those_of_the_step_with_mistakes_below_zero_for_their_colour(lang: str, title: str):
    trace = trained()
    moments = list(chapter(trace, "test"))
    on_diagonal = np.eye(10, dtype=bool)
    for k, picture in zip(moments, pictures(trace, moments, lang, size=ROOMY), strict=True):
        counts = trace.snapshot(k)["confusion"].astype(int)
        heat, numbers, frame = picture["data"]
        shades = np.where(on_diagonal, counts, -counts)
        assert heat["z"] == shades.tolist()
        assert numbers["text"] == [str(count) for count in counts.ravel() if count]
        assert list(zip(numbers["y"], numbers["x"], strict=True)) == [tuple(at) for at in np.argwhere(counts)]
        loop = trace.steps[k - 1].loop
        assert (frame["x"][0], frame["y"][0]) == (loop["answer"] - 0.5, loop["kind"] - 0.5)
        assert picture["title"].startswith(title.format(counts.trace(), counts.sum()))
        wanted(picture, {"confusion": counts})
    assert "nothing" not in picture["sentence"]
    assert counts.sum() == 60
    assert counts.trace() < 60  # a mistake is among them


def test_counts_have_letters_that_can_be_read_or_none():
    trace = trained()
    [low] = pictures(trace, [chapter(trace, "test")[-1]], size={"width": 321, "height": 115, "letters": 12})
    [high] = pictures(trace, [chapter(trace, "test")[-1]], size=ROOMY)
    assert low["data"][1]["text"] == []
    assert high["data"][1]["textfont"]["size"] == 12


# --- The landscape ----------------------------------------------------------------------------------------------------


def test_the_loss_around_fills_in_and_the_way_is_that_of_the_recorded_weights():
    trace = trained()
    moments = chapter(trace, "look_around")
    some = [*moments[:3], *moments[3::20], moments[-1]]
    steps = trace.steps[: chapter(trace, "learn")[-1]]
    writes = [one for step in steps for one in step.accesses if one.array == "w" and one.values is not None]
    way = [trace.start["w"].ravel(), *(np.array(one.values) for one in writes)]
    for k, picture in zip(some, pictures(trace, some, size=ROOMY), strict=True):
        now = trace.snapshot(k)
        pair = now["pair"].astype(int)
        moved = np.abs(now["w"] - now["w_start"]).ravel()
        assert sorted(moved[pair])[::-1] == sorted(moved)[:-3:-1]
        heat, frame, lowest, _, path, start, end = picture["data"]
        done = k - moments[0]
        assert (heat["x"], heat["y"]) == (now["values"][0].tolist(), now["values"][1].tolist())
        losses = now["loss_around"].ravel()[:done]
        shown = [one for column in zip(*heat["z"], strict=True) for one in column]
        assert shown == [*losses.tolist(), *[None] * (121 - done)]
        assert (path["x"], path["y"]) == tuple([float(each[at]) for each in way] for at in pair)
        assert ([start["x"][0], start["y"][0]], [end["x"][0], end["y"][0]]) == (
            now["w_start"].ravel()[pair].tolist(), now["w"].ravel()[pair].tolist()
        )  # fmt: skip
        if done:
            i, j = divmod(done - 1, 11)
            assert np.mean(frame["x"][:2]) == pytest.approx(now["values"][0, i])
            assert np.mean(frame["y"][1:3]) == pytest.approx(now["values"][1, j])
            i, j = divmod(int(losses.argmin()), 11)
            assert (lowest["x"], lowest["y"]) == ([now["values"][0, i]], [now["values"][1, j]])
        legend = picture["layout"]["annotations"][0]["text"]
        every = trace.snapshot(len(trace.steps))["loss_around"]
        assert ("□" in legend, "■" in legend) == (every.min() in losses, every.max() in losses)
        wanted(picture, now)
        assert f"{done} of 121 cells so far" in picture["sentence"]
        assert f"in {len(way) - 1} steps" in picture["sentence"]


@pytest.mark.parametrize(("lang", "words"), [("en", "the path between is not recorded"), ("zh", "其间的路径没有记录")])
def test_without_the_learning_in_its_run_the_way_is_absent_and_that_is_said(lang: str, words: str):
    trace = core.record("training", "look_around", epochs=3)
    before, picture = pictures(trace, [0, 40], lang, size=ROOMY)
    assert before is None  # which weights it is about is not known yet
    heat, _, _, start, end = picture["data"]
    now = trace.snapshot(40)
    pair = now["pair"].astype(int)
    assert [start["x"][0], start["y"][0]] == now["w_start"].ravel()[pair].tolist()
    assert [end["x"][0], end["y"][0]] == now["w"].ravel()[pair].tolist()
    assert heat["z"][0][0] == now["loss_around"][0, 0]
    assert words in picture["sentence"]


def test_weights_that_have_not_moved_have_their_plot_too():
    trace = trained(learning_rate=0.0)
    [picture] = pictures(trace, [chapter(trace, "look_around")[-1]], size=ROOMY)
    assert all(np.isfinite(picture["layout"][axis]["range"]).all() for axis in ("xaxis", "yaxis"))


# --- Cells ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "array", "flat"),
    [("learn", "loss", 3), ("learn", "accuracy", 1), ("learn", "dw", 3), ("test", "confusion", 0),
     ("look_around", "loss_around", 3)],
)  # fmt: skip
def test_a_pinned_cell_is_looked_at(name: str, array: str, flat: int):
    trace = trained()
    k = chapter(trace, name)[-1]
    [plain], [lit] = (
        pictures(trace, [k], size=ROOMY, **more) for more in ({}, {"pinned": {"array": array, "flat": flat}})
    )
    assert plain["data"] != lit["data"]
    assert any({"array": array, "flat": flat} in spot["cells"] for spot in lit["spots"])
    assert len(scenes(trace, {"learn": "progress", "test": "confusion"}.get(name, "landscape"))) == 1
