"""How a cell came by its number, as the page derives it from the recorded accesses: with its own cells and values put
in, what the code says gives just the number that is there. The page's module runs in Node; the oracle is NumPy.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.recording.trace import Trace
from tests.node import node

CATALOGUES = Path(__file__).parents[1] / "static" / "i18n"

SAMPLED = 5  # cells of each array


@cache
def recorded(layer: str, settings: str = "{}") -> tuple[Trace, dict[str, Any]]:
    trace = core.record(layer, **json.loads(settings))
    return trace, json.loads(json.dumps(trace.as_dict()))


def derived(layer: str, cells: list[tuple[str, tuple[int, ...], int]], **settings: Any) -> list[dict[str, Any]]:
    """What the page finds for some cells, [array, index, moment] each; a moment of -1 is the end."""
    trace, sent = recorded(layer, json.dumps(settings))
    asked = [
        [name, int(np.ravel_multi_index(index, trace.start[name].shape)), k if k >= 0 else len(trace.steps)]
        for name, index, k in cells
    ]
    answer = node("derivations", **sent, cells=asked, whole=True)
    assert answer["stands"], "the trace was moved"
    found: list[dict[str, Any]] = answer["found"]
    return found


@pytest.mark.parametrize("layer", LAYERS)
def test_the_numbers_of_a_derivation_give_what_the_cell_holds(layer: str):
    trace, sent = recorded(layer)
    rng = np.random.default_rng(len(layer))
    moments = [len(trace.steps), *(int(k) for k in rng.integers(1, len(trace.steps), 2))]
    cells = [
        [array["name"], int(flat), k]
        for array in sent["header"]["arrays"]
        for k in moments
        for flat in rng.integers(0, np.prod(array["shape"]), SAMPLED)
    ]
    found = node("derivations", **sent, cells=cells)["found"]
    snapshots = {k: trace.snapshot(k) for k in moments}
    computed = 0
    for (name, flat, k), one in zip(cells, found, strict=True):
        value = snapshots[k][name].flat[flat]
        if one["kind"] in ("awaited", "never"):
            continue
        assert float(one["value"]) == value, (name, flat, k)
        if one["kind"] == "given":
            continue
        written = [
            at
            for at, step in enumerate(trace.steps[:k], start=1)
            if any(access.array == name and access.values is not None for access in step.accesses)
        ]
        assert one["moment"] in written
        if (
            one["computed"] is None
        ):  # a function that has no form in the browser, or a step that the trace does not tell
            is_untold = name.startswith(("loss", "numeric", "kinks", "found")) or "nudged" in name
            assert is_untold or layer in ("chain", "network", "training"), name
            continue
        np.testing.assert_allclose(float(one["computed"]), value, rtol=1e-12, atol=1e-300, err_msg=f"{name} {flat} {k}")
        computed += 1
    assert computed > len(cells) // 8 or layer == "training"  # which computes a whole batch at once


def factors(term: dict[str, Any], key: str = "name") -> list[str]:
    return [part[key] for part in term["parts"]]


def test_an_output_of_a_convolution_is_all_its_products_and_the_bias():
    [z] = derived("conv2d", [("z", (1, 0, 2), -1)])
    *products, bias = z["expr"]["terms"]
    assert (z["kind"], len(products), bias["name"], z["expr"]["over"]) == ("sum", 27, "b[1]", "product")
    arrays = core.run("conv2d", "correlate")
    assert [term["parts"][0]["value"] for term in products] == arrays["x_padded"][:, 0:3, 4:7].ravel().tolist()
    assert [term["parts"][1]["value"] for term in products] == arrays["w"][1].ravel().tolist()
    assert factors(products[5]) == ["x_padded[0, 1, 6]", "w[1, 0, 1, 2]"]
    # Above the input there is padding; in the row below, what stands in the padded input came from the input.
    assert factors(products[0], "origin") == ["filled in x_padded[0, 0, 4]", "w[1, 0, 0, 0]"]
    assert factors(products[3], "origin") == ["x[0, 0, 3]", "w[1, 0, 1, 0]"]


def test_an_input_gradient_is_every_delta_times_its_weight_and_zeros_that_are_told_apart():
    [dx] = derived("conv2d", [("dx", (2, 1, 1), -1)])
    assert dx["path"] == ["dx_padded[2, 2, 2]"]
    pairs = {tuple(factors(term, "origin")) for term in dx["expr"]["terms"]}
    deltas = {pair for pair in pairs if pair[0].startswith("dz[")}
    # At a stride of 2 and a padding of 1, x[1, 1] went to four outputs of each filter, by the corners of the kernel.
    assert deltas == {
        (f"dz[{f}, {i}, {j}]", f"w[{f}, 2, {2 - 2 * i}, {2 - 2 * j}]") for f in (0, 1) for i in (0, 1) for j in (0, 1)
    }
    assert all(pair[0].startswith("filled in dz_expanded[") for pair in pairs - deltas)
    [corner] = derived("conv2d", [("dx_padded", (0, 0, 0), -1)])
    origins = {factors(term, "origin")[0].partition("[")[0] for term in corner["expr"]["terms"]}
    assert origins == {"filled in dz_padded", "dz"}


def test_what_was_added_to_a_cell_again_and_again_is_one_sum():
    [db, collected] = derived("conv2d", [("db", (0,), -1)]) + derived(
        "input_gradient", [("dx_collected", (0, 1, 1), -1)]
    )
    assert [term["name"] for term in db["expr"]["terms"]] == [f"dz[0, {i}, {j}]" for i in range(3) for j in range(3)]
    assert {len(term["parts"]) for term in collected["expr"]["terms"]} == {2}
    arrays = core.run("input_gradient")
    assert len(collected["expr"]["terms"]) == arrays["w"][:, 0].size


def test_halfway_through_a_sum_there_are_the_terms_so_far():
    trace, _ = recorded("conv2d")
    db = [k for k, step in enumerate(trace.steps, 1) if any(a.array == "db" and a.values for a in step.accesses)]
    [early, late] = derived("conv2d", [("db", (0,), db[2]), ("db", (0,), db[5])])
    assert len(late["expr"]["terms"]) - len(early["expr"]["terms"]) == 3
    assert early["moment"] == db[2]


def test_a_max_pool_is_a_contest_of_all_the_cells_under_its_window():
    [y] = derived("max_pool2d", [("y", (0, 0, 1), -1)])
    assert y["kind"] == "pick"
    assert [one["value"] for one in y["expr"]["among"]] == core.run("max_pool2d")["x"][0, :2, 2:].ravel().tolist()
    assert (y["expr"]["name"], y["expr"]["via"]) == ("x_padded[0, 1, 3]", "window[1, 1]")
    [whole] = derived("global_max_pool2d", [("y", (0,), -1)])
    assert len(whole["expr"]["among"]) == core.run("global_max_pool2d")["x"][0].size


def test_an_average_is_a_sum_within_a_quotient():
    [y] = derived("avg_pool2d", [("y", (0, 0, 0), -1)])
    total, count = y["expr"]["parts"]
    assert (y["kind"], y["expr"]["op"], total["over"], count["name"]) == ("sum", "/", "window", "counts[0, 0]")


def test_what_is_to_come_what_was_given_and_what_was_filled_in_are_told_apart():
    trace, _ = recorded("conv2d")
    [x, z, border, never] = derived(
        "conv2d", [("x", (0, 0, 0), 3), ("z", (0, 0, 1), 3), ("x_padded", (0, 0, 0), 3), ("dx_before", (0, 0, 0), -1)]
    )
    assert (x["kind"], z["kind"], border["kind"], never["kind"]) == ("given", "awaited", "filled", "given")
    first = [k for k, step in enumerate(trace.steps, 1) if any(a.array == "z" and a.values for a in step.accesses)]
    assert (z["moment"], z["value"], border["value"]) == (first[1], None, 0)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_few_words_tell_a_cell(language: str):
    words = json.loads((CATALOGUES / f"{language}.json").read_text(encoding="utf-8"))
    trace, sent = recorded("conv2d")
    end = len(trace.steps)
    described = [
        ["z", 0, end],
        ["dx", 6, end],
        ["x", 0, 0],
        ["z", 0, 0],
        ["x_padded", 0, 2],
        ["dz", 3, end],
        ["db", 0, end],
    ]
    told = node("derivations", **sent, cells=[], described=described, words=words)["described"]
    pools = recorded("max_pool2d")
    told += node("derivations", **pools[1], cells=[], described=[["y", 0, len(pools[0].steps)]], words=words)[
        "described"
    ]
    assert told == {
        "en": [
            "sum of 27 products and b[0]", "copy of dx_padded[0, 2, 2]: sum of 18 products", "given",
            "not computed yet", "from the padding", "computed from dy[0, 1, 0]", "sum of 9 numbers", "largest of 4",
        ],
        "zh": [
            "27 个乘积与 b[0] 之和", "复制自 dx_padded[0, 2, 2]：18 个乘积之和", "给定", "尚未计算",
            "来自填充", "由 dy[0, 1, 0] 算得", "9 个数之和", "4 个中最大",
        ],
    }[language]  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_a_cell_that_is_written_again_is_never_called_padding(layer: str):
    trace, sent = recorded(layer)
    shapes = {array["name"]: array["shape"] for array in sent["header"]["arrays"]}
    asked, again = [], []
    for chapter in trace.outline.chapters:
        for scene in chapter.scenes:
            written: dict[tuple[str, int], list[int]] = {}
            for k in range(scene.first, scene.stop):
                for access in trace.steps[k].accesses:
                    if access.values is None or trace.outline.roles[access.array] == "scratch":
                        continue
                    places = np.arange(np.prod(shapes[access.array])).reshape(shapes[access.array])
                    for flat in places[tuple(slice(*axis) for axis in access.box)].ravel():
                        written.setdefault((access.array, int(flat)), []).append(k)
            for (array, flat), steps in list(written.items())[:: max(1, len(written) // 20)]:
                asked.append([array, flat, steps[0] + 1])
                again.append(len(steps) > 1)
    found = node("derivations", **sent, cells=asked)["found"]
    for (array, _, _), twice, one in zip(asked, again, found, strict=True):
        if one["filling"]:
            told = "begun" if twice else next(a["fill"] for a in sent["header"]["arrays"] if a["name"] == array)
            assert one["filling"] == (told or "filled"), array
            assert told != "padding" or array.endswith("_padded"), array


@pytest.mark.parametrize("layer", ["avg_pool2d", "im2col"])
def test_without_padding_no_cell_is_called_padding(layer: str):
    trace, sent = recorded(layer, json.dumps({"padding": 0}))
    shapes = {array["name"]: array["shape"] for array in sent["header"]["arrays"]}
    cells = [
        [name, flat, scene.stop]
        for chapter in trace.outline.chapters
        for scene in chapter.scenes
        for _, name in scene.arrays
        for flat in (0, int(np.prod(shapes[name])) - 1)
    ]
    assert any(name == "dx_padded" for name, _, _ in cells)
    assert not [cell for cell, one in zip(cells, node("derivations", **sent, cells=cells)["found"], strict=True)
                if one["filling"] == "padding"]  # fmt: skip
