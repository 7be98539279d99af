"""The page that maps the article's words, PyTorch's and the mathematics' onto each other."""

import json
import re
from html import unescape

import pytest
from fastapi.testclient import TestClient

from app.ground.words import LANGUAGES, Words
from app.main import create_app
from app.render.glossary import rows_by_function
from core.catalog import LAYERS
from tests.conftest import ROOT

COLUMNS = ("here", "article", "pytorch", "mathematics", "sentence")
ROWS = json.loads((ROOT / "templates" / "words.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(create_app(), base_url="http://127.0.0.1")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_stands_on_the_page_in_every_language(client: TestClient, language: str):
    answer = client.get(f"/words?lang={language}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    text = unescape(re.sub("<[^>]+>", "", answer.text))
    assert len(ROWS) >= 30
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert f'id="{row["id"]}"' in answer.text
        for column in COLUMNS:
            told = row[column][language] if isinstance(row[column], dict) else row[column]
            shown = (
                re.sub(r"[_^]?[{(]([^{}()]*)[})]|[_^]", r"\1", told)
                if column == "mathematics" and re.search("[_^]", told)
                else told
            )
            assert shown.replace("`", "") in text, f"{row['id']}, {column}"
            chinese = re.search(r"[\u4e00-\u9fff]", told) is not None
            if column == "sentence":
                assert chinese == (language == "zh"), told
            assert language == "zh" or not chinese, told


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_words_lacks_no_word(language: str):
    asked = re.findall(r"words\('([^']+)'\)", (ROOT / "templates" / "words.html").read_text(encoding="utf-8"))
    assert len(asked) >= 7
    assert set(asked) <= Words(language).all.keys()


def test_every_word_leads_to_a_walk_that_shows_it(client: TestClient):
    for row in ROWS:
        if "see" in row:
            assert client.get(row["see"]).status_code == 200, row["see"]


def test_the_words_of_this_page_are_names_of_its_arrays():
    arrays = {name for layer in LAYERS.values() for name in layer.arrays(layer.settings())}
    for row in ROWS:
        here = row["here"]["en"] if isinstance(row["here"], dict) else row["here"]
        for name in re.findall(r"`(\w+)", here):
            assert name in arrays, name


def test_the_page_of_a_walk_links_to_the_words_in_its_language(client: TestClient):
    assert re.search(r'href="/words\?back=[^"]+"', client.get("/").text)
    assert re.search(
        r'href="/words\?lang=zh&amp;back=[^"]+"|href="/words\?lang=zh&back=[^"]+"', client.get("/?lang=zh").text
    )
    assert 'href="/conv2d/pad?lang=zh"' in client.get("/words?lang=zh").text
    assert 'href="/conv2d/correlate?dilation=2&amp;lang=zh"' in client.get("/words?lang=zh").text


def test_every_chapter_of_a_convolution_has_a_word_of_its_own():
    words = rows_by_function()
    assert len(words) == len([row for row in ROWS if "see" in row and "?" not in row["see"]]), "two for one chapter"
    chapters = [source for name, source in sources_of("conv2d") if name not in ("walk", "hand_over")]
    assert len(chapters) == 12
    assert set(chapters) <= words.keys()


def sources_of(layer: str) -> list[tuple[str, str]]:
    return [(name, algorithm.source.name) for name, algorithm in LAYERS[layer].algorithms.items()]
