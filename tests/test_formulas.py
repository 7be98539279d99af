"""The formulas: each algorithm has one, it names nothing but what is there, and it becomes MathML that can be lit."""

import re
import xml.etree.ElementTree as ET

import pytest

import core
from app.formulas import formula
from core.catalog import LAYERS
from core.formula import equations, latex, named, symbol_of
from core.record import Algorithm, algorithm, source_named
from core.source import Source

MATHML = "{http://www.w3.org/1998/Math/MathML}"


def sources() -> dict[str, Source]:
    """Every function that any chapter of any layer can run, as it is first met; walks are made of chapters."""
    found: dict[str, Source] = {}
    for layer in LAYERS.values():
        walk, *chapters = layer.algorithms.values()
        for one in chapters:
            found.setdefault(one.source.name, one.source)
        for frame in {frame.source for step in core.record(layer.name).steps for frame in step.stack}:
            if frame != walk.source.name:
                found.setdefault(frame, source_named(frame))
    return found


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
