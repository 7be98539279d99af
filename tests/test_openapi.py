"""The API is what its own OpenAPI document says: schemathesis asks all that the document allows, and much that it does
not, and holds every answer against it.
"""

import ast
import json
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings

from app.api.openapi import BODY_REFUSALS, REFUSALS
from app.api.openapi_rooms import ROOM_REFUSALS, WRITTEN_REFUSALS
from app.api.scripts import WRITERS
from app.gate.bodies import takes_body
from app.main import create_app
from core.catalog import LAYERS
from tests.conftest import ROOT, Server

# A document cannot say which algorithm belongs to which layer, nor which settings fit each other: what is well formed
# may be a 404 or a 422 all the same. What is not well formed is never answered.
CHECKS = {
    "positive_data_acceptance": {"expected-statuses": [200, 404, 422]},
    "negative_data_rejection": {"expected-statuses": [404, 405, 415, 422]},
}


def config(systematic: str, **others: Any) -> schemathesis.Config:
    """How to ask: some addresses for every boundary of every parameter, which takes seconds, and all at random.

    A POST has the parameters of its GET: those need not be asked for twice.
    """
    at_random_alone = [
        {filtered: what, "phases": {"coverage": {"enabled": False}}}
        for filtered, what in (("exclude-path-regex", systematic), ("include-method", "POST"))
    ]
    patient = {"request-timeout": 60}  # a busy machine takes its time
    return schemathesis.Config.from_dict({"checks": CHECKS, "operations": at_random_alone, **patient, **others})


APP = create_app(["testserver"])
DOCUMENT = APP.openapi()
CLASS = create_app(["testserver"], has_rooms=True)
ROOMS = {path: methods for path, methods in CLASS.openapi()["paths"].items() if path.startswith("/api/rooms")}
IN_PROCESS = schemathesis.openapi.from_asgi("/api/openapi.json", APP, config=config("(stream|layers)$"))
ALIKE = "limits|layout|fit|losses|opened|code|npz"
# Every layer has a walk: fewer of these random requests are a 404.
OVER_A_SERVER = schemathesis.openapi.from_dict(
    DOCUMENT, config=config(f"({ALIKE})$", parameters={"path.algorithm": "walk"})
).exclude(method="POST", path_regex=f"({ALIKE}|figure)$")  # a body comes as that of a stream

# Rooms alone, from a page of the server's own. A document cannot say which code there is, nor who one is.
IN_A_CLASS = schemathesis.openapi.from_asgi(
    "/api/openapi.json",
    CLASS,
    config=schemathesis.Config.from_dict({
        "checks": {
            "positive_data_acceptance": {"expected-statuses": [200, 403, 404, 409, 422, 429]},
            "negative_data_rejection": {"expected-statuses": [403, 404, 405, 415, 422, 429]},
        },
        "headers": {"Origin": "http://testserver"},
    }),
).include(path_regex="^/api/rooms")  # fmt: skip


def bounded(examples: int) -> settings:
    """The same requests every time."""
    return settings(
        derandomize=True,
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@IN_PROCESS.parametrize()
@bounded(15)
def test_the_app_answers_as_its_document_says(case: schemathesis.Case):
    case.call_and_validate()


@IN_A_CLASS.parametrize()
@bounded(15)
def test_a_room_answers_as_its_document_says(case: schemathesis.Case):
    case.call_and_validate()


@OVER_A_SERVER.parametrize()
@bounded(7)  # the same app has been asked above: here it is asked through its protocol
@pytest.mark.slow
def test_a_server_answers_as_its_document_says(case: schemathesis.Case, server: Server):
    case.call_and_validate(base_url=server.url)


def test_the_document_is_of_the_api_alone():
    assert set(DOCUMENT["paths"]) == {
        "/api/layers",
        "/api/pictures",
        "/api/pictures/{name}",
        *(
            f"/api/{{layer}}/{{algorithm}}/{what}"
            for what in (
                "arrays.npz", "code", "compare", "figure", "fit", "layout", "limits", "losses", "opened", "stream",
            )
        ),
    }  # fmt: skip
    for path, methods in DOCUMENT["paths"].items():
        read = {"post"} if path.endswith("/compare") else {"get"}
        assert set(methods) == read | ({"post"} if takes_body(path) else set())
    assert list(DOCUMENT["components"]["schemas"]["Problem"]["properties"]) == ["setting", "message"]
    assert "HTTPValidationError" not in json.dumps(DOCUMENT)
    with TestClient(APP) as client:
        assert client.get("/docs").status_code == 404  # it would load scripts from elsewhere


def test_with_rooms_the_document_has_them_besides_and_every_refusal_of_theirs():
    assert ROOMS
    assert {path: CLASS.openapi()["paths"][path] for path in DOCUMENT["paths"]} == DOCUMENT["paths"]
    for methods in ROOMS.values():
        for method, told in methods.items():
            known = REFUSALS | ROOM_REFUSALS | (WRITTEN_REFUSALS if method == "post" else {})
            refusals = {status: answer for status, answer in told["responses"].items() if status != "200"}
            assert set(refusals) == set(map(str, known))
            for answer in refusals.values():
                schema = answer["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}


def test_the_document_knows_every_name_that_a_query_may_have():
    for path, methods in DOCUMENT["paths"].items():
        named = [one["name"] for one in next(iter(methods.values())).get("parameters", ()) if one["in"] == "query"]
        assert len(named) == len(set(named))
        if path.startswith("/api/{layer}/"):
            known = {name for layer in LAYERS.values() for name in (*layer.settings.kinds(), *layer.settings.PAIRS)}
            known |= {name for layer in LAYERS.values() for name in layer.axes}
            beside = {
                "arrays.npz": set[str](),
                "stream": {"start"},
                "code": {"as"},
                "compare": set[str](),
                "figure": {"stop", "theme"},
                "limits": set[str](),
                "fit": set[str](),
                "losses": {"nudged", "cell"},
                "opened": {"opens", "at", "step"},
                "layout": {"array", "shape"},
            }
            assert set(named) == known | beside[path.rpartition("/")[2]] | {"lang"}


def test_the_document_knows_what_can_be_copied():
    parameters = DOCUMENT["paths"]["/api/{layer}/{algorithm}/code"]["get"]["parameters"]
    assert next(one for one in parameters if one["name"] == "as")["schema"]["enum"] == list(WRITERS)


def test_every_refusal_has_the_one_form_in_the_document():
    for methods in DOCUMENT["paths"].values():
        for method, told in methods.items():
            answers = told["responses"]
            refusals = {*map(str, REFUSALS), *(["415"] if method == "post" else [])}
            assert set(answers) == {"200", *refusals, *(["304"] if method == "get" else [])}
            for status in refusals:
                schema = answers[status]["content"]["application/json"]["schema"]
                assert schema == {"$ref": "#/components/schemas/Problem"}


def test_a_post_is_described_as_its_get_with_the_arrays_in_a_body():
    for methods in DOCUMENT["paths"].values():
        if methods.keys() == {"get", "post"}:
            assert methods["post"]["parameters"] == methods["get"]["parameters"]
            schema = methods["post"]["requestBody"]["content"]["application/json"]["schema"]
            assert set(schema["properties"]) == {name for layer in LAYERS.values() for name in layer.axes}


def test_the_document_knows_every_status_that_refuses():
    calls = [
        node
        for path in (ROOT / "app").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and node.args
    ]
    first = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    refused = {status for status in first if type(status) is int and 400 <= status < 600} - {500}
    assert refused == REFUSALS.keys() | BODY_REFUSALS.keys() | ROOM_REFUSALS.keys()
