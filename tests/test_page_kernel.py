"""What lies on a board: the kernel on the window that it covers, a stamp where it falls, the winner of a contest. It
shows what the recorded statements have multiplied, added or picked, at every step; the model is Python's.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

import core
from core.recording.trace import Access, Box, Step, Trace, cells
from tests.browser import NewReader, Reader, walked

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

# What lies on boards at some moments: for each array the corners of the plates, and what is written into which cells.
LAID = """async ([moments, shapes]) => {
  const folder = document.querySelector("script[src$='/main.js']").src.replace("main.js", "");
  const { Plan, MARGIN } = await import(folder + "board/plan.js");
  const frame = window.requestAnimationFrame;
  for (let turns = 0; turns < 3; turns++) await new Promise(frame); // until no draw is under way
  window.requestAnimationFrame = (draw) => (queueMicrotask(draw), 1); // or each moment would take a frame
  const shown = [];
  for (const k of moments) {
    convwalk.seek(k);
    for (let turns = 0; turns < 4; turns++) await undefined;
    // A draw that was asked for before comes in a frame of its own.
    while (!document.querySelector(".counter").textContent.startsWith(`${k} /`)) await new Promise(frame);
    const laid = {};
    for (const plate of document.querySelectorAll(".kernel, .earlier-window")) {
      const panel = plate.closest("[data-array]");
      const board = panel.querySelector(".board");
      const plan = new Plan(shapes[panel.dataset.array], board.dataset.layout);
      const cell = panel.querySelector("[role=gridcell]").style;
      const [wide, high] = [parseFloat(cell.width), parseFloat(cell.height)];
      const [left, top] = plate.style.translate.split(" ").map(parseFloat);
      const place = (x, y) =>
        plan.at(Math.round((left - MARGIN.l + x) / wide), Math.round((top - MARGIN.t + y) / high));
      const found = (laid[panel.dataset.array] ??= { corners: [], texts: {}, winners: [], earlier: [] });
      const [across, down] = [plate.style.width, plate.style.height].map(parseFloat);
      const corners = [place(0, 0), place(across - wide, down - high)];
      if (plate.className === "earlier-window") {
        found.earlier.push(corners);
        continue;
      }
      found.corners.push(...corners);
      for (const { style, className, textContent } of plate.children) {
        const flat = place(parseFloat(style.left), Math.floor(parseFloat(style.top) / high + 0.01) * high);
        if (className === "winner") found.winners.push(flat);
        else found.texts[flat] = textContent;
      }
    }
    shown.push(laid);
  }
  window.requestAnimationFrame = frame;
  return shown;
}"""


class Laid(NamedTuple):
    """The cells that something lies on, and the number that each meets or is given."""

    flats: list[int]
    numbers: list[float]


def flats(trace: Trace, array: str, box: Box) -> list[int]:
    start = trace.start[array]
    found: list[int] = np.arange(start.size).reshape(start.shape)[cells(box)].ravel().tolist()
    return found


def reads(steps: Sequence[Step], array: str) -> list[Access]:
    return [one for step in steps for one in step.accesses if one.array == array and one.values is None]


def results(trace: Trace, step: Step) -> list[Access]:
    """What a step writes for good, and not only to go on with."""
    passing = {name for name, role in trace.outline.roles.items() if role in ("scratch", "count")}
    return [one for one in step.accesses if one.values is not None and one.array not in passing]


def computations(trace: Trace, first: int, stop: int, array: str) -> list[tuple[int, range]]:
    """For each moment of a chapter the steps that compute the cell which is worked out then: those of its iteration, up
    to the first that writes a result, this one or a later one. Where none of them reads the array, what lay there does.
    """
    found: list[tuple[int, range]] = []
    begin, last = first, range(first, first)
    finest = max(step.level for step in trace.steps[first:stop])  # of a beat; a cell is finished by a coarser step
    for at in range(first, stop):
        step = trace.steps[at]
        if at > first and trace.steps[at - 1].level < finest and step.accesses:
            begin = at
        ends = (n for n in range(at, stop) if results(trace, trace.steps[n]))
        steps = range(begin, next(ends, at) + 1)
        if step.accesses and reads(trace.steps[steps.start : steps.stop], array):
            last = steps
        found.append((at + 1, last))
    return found


def text(number: float, sign: str) -> str:
    sign = "" if sign == "+" and number < 0 else sign
    return f"{sign}{number:g}".replace("-", "−")


def shown(reader: Reader, trace: Trace, moments: list[int]) -> list[dict[str, Any]]:
    shapes = {name: list(array.shape) for name, array in trace.start.items()}
    found: list[dict[str, Any]] = reader.evaluate(LAID, [moments, shapes])
    return found


def walk(new_reader: NewReader, layer: str, query: str = "", **settings: Any) -> tuple[Reader, Trace]:
    trace = core.record(layer, **settings) if layer != "conv2d" else walked(**settings)
    reader = new_reader(viewport={"width": 1600, "height": 1000})
    return reader.open(f"/{layer}/walk{query}").arrived(len(trace.steps)), trace


def chapter(trace: Trace, name: str) -> Any:
    return next(each for each in trace.chapters if each.name == name)


# A page, and of its chapters each with the array that the kernel lies on, and the one that its weights are read from.
MULTIPLIED = [
    ("conv2d", "", {}, [("correlate", "x_padded", "w"), ("input_gradient", "dz_padded", "w_flipped"),
     ("weight_gradient", "x_padded", "dz_expanded")]),
    ("conv2d", "?groups=2&in_channels=2&dilation=2&in_height=7", {"groups": 2, "in_channels": 2, "dilation": (2, 2),
     "in_height": 7}, [("correlate", "x_padded", "w")]),
    ("input_gradient", "", {}, [("collect", "dz_padded", "w"), ("gather", "dz_padded", "w_flipped")]),
    ("cross_correlation", "", {}, [("cross_correlate", "x", "w"), ("convolve", "x", "w_turned")]),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "query", "settings", "chapters"), MULTIPLIED)
def test_the_small_weights_are_those_that_the_statement_multiplies_at_every_step(
    layer: str, query: str, settings: dict[str, Any], chapters: list[tuple[str, str, str]], new_reader: NewReader
):
    reader, trace = walk(new_reader, layer, query, **settings)
    for name, array, weights in chapters:
        scene = chapter(trace, name).scenes[-1]
        told = 0
        values = trace.snapshot(scene.first)[weights].ravel()
        moments = computations(trace, scene.first, scene.stop, array)
        for (k, steps), laid in zip(moments, shown(reader, trace, [k for k, _ in moments]), strict=True):
            computing = trace.steps[steps.start : steps.stop]
            taken = [flat for one in reads(computing, array) for flat in flats(trace, array, one.box)]
            met = [values[flat] for one in reads(computing, weights) for flat in flats(trace, weights, one.box)]
            wanted = {str(flat): text(float(number), "×") for flat, number in zip(taken, met, strict=True)}
            assert list(laid) == [array], (name, k)
            written = laid[array]["texts"]
            if not any("×" in each for each in written.values()):  # there is no room for the signs
                wanted = {flat: each.removeprefix("×") for flat, each in wanted.items()}
            assert written == wanted, f"{name}, after {k} steps"
            told += len(wanted)
        assert told > 200, name


@pytest.mark.parametrize(
    ("layer", "query", "settings", "name", "array", "stamp"),
    [
        ("conv_transpose2d", "", {}, "stamp", "y_padded", "product"),
        ("conv_transpose2d", "?stride=1", {"stride": 1}, "stamp", "y_padded", "product"),  # each cell has many stamps
        ("input_gradient", "", {}, "scatter", "dx_scattered", "stamp"),
    ],
)
def test_a_stamp_lies_where_it_falls_with_what_it_adds_and_once_it_is_added_with_the_sum_that_the_cell_holds(
    layer: str, query: str, settings: dict[str, Any], name: str, array: str, stamp: str, new_reader: NewReader
):
    reader, trace = walk(new_reader, layer, query, **settings)
    scene = chapter(trace, name).scenes[-1]
    moments = computations(trace, scene.first + 1, scene.stop, array)  # it begins with zeros everywhere
    told = {False: 0, True: 0}
    for (k, steps), laid in zip(moments, shown(reader, trace, [k for k, _ in moments]), strict=True):
        if not trace.steps[k - 1].accesses:
            continue
        added = next(one for one in trace.steps[steps[-1]].accesses if one.array == array and one.values is not None)
        given = trace.snapshot(steps.stop)[stamp].ravel()
        covered = flats(trace, array, added.box)
        is_added = k == steps.stop
        before, now = (trace.snapshot(at)[array].ravel() for at in (steps.stop - 1, k))
        wanted = {
            str(flat): (text(float(before[flat]), "") if is_added else "") + text(float(number), "+")
            for flat, number in zip(covered, given, strict=True)
        }
        assert laid[array]["texts"] == wanted, f"after {k} steps"
        assert {min(covered), max(covered)} <= set(laid[array]["corners"])
        assert [now[flat] for flat in covered] == [
            before[flat] + number * is_added for flat, number in zip(covered, given, strict=True)
        ]
        told[is_added] += len(wanted)
    assert min(told.values()) > 20


def test_an_equal_share_is_written_as_the_sum_that_the_cell_holds(new_reader: NewReader):
    reader, trace = walk(new_reader, "avg_pool2d", "?stride=1", stride=1)
    scene = chapter(trace, "backward").scenes[-1]
    steps = range(scene.first + 1, scene.first + 10)  # of the first channel
    seen = set()
    for k, laid in zip(steps, shown(reader, trace, [step + 1 for step in steps]), strict=True):
        added = next(one for one in trace.steps[k].accesses if one.array == "dx_padded" and one.values is not None)
        before, after = (trace.snapshot(at)["dx_padded"].ravel() for at in (k, k + 1))
        wanted = {
            str(flat): text(float(before[flat]), "") + text(float(after[flat] - before[flat]), "+")
            for flat in flats(trace, "dx_padded", added.box)
        }
        assert laid["dx_padded"]["texts"] == wanted, f"after {k + 1} steps"
        seen |= set(wanted.values())
    assert len(seen) > 8


def test_where_a_sum_has_no_room_a_stamp_that_is_added_is_a_frame_without_numbers(new_reader: NewReader):
    x = [[[1.125, 2.375], [-3.625, 4.125]]]
    trace = core.record("conv_transpose2d", arrays={"x": x})
    reader = new_reader(viewport={"width": 1280, "height": 720})
    reader.open(f"/conv_transpose2d/walk?x={json.dumps(x, separators=(',', ':'))}").arrived(len(trace.steps))
    before, after = shown(reader, trace, [4, 5])
    assert all(each.startswith(("+", "−", "0")) for each in before["y_padded"]["texts"].values())
    assert after["y_padded"]["texts"] == {}
    assert after["y_padded"]["corners"] == before["y_padded"]["corners"]


def test_the_winner_of_a_window_is_framed_as_soon_as_it_has_won(new_reader: NewReader):
    reader, trace = walk(new_reader, "max_pool2d")
    scene = chapter(trace, "pool").scenes[-1]
    moments = computations(trace, scene.first, scene.stop, "x_padded")
    won = 0
    for (k, steps), laid in zip(moments, shown(reader, trace, [k for k, _ in moments]), strict=True):
        [taken] = reads(trace.steps[steps.start : steps.stop], "x_padded")
        window = flats(trace, "x_padded", taken.box)
        winner = window[int(np.argmax(trace.snapshot(k)["x_padded"].ravel()[window]))]
        assert {min(window), max(window)} <= set(laid["x_padded"]["corners"])
        assert laid["x_padded"]["winners"] == ([winner] if k >= steps.stop else []), f"after {k} steps"
        won += k >= steps.stop
    assert won > 8


@pytest.mark.parametrize(
    ("layer", "query", "settings", "back", "gradient"),
    [
        ("max_pool2d", "?stride=1&padding=1", {"stride": 1, "padding": 1}, "backward", "dx"),
        ("max_pool2d", "?ties=first_in_columns&seed=4&stride=1", {"ties": "first_in_columns", "seed": 4, "stride": 1},
         "backward", "dx"),
        ("assigned_not_added", "", {}, "assign", "dx_wrong"),
        ("chain", "", {}, "back_through_pool", "da"),
    ],
)  # fmt: skip
def test_a_gradient_goes_home_to_the_winner_of_its_window_which_lies_around_it_with_what_was_compared(
    layer: str, query: str, settings: dict[str, Any], back: str, gradient: str, new_reader: NewReader
):
    reader, trace = walk(new_reader, layer, query, **settings)
    height, width = trace.start[gradient].shape[-2:]
    windows: dict[tuple[Any, ...], dict[int, float]] = {}  # of each place that was remembered: cells, and their numbers
    taken: Access | None = None
    pad = settings.get("padding", 0)
    pooled = {"max_pool2d": "x_padded", "chain": "a"}.get(layer, "x")
    for k, step in enumerate(trace.steps):
        for one in step.accesses:
            if one.array == pooled and one.values is None:
                taken = one
            if one.array == "where" and one.values is not None and taken is not None:
                held = trace.snapshot(k)[pooled]
                (c, _, _), rows, columns = taken.box
                windows[one.box] = {
                    (c * height + row - pad) * width + column - pad: held[c, row, column]
                    for row in range(*rows)
                    for column in range(*columns)
                    if 0 <= row - pad < height and 0 <= column - pad < width
                }
    scene = chapter(trace, back).scenes[-1]
    moments = [k for k in range(scene.first + 1, scene.stop + 1) if reads(trace.steps[k - 1 : k], "where")]
    won: dict[int, list[dict[int, float]]] = {}
    for k, laid in zip(moments, shown(reader, trace, moments), strict=True):
        [place] = reads(trace.steps[k - 1 : k], "where")
        [home] = {flat for one in results(trace, trace.steps[k - 1]) for flat in flats(trace, gradient, one.box)}
        window = windows[place.box]
        assert list(laid) == [gradient], k
        assert laid[gradient]["corners"] == [min(window), max(window)], f"after {k} steps"
        assert laid[gradient]["winners"] == [home]
        assert laid[gradient]["texts"] == {str(flat): text(number, "") for flat, number in window.items()}
        before = won.setdefault(home, [])
        assert sorted(laid[gradient]["earlier"]) == sorted([min(each), max(each)] for each in before)
        before.append(window)
    assert len(moments) > 3
    if layer != "chain":
        assert max(map(len, won.values())) > 1, "one cell has won more than one window"


def test_the_window_of_an_average_stays_while_its_cells_are_counted(new_reader: NewReader):
    reader, trace = walk(new_reader, "avg_pool2d")
    scene = chapter(trace, "pool").scenes[-1]
    moments = computations(trace, scene.first, scene.stop, "x_padded")
    for (k, steps), laid in zip(moments, shown(reader, trace, [k for k, _ in moments]), strict=True):
        [taken] = reads(trace.steps[steps.start : steps.stop], "x_padded")
        window = flats(trace, "x_padded", taken.box)
        assert {min(window), max(window)} <= set(laid["x_padded"]["corners"]), f"after {k} steps"


@pytest.mark.parametrize("reduced_motion", ["reduce", "no-preference"])
def test_the_kernel_slides_only_for_those_who_let_things_move(new_reader: NewReader, reduced_motion: str):
    reader = new_reader(reduced_motion=reduced_motion).open("/#5").drawn(5).rest()
    moves = reader.evaluate(
        """async () => {
          const plates = [...document.querySelectorAll(".kernel")];
          convwalk.seek(8);
          while (convwalk.step !== 8 || plates[0].style.translate === "") await new Promise(requestAnimationFrame);
          await new Promise(requestAnimationFrame);
          return plates.map((plate) => [plate.isConnected, plate.getAnimations().map((one) => one.transitionProperty)]);
        }"""
    )
    assert moves == [[True, ["translate"] if reduced_motion == "no-preference" else []]] * 3
