"""What the documents promise to whoever reads on: each link leads somewhere, each address of the list is answered."""

import re
from pathlib import Path

import pytest

from app.main import create_app
from tests.conftest import ROOT

DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
READMES = [path for path in DOCUMENTS if path.name.startswith("README")]
LONGEST = 160  # lines that a newcomer reads


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
    listed = set(
        re.findall(r"^    GET ([^\s?]+)", (ROOT / "docs" / "http.md").read_text(encoding="utf-8"), re.MULTILINE)
    )
    described = set(create_app().openapi()["paths"])
    assert described <= listed
    assert {path for path in listed if path.startswith("/api/")} == described
