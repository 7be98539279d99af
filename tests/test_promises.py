"""What ConvWalk promises of every algorithm of every layer: the picture, the code and the numbers cannot disagree.

Everything here loops over the catalogue. A layer that is new is held to all of it with its default settings; the
settings that are awkward for it go into VARIANTS.
"""

import ast
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from hypothesis import strategies as draw

import core
from app.figures.film import STOPS
from app.room import sentences
from app.walks.views import PARTS
from core.catalog import LAYERS, Run
from core.comparison import comparison, shapes, shown
from core.comparison.mistakes import MISTAKES
from core.layers.activation import ACTIVATIONS
from core.offer import fit, layout
from core.offer.layer import Layer, check
from core.offer.settings import Choice, Flag, Pair, Real, SettingError, Settings, Sides, Whole
from core.recording.trace import CHAPTER, Access, Box, Step, Trace, box_shape, finished, outlining, replay
from core.recording.watched import Watched
from core.text.source import Place, Source

ROOT = Path(__file__).parents[1]

# Beside its default, which is always there. Height and width differ wherever they can.
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "activation": [
        *({"activation": name, "channels": 2, "height": 2, "width": 3, "seed": 1} for name in ACTIVATIONS),
        {"activation": "gelu", "channels": 1, "height": 12, "width": 12},  # more cells than are checked
    ],
    "linear": [
        *({"activation": name, "in_features": 3, "out_features": 2, "seed": 1} for name in ACTIVATIONS),
        {"in_features": 1, "out_features": 1},
        {"in_features": 20, "out_features": 9},  # more weights than are checked
    ],
    "softmax_cross_entropy": [
        {"classes": 6, "target": 5, "seed": 1},
        {"classes": 1},
        {"classes": 200, "target": 77},  # more scores than are checked
    ],
    "cross_correlation": [
        {"in_height": 3, "in_width": 4, "kernel_size": (2, 3), "seed": 2},
        {"kernel": "symmetric", "in_height": 4},
    ],
    "input_gradient": [
        {"in_channels": 2, "in_height": 3, "in_width": 4, "out_channels": 2, "kernel_size": (2, 1), "stride": (1, 2),
         "padding": (1, 0, 0, 2), "seed": 1},
        {"in_height": 5, "kernel_size": (2, 3), "dilation": (3, 1), "padding": "same", "seed": 2},
    ],
    "kernel_not_flipped": [{"in_channels": 2, "out_channels": 2, "in_width": 3, "stride": (1, 2), "padding": 1}],
    "no_zeros_for_the_stride": [{"in_channels": 2, "in_width": 6, "stride": (1, 3), "padding": (2, 0), "seed": 1},
                                {"stride": 1, "in_width": 3, "padding": 3}],
    "padding_from_the_width": [{"kernel_size": (1, 3), "stride": (2, 1), "padding": 1, "activation": "tanh"}],
    "filters_not_summed": [{"out_channels": 3, "in_channels": 2, "activation": "relu", "stride": 2, "padding": 1}],
    "slope_ignored": [{"activation": "sigmoid", "in_channels": 2, "stride": 2}],
    "depth_from_the_filters": [{"in_channels": 2, "out_channels": 2, "padding": (1, 0), "kernel_size": (1, 3)}],
    "assigned_not_added": [{"in_channels": 2, "in_width": 5, "kernel_size": (2, 3), "stride": (1, 2), "seed": 1}],
    "conv2d": [
        # a stride pair, one that does not divide, and ReLU in this layer and the one before
        {"in_channels": 2, "in_height": 4, "in_width": 7, "out_channels": 3, "kernel_size": (2, 3), "stride": (1, 2),
         "padding": (0, 1), "activation": "relu", "activation_before": "relu"},
        # dilation, a stride above the kernel, and the sigmoid
        {"in_channels": 1, "in_height": 7, "in_width": 5, "kernel_size": (3, 1), "dilation": (2, 3), "stride": (3, 2),
         "padding": (1, 0), "activation": "sigmoid", "activation_before": "sigmoid", "seed": 3},
        # padding wider than kernel - 1, and tanh
        {"in_channels": 2, "in_height": 2, "in_width": 3, "kernel_size": (2, 1), "padding": (3, 2), "stride": (2, 3),
         "activation": "tanh", "activation_before": "tanh", "seed": 4, "learning_rate": 0.5},
        # the kernel as large as the input: a single output cell; ones arriving
        {"in_channels": 1, "in_height": 3, "in_width": 2, "out_channels": 1, "kernel_size": (3, 2), "stride": 1,
         "padding": 0, "grad_output": "ones"},
        # one cell of everything
        {"in_channels": 1, "in_height": 1, "in_width": 1, "out_channels": 1, "kernel_size": 1, "stride": 1,
         "padding": 0},
        # groups, four-sided padding that mirrors, and leaky ReLU
        {"in_channels": 4, "in_height": 4, "in_width": 3, "out_channels": 2, "kernel_size": (2, 1), "stride": (1, 2),
         "padding": (1, 2, 0, 1), "padding_mode": "reflect", "groups": 2, "activation": "leaky_relu"},
        # depthwise, "same", a border that repeats the edge, and GELU
        {"in_channels": 2, "in_height": 3, "in_width": 4, "kernel_size": (3, 2), "padding": "same", "groups": 2,
         "padding_mode": "replicate", "activation": "gelu", "activation_before": "leaky_relu"},
        # a row more on top than below, and columns with a stride that does not divide
        {"in_channels": 1, "in_height": 4, "in_width": 5, "kernel_size": (2, 3), "stride": (1, 2),
         "padding": "same_lower", "seed": 5},
        # round and round
        {"in_channels": 1, "in_height": 3, "in_width": 2, "kernel_size": 2, "stride": 1, "padding": (3, 1, 0, 2),
         "padding_mode": "circular"},
        # so many cells that the gradient check leaves some out
        {"in_channels": 1, "in_height": 10, "in_width": 14, "out_channels": 1, "kernel_size": (2, 1), "stride": (4, 5),
         "padding": 0},
    ],
    "avg_pool2d": [
        # overlapping windows; cells of the padding do not count
        {"in_channels": 1, "in_height": 4, "in_width": 5, "kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 1),
         "count_include_pad": False, "seed": 1},
        # the last window hangs over the padding; cells between the windows
        {"in_channels": 2, "in_height": 5, "in_width": 4, "kernel_size": (3, 2), "stride": (3, 3), "padding": (1, 0),
         "ceil_mode": True},
        # the window as large as the input
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": (2, 3), "stride": 1, "seed": 2},
        {"in_channels": 1, "in_height": 10, "in_width": 14, "stride": (3, 4)},  # more cells than are checked
        # "same": a row below and a column on the left more than on the other side; cells of the padding do not count
        {"in_channels": 1, "in_height": 3, "in_width": 5, "kernel_size": (2, 4), "stride": (1, 2), "padding": "same",
         "count_include_pad": False, "seed": 3},
        # the odd ones first, and they count; a window above the input
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": (5, 2), "stride": 1, "padding": "same_lower",
         "seed": 4},
        # each side for itself, and the last windows hang over
        {"in_channels": 2, "in_height": 4, "in_width": 3, "kernel_size": (3, 2), "stride": (2, 3),
         "padding": (1, 0, 0, 1), "ceil_mode": True, "seed": 5},
    ],
    "global_avg_pool2d": [
        {"in_channels": 1, "in_height": 1, "in_width": 1},
        {"in_channels": 3, "in_height": 3, "in_width": 2, "seed": 1},
    ],
    "global_max_pool2d": [
        {"in_channels": 1, "in_height": 1, "in_width": 1},
        {"in_channels": 3, "in_height": 3, "in_width": 2, "seed": 1},
    ],
    "max_pool2d": [
        # overlapping windows, padding, and ties read the other way
        {"in_channels": 1, "in_height": 4, "in_width": 5, "kernel_size": (3, 2), "stride": (1, 2), "padding": (1, 0),
         "ties": "first_in_columns", "seed": 1},
        # dilation; the last window hangs over the end; ties are shared
        {"in_channels": 2, "in_height": 4, "in_width": 3, "kernel_size": 2, "stride": (3, 1), "padding": (0, 1),
         "dilation": (2, 1), "ceil_mode": True, "ties": "split", "seed": 2},
        # a stride above the window, and a column left over
        {"in_channels": 1, "in_height": 5, "in_width": 6, "kernel_size": (2, 1), "stride": (3, 2), "ties": "all"},
        # the window as large as the input
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": (2, 3), "stride": 1, "seed": 3},
        {"in_channels": 1, "in_height": 10, "in_width": 14, "stride": (3, 4)},  # more cells than are checked
        # "same" with a dilation: more than half of a window
        {"in_channels": 1, "in_height": 5, "in_width": 4, "kernel_size": (3, 2), "stride": (2, 1), "dilation": (2, 1),
         "padding": "same", "seed": 4},
        # the odd row and column first, and ties in columns
        {"in_channels": 1, "in_height": 4, "in_width": 5, "kernel_size": (3, 2), "stride": (2, 1),
         "padding": "same_lower", "ties": "first_in_columns", "seed": 5},
        # a stride above the window, where there is nothing to pad, and a window above the input; ties are shared
        {"in_channels": 1, "in_height": 5, "in_width": 2, "kernel_size": (1, 5), "stride": (3, 1), "padding": "same",
         "ceil_mode": True, "ties": "split", "seed": 6},
        # each side for itself, and the last windows hang over
        {"in_channels": 2, "in_height": 4, "in_width": 3, "kernel_size": (2, 3), "stride": (3, 2),
         "padding": (0, 1, 1, 0), "ceil_mode": True, "ties": "all", "seed": 7},
    ],
    "conv_transpose2d": [
        # rows and columns at the end that no stamp reaches, and a stride pair
        {"in_channels": 1, "in_height": 2, "in_width": 3, "out_channels": 2, "kernel_size": (3, 2), "stride": (3, 2),
         "padding": (1, 0), "output_padding": (2, 1), "seed": 1},
        # dilation, and an output padding above the stride
        {"in_channels": 1, "in_height": 2, "in_width": 2, "kernel_size": (2, 3), "stride": 1, "dilation": (3, 2),
         "padding": (1, 2), "output_padding": (2, 1), "seed": 2},
        # groups
        {"in_channels": 4, "in_height": 2, "in_width": 3, "out_channels": 2, "kernel_size": (1, 2), "stride": (2, 1),
         "padding": 0, "groups": 2},
        # a stride above the kernel: stamps with gaps in between
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": 1, "stride": 3, "padding": 0, "seed": 3},
        # one cell of everything
        {"in_channels": 1, "in_height": 1, "in_width": 1, "kernel_size": 1, "stride": 1, "padding": 0},
        # so many cells that the gradient check leaves some out
        {"in_channels": 1, "in_height": 10, "in_width": 14, "kernel_size": 1, "stride": 1, "padding": 0},
        # "same": a row is cropped below; on the right no stamp reaches the columns that make up the size
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": (3, 2), "stride": (2, 4), "padding": "same",
         "seed": 4},
        # the odd row first, and a dilation
        {"in_channels": 2, "in_height": 3, "in_width": 2, "out_channels": 2, "kernel_size": 2, "stride": (1, 2),
         "dilation": (3, 1), "padding": "same_lower", "groups": 2, "seed": 5},
        # each side for itself, the output padding with it
        {"in_channels": 1, "in_height": 2, "in_width": 3, "kernel_size": (3, 2), "stride": (2, 3),
         "padding": (0, 2, 1, 0), "output_padding": (1, 2), "seed": 6},
        {"in_channels": 1, "in_height": 1, "in_width": 1, "kernel_size": (2, 5), "stride": 3, "padding": "same"},
    ],
    "im2col": [
        # four-sided padding, a stride pair, one that does not divide
        {"in_channels": 1, "in_height": 4, "in_width": 5, "out_channels": 3, "kernel_size": (3, 2), "stride": (1, 2),
         "padding": (1, 0, 0, 2), "seed": 1},
        # dilation, and a stride above the kernel
        {"in_channels": 2, "in_height": 6, "in_width": 5, "kernel_size": (2, 1), "dilation": (2, 3), "stride": (3, 2),
         "padding": 1},
        {"in_channels": 1, "in_height": 3, "in_width": 4, "kernel_size": (3, 2), "padding": "same"},
        # one cell of everything
        {"in_channels": 1, "in_height": 1, "in_width": 1, "out_channels": 1, "kernel_size": 1},
        # so many cells that the gradient check leaves some out
        {"in_channels": 1, "in_height": 10, "in_width": 14, "out_channels": 1, "kernel_size": (2, 1), "stride": (4, 5)},
    ],
    "convolution_as_linear": [
        # four-sided padding, a stride pair, one that does not divide, several channels and filters
        {"in_channels": 2, "in_height": 4, "in_width": 5, "out_channels": 2, "kernel_size": (3, 2), "stride": (1, 2),
         "padding": (1, 0, 0, 2), "seed": 1},
        # dilation, and a stride above the kernel
        {"in_height": 6, "in_width": 5, "kernel_size": (2, 1), "dilation": (2, 3), "stride": (3, 2), "padding": 1},
        {"in_height": 3, "in_width": 4, "kernel_size": (3, 2), "padding": "same", "seed": 2},
        # padding above the kernel, and one cell of everything
        {"in_height": 2, "in_width": 2, "kernel_size": 1, "padding": (2, 1), "stride": 2},
        {"in_height": 1, "in_width": 1, "kernel_size": 1},
    ],
    "chain": [
        # pools that overlap, small whole numbers with ties and zeros
        {"in_channels": 2, "in_height": 5, "in_width": 4, "out_channels": 1, "kernel_size": (2, 3),
         "padding": (1, 0, 2, 1), "pool_size": (2, 3), "pool_stride": 1, "seed": 1},
        # a convolution with a stride, a pool that leaves rows and columns over
        {"in_height": 7, "in_width": 6, "kernel_size": (3, 2), "stride": (2, 1), "padding": "same",
         "pool_size": (3, 2), "pool_stride": (2, 3), "learning_rate": 0.5, "seed": 2},
        # one cell of everything
        {"in_height": 1, "in_width": 1, "out_channels": 1, "kernel_size": 1, "pool_size": 1, "pool_stride": 1},
    ],
    "network": [
        # another digit, pools that overlap, so many weights that the gradient check leaves some out
        {"in_height": 6, "in_width": 5, "kernel_size": (3, 2), "padding": (1, 0, 2, 1), "pool_size": (2, 3),
         "pool_stride": 1, "classes": 10, "digit": "7", "seed": 1},
        # several channels, a convolution with a stride, a pool that leaves rows and columns over
        {"in_channels": 2, "in_height": 7, "in_width": 6, "stride": (2, 1), "padding": "same", "pool_size": (3, 2),
         "pool_stride": (2, 3), "learning_rate": 0.5, "digit": "0", "seed": 2},
        # one cell of everything: nothing to decide, and a loss of 0
        {"in_height": 1, "in_width": 1, "out_channels": 1, "kernel_size": 1, "pool_size": 1, "pool_stride": 1,
         "classes": 1, "digit": "0"},
    ],
    "training": [
        # a batch of one, everything switched the other way, and a single filter
        {"out_channels": 1, "batch_size": 1, "epochs": 1, "shuffle": False, "bias": False, "momentum": 0.5, "digit": 7,
         "initial_weights": "equal", "seed": 3},
        # all digits at once, ReLUs that are shut from the start
        {"out_channels": 2, "batch_size": 240, "epochs": 2, "initial_bias": -2, "learning_rate": 1},
    ],
}  # fmt: skip


class Case(NamedTuple):
    layer: str
    algorithm: str
    variant: int  # 0 is the default

    @property
    def settings(self) -> dict[str, Any]:
        return [{}, *VARIANTS.get(self.layer, [])][self.variant]

    @property
    def run(self) -> Run:
        return Run.of(self.layer, self.algorithm, **self.settings)

    @property
    def trace(self) -> Trace:
        return traced(self)

    def __str__(self) -> str:
        return f"{self.layer}-{self.algorithm}-{self.variant}"


@cache
def traced(case: Case) -> Trace:
    return core.record(case.layer, case.algorithm, **case.settings)


CASES = [
    Case(name, algorithm, variant)
    for name, layer in LAYERS.items()
    for algorithm in layer.algorithms
    for variant in range(1 + len(VARIANTS.get(name, [])))
]
# All that is promised of a layer comes together, so that each walk is recorded once: by one process of several.
every_layer = pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name, scope="module")


def every_case(promise: Callable[[Case], None]) -> Any:
    """A test for each layer that holds all of its cases to a promise, and names the one that breaks it."""

    @every_layer
    @wraps(promise)
    def test(layer: Layer) -> None:
        for case in CASES:
            if case.layer == layer.name:
                try:
                    promise(case)
                except BaseException as error:
                    error.add_note(f"in {case}: {case.settings}")
                    raise

    del test.__wrapped__  # pytest would read the promise's own arguments
    return test


def same_bits(some: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> None:
    assert some.keys() == others.keys()
    for name, array in some.items():
        assert (array.shape, array.dtype) == (others[name].shape, others[name].dtype), name
        assert array.tobytes() == others[name].tobytes(), name


def sources(trace: Trace) -> dict[str, Source]:
    return {source.name: source for source in trace.outline.sources}


def test_every_variant_is_of_a_layer_on_offer():
    assert VARIANTS.keys() <= LAYERS.keys()


# --- The run ------------------------------------------------------------------------------------------------


@every_case
def test_watching_changes_nothing(case: Case):
    watched, plain = case.run, case.run
    arrays = {name: array.copy() for name, array in watched.start.items()}
    arguments = watched.layer.arguments(watched.settings)
    for _ in watched.algorithm.steps(arrays, **arguments):
        pass
    same_bits(arrays, plain.finish())
    same_bits(watched.start, plain.start)  # and the arrays of the run itself are left as they were


@every_case
def test_the_last_snapshot_equals_the_plain_run(case: Case):
    trace = case.trace
    plain = core.run(case.layer, case.algorithm, **case.settings)
    same_bits(trace.snapshot(len(trace.steps)), plain)
    same_bits(trace.outline.end, plain)


@every_case
def test_at_every_pause_the_arrays_equal_those_of_the_plain_run_at_that_pause(case: Case):
    trace, run = case.trace, case.run
    plain = {name: array.copy() for name, array in run.start.items()}
    arguments = {**run.layer.arguments(run.settings), **plain}
    pauses = run.algorithm(**{name: arguments[name] for name in run.algorithm.parameters})
    replayed = trace.snapshot(0)
    for caption, step in zip(pauses, trace.steps, strict=True):
        replay(step, replayed)
        assert caption == step.caption
        for access in step.accesses:
            if access.values is not None:
                assert replayed[access.array].tobytes() == plain[access.array].tobytes()
    same_bits(replayed, plain)


@every_case
def test_a_trace_cut_anywhere_and_resumed_equals_the_whole(case: Case):
    trace, count = case.trace, len(case.trace.steps)
    cuts = {0, 1, count // 3, count // 2, count - 1, count, *(chapter.first for chapter in trace.chapters)}
    whole = trace.snapshot(0)
    for k in range(count + 1):
        if k in cuts:
            same_bits(trace.snapshot(k), whole)  # and so are all moments that follow
        if k < count:
            replay(trace.steps[k], whole)


@every_case
def test_the_outline_that_a_plain_run_gives_is_that_of_the_steps(case: Case):
    trace = case.trace
    seen, outline = finished(outlining((step.caption, step.stack) for step in trace.steps)), trace.outline
    assert (outline.chapters, outline.captions, outline.steps) == (seen.chapters, seen.captions, seen.steps)
    assert [source.name for source in outline.sources] == list(dict.fromkeys(name for name, _ in seen.calls))


@every_case
def test_the_header_names_just_the_arrays_that_the_run_uses(case: Case):
    trace = case.trace
    taken_by_a_call = {array for step in trace.steps for frame in step.stack for _, array in frame.arrays}
    accesses = [access for step in trace.steps for access in step.accesses]
    assert trace.outline.used == taken_by_a_call >= {access.array for access in accesses}
    assert trace.outline.computed == {access.array for access in accesses if access.values is not None}
    sent = [array["name"] for array in trace.outline.header()["arrays"]]
    assert sent == [name for name in trace.start if name in taken_by_a_call]
    for name in trace.start.keys() - set(sent):  # nothing is lost with those that are left out
        assert trace.start[name].tobytes() == trace.outline.end[name].tobytes()


@every_case
def test_the_body_of_a_function_begins_behind_its_docstring(case: Case):
    for source in case.trace.outline.header()["sources"]:
        function = ast.parse("\n".join(source["lines"])).body[0]
        assert isinstance(function, ast.FunctionDef)
        assert ast.get_docstring(function)
        assert source["body"] == source["first"] + function.body[1].lineno - 1


COLUMNS = 88  # of the text beside the stage


@every_case
def test_every_line_that_is_shown_while_it_runs_fits_beside_the_stage(case: Case):
    # The panel shows the function that pauses. What is said at a pause stands below the stage too, and may be longer.
    shown = {step.stack[-1].source for step in case.trace.steps}
    for source in (source for source in sources(case.trace).values() if source.name in shown):
        body = source.lines[source.body - source.first :]
        long = [line for line in body if len(line) > COLUMNS and not line.lstrip().startswith('yield "')]
        assert not long, (source.name, long)


@every_case
def test_a_cell_is_computed_before_it_is_read_unless_it_is_known_from_the_start(case: Case):
    trace = case.trace
    known = {array["name"]: array["known"] for array in trace.outline.header()["arrays"]}
    ready = {name: np.full(trace.start[name].shape, is_known) for name, is_known in known.items()}
    for step in trace.steps:
        for access in step.accesses:
            if access.values is None:
                assert ready[access.array][taken(access.box)].all(), access
            ready[access.array][taken(access.box)] = True


@every_case
def test_a_gradient_differs_from_the_slope_of_the_loss_only_where_a_kink_is_near(case: Case):
    end = case.trace.outline.end
    written = {access.array for step in case.trace.steps for access in step.accesses if access.values is not None}
    for name in written & {name for name in end if name.startswith("difference_d")}:
        numeric, kinks = (end[name.replace("difference", other)] for other in ("numeric", "kinks"))
        assert (np.abs(end[name]) <= 1e-5 * np.maximum(1, np.abs(numeric)))[kinks == 0].all(), name


# Their subject is the comparison with another way to the same gradient, or a gradient that is wrong.
CHECKED_OTHERWISE = {"input_gradient", *(name for name, layer in LAYERS.items() if layer.group == "What goes wrong")}


@every_layer
def test_every_gradient_that_a_layer_computes_of_what_it_begins_with_is_checked(layer: Layer):
    walk = Case(layer.name, next(iter(layer.algorithms)), 0).trace
    computed = walk.outline.computed
    gradients = {f"d{name}" for name in layer.axes} & computed
    unchecked = {name for name in gradients if f"numeric_{name}" not in computed}
    if layer.name == "training":  # one step of it is walked, and checked, there
        network = LAYERS["network"].arrays(LAYERS["network"].settings())
        assert unchecked <= {name.removeprefix("numeric_") for name in network}
    elif layer.name in CHECKED_OTHERWISE:
        assert computed & {"difference", "difference_wrong"}
    else:
        assert not unchecked


@every_layer
def test_a_right_gradient_is_not_called_wrong_beside_numbers_as_large_as_those_of_an_image(layer: Layer):
    if layer.name in CHECKED_OTHERWISE or "x" not in layer.axes or "gradient_check" not in layer.algorithms:
        return
    image = np.random.default_rng(1).integers(0, 256, layer.arrays(layer.settings())["x"].shape).astype(float)
    activations = [{"activation": name} for name in ACTIVATIONS] if "activation" in layer.settings.kinds() else [{}]
    for settings in activations:
        captions = {step.caption for step in Run.of(layer.name, "gradient_check", {"x": image}, **settings).steps()}
        assert "the gradient from the formula agrees" in captions
        assert not any("the formula is wrong" in caption for caption in captions), settings


# --- The places and the boxes -------------------------------------------------------------------------------


class Touch(NamedTuple):
    """One use of an array by NumPy, seen by the array itself."""

    array: str
    writes: bool
    key: Any
    globals: dict[str, Any]
    locals: dict[str, Any]  # of the algorithm, at that moment


class Spied(np.ndarray):
    """An array that remembers the indices it was asked for, whoever asks. It stands in for what is watched."""

    name: str
    touches: list[Touch]

    def __array_finalize__(self, seen: Any) -> None:  # a view of it spies too
        if isinstance(seen, Spied) and hasattr(seen, "name"):
            self.name, self.touches = seen.name, seen.touches

    def __getitem__(self, key: Any) -> Any:
        if sys._getframe(1).f_code.co_name != "__setitem__":  # the recorder looks again at what it has written
            self._remember(key, writes=False)
        return np.asarray(self)[key]

    def __setitem__(self, key: Any, value: Any) -> None:
        self._remember(key, writes=True)
        np.asarray(self)[key] = value

    def _remember(self, key: Any, *, writes: bool) -> None:
        frame = sys._getframe(2)
        while frame.f_code.co_filename == Watched.__getitem__.__code__.co_filename:
            frame = frame.f_back
        self.touches.append(Touch(self.name, writes, key, frame.f_globals, dict(frame.f_locals)))


@lru_cache(maxsize=256)  # those of a layer, which the next promise asks for again
def spied(case: Case) -> tuple[list[Step], list[Touch]]:
    run, touches = case.run, []
    arrays = {}
    for name, array in run.start.items():
        arrays[name] = array.copy().view(Spied)
        arrays[name].name, arrays[name].touches = name, touches
    return list(run.algorithm.steps(arrays, **run.layer.arguments(run.settings))), touches


def taken(box: Box) -> tuple[np.ndarray, ...]:
    """An index for the cells of a box: the test's own reading of what a box means."""
    return np.ix_(*([*range(start, stop, step)] for start, stop, step in box))


@cache
def subscripts(source: Source) -> dict[Place, tuple[ast.Subscript, frozenset[type]]]:
    """Every subscript of a function by its place, with what it does there: Load, Store, or both for `+=`."""
    tree = ast.parse("\n".join(source.lines))
    changed = {id(node.target) for node in ast.walk(tree) if isinstance(node, ast.AugAssign)}
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and node.lineno == node.end_lineno:
            row = source.lines[node.lineno - 1].encode()  # ast counts bytes
            start, end = (len(row[:column].decode()) for column in (node.col_offset, node.end_col_offset))
            does = {ast.Load, ast.Store} if id(node) in changed else {type(node.ctx)}
            found[Place(source.name, source.first + node.lineno - 1, start, end)] = node, frozenset(does)
    return found


@cache
def compiled(node: ast.expr) -> Any:
    return compile(ast.Expression(node), "<place>", "eval")


@every_case
def test_a_place_parses_back_to_the_subscript_that_caused_the_access(case: Case):
    texts = sources(case.trace)
    for step in case.trace.steps:
        arrays = {frame.source: dict(frame.arrays) for frame in step.stack}
        for access in step.accesses:
            node, does = subscripts(texts[access.place.source])[access.place]
            assert (ast.Load if access.values is None else ast.Store) in does
            assert isinstance(node.value, ast.Name)
            assert arrays[access.place.source][node.value.id] == access.array


@every_case
def test_the_subscript_at_a_place_evaluates_to_the_index_that_numpy_was_given(case: Case):
    # This tells apart even two equal-looking subscripts of one line, by what their index was at that moment.
    steps, touches = spied(case)
    texts = sources(case.trace)
    accesses = [access for step in steps for access in step.accesses]
    for access, touch in zip(accesses, touches, strict=True):
        node, _ = subscripts(texts[access.place.source])[access.place]
        key = eval(compiled(node.slice), touch.globals, touch.locals)
        assert (access.array, key) == (touch.array, touch.key)


@every_case
def test_a_box_holds_the_cells_that_numpy_touched(case: Case):
    steps, touches = spied(case)
    numbered = {name: np.arange(array.size).reshape(array.shape) for name, array in case.trace.start.items()}
    accesses = [access for step in steps for access in step.accesses]
    assert len(accesses) == len(touches)
    for access, touch in zip(accesses, touches, strict=True):
        touched = np.ravel(numbered[touch.array][touch.key])
        assert numbered[access.array][taken(access.box)].ravel().tolist() == touched.tolist()
        assert touch.writes == (access.values is not None)
        if access.values is not None:
            assert len(access.values) == touched.size == np.prod(box_shape(access.box))


def test_the_recorder_sees_the_same_of_an_array_that_is_spied_on():
    case = CASES[0]
    assert tuple(spied(case)[0]) == case.trace.steps


# --- Levels, chapters, scenes -------------------------------------------------------------------------------


@every_case
def test_a_coarse_step_sums_up_its_finer_steps_and_nothing_else(case: Case):
    trace = case.trace
    levels = [step.level for step in trace.steps]
    for k, level in enumerate(levels):
        summed = trace.span(k)
        assert summed.stop == k + 1
        finer = range(summed.start, k)
        assert all(levels[j] > level for j in finer)
        assert summed.start == 0 or levels[summed.start - 1] <= level  # and none is left out
        parts = [trace.span(j) for j in finer]
        assert all(summed.start <= part.start for part in parts)
        assert accesses_of(trace, summed) == {access for part in [*parts, [k]] for access in accesses_of(trace, part)}


def accesses_of(trace: Trace, steps: Any) -> set[Access]:
    return {access for k in steps for access in trace.steps[k].accesses}


@every_case
def test_played_at_any_pace_every_step_is_shown_once(case: Case):
    # At a pace the steps at its level or a coarser one are stops; what each shows anew goes back to the stop before.
    trace = case.trace
    levels = [step.level for step in trace.steps]
    for pace in sorted(set(levels)):
        stops = [k for k, level in enumerate(levels) if level <= pace]
        assert stops[-1] == len(levels) - 1
        for before, stop in zip([-1, *stops], stops, strict=False):
            assert trace.span(stop).start <= before + 1
            if levels[stop] == pace:
                assert trace.span(stop) == range(before + 1, stop + 1)
    by_chapter = [trace.span(k) for k, level in enumerate(levels) if level == CHAPTER]
    assert [k for part in by_chapter for k in part] == list(range(len(levels)))


@every_case
def test_chapters_and_scenes_partition_the_steps(case: Case):
    trace = case.trace
    chapters = trace.chapters
    assert [k for c in chapters for k in range(c.first, c.stop)] == list(range(len(trace.steps)))
    for chapter in chapters:
        scenes = [k for scene in chapter.scenes for k in range(scene.first, scene.stop)]
        assert scenes == list(range(chapter.first, chapter.stop))
        for scene in chapter.scenes:
            for step in trace.steps[scene.first : scene.stop]:
                assert (step.stack[-1].source, step.stack[-1].arrays) == (scene.source, scene.arrays)
                assert step.chapter.source == chapter.source
        assert chapter.source.rpartition(".")[2] == chapter.name
    ends = [k + 1 for k, step in enumerate(trace.steps) if step.level == CHAPTER]
    assert ends == [chapter.stop for chapter in chapters]


@every_case
def test_everything_an_algorithm_uses_is_on_the_stage_of_its_scene(case: Case):
    trace = case.trace
    for chapter in trace.chapters:
        for scene in chapter.scenes:
            on_stage = {array for _, array in scene.arrays}
            assert on_stage <= trace.outline.used <= trace.start.keys()
            for step in trace.steps[scene.first : scene.stop]:
                assert {access.array for access in step.accesses} <= on_stage


@every_layer
def test_an_algorithm_opened_alone_takes_the_same_steps_as_in_the_walk(layer: Layer):
    for variant in range(1 + len(VARIANTS.get(layer.name, []))):
        walk = Case(layer.name, next(iter(layer.algorithms)), variant).trace
        for chapter in walk.chapters:
            alone = Case(layer.name, chapter.name, variant).trace
            walked = walk.steps[chapter.first : chapter.stop]
            ends = {part.stop - 1 for part in alone.chapters}  # what it calls are chapters only when it stands alone
            for k, (one, other) in enumerate(zip(alone.steps, walked, strict=True)):
                assert (one.caption, one.loop, one.accesses) == (other.caption, other.loop, other.accesses)
                assert one.level == (CHAPTER if k in ends else other.level), f"{chapter.name}, step {k}, {variant}"


# --- Costs --------------------------------------------------------------------------------------------------


def counted(steps: Iterator[Step]) -> tuple[int, int]:
    """How many steps there are, and how many cells they write."""
    count = written = 0
    for step in steps:
        count += 1
        written += sum(len(access.values) for access in step.accesses if access.values is not None)
    return count, written


@every_case
def test_the_cost_is_known_exactly_before_it_is_paid(case: Case):
    run = case.run
    cost = run.layer.cost(case.algorithm, run.settings)
    assert counted(iter(case.trace.steps)) == (cost.steps, cost.writes)


def turned(layer: Layer) -> draw.SearchStrategy[Settings]:
    """Settings as a reader gets them: from the default, one control after the other is turned to a legal value."""

    @draw.composite
    def turn(drawing: Any) -> Settings:
        settings = layer.settings()
        for name in drawing(draw.permutations(list(settings.kinds()))):
            kind = settings.kinds()[name]
            match kind:
                case Whole() | Pair():  # small ones, so that a walk stays short
                    low, high = kind.low, min(kind.high, kind.low + 4)
                    one = draw.integers(low, high)
                    value = drawing(one if isinstance(kind, Whole) else draw.tuples(one, one))
                case Sides():
                    one = draw.integers(kind.low, kind.low + 4)
                    value = drawing(draw.one_of(one, draw.tuples(one, one, one, one), draw.sampled_from(kind.words)))
                case Choice():
                    value = drawing(draw.sampled_from(kind.choices))
                case Flag():
                    value = drawing(draw.booleans())
                case Real():
                    value = drawing(draw.floats(kind.low, kind.high))
            try:
                tried = replace(settings, **{name: value})
                check(layer, next(iter(layer.algorithms)), tried)
            except SettingError:
                continue
            if max(layer.cost(name, tried).steps for name in layer.algorithms) < 1000:
                settings = tried
        return settings

    return turn()


@every_layer
def test_the_cost_is_exact_for_any_settings(layer: Layer):
    @bounded(max_examples=12, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(settings=turned(layer))
    def holds(settings: Settings) -> None:
        for name in layer.algorithms:
            cost = layer.cost(name, settings)
            run = Run.of(layer.name, name, **settings.plain())
            assert run.settings == settings
            assert counted(run.steps()) == (cost.steps, cost.writes), name

    holds()


# --- As JSON ------------------------------------------------------------------------------------------------


@every_case
def test_a_trace_goes_through_json_and_replays_to_the_same_arrays(case: Case):
    trace = case.trace
    sent = json.loads(json.dumps(trace.as_dict(), allow_nan=False))
    header, steps = sent["header"], sent["steps"]
    names = [array["name"] for array in header["arrays"]]
    assert names == [name for name in trace.start if name in trace.outline.used]
    arrays = {array["name"]: np.array(array["start"], float).reshape(array["shape"]) for array in header["arrays"]}
    assert header["steps"] == len(steps) == len(trace.steps)
    half = len(steps) // 2
    for k, (packed, step) in enumerate(zip(steps, trace.steps, strict=True)):
        if k == half:
            same_bits(arrays, used(trace, half))
        caption, level, stack, loop, accesses = packed
        assert header["captions"][caption] == step.caption
        assert level == step.level
        assert [(header["sources"][s]["name"], line) for s, line in stack] == [(f.source, f.line) for f in step.stack]
        assert {name: tuple(v) if isinstance(v, list) else v for name, v in loop.items()} == step.loop
        for (source, line, first, last, array, flat, *values), access in zip(accesses, step.accesses, strict=True):
            assert Place(header["sources"][source]["name"], line, first, last) == access.place
            box = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
            assert names[array] == access.array
            for written in values:
                view = arrays[names[array]]
                view[taken(box)] = np.reshape(written, [len(range(*axis)) for axis in box])
    same_bits(arrays, used(trace, len(trace.steps)))
    ends = {array["name"]: np.array(array["end"], float).reshape(array["shape"]) for array in header["arrays"]}
    same_bits(arrays, ends)


def used(trace: Trace, k: int) -> dict[str, np.ndarray]:
    """A snapshot of the arrays that the run uses; the others stay as they are, and do not travel."""
    return {name: array for name, array in trace.snapshot(k).items() if name in trace.outline.used}


# --- Words --------------------------------------------------------------------------------------------------

LANGUAGES = ("en", "zh")


def catalogue(language: str) -> dict[str, str]:
    """What a language says: the page's words, and those that stand beside the layers."""
    own = {key: text for path in beside_the_layers(language) for key, text in words_in(path).items()}
    if language == LANGUAGES[0]:  # a sentence of a layer is its own English, unless a word was chosen for it
        own = {key: key for path in beside_the_layers("zh") for key in words_in(path)} | own
    return own | of_the_page(language)


def beside_the_layers(language: str) -> list[Path]:
    return [
        path
        for room in ("core/layers", "core/comparison", "app/room")
        for path in sorted((ROOT / room / language).glob("*.json"))
    ]


def words_in(path: Path) -> dict[str, str]:
    return json.loads(path.read_text(encoding="utf-8"))


def of_the_page(language: str) -> dict[str, str]:
    rooms = (ROOT / "static" / room / f"{language}.json" for room in ("i18n", "bring", "plots/mine", "predict"))
    return {key: text for path in rooms for key, text in words_in(path).items()}


def marked_functions() -> Iterator[ast.FunctionDef]:
    """Every @algorithm of every layer's file, and every walk, whose text may be made of its chapters."""
    for layer in LAYERS.values():
        yield next(iter(layer.algorithms.values())).source.tree
    for path in sorted((ROOT / "core" / "layers").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and any("algorithm" in ast.unparse(d) for d in node.decorator_list):
                yield node


def captions() -> Iterator[str]:
    for function in marked_functions():
        for node in ast.walk(function):
            if isinstance(node, ast.Yield):
                assert isinstance(node.value, ast.Constant), f"{function.name} has a caption that cannot be translated"
                yield node.value.value


def paragraphs() -> Iterator[str]:
    for function in marked_functions():
        for paragraph in (ast.get_docstring(function) or "").split("\n\n"):
            yield re.sub("^(Look|Question|Answer): ", "", " ".join(paragraph.split()))


def labels() -> Iterator[str]:
    for layer in LAYERS.values():
        yield layer.title
        yield layer.group
        if layer.onward:
            yield layer.onward.label
        yield from (one.label for one in layer.opens if one.label)
        for preset in layer.presets:
            yield from (preset.label, preset.question, preset.answer)
        yield from layer.paces.values()
        settings = layer.settings()
        for knob in settings.describe():
            yield str(knob["label"])
            yield str(knob["group"])
            yield from [*knob.get("choices", []), *knob.get("words", [])]
        for named in layer.arrays(settings).values():
            yield named.label
            yield from named.axis_names
        for size in layer.formula(settings):
            yield str(size["label"])


def errors() -> Iterator[str]:
    """The template of every SettingError, which stands in the call or in a variable `template` just before it."""
    for path in sorted([*(ROOT / "core").rglob("*.py"), *(ROOT / "app").rglob("*.py")]):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("SettingError"):
                    text = node.args[1]
                    if ast.unparse(text).startswith(("self.template", "SENTENCES[", "one.misshapen")):  # they follow
                        continue
                    if isinstance(text, ast.Name):  # the last value it was given above the call
                        values = [
                            one.value
                            for one in ast.walk(function)
                            if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == text.id
                        ]
                        text = max((v for v in values if v.lineno < node.lineno), key=lambda v: v.lineno)
                    where = f"{path.name}, line {node.lineno}: this message cannot be translated"
                    assert isinstance(text, ast.Constant), where
                    assert isinstance(text.value, str), where
                    yield text.value
    yield from (template for sentence in layout.SENTENCES.values() for template in sentence if template)
    yield from (layout.FIRST_TURNED, fit.GROWN, fit.CUT)
    yield from shapes.SENTENCES.values()


def comparisons() -> Iterator[str]:
    """What is said of an array that is compared, and of every mistake."""
    for one in MISTAKES.values():
        yield from (one.says, one.misshapen)
    yield from (*comparison.AGREES.values(), *comparison.DIFFERS.values(), comparison.ROUNDED, comparison.FLOAT32)
    yield from (comparison.NOT_FINITE, comparison.UNKNOWN, comparison.ASSUMED, comparison.ASSUMED_ONE)
    yield from (shown.NONE, shown.CANNOT, shown.LACKING, shown.LONG)


def rooms() -> Iterator[str]:
    """What a room for a class refuses."""
    yield from (words for name, words in vars(sentences).items() if name.isupper())


def names() -> Iterator[str]:
    """Functions as a reader is told of them."""
    for function in marked_functions():
        yield function.name.replace("_", " ")


CALLED_SO = {"argmax", "softmax", "erf", "inside", "groups", "pool"}  # functions and settings, in every language


def in_formulas() -> Iterator[str]:
    """The words between the symbols of a formula."""
    for path in sorted((ROOT / "core" / "layers").glob("*.py")):
        for words in re.findall(r"\\text\{([^{}]*)\}", path.read_text(encoding="utf-8")):
            yield from {" ".join(words.split())} - CALLED_SO


LITERAL = r"""["']([^"'{}$]+)["']"""


def in_the_template() -> Iterator[str]:
    """Every key that a page's template asks for; `pace.` and the like are composed with a list of its own."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "templates").glob("*.html")))
    yield from re.findall(rf"\bwords\({LITERAL}\)", text)
    lists = {name: ast.literal_eval(words) for name, words in re.findall(r"{% for (\w+) in (\[.*?\]) %}", text)}
    pairs = re.findall(r"{% for (\w+), \w+ in (\[.*?\]) %}", text)
    lists |= {name: [first for first, _ in ast.literal_eval(words)] for name, words in pairs}
    lists |= {"language": list(LANGUAGES), "name": list(PARTS), "stop": list(STOPS)}
    yield from re.findall(r"'(settings\.\w+)'", text)
    families = re.findall(rf"\bwords\({LITERAL} ~ (\w+)\)", text)
    assert {family for family, _ in families} == {"language.", "pace.", "part.", "present.", "share.", "speed."}
    for family, name in families:
        yield from (family + one for one in lists[name])
    for family, name, end in re.findall(rf"\bwords\({LITERAL} ~ (\w+) ~ {LITERAL}\)", text):
        yield from (family + one + end for one in lists[name])


def in_the_scripts() -> Iterator[str]:
    """Every key that a script asks for: say("…"), say(x ? "…" : "…") and filled(say, "…")."""
    for path in sorted((ROOT / "static").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        for either, other in re.findall(rf"\bsay(?:\(|, )\s*(?:[^()\"']*\? )?{LITERAL}(?: : {LITERAL})?,?\s*\)", text):
            yield from (key for key in (either, other) if key)


WORDS = {
    "caption": captions,
    "paragraph": paragraphs,
    "label": labels,
    "error": errors,
    "comparison": comparisons,
    "room": rooms,
    "name": names,
    "formula": in_formulas,
    "template": in_the_template,
    "script": in_the_scripts,
}


@cache
def said(kind: str) -> frozenset[str]:
    return frozenset(WORDS[kind]())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", WORDS)
def test_everything_that_is_said_is_said_in_both_languages(kind: str, language: str):
    wanted = said(kind) - {""}
    assert wanted, f"no {kind} was found"
    said_in = catalogue(language)
    missing = sorted(wanted - said_in.keys())
    assert not missing, f"static/i18n/{language}.json lacks {len(missing)}: {missing}"
    assert all(said_in[words].strip() for words in wanted)
    for words in (words for words in wanted if "{" in words):
        assert sorted(re.findall(r"\{\S+?\}", said_in[words])) == sorted(re.findall(r"\{\S+?\}", words)), words


@every_case
def test_the_captions_that_run_are_the_captions_that_were_read(case: Case):
    assert {step.caption for step in case.trace.steps} <= said("caption")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_key_of_the_page_is_left_over(language: str):
    # A key with a dot is of the page; all others are sentences of core and app. This also finds a key that is asked for
    # in a way that the two functions above overlook.
    keys = {key for key in of_the_page(language) if re.fullmatch(r"[a-z]+(\.[a-z0-9-]+)+", key)}
    assert len(keys) > 30
    scripts = "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "static").rglob("*.js")))
    families = [
        re.escape(head) + ".+" + re.escape(end) for head, end in re.findall(r"`((?:\w+\.)+)\$\{.*?\}([\w.]*)`", scripts)
    ]
    scripts += "".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "app").rglob("*.py")))
    # What is said of a plot has a shorter form, which is asked for by the same key.
    named = {
        key
        for key in keys
        if re.search(rf"[\"']{re.escape(key.removesuffix('.title'))}[\"']", scripts)
        or any(re.fullmatch(family, key) for family in families)
    }
    assert sorted(keys - said("template") - said("script") - named) == []


def test_no_layer_says_otherwise_what_the_page_or_another_layer_says():
    for language in LANGUAGES:
        said = of_the_page(language)
        for path in beside_the_layers(language):
            assert (path.parents[1] / f"{path.stem}.py").is_file()
            for key, text in words_in(path).items():
                assert said.setdefault(key, text) == text, f"{path.name}: {key}"


def test_nothing_is_translated_that_nobody_says():
    anywhere = frozenset().union(*map(said, WORDS))
    for language in LANGUAGES:
        for path in beside_the_layers(language):
            assert sorted(words_in(path).keys() - anywhere) == [], path.name


def test_both_languages_say_the_same_things():
    english, chinese = map(catalogue, LANGUAGES)
    assert english, "the catalogues are empty"
    assert english.keys() == chinese.keys()
    for key, words in english.items():
        slots = sorted(re.findall(r"\{(\w+)\}", words))
        assert slots == sorted(re.findall(r"\{(\w+)\}", chinese[key])), key
        assert set(slots) == set(re.findall(r"\{(\w+)\}", key)) or "{" not in key, key


def test_a_translation_is_not_the_english_over_again():
    same = [key for key, words in catalogue("zh").items() if words == key and re.search(r"[a-z]{3} [a-z]{3}", key)]
    assert not same
