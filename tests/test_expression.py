"""What a statement computes, as a tree: with the recorded numbers put in, it gives the number that was written."""

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from core.catalog import LAYERS, Run
from core.recording.recorder import algorithm, sources
from core.recording.trace import Access, Step, cells
from core.text.expression import statements

# --- Trees of toys ------------------------------------------------------------------------------------------------


def trees(toy: Any) -> dict[str, Any]:
    """The trees of a toy by the text before the `=`, each read told by its text."""

    def told(tree: Any) -> Any:
        if not isinstance(tree, list):
            return tree
        if tree[0] in ("read", "pick"):
            return [tree[0], *(text(place) for place in (tree[1:4], *tree[4:]))]
        return [told(part) for part in tree]

    def text(place: list[int]) -> str:
        line, start, end = place
        return str(toy.source.lines[line - toy.source.first][start:end])

    return {text(list(place)): told(tree) for *place, tree in statements(toy.source)}


def test_operators_functions_and_sums_become_nodes_and_reads_their_places():
    @algorithm()
    def toy(x, y, *, rate):
        _, W = x.shape
        for i in range(2):
            y[i] = x[i, :].sum() / W
            y[2] -= rate * np.exp(-x[0, i])
            y[3] = 1 if x[1, 1] > 0 else 0.5
            yield "one"

    assert trees(toy) == {
        "y[i]": ["/", ["sum", ["read", "x[i, :]"]], ["size", "W", "x", 1]],
        "y[2]": ["-", ["read", "y[2]"], ["*", ["name", "rate"], ["call", "exp", ["neg", ["read", "x[0, i]"]]]]],
        "y[3]": ["if", [">", ["read", "x[1, 1]"], ["number", 0]], ["number", 1], ["number", 0.5]],
    }


def test_a_local_name_stands_for_what_was_read_but_not_for_a_place():
    @algorithm()
    def toy(x, y):
        for i in range(2):
            row = 2 * i
            first, last = x[0], x[row]
            y[i] = first - last
            value = x[1]
            value = value + 1
            y[3] = value + row
            yield "one"

    # What is assigned twice, or from no array, stays a name.
    assert trees(toy) == {
        "y[i]": ["-", ["read", "x[0]"], ["read", "x[row]"]],
        "y[3]": ["+", ["name", "value"], ["name", "row"]],
    }


def test_a_cell_found_by_looking_at_others_is_picked_from_them():
    @algorithm()
    def toy(x, y):
        u, v = divmod(int(np.argmax(x[:])), 2)
        y[0] = x[u, v]
        y[1] = y[u]
        yield "one"

    assert trees(toy) == {"y[0]": ["pick", "x[u, v]", "x[:]"], "y[1]": ["read", "y[u]"]}


def test_what_has_no_node_is_told_by_its_text_with_its_reads():
    @algorithm()
    def toy(x, y, *, f):
        y[0], rest = f(x[0], key=x[1:])
        y[1] = x[0] and 3
        yield str(rest)

    assert trees(toy) == {
        "y[0]": ["text", "f(x[0], key=x[1:])[0]", ["read", "x[0]"], ["read", "x[1:]"]],
        "y[1]": ["text", "x[0] and 3", ["read", "x[0]"]],
    }


def test_columns_count_characters_behind_a_letter_of_several_bytes():
    @algorithm()
    def toy(x, y):
        if "δ": y[0] = x[1]  # fmt: skip  # noqa: E701
        yield "one"

    assert trees(toy) == {"y[0]": ["read", "x[1]"]}


# --- The property -------------------------------------------------------------------------------------------------

OPERATORS: dict[str, Callable[..., Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "**": operator.pow,
    "@": operator.matmul, "&": operator.and_, "|": operator.or_, ">": operator.gt, "==": operator.eq, "!=": operator.ne,
    "neg": operator.neg, "sum": np.sum, "if": lambda test, one, other: one if test else other,
}  # fmt: skip


class UntoldError(Exception):
    """The tree names something that the trace does not tell."""


class Replay:
    """A run gone through once more: what every expression of it has read last."""

    def __init__(self, run: Run) -> None:
        self.arrays = {name: array.copy() for name, array in run.start.items()}
        self.arguments = run.layer.arguments(run.settings)
        if run.layer.name in ("chain", "network"):
            del self.arguments["in_width"]  # its walk hands another width on by this name, to the pool
        self.read: dict[Any, np.ndarray] = {}

    def check(self, step: Step) -> set[str]:
        """Hold each write of a step against its tree; the sources whose trees could not be evaluated."""
        untold = set()
        for access in step.accesses:
            index = cells(access.box)
            if access.values is None:
                self.read[tuple(access.place)] = self.arrays[access.array][index]
                continue
            try:
                computed = self.value(self.tree(access), access, step)
                written = np.reshape(access.values, -1)
                if np.size(computed) > 1:
                    computed = np.ravel(computed)
                np.testing.assert_allclose(computed, written, rtol=1e-12, atol=1e-300, err_msg=str(access.place))
            except UntoldError:
                untold.add(access.place.source)
            self.arrays[access.array][index] = np.reshape(access.values, self.arrays[access.array][index].shape)
        return untold

    def tree(self, access: Access) -> Any:
        source = next(source for source in sources() if source.name == access.place.source)
        [tree] = [tree for *place, tree in statements(source) if tuple(place) == tuple(access.place)[1:]]
        return tree

    def value(self, tree: Any, access: Access, step: Step) -> Any:
        kind, *parts = tree
        if kind in ("read", "pick"):
            return np.squeeze(self.read[access.place.source, *parts[:3]])  # an index drops its axis
        if kind == "number":
            return parts[0]
        if kind == "name":
            known = {"pi": math.pi, "inf": math.inf} | self.arguments | step.loop
            if parts[0] not in known:
                raise UntoldError(parts[0])
            return known[parts[0]]
        if kind == "size":
            frame = next(frame for frame in step.stack if frame.source == access.place.source)
            return self.arrays[dict(frame.arrays)[parts[1]]].shape[parts[2]]
        is_whole = access.place.source.startswith("training.")  # a step of it is a call of whole-array NumPy
        if kind == "text" or (is_whole and kind == "call" and parts[0] not in CALLS):
            assert is_whole or "loss_of(" in parts[0], f"{access.place.source}: {parts[0]} has no node"
            raise UntoldError(parts[0])
        called = OPERATORS[kind] if kind != "call" else CALLS[parts.pop(0)]
        return called(*(self.value(part, access, step) for part in parts))


CALLS = {
    "maximum": np.maximum, "max": max, "min": min, "abs": np.abs, "exp": np.exp, "tanh": np.tanh, "sqrt": math.sqrt,
    "erf": math.erf, "log": np.log, "count_nonzero": np.count_nonzero,
}  # fmt: skip


@pytest.mark.parametrize("layer", LAYERS)
def test_every_write_of_every_layer_is_what_its_tree_says(layer: str):
    run = Run.of(layer, **({"activation": "gelu"} if layer == "activation" else {}))
    replay = Replay(run)
    untold: set[str] = set()
    for step in run.steps():
        untold |= replay.check(step)
    # Only the check of a gradient has a step and a loss that no trace tells, only training whole steps; only the chain,
    # alone or in a network, hands on a size by another name.
    untold = {name for name in untold if not name.startswith(("gradient_check.", "training."))}
    assert untold <= ({"max_pool.first_in_rows"} if layer in ("chain", "network") else set())
