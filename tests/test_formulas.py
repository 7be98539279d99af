"""The formulas: each algorithm has one, it names nothing but what is there, and it becomes MathML that can be lit."""

import re
import sys
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

from app.formulas import formula
from core.catalog import LAYERS, Run
from core.formula import equations, latex, named, symbol_of
from core.record import Algorithm, algorithm
from core.source import Source
from core.trace import Box

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def sources() -> dict[str, Source]:
    """Every function of a layer that a chapter can run; walks are made of chapters."""
    marked = sys.modules["core.record"]._SOURCES.items()
    return {s.name: s for code, s in marked if "core/layers" in code.co_filename and not s.name.endswith(".walk")}


SOURCES = sources()


def parameters(source: Source) -> list[str]:
    signature = " ".join(source.lines[: source.body - source.first])
    return re.findall(r"\w+", signature.partition("(")[2].partition(")")[0].partition("*")[0])


@pytest.mark.parametrize("name", SOURCES)
def test_every_function_that_runs_has_a_formula_of_its_own_arrays_and_loop_variables(name: str):
    source = SOURCES[name]
    assert source.formula, f"{name} has no formula"
    assert named(source)
    for names in named(source):
        assert set(names) <= set(parameters(source))

    def known(names: tuple[str, ...], plain: str) -> str:
        assert names[0] in source.assigned, f"{names[0]} is no loop variable of {name}"
        return plain

    assert equations(source, lambda _, plain: plain, known)


@pytest.mark.parametrize("name", SOURCES)
def test_every_formula_is_mathml_that_names_its_arrays_by_class(name: str):
    source, made = SOURCES[name], formula(SOURCES[name])
    assert made["latex"] == latex(source)
    assert len(made["equations"]) == len(source.formula.splitlines())
    found: set[str] = set()
    for line in made["equations"]:
        tree = ET.fromstring(line)
        assert tree.tag == f"{MATHML}math"
        texts = "".join(tree.itertext())
        assert "\\" not in texts, f"the converter does not know a command: {texts}"
        assert "@" not in texts
        for node in tree.iter():
            found |= set(re.findall(r"\bsym-(\w+)", node.get("class", "")))
            assert node.get("style") is None
    assert found == {names[0] for names in named(source)}


@pytest.mark.parametrize("name", SOURCES)
def test_plain_latex_has_balanced_braces_and_no_mark_of_ours(name: str):
    for line in latex(SOURCES[name]):
        assert line.count("{") == line.count("}")
        assert line.count(r"\left") - line.count(r"\leftarrow") == line.count(r"\right")
        assert "@" not in line
        assert r"\class" not in line


def doubled(text: str) -> Algorithm:
    @algorithm(formula=text)
    def double(x, y):
        """Twice."""
        for i in range(x.shape[0]):
            row = i
            y[row] = 2 * x[i]
            yield "double one cell"

    return double


def marked(text: str) -> list[str]:
    return equations(doubled(text).source, lambda names, plain: f"<{'+'.join(names)}:{plain}>", lambda n, _: f"#{n[0]}")


def test_arrays_and_loop_variables_are_found_and_nothing_else():
    assert marked(r"@{y x}_{@[row]} = 2 \cdot @{x}_{i \cdot s_i} \text{if i}") == [
        r"<y+x:y_{#row}> = 2 \cdot <x:x_{#i \cdot s_i}> \text{if i}"
    ]


def test_a_letter_that_a_sum_runs_over_is_no_loop_variable_there():
    assert marked("@{y}_i = \\sum_{i,j} @{x}_{i,j}\n@{y}_i") == [r"<y:y_{i}> = \sum_{i,j} <x:x_{i,j}>", "<y:y_{#i}>"]


def test_an_array_is_written_as_the_field_writes_it():
    assert symbol_of("dz", "f,i,j") == r"\delta_{f,i,j}"
    assert symbol_of("dx", "c") == r"\frac{\partial L}{\partial x_{c}}"
    assert symbol_of("made_up", "c") == r"\text{made\_up}_{c}"


def test_a_mistake_shows_the_wrong_formula():
    right, wrong = latex(SOURCES["conv.input_gradient"])[0], latex(SOURCES["mistakes.gather_unturned"])[0]
    assert r"\bar{w}" in right
    assert r"\bar{w}" not in wrong


# --- What a formula says is what is done ------------------------------------------------------------------------------


def places(source: Source) -> dict[str, list[str]]:
    """Each array's indices as a formula has them, in Python: a loop variable is `loop["i"]`."""
    found: dict[str, list[str]] = {}

    def note(names: tuple[str, ...], plain: str) -> str:
        inner = plain[plain.rindex("_{") + 2 :].partition("}")[0] if "_{" in plain else ""
        python = re.sub(r"#(\w+)#", r'loop["\1"]', inner.replace(r"\,", "").replace(r"\cdot", "*"))
        found.setdefault(names[0], []).append(re.sub(r"(\b[sdkp]_\w) \(", r"\1 * (", python))
        return plain

    equations(source, note, lambda names, _: f"#{names[0]}#")
    return found


def is_at(box: Box, shape: tuple[int, ...], index: str, values: dict[str, Any]) -> bool:
    """Whether a box begins where an index says. A letter that is no loop variable begins at 0, or runs one by one."""
    letter = r"(?<![\w\"])[a-z](?![\w\"])"
    first = tuple(start for start, _, _ in box)
    if index == 'loop["n"]':
        first = (np.ravel_multi_index(first, shape),)
    told = eval(f"({re.sub(letter, '0', index)},)", values)
    axes = zip(index.split(","), box, strict=False)
    runs = [bool(re.search(letter, axis)) and stop - start == 1 for axis, (start, stop, _) in axes]
    return len(told) == len(first) and all(t == f or r for t, f, r in zip(told, first, runs, strict=False))


KNOWN = {name: places(source) for name, source in SOURCES.items()}


def sizes(run: Run) -> dict[str, int]:
    """The settings by the letters that formulas have for them."""
    arguments, settings = run.layer.arguments(run.settings), run.settings.plain()
    values = {"s": arguments.get("stride", (1, 1)), "d": arguments.get("dilation", (1, 1))}
    values["k"] = (settings.get("kernel_height", 1), settings.get("kernel_width", 1))
    top, left = (np.ravel(side)[0] for side in arguments.get("padding", (0, 0)))
    pairs = {f"{letter}_{axis}": pair[at] for letter, pair in values.items() for at, axis in enumerate("hw")}
    return pairs | {"p_t": top, "p_l": left, "p_h": top, "p_w": left}


@pytest.mark.parametrize(
    ("layer", "settings"),
    [(layer, {}) for layer in LAYERS]
    + [("conv2d", {"stride": (2, 1), "dilation": (1, 2), "padding": (1, 0, 2, 1), "in_width": 7})]
    + [("max_pool2d", {"ties": "split", "stride": (1, 2), "padding": (0, 1), "in_width": 5})]
    + [("conv_transpose2d", {"stride": (2, 3), "dilation": (2, 1), "padding": (0, 1), "out_channels": 2})],
)
def test_the_cells_that_a_formula_names_are_those_that_its_step_uses(layer: str, settings: dict[str, Any]):
    run = Run.of(layer, **settings)
    values, checked = sizes(run), 0
    for step in run.steps():
        frame = step.stack[-1]
        parameters = {array: parameter for parameter, array in frame.arrays}
        if layer == "chain" and frame.source.startswith("max_pool"):
            continue  # which has a stride of its own
        for access in step.accesses:
            indices = KNOWN[frame.source].get(parameters.get(access.array, ""), [])
            if not indices or any(not index or re.search(r"[A-Z+\\]$|[A-Z]|'", index) for index in indices):
                continue  # it is not in the formula, or stands there whole, or by a size
            if any(name not in step.loop for index in indices for name in re.findall(r'loop\["(\w+)"\]', index)):
                continue  # it is before the loop
            shape = run.start[access.array].shape
            told = any(is_at(access.box, shape, index, {"loop": step.loop, **values}) for index in indices)
            assert told, f"{frame.source}: {access.array} at {access.box}, and the formula has {indices}"
            checked += 1
    assert checked >= 10
