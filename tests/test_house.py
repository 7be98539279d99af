"""Imports flow one way, and core needs nothing but NumPy and the standard library. Read, never imported."""

import ast
import sys
from graphlib import TopologicalSorter
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the bottom to the top; a module imports only from further down. `core` itself is the door to all of it.
ORDER = (
    "core.source",
    "core.expression",
    "core.scale",
    "core.formula",
    "core.trace",
    "core.instrumentation",
    "core.watched",
    "core.recorder",
    "core.cost",
    "core.settings",
    "core.layer",
    "core.layout",
    "core.window",
    "core.layers",
    "core.catalog",
    "core.script",
    "core",
    "app",
)
LEAVES = ("core.fast", "core.limits")  # numbers and arithmetic; the recorder and what is below it need none of them

FILES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(chain((ROOT / "core").rglob("*.py"), (ROOT / "app").rglob("*.py")))
}


def imports(module: str) -> set[str]:
    """What a module imports, in full, wherever in its text the import stands."""
    found = set()
    for node in ast.walk(ast.parse(FILES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots, so that its direction cannot be read"
            assert node.module is not None
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & FILES.keys()  # `from core import limits` names a module, `from core import run` the door
            if not inner <= FILES.keys():
                found.add(node.module)
    return found


def part(module: str) -> str:
    """The part of the house that a module belongs to."""
    parts = [name for name in (*ORDER, *LEAVES) if module == name or module.startswith(name + ".")]
    return max(parts, key=len)


def test_the_house_has_every_part_the_order_names():
    assert {part(module) for module in FILES} == {*ORDER, *LEAVES}


def test_a_module_of_core_belongs_to_a_part_of_its_own():
    strangers = [module for module in FILES if part(module) == "core" and module != "core"]
    assert not strangers, f"say in ORDER or LEAVES where {strangers} stand"


@pytest.mark.parametrize("module", FILES)
def test_imports_flow_one_way(module: str):
    mine = part(module)
    for other in sorted(name for name in imports(module) if name.partition(".")[0] in ("core", "app")):
        theirs = part(other)
        assert mine not in LEAVES, f"{module} is a leaf and imports {other}"
        if theirs in LEAVES:
            assert ORDER.index(mine) >= ORDER.index("core.settings"), f"{module} imports the leaf {other}"
        elif theirs != mine or mine not in ("core.layers", "app"):
            assert ORDER.index(theirs) < ORDER.index(mine), f"{module} imports {other}, which stands above it"


@pytest.mark.parametrize("module", [module for module in FILES if module.partition(".")[0] == "core"])
def test_core_imports_numpy_and_the_standard_library_only(module: str):
    foreign = {name.partition(".")[0] for name in imports(module)} - {"core", "numpy"} - sys.stdlib_module_names
    assert not foreign


@pytest.mark.parametrize("module", ["core.source", *LEAVES])
def test_the_lowest_modules_import_nothing_of_ours(module: str):
    assert not {name for name in imports(module) if name.partition(".")[0] in ("core", "app")}


def test_no_two_modules_import_each_other():
    graph = {module: {other for other in imports(module) if other in FILES} for module in FILES}
    assert list(TopologicalSorter(graph).static_order())  # a cycle is a CycleError that names it
