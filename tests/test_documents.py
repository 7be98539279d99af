"""What the documents promise to whoever reads on: each link leads somewhere, each address of the list is answered."""

import re
from pathlib import Path

import numpy as np
import pytest

from app.main import create_app
from core.catalog import LAYERS
from core.comparison.mistake import Mistake
from core.comparison.mistakes import MISTAKES
from core.offer.part import Function
from tests.conftest import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
READMES = [path for path in DOCUMENTS if path.name.startswith("README")]
LONGEST = 175  # lines that a newcomer reads


def anchors(document: Path) -> set[str]:
    """The names of its headings in a link: in small letters, with hyphens for blanks and without punctuation."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file_and_a_heading_of_it(document: Path):
    for link in re.findall(r"\]\(([^)\s]+)\)", document.read_text(encoding="utf-8")):
        file, _, anchor = link.partition("#")
        target = (document.parent / file).resolve() if file else document
        assert target.is_file(), link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("readme", READMES, ids=lambda path: path.name)
def test_a_readme_is_short_and_leads_to_every_document_in_its_language(readme: Path):
    text = readme.read_text(encoding="utf-8")
    assert text.count("\n") <= LONGEST
    chinese = {path.name.replace(".zh-CN", "") for path in (ROOT / "docs").glob("*.zh-CN.md")}
    for path in (ROOT / "docs").glob("*.md"):
        is_chinese = ".zh-CN" in path.name
        if is_chinese == (".zh-CN" in readme.name) or (path.name not in chinese and not is_chinese):
            assert f"(docs/{path.name})" in text, path.name


def test_the_list_of_addresses_is_the_one_that_is_answered():
    addresses, *_ = (ROOT / "docs" / "http.md").read_text(encoding="utf-8").partition("\nA query")
    listed = set(re.findall(r"^    (?:GET|POST) ([^\s?]+)", addresses, re.MULTILINE))
    described = set(create_app().openapi()["paths"])
    assert described <= listed
    assert {path for path in listed if path.startswith("/api/")} == described


def my_input_gradient(x: np.ndarray, w: np.ndarray, dy: np.ndarray) -> np.ndarray:
    """Somebody's own code, with stride 2, padding 1 and 2 groups, which forgets to turn the kernel."""
    (F, depth, KH, KW), (C, H, W) = w.shape, x.shape
    dx = np.zeros((C, H + 2, W + 2))
    for f, i, j in np.ndindex(dy.shape):
        first = f // (F // 2) * depth
        dx[first : first + depth, 2 * i : 2 * i + KH, 2 * j : 2 * j + KW] += dy[f, i, j] * w[f, :, ::-1, ::-1]
    return dx[:, 1:-1, 1:-1]


def test_the_comparison_of_the_readme_says_what_stands_there(capsys: pytest.CaptureFixture[str]):
    [section] = re.findall(
        r"^## Compare with mine$(.*?)^## ", (ROOT / "README.md").read_text(), re.MULTILINE | re.DOTALL
    )
    code = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    ") or not line)
    told = [line.removeprefix("# ") for line in code.splitlines() if line.startswith("# ")]
    arrays = {
        name: np.arange(np.prod(shape)).reshape(shape) * 1.0 % 7 - 3
        for name, shape in {"x": (4, 7, 6), "w": (4, 2, 3, 2), "dy": (4, 4, 4)}.items()
    }
    exec(code, {"my_input_gradient": my_input_gradient, **arrays})
    assert capsys.readouterr().out.splitlines() == told


def functions_of(mistake: Mistake) -> str:
    return ", ".join(f"`{function.__name__}`" for function in mistake.of) or "any"


def test_every_mistake_that_is_known_is_listed_with_the_functions_that_it_is_looked_for_in():
    table = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    listed = [f"| `{one.key}` | {one.says} | {functions_of(one)} |" for one in MISTAKES.values()]
    assert listed == re.findall(r"^\| `\w+` \| .*\{.*\|$", table, re.MULTILINE)


def arrays_by(function: Function) -> str:
    """Which arrays it makes in the layers, or where none of these has it in any walk."""
    made = [
        (layer.group == "Layers", f"`{name}` of {layer.name}")
        for layer in LAYERS.values()
        for name, part in layer.whole.items()
        if part.function is function
    ]
    return ", ".join(told for is_layer, told in made if is_layer == made[0][0])


def test_every_function_with_mistakes_is_listed_with_the_arrays_that_it_makes():
    table = (ROOT / "docs" / "compare.md").read_text(encoding="utf-8")
    functions = dict.fromkeys(function for one in MISTAKES.values() for function in one.of)
    listed = [f"| `{one.__name__}` | {arrays_by(one)} |" for one in functions]
    assert listed == re.findall(r"^\| `\w+` \| `\w+` of .*\|$", table, re.MULTILINE)
