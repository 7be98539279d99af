"""How a page is asked to be shown: by names in its query that the walk and the API know nothing of."""

import json
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl

import pytest
from fastapi.testclient import TestClient

from app.ground import words
from app.main import create_app
from app.walks.views import PARTS, View
from core import SettingError


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


def classes(page: str) -> str:
    found = re.search(r'<html lang="[^"]+"(?: class="([^"]*)")?[ >]', page)
    assert found
    return found[1] or ""


@pytest.mark.parametrize(
    ("query", "view", "shown"),
    [
        ("", View(), ""),
        ("stride=2&present=1", View(present=True), "presenting"),
        ("present=0&embed=0&hide=", View(), ""),
        (
            "embed=1&hide=legend,source,legend",
            View(False, True, ("legend", "source")),
            "embedded hides-legend hides-source",
        ),
        ("hide=map%2Cheader", View(hidden=("map", "header")), "hides-map hides-header"),
        ("predict=1", View(predict="1"), ""),
        ("predict=at-8-32", View(predict="at-8-32"), ""),
    ],
)
def test_a_query_says_how_a_page_is_shown(query: str, view: View, shown: str):
    assert View.of(dict(parse_qsl(query, keep_blank_values=True))) == view
    assert view.classes == shown


def test_a_view_is_asked_for_by_the_query_that_it_was_read_from():
    for view in (View(), View(True), View(False, True, PARTS), View(predict="1"), View(predict="at-8-32")):
        assert View.of(view.asked) == view


@pytest.mark.parametrize(
    "query", ["present=yes", "embed=", "predict=2", "predict=at-8-", "hide=all", "hide=source,", "hide=Source"]
)
def test_what_a_view_cannot_be_is_refused(query: str):
    with pytest.raises(SettingError):
        View.of(dict(parse_qsl(query, keep_blank_values=True)))


def test_the_server_shows_a_page_as_it_is_asked_to_before_any_script_has_run(client: TestClient):
    page = client.get("/conv2d/walk?stride=1&embed=1&hide=settings,source")
    assert page.status_code == 200
    assert classes(page.text) == "embedded hides-settings hides-source"
    assert '<a class="whole" href="/conv2d/walk?stride=1" target="_blank" rel="noopener"' in page.text
    assert classes(client.get("/?present=1").text) == "presenting"
    assert classes(client.get("/").text) == ""
    assert 'class="whole"' not in client.get("/").text


@pytest.mark.parametrize("language", words.LANGUAGES)
def test_an_unknown_part_is_refused_in_words_on_a_page_that_hides_nothing(client: TestClient, language: str):
    page = client.get(f"/conv2d/walk?embed=1&present=1&hide=source,secrets&lang={language}")
    client.cookies.clear()
    assert page.status_code == 422
    assert classes(page.text) == "presenting embedded"
    sentence = words.Words(language)(
        "{setting} can name these parts, with commas between them: {parts}", setting="hide", parts=", ".join(PARTS)
    )
    assert f'<output class="refusal" data-refusal="" role="alert">{sentence}</output>' in page.text
    boot = json.loads(re.search(r'id="boot">(.*?)</script>', page.text)[1])  # type: ignore[index]
    assert boot["refusals"] == {"": sentence}
    assert boot["view"] == {"present": "1", "embed": "1"}
    assert "secrets" not in re.sub(r'href="[^"]*"', "", page.text)  # but for the same address in the other language


def test_a_refused_setting_is_seen_although_the_settings_were_to_be_hidden(client: TestClient):
    page = client.get("/conv2d/walk?stride=0&hide=settings")
    assert page.status_code == 422
    assert classes(page.text) == ""


def test_the_menu_keeps_what_is_hidden_and_nobody_presents_from_it(client: TestClient):
    page = client.get("/conv2d/walk?hide=source&present=1&stride=1&lang=en").text
    client.cookies.clear()
    assert 'href="/max_pool2d/walk?lang=en&amp;hide=source"' in page
    assert 'href="/max_pool2d/walk"' in client.get("/conv2d/walk?present=1").text


@pytest.mark.parametrize("name", ["present", "embed", "hide"])
@pytest.mark.parametrize("of", ["limits", "stream"])
def test_the_api_knows_no_views(client: TestClient, of: str, name: str):
    response = client.get(f"/api/conv2d/walk/{of}?{name}=1")
    assert response.status_code == 422
    assert response.json()["message"].startswith("there is no such setting")


def test_a_view_that_is_given_twice_is_refused(client: TestClient):
    assert client.get("/conv2d/walk?present=1&present=0").status_code == 422
