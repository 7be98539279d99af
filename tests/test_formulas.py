"""The formulas: each algorithm has one, it names nothing but what is there, and it becomes MathML that can be lit."""

import functools
import re
import sys
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pytest

import core
from app.ground.formulas import formula
from core.catalog import LAYERS, Run
from core.recording.recorder import Algorithm, algorithm, source_named
from core.recording.trace import Arrays, Box
from core.text.formula import INDICES, aligned, equations, latex, named, symbol_of, values
from core.text.source import Source
from tests.cases import each

MATHML = "{http://www.w3.org/1998/Math/MathML}"


# With these settings some formulas are others.
OTHERWISE: tuple[dict[str, Any], ...] = ({"groups": 2}, {"padding_mode": "reflect"}, {"ties": "split"}, {"ties": "all"})


def sources() -> dict[str, Source]:
    """Every function of a layer that a chapter can run, with each formula it can have; walks are made of chapters."""
    marked = sys.modules["core.recording.recorder"]._MARKED.items()
    every = [one.source for code, one in marked if "core/layers" in code.co_filename]
    plain = [s for s in every if not s.name.endswith(".walk")]
    others = {f"{s.name} {settings}": s.suited(settings) for s in plain for settings in OTHERWISE}
    return {s.name: s for s in plain} | {name: s for name, s in others.items() if s not in plain}


SOURCES = sources()


def parameters(source: Source) -> list[str]:
    signature = " ".join(source.lines[: source.body - source.first])
    return re.findall(r"\w+", signature.partition("(")[2].partition(")")[0].partition("*")[0])


@each("name", SOURCES)
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


@each("name", SOURCES)
def test_every_formula_is_mathml_that_names_its_arrays_by_class(name: str):
    source, made = SOURCES[name], formula(SOURCES[name])
    assert made["latex"] == aligned(latex(source))
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
            assert node.get("mathvariant") is None, "browsers know it no more"
            assert node.tag != f"{MATHML}mo" or node.get("accent") is None, "an accent is told of what bears it"
            assert node.tag != f"{MATHML}mover" or (node.get("accent") == "true") == (node[-1].text in tuple("~^¯―"))
    assert found == {names[0] for names in named(source)}


@each("name", SOURCES)
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


def test_a_function_that_is_called_with_other_arrays_has_its_formula_in_their_symbols():
    [chapter] = [one for one in core.record("conv_transpose2d").outline.chapters if one.name == "gather"]
    [call] = [scene.arrays for scene in chapter.scenes if scene.source == "conv.input_gradient"]
    source = source_named("conv.input_gradient").suited({})
    told = formula(source, [call])
    assert r"\frac{\partial L}" in "".join(told["latex"])
    [(arrays, gathered)] = told["called"].items()
    assert arrays == ",".join(array for _, array in call)
    text = "".join(gathered["latex"])
    assert not re.search(r"\\partial|\\delta", text)
    assert r"\text{gathered}_{c,i,j}" in text
    assert r"\tilde{x}" in text
    # Lit by the names of the function's own parameters, and keyed by them.
    assert "sym-dx_padded" in gathered["equations"][0]
    assert {entry["name"] for entry in gathered["key"]} == {"dz_padded", "w_flipped"}
    as_defined = tuple((name, name) for name, _ in call)
    assert "called" not in formula(source, [as_defined])


# --- What a formula says is what is done ------------------------------------------------------------------------------


@functools.cache
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


def is_at(box: Box, shape: tuple[int, ...], index: str, known: dict[str, Any]) -> bool:
    """Whether a box begins where an index says. A letter that is no loop variable begins at 0, or runs one by one."""
    letter = r"(?<![\w\"])[a-z]'?(?![\w\"])"
    first = tuple(start for start, _, _ in box)
    if index == 'loop["n"]':
        first = (np.ravel_multi_index(first, shape),)
    told = eval(f"({re.sub(letter, '0', index)},)", known)
    axes = zip(index.split(","), box, strict=False)
    runs = [bool(re.search(letter, axis)) and stop - start == 1 for axis, (start, stop, _) in axes]
    return len(told) == len(first) and all(t == f or r for t, f, r in zip(told, first, runs, strict=False))


@pytest.mark.parametrize(
    ("layer", "settings"),
    [(layer, {}) for layer in LAYERS]
    + [("conv2d", {"stride": (2, 1), "dilation": (1, 2), "padding": (1, 0, 2, 1), "in_width": 7})]
    + [("max_pool2d", {"ties": "split", "stride": (1, 2), "padding": (0, 1), "in_width": 5})]
    + [("conv_transpose2d", {"stride": (2, 3), "dilation": (2, 1), "padding": (0, 1), "out_channels": 2})]
    + [("conv2d", {"in_channels": 4, "out_channels": 6, "groups": 2, "dilation": (2, 1), "padding": (1, 2)})]
    + [("conv2d", {"in_channels": 4, "out_channels": 2, "groups": 2, "padding_mode": "circular"})]
    + [("conv_transpose2d", {"in_channels": 4, "out_channels": 6, "groups": 2, "stride": (1, 3)})]
    + [("chain", {"stride": (1, 2), "pool_stride": (2, 1), "in_height": 6, "in_width": 9})]
    + [("max_pool2d", {"ties": "all", "padding": "same_lower", "kernel_size": (4, 3), "in_width": 5})]
    + [("avg_pool2d", {"padding": "same", "kernel_size": (5, 3), "in_height": 5, "in_width": 5})]
    + [("conv_transpose2d", {"padding": "same", "kernel_size": (4, 2), "stride": (1, 3)})]
    + [("conv2d", {"padding": "same_lower", "kernel_size": (2, 3), "stride": 1})]
    + [("chain", {"padding": "same", "kernel_size": (3, 4)})],
)
def test_the_cells_that_a_formula_names_are_those_that_its_step_uses(layer: str, settings: dict[str, Any]):
    run = Run.of(layer, **settings)
    plain, checked = run.settings.plain(), 0
    for step in run.steps():
        frame = step.stack[-1]
        source = source_named(frame.source).suited(plain)
        letters = values(run.layer.settings_of(source, plain))
        parameters = {array: parameter for parameter, array in frame.arrays}
        for access in step.accesses:
            indices = places(source).get(parameters.get(access.array, ""), [])
            if not indices or any(not index or re.search(r"[A-Z+\\]$|[A-Z]", index) for index in indices):
                continue  # it is not in the formula, or stands there whole, or by a size
            if any(name not in step.loop for index in indices for name in re.findall(r'loop\["(\w+)"\]', index)):
                continue  # it is before the loop
            shape = run.start[access.array].shape
            told = any(is_at(access.box, shape, index, {"loop": step.loop, **letters}) for index in indices)
            assert told, f"{frame.source}: {access.array} at {access.box}, and the formula has {indices}"
            checked += 1
    assert checked >= 10


# --- What a formula says of its own letters ---------------------------------------------------------------------------


def python(text: str) -> str:
    """Sums and products, as a formula has them, in Python. A loop variable is `loop["i"]`, and f' is `f_`."""
    rules = [
        (r"\\lfloor (.*?) / (.*?) \\rfloor", r"(\1) // (\2)"), (r"\\bmod", "%"), (r"\\cdot", "*"), (r" / ", " // "),
        (r"\\text{(\w+)}", r"\1"), (r"#(\w+)#", r'loop["\1"]'), ("W'", "OW"), (r"(\b[sdkp]_\w) \(", r"\1 * ("),
        (r"\\,", ""), (r"\\max\b", "max"), (r"([a-z])'", r"\1_"),
    ]  # fmt: skip
    return functools.reduce(lambda text, rule: re.sub(*rule, text), rules, text)


def definitions(source: Source) -> list[tuple[str, str]]:
    """The loop variables that a formula says something of, and what, in Python."""
    lines = equations(source, lambda *_: "@", lambda names, _: f"#{names[0]}#")
    parts = [part.strip() for line in lines if "@" not in line for part in line.split(r"\quad")]
    found = [re.fullmatch(r"#(\w+)# = (.*?),?", part) for part in parts]
    return [(match[1], python(match[2])) for match in found if match]


@pytest.mark.parametrize(
    ("layer", "settings", "letters"),
    [
        (
            "conv2d",
            {"in_channels": 4, "out_channels": 6, "groups": 2},
            {"c_in_group", "first_channel", "first_filter", "c"},
        ),
        ("conv_transpose2d", {"in_channels": 4, "out_channels": 6, "groups": 2}, {"first_filter", "first_channel"}),
        ("input_gradient", {"stride": 2, "padding": 1, "dilation": (1, 2)}, {"row", "column"}),
        ("im2col", {"stride": 2}, {"n"}),
    ],
)
def test_what_a_formula_says_of_its_letters_is_so(layer: str, settings: dict[str, Any], letters: set[str]):
    run = Run.of(layer, **settings)
    plain, seen = run.settings.plain(), set()
    for step in run.steps():
        source = source_named(step.stack[-1].source).suited(plain)
        channels = [plain["in_channels"], plain["out_channels"]]
        if layer == "conv_transpose2d" and source.name.startswith("conv."):
            channels.reverse()  # on its way back a convolution has as many filters as this layer has channels
        known = {
            **values(run.layer.settings_of(source, plain)),
            "C": channels[0],
            "F": channels[1],
            "groups": plain.get("groups"),
            "loop": step.loop,
        }
        known["OW"] = run.start["z"].shape[-1] if "z" in run.start else None
        for name, right in definitions(source):
            if name in step.loop:
                assert eval(right, known) == step.loop[name], f"{source.name}: {name} = {right}, {step}"
                seen.add(name)
    assert letters <= seen


# --- What a formula says is what comes out ----------------------------------------------------------------------------


WINDOWS: tuple[dict[str, Any], ...] = (
    {"in_channels": 4, "out_channels": 6, "groups": 2, "stride": (1, 2), "dilation": (2, 1), "seed": 1},
    {"in_channels": 2, "out_channels": 3, "stride": (2, 1), "padding": (0, 1), "seed": 1},
)
STRIDES = {"in_channels": 2, "in_height": 8, "in_width": 9, "stride": (1, 2), "pool_stride": (2, 1), "seed": 1}


@pytest.mark.parametrize(
    ("layer", "chapter", "settings"),
    [("conv2d", name, s) for name in ("correlate", "input_gradient", "weight_gradient") for s in WINDOWS]
    + [("conv_transpose2d", name, s) for name in ("gather", "input_gradient", "weight_gradient") for s in WINDOWS]
    + [("chain", name, STRIDES) for name in ("forward", "forward_again")],
)
def test_the_numbers_of_a_run_are_those_that_its_formula_gives(layer: str, chapter: str, settings: dict[str, Any]):
    run = Run.of(layer, chapter, **settings)
    plain, arrays = run.settings.plain(), run.finish()
    source = run.algorithm.source.suited(plain)

    def at(names: str, *index: int) -> float:
        array = arrays[names.partition(" ")[0]]
        assert all(0 <= place < size for place, size in zip(index, array.shape, strict=True)), (names, index)
        return float(array[index])

    def called(names: tuple[str, ...], plain: str) -> str:
        return f'at("{" ".join(names)}", {plain[plain.rindex("_{") + 2 :].partition("}")[0]})'

    known = {"C": plain["in_channels"], "F": plain["out_channels"], "groups": plain.get("groups"), "at": at}
    known |= values(run.layer.settings_of(source, plain))
    lines = equations(source, called, lambda names, plain: INDICES.get(names[0], plain), lambda names, _: names[0])
    parts = [part.strip(" ,") for line in lines for part in line.split(r"\quad")]
    letters = [part.split(" = ") for part in parts if "at(" not in part and "forall" not in part]
    told = [part.split(" = ") for part in parts if "at(" in part]
    assert told
    for left, right in told:
        match = re.fullmatch(r'at\("(\w+).*?", (.*)\)', left)
        assert match, left
        for place in np.ndindex(arrays[match[1]].shape):
            here = known | dict(zip(re.split(r",\s*", python(match[2])), place, strict=True))
            for letter, meaning in letters:
                here[python(letter)] = eval(python(meaning), here)
            assert outcome(right, here, arrays) == pytest.approx(at(match[1], *place), abs=1e-9), (left, place)


def outcome(right: str, known: dict[str, Any], arrays: Arrays) -> float:
    """What the right side of an equation comes to; its letters run as far as the scratch array that holds the terms."""
    match = re.fullmatch(r"(?:(.*) \+ )?\\(sum|max)_\{(.*?)\} (.*)", right)
    if not match:
        return float(eval(python(right), known))
    before, fold, letters, term = match.groups()
    bound = python(letters).split(",")
    scratch = {name for names in re.findall(r'at\("\w+ ([\w ]+)"', term) for name in names.split()}
    [shape] = {arrays[name].shape for name in scratch if name.startswith(("product", "window"))}
    each = compile(python(term), "a term", "eval")
    terms = [eval(each, known | dict(zip(bound, place, strict=True))) for place in np.ndindex(shape)]
    return float((eval(python(before), known) if before else 0) + {"sum": sum, "max": max}[fold](terms))


def test_a_max_pool_whose_winners_share_has_another_way_back():
    remembered, shared = SOURCES["max_pool.backward"], SOURCES["max_pool.backward {'ties': 'split'}"]
    assert "where" in str(latex(remembered))
    assert "where" not in str(latex(shared))
    assert "winners" in str(latex(shared))


def test_with_one_group_a_channel_is_written_by_its_number_as_everyone_does():
    for name in ("correlate", "input_gradient", "weight_gradient"):
        plain, grouped = SOURCES[f"conv.{name}"], SOURCES[f"conv.{name} {{'groups': 2}}"]
        assert "c'" not in str(latex(plain))
        assert "c'" in str(latex(grouped))
        assert plain is plain.suited({"groups": 1})
        assert grouped is plain.suited({"groups": 4})


def test_a_letter_that_an_equation_is_for_all_of_is_no_loop_variable_there():
    assert marked("@{y}_i = @{x}_i\n@{y}_i = @{x}_i \\quad \\forall{i}") == [
        "<y:y_{#i}> = <x:x_{#i}>",
        r"<y:y_{i}> = <x:x_{i}> \quad \forall{i}",
    ]


def test_where_the_border_is_made_of_copies_no_formula_says_that_it_is_zeros_or_cropped():
    for name in ("pad", "input_gradient"):
        zeros, copies = SOURCES[f"conv.{name}"], SOURCES[f"conv.{name} {{'padding_mode': 'reflect'}}"]
        assert len(latex(zeros)) == 2
        assert len(latex(copies)) == 1


@each("name", SOURCES)
def test_several_equations_are_copied_as_one_that_is_aligned_at_its_signs(name: str):
    lines = latex(SOURCES[name])
    copied = aligned(lines)
    if len(lines) < 2:
        assert copied == lines
        return
    assert (copied[0], copied[-1]) == (r"\begin{aligned}", r"\end{aligned}")
    inner = copied[1:-1]
    assert [line.removesuffix(r" \\").replace("&", "") for line in inner] == lines
    assert [line.endswith(r" \\") for line in inner] == [True] * (len(lines) - 1) + [False]
    for line in inner:
        before, _, after = line.partition("&")
        assert before.count("{") == before.count("}")  # no index is cut in two
        assert after.startswith(("=", r"\leftarrow", r"\approx")), line
