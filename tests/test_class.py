"""A class over HTTP: what a room's addresses answer to its teacher, to its students, and to whoever means harm.

What a room does is `tests/test_room.py`'s.
"""

import asyncio
import http.client
import json
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi.testclient import TestClient
from uvicorn.server import ServerState

from app.gate import rooms as addresses
from app.ground import limits
from app.main import ConvWalk, create_app
from app.room import board
from app.room.codes import CODE
from app.room.memory import MemoryHub
from app.room.moment import Moment
from app.room.rooms import Rooms
from app.server import cli, options
from app.server.protocol import ClassProtocol
from tests.conftest import Server, serving
from tests.test_documents import ROOT
from tests.test_hostile import MARKER, MEMORY, assert_nobody_waits, send
from tests.test_room import FREE, VALUE

HOME = "/api/rooms"
ORIGIN = "http://127.0.0.1:8000"
MOMENT = {"walk": {"layer": "conv2d", "algorithm": "walk", "query": "stride=2"}, "step": 7}
# What only a teacher may do.
TEACHERS = {
    "moment": MOMENT, "question": {"question": VALUE}, "show": {}, "truth": {"truth": [1]}, "end": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def app() -> ConvWalk:
    return create_app(has_rooms=True)


@pytest.fixture
def people(app: ConvWalk) -> Callable[..., TestClient]:
    """Whoever comes to a server with rooms: each from an address of their own, with cookies of their own."""
    app.state.rooms, numbers = Rooms(MemoryHub()), count(1)

    def somebody(client: str | None = None, **headers: str) -> TestClient:
        address = (client or f"10.0.0.{next(numbers)}", 1)
        return TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN} | headers, client=address)

    return somebody


def opened(teacher: TestClient) -> str:
    """The code of a new room, whose teacher it is."""
    return teacher.post(HOME, json={}).json()["code"]


def say(somebody: Any, code: str, what: str, said: Any) -> tuple[int, Any]:
    answer = somebody.post(f"{HOME}/{code}/{what}", json=said)
    return answer.status_code, answer.json()


def hear(somebody: Any, code: str, what: str) -> tuple[int, Any]:
    answer = somebody.get(f"{HOME}/{code}/{what}")
    return answer.status_code, answer.json()


# --- Off, unless it is asked for ----------------------------------------------------------------------------


ADDRESSES = [HOME, *(f"{HOME}/48317702{f'/{name}' if name else ''}" for name in addresses._METHODS)]


def test_a_server_without_rooms_answers_as_to_any_address_that_there_is_not():
    app = create_app()
    posted = {"json": {}, "headers": {"Cookie": "convwalk-key=" + "k" * 43}}
    with TestClient(app, base_url=ORIGIN, headers={"Origin": ORIGIN}) as client:
        for address in ADDRESSES:
            elsewhere = address.replace("rooms", "words")
            for method in ("GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"):
                options = posted if method == "POST" else {}
                answer, same = (client.request(method, one, **options) for one in (address, elsewhere))
                assert (answer.status_code, answer.content) == (same.status_code, same.content), (method, address)
                assert answer.headers == same.headers
                wanted = {"GET": [404], "HEAD": [404], "POST": [404, 405], "OPTIONS": [204]}.get(method, [405])
                assert answer.status_code in wanted, (method, address)
    assert not [path for path in app.openapi()["paths"] if path.startswith(HOME)]
    assert not hasattr(app.state, "rooms")


def test_a_server_that_was_started_without_rooms_reads_nothing_for_them(server: Server):
    head = f"POST {HOME} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    assert send(server, f"{head}Content-Length: 2\r\n\r\n{{}}".encode()).status == 405
    assert send(server, f"{head}Content-Length: 1001\r\n\r\n".encode()).status == 413


@pytest.mark.parametrize("by", ["option", "environment"])
def test_rooms_are_asked_for_by_an_option_or_the_environment(by: str, monkeypatch: pytest.MonkeyPatch):
    assert not options.parse([]).has_rooms
    if by == "environment":
        monkeypatch.setenv("CONVWALK_CLASS", "0")
        assert not options.parse([]).has_rooms
        monkeypatch.setenv("CONVWALK_CLASS", "1")
    assert options.parse(["--class"] if by == "option" else []).has_rooms


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["--class", "--workers", "4"], "--class keeps its rooms in the memory of one process, so --workers must be 1"),
        (["--class", "nowhere"], "rooms are kept in the memory of this process, --class, or in a Redis by its address"),
    ],
)  # fmt: skip
def test_rooms_that_no_process_could_share_are_refused_in_a_sentence(
    argv: list[str], sentence: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    with pytest.raises(SystemExit) as ended:
        options.parse(argv)
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines()[-1].find(sentence) > 0
    monkeypatch.setenv("CONVWALK_CLASS", argv[1] if "redis" in argv[1] else "1")
    with pytest.raises(SystemExit):
        options.parse(argv[1:] if "redis" not in argv[1] else [])


@pytest.mark.parametrize(("argv", "is_hinted"), [([], True), (["--class"], False), (["--workers", "2"], False)])
def test_a_server_that_is_open_to_a_network_says_how_a_class_is_led(
    argv: list[str], is_hinted: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("app.ground.network.reachable", lambda host: ["192.0.2.1"])
    with cli._listen("127.0.0.1", 0) as listening:
        cli._say_to_others(listening, "http://127.0.0.1/", options.parse(argv))
        port = listening.getsockname()[1]
    said = capsys.readouterr().out
    assert ("With --class a teacher leads" in said) == is_hinted
    # Where there are rooms it says where each has to go.
    where = f"A lesson is begun at http://127.0.0.1/class; students type its code at http://192.0.2.1:{port}/class"
    assert (where in said.splitlines()) == ("--class" in argv)


# --- Who one is ---------------------------------------------------------------------------------------------


def test_the_key_is_told_once_and_kept_where_no_script_reads_it(people):
    teacher = people()
    assert teacher.get(HOME).json() == {"rooms": 100, "students": 500, "seconds": 14_400, "moments": 10}
    answer = teacher.post(HOME, json={})
    code, key = answer.json()["code"], answer.json()["key"]
    assert CODE.fullmatch(code)
    assert answer.headers["cache-control"] == "no-store"
    kept = f"convwalk-key={key}; HttpOnly; Max-Age=14400; Path={HOME}/{code}; SameSite=strict"
    assert answer.headers["set-cookie"] == kept
    told = [say(teacher, code, what, said) for what, said in TEACHERS.items()]
    assert [status for status, _ in told] == [200] * len(TEACHERS)
    assert key not in json.dumps(told)
    over_tls = people("10.9.9.9")
    over_tls.base_url = "https://127.0.0.1:8000"
    secure = over_tls.post(HOME, json={}, headers={"Origin": "https://127.0.0.1:8000"})
    assert secure.headers["set-cookie"].endswith("; SameSite=strict; Secure")


def test_a_student_is_a_seat_that_a_browser_keeps(people):
    teacher, student = people(), people()
    code = opened(teacher)
    assert hear(student, code, "")[0] == 404  # a slash too many
    assert student.get(f"{HOME}/{code}").json()["role"] == "nobody"
    answer = student.post(f"{HOME}/{code}/join", json={})
    seat = answer.json()["seat"]
    assert re.fullmatch(rf"convwalk-seat={seat}; HttpOnly; Max-Age=\d+; Path={HOME}/{code}; SameSite=strict",
                        answer.headers["set-cookie"])  # fmt: skip
    assert say(student, code, "join", {}) == (200, {"seat": seat})  # again, after a reload
    assert student.get(f"{HOME}/{code}").json()["role"] == "student"
    assert teacher.get(f"{HOME}/{code}").json()["role"] == "teacher"
    assert say(people(), code, "join", {})[1]["seat"] != seat


def test_a_script_may_say_who_it_is_in_a_header(people):
    teacher, script = people(), people()
    answer = teacher.post(HOME, json={}).json()
    code, key = answer["code"], answer["key"]
    seat = say(people(), code, "join", {})[1]["seat"]
    for token, role in (
        (key, "teacher"),
        (seat, "student"),
        ("k" * 43, "nobody"),
        ("", "nobody"),
        (f"{key}, x", "nobody"),
    ):
        script.headers["Authorization"] = f"Bearer {token}"
        assert script.get(f"{HOME}/{code}").json()["role"] == role
    teacher.headers["Authorization"] = "Basic bmFtZTpwYXNz"  # which a proxy in front may ask for
    assert teacher.get(f"{HOME}/{code}").json()["role"] == "teacher"
    teacher.headers["Authorization"] = f"Bearer {seat}"  # it goes before the cookie
    assert teacher.get(f"{HOME}/{code}").json()["role"] == "student"


def test_a_teacher_who_also_has_a_seat_is_the_teacher_and_answers_from_the_seat(people):
    teacher = people()
    code = opened(teacher)
    say(teacher, code, "join", {})
    say(teacher, code, "question", {"question": VALUE})
    assert teacher.get(f"{HOME}/{code}").json()["role"] == "teacher"
    assert say(teacher, code, "answer", {"question": 1, "answer": 2}) == (200, {})
    assert hear(teacher, code, "answer") == (200, {"question": 1, "answer": 2})
    assert hear(teacher, code, "answers")[1]["answers"] == [{"answer": 2, "count": 1}]


@pytest.mark.parametrize("way", ["cookie", "header", "key of another room", "nothing"])
def test_nobody_but_its_teacher_steers_a_room_or_reads_its_answers(people, way: str):
    teacher, student, other = people(), people(), people()
    code = opened(teacher)
    say(teacher, code, "question", {"question": VALUE})
    seat = say(student, code, "join", {})[1]["seat"]
    if way == "header":
        student = people(Authorization=f"Bearer {seat}")
    elif way == "key of another room":
        key = other.post(HOME, json={}).json()["key"]
        student = people(Cookie=f"convwalk-key={key}")
    elif way == "nothing":
        student = people()
    for what, said in TEACHERS.items():
        status, told = say(student, code, what, said)
        assert (status, told) == (403, {"setting": None, "message": "only the teacher of this room can do that"})
    assert hear(student, code, "answers")[0] == 403
    if way in ("key of another room", "nothing"):
        for answer in (hear(student, code, "answer"), say(student, code, "answer", {"question": 1, "answer": 2}),
                       hear(student, code, "events")):  # fmt: skip
            assert answer == (403, {"setting": None, "message": "join this room first"})
    assert hear(teacher, code, "answers") == (
        200, {"question": 1, "state": "open", "students": 1, "count": 0, "answers": []}
    )  # fmt: skip


# --- What is said -------------------------------------------------------------------------------------------


def test_a_question_is_answered_shown_and_told(people):
    teacher, students = people(), [people() for _ in range(3)]
    code = opened(teacher)
    for student in students:
        say(student, code, "join", {})
    assert hear(students[0], code, "answer") == (200, {"question": None, "answer": None})
    assert say(teacher, code, "question", {"question": VALUE}) == (200, {"number": 1})
    for student, answer in zip(students, (3, 4, 3.0), strict=True):
        assert say(student, code, "answer", {"question": 1, "answer": answer}) == (200, {})
    assert say(students[1], code, "answer", {"question": 1, "answer": "-Infinity"}) == (200, {})
    assert hear(students[1], code, "answer") == (200, {"question": 1, "answer": "-Infinity"})
    groups = [{"answer": 3, "count": 2}, {"answer": "-Infinity", "count": 1}]
    tally = {"question": 1, "state": "open", "students": 3, "count": 3, "answers": groups}
    assert hear(teacher, code, "answers") == (200, tally)
    assert say(teacher, code, "truth", {"truth": [3]})[0] == 409
    assert say(teacher, code, "show", {}) == (200, {})
    assert say(students[0], code, "answer", {"question": 1, "answer": 5})[0] == 409
    assert say(teacher, code, "truth", {"truth": [3]}) == (200, {})
    assert hear(teacher, code, "answers") == (200, tally | {"state": "told"})
    assert say(teacher, code, "question", {"question": None}) == (200, {"number": None})
    assert say(students[0], code, "answer", {"question": 1, "answer": 5})[0] == 409
    assert say(teacher, code, "end", {}) == (200, {})
    assert hear(teacher, code, "answers")[0] == 404


@pytest.mark.parametrize(
    ("what", "said", "setting"),
    [
        *((what, said, None) for what in ("join", "moment", "question", "answer", "truth", "show", "end")
          for said in ("[]", "1", "{", '"a"', '{"nothing": 1}', "[" * 70_000, '{"a": "\ud800"}', "\xff", "")),
        ("moment", '{"step": -1}', "step"),
        ("question", '{"question": {"kind": "essay"}}', "kind"),
        ("answer", '{"answer": 1}', "question"),
        ("answer", '{"question": 1, "answer": "three"}', "answer"),
        ("answer", '{"question": 1, "answer": 1e999}', None),
        ("answer", '{"question": 1, "answer": NaN}', None),
        ("truth", '{"truth": [[1]]}', "truth"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_a_body_that_is_none_is_refused_in_the_one_form(people, what: str, said: str, setting: str | None):
    person = people()
    code = opened(person)
    say(person, code, "join", {})
    say(person, code, "question", {"question": VALUE})
    body, json_type = said.encode("utf-8", "surrogatepass"), {"Content-Type": "application/json"}
    answer = person.post(f"{HOME}/{code}/{what}", content=body, headers=json_type)
    told = answer.json()
    assert (answer.status_code, told["setting"]) == (422, setting)
    assert told.keys() == {"setting", "message"}
    in_chinese = person.post(f"{HOME}/{code}/{what}?lang=zh", content=body, headers=json_type).json()["message"]
    assert re.search("[\u4e00-\u9fff]", in_chinese)


def test_html_in_a_question_comes_back_as_data(people):
    teacher = people()
    code = opened(teacher)
    assert say(teacher, code, "question", {"question": FREE})[0] == 200
    answer = teacher.get(f"{HOME}/{code}/answers", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "application/json"
    refused = teacher.post(f"{HOME}/{code}/answer", json={}, headers={"Accept": "text/html"})
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/json")
    for one in (answer, refused):
        assert one.headers["x-content-type-options"] == "nosniff"
        assert one.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"


@pytest.mark.parametrize(
    "origin",
    [None, "null", "", "http://127.0.0.1", "http://127.0.0.1:8001", "http://evil.example", "127.0.0.1:8000",
     "http://127.0.0.1:8000.evil.example", "http://evil.example/127.0.0.1:8000", "http://evil@127.0.0.1:8000",
     "file://127.0.0.1:8000", "http://127.0.0.1:8000, http://127.0.0.1:8000", "http://127.0.0.1:8000/"],
)  # fmt: skip
def test_a_write_of_another_site_is_refused_whoever_has_the_cookie(people, origin: str | None):
    teacher = people()
    code = opened(teacher)
    if origin is None:
        del teacher.headers["Origin"]
    else:
        teacher.headers["Origin"] = origin
    said = TEACHERS | {"join": {}, "answer": {"question": 1, "answer": 1}}
    for address, body in [(HOME, {}), *((f"{HOME}/{code}/{what}", body) for what, body in said.items())]:
        answer = teacher.post(address, json=body)
        assert (answer.status_code, answer.json()["setting"]) == (403, None), address
        assert "set-cookie" not in answer.headers
    assert hear(teacher, code, "answers")[1]["students"] == 0  # it is read as before, and nothing has happened


def test_an_origin_twice_is_none(people):
    teacher = people()
    twice = [("Origin", ORIGIN), ("Origin", "http://evil.example"), ("Content-Type", "application/json")]
    del teacher.headers["Origin"]
    assert teacher.post(HOME, content=b"{}", headers=twice).status_code == 403


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", None])
def test_a_write_that_a_form_could_send_is_refused(people, kind: str | None):
    teacher = people()
    headers = {} if kind is None else {"Content-Type": kind}
    assert teacher.post(HOME, content=b"{}", headers=headers).status_code == 415
    packed = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    assert teacher.post(HOME, content=b"{}", headers=packed).status_code == 415


@pytest.mark.parametrize("name", addresses._METHODS)
def test_each_address_of_a_room_says_what_it_answers(people, name: str):
    teacher = people()
    address = f"{HOME}/{opened(teacher)}{f'/{name}' if name else ''}"
    allowed = teacher.options(address).headers["allow"]
    assert allowed == ", ".join(addresses._METHODS[name])
    for method in {"GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"} - set(allowed.split(", ")):
        answer = teacher.request(method, address, json={})
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
        assert answer.json()["message"] in ("this address can only be read (GET)", "this address is written to (POST)")


# --- How much -----------------------------------------------------------------------------------------------


def test_who_guesses_codes_is_told_nothing_any_more_and_nobody_else_is(people):
    teacher, guesser, other = people(), people("10.9.0.1"), people("10.9.0.2")
    code = opened(teacher)
    student = people("10.9.0.1")
    say(student, code, "join", {})
    wrong = [f"{number:08}" for number in range(limits.WRONG_CODES - 1) if f"{number:08}" != code]
    wrong += ["nonsense"] * (limits.WRONG_CODES - len(wrong))
    assert {guesser.get(f"{HOME}/{one}").status_code for one in wrong} == {404}
    for one in ("12345679", code):  # a right one looks like a wrong one from now on
        answer = guesser.post(f"{HOME}/{one}/join", json={})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
        assert answer.json()["message"] == "too many wrong codes came from there; try again in a moment"
        assert {hear(guesser, one, what)[0] for what in ("answers", "answer", "events")} == {429}
    assert hear(student, code, "answer")[0] == 200  # who is in the room stays in it, at the same address
    assert say(other, code, "join", {})[0] == 200
    assert hear(teacher, code, "answers")[0] == 200


def test_ten_thousand_rooms_are_refused_in_words(people):
    asked = 0
    statuses = set()
    for number in range(3 * limits.ROOMS // limits.CLIENT_ROOMS):
        flooder = people(f"10.8.0.{number}")
        for _ in range(limits.CLIENT_ROOMS + 2):
            answer = flooder.post(HOME, json={})
            statuses.add((answer.status_code, answer.json().get("message")))
            asked += 1
    assert asked > 3 * limits.ROOMS
    assert statuses == {
        (200, None),
        (429, "at most 20 rooms of one client are open at a time; end one of them first"),
        (429, "at most 100 rooms are open at a time; try again later"),
    }


def test_a_teacher_who_says_too_much_waits_and_so_does_a_client(app, people, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(limits, "CLIENT_WORDS", 10)
    app.state.rooms = Rooms(MemoryHub())
    teacher, student = people(), people()
    code = opened(teacher)
    statuses = [say(teacher, code, "moment", MOMENT)[0] for _ in range(3 * limits.TEACHER_WORDS)]
    assert statuses[: 2 * limits.TEACHER_WORDS] == [200] * 2 * limits.TEACHER_WORDS
    assert 429 in statuses
    say(student, code, "join", {})
    for _ in range(20 * limits.CLIENT_WORDS):  # each is refused as what it is, until it is too much
        status, told = say(student, code, "end", {})
        if status != 403:
            break
    assert (status, told["message"]) == (429, "this is too much at a time for a room; try again in a moment")
    other = opened(people())
    assert say(people(), other, "join", {})[0] == 200


# --- Over a real server -------------------------------------------------------------------------------------


class Page:
    """A browser's page: it keeps its cookies, and says where it comes from."""

    def __init__(self, server: Server) -> None:
        self.server, self.cookies = server, dict[str, str]()
        self.origin = server.url

    @contextmanager
    def asking(self, method: str, path: str, said: Any = None, **headers: str) -> Iterator[http.client.HTTPResponse]:
        body = None if said is None else json.dumps(said)
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        kinds = {"Origin": self.origin, "Content-Type": "application/json"} if body else {}
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)) as connection:
            connection.request(method, HOME + path, body, {"Cookie": cookie} | kinds | headers)
            with connection.getresponse() as answer:
                for cookie in answer.headers.get_all("Set-Cookie", ()):
                    name, _, value = cookie.partition(";")[0].partition("=")
                    self.cookies[name] = value
                yield answer

    def status(self, method: str, path: str, said: Any = None) -> int:
        with self.asking(method, path, said) as answer:
            return answer.status

    def post(self, path: str, said: Any) -> Any:
        with self.asking("POST", path, said) as answer:
            told = json.loads(answer.read())
            assert answer.status == 200, told
            return told

    @contextmanager
    def following(self, code: str, seen: str = "") -> Iterator["Stream"]:
        headers = {"Accept-Encoding": "gzip"} | ({"Last-Event-ID": seen} if seen else {})
        with self.asking("GET", f"/{code}/events", **headers) as answer:
            assert (answer.status, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            told = [answer.headers[name] for name in ("Content-Encoding", "Cache-Control", "X-Accel-Buffering")]
            assert told == [None, "no-store", "no"]
            yield Stream(answer)


class Stream:
    """The events of a room as a page hears them."""

    def __init__(self, answer: http.client.HTTPResponse) -> None:
        self.answer = answer
        self.id = ""
        self.size = 0  # bytes so far

    def next(self) -> dict[str, Any] | None:
        """What is new; None at the end."""
        data = None
        while line := self.answer.readline():
            self.size += len(line)
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name == "id":
                self.id = value
            elif name == "data":
                data = json.loads(value)
            elif not line.strip() and data is not None:
                return data
        return None


@pytest.fixture(scope="module")
def classes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path]]:
    """A server with rooms that writes everything down, and where."""
    log = tmp_path_factory.mktemp("class") / "log.txt"
    with serving(log, "--class", "--log-level", "info") as server:
        yield server, log
        if (status := Path(f"/proc/{server.process.pid}/status")).exists():
            assert int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0]) < MEMORY
    assert "Traceback" not in log.read_text(), log.read_text()
    assert " 50" not in re.sub(r"\d+ ms \d+ bytes", "", log.read_text())


def test_a_lesson_is_heard_by_those_who_are_there_late_and_back_again(classes):
    server, log = classes
    teacher, student, late = Page(server), Page(server), Page(server)
    room = teacher.post("", {})
    code = room["code"]
    seat = student.post(f"/{code}/join", {})["seat"]
    late.post(f"/{code}/join", {})
    with student.following(code) as heard, teacher.following(code) as projector:
        assert heard.next() == {"walk": None, "at": None, "question": None, "end": False}
        assert projector.next().keys() == {"walk", "at", "question", "count", "end"}
        teacher.post(f"/{code}/moment", MOMENT)
        assert heard.next() == {
            "walk": MOMENT["walk"], "at": {"step": 7, "cell": None, "spotlight": None, "more": {}}
        }  # fmt: skip
        teacher.post(f"/{code}/question", {"question": FREE})
        question = heard.next()["question"]
        assert (question["text"], question["options"]) == (FREE["text"], FREE["options"])
        left = heard.id
        assert student.status("HEAD", f"/{code}/events") == 200  # and nobody listens
        student.post(f"/{code}/answer", {"question": 1, "answer": 1})
        while projector.next().get("count") != {"students": 2, "answers": 1}:
            pass
        teacher.post(f"/{code}/show", {})
        assert heard.next()["question"]["answers"] == [{"answer": 1, "count": 1}]
        with late.following(code) as listening, student.following(code, left) as back:
            assert listening.next().keys() == {"walk", "at", "question", "end"}
            assert back.next().keys() == {"question"}
            teacher.post(f"/{code}/end", {})
            for stream in (heard, listening, back):
                assert stream.next() == {"end": True}
                assert stream.next() is None
    assert student.status("GET", f"/{code}/events") == 404
    written = until_written(log, rf"GET {HOME}/{code}/events 200 \d+ ms {heard.size} bytes\n")
    for secret in (room["key"], seat, "Bearer", "convwalk-", "stride", "<b>"):
        assert secret not in written


def until_written(log: Path, line: str) -> str:
    """What is in a log once it has that line, which is written when an answer has ended."""
    for _ in range(200):
        if re.search(line, written := log.read_text()):
            return written
        time.sleep(0.02)
    pytest.fail(f"nothing like {line} in {written}")


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose rooms few follow, and whose teachers are quick."""
    log = tmp_path_factory.mktemp("small") / "log.txt"
    few = {"CONVWALK_LIMIT_CLIENT_FOLLOWERS": "3", "CONVWALK_LIMIT_TEACHER_WORDS": "100"}
    with serving(log, CONVWALK_CLASS="1", **few) as server:
        yield server
    assert log.read_text() == ""


def test_who_closes_the_page_is_forgotten_at_once(small: Server):
    teacher, student = Page(small), Page(small)
    code = teacher.post("", {})["code"]
    student.post(f"/{code}/join", {})
    for _ in range(3):
        with ExitStack() as pages:
            for _ in range(3):
                pages.enter_context(student.following(code)).next()
            with student.asking("GET", f"/{code}/events") as refused:
                assert (refused.status, refused.headers["retry-after"]) == (429, "2")
        until_one_can_follow(student, code)


def until_one_can_follow(student: "Page", code: str) -> None:
    """Whoever has closed the page is found out by that alone, long before there is a word to be sent."""
    for _ in range(100):
        if student.status("GET", f"/{code}/events") == 200:
            return
        time.sleep(0.01)
    pytest.fail("whoever has left still counts")


def test_ctrl_c_ends_the_streams_of_a_class(tmp_path: Path):
    with serving(tmp_path / "log.txt", "--class") as server:
        teacher = Page(server)
        code = teacher.post("", {})["code"]
        with teacher.following(code) as stream:
            assert stream.next()
            server.process.send_signal(signal.SIGINT)
            with pytest.raises(http.client.IncompleteRead):  # a browser comes back
                stream.answer.read()
        assert server.process.wait(timeout=10) == 0
    assert (tmp_path / "log.txt").read_text() == ""


def test_a_follower_that_does_not_read_is_sent_the_newest_and_no_queue(small: Server):
    teacher, student = Page(small), Page(small)
    code = teacher.post("", {})["code"]
    student.post(f"/{code}/join", {})
    until_one_can_follow(student, code)
    with student.following(code) as slow, student.following(code) as quick:
        assert slow.next() == quick.next()
        for step in range(100):
            walk = {"layer": "conv2d", "algorithm": "walk", "query": "x=" + f"{step:03}" * 20_000}
            teacher.post(f"/{code}/moment", {"walk": walk, "step": step})
            assert quick.next()["at"]["step"] == step
        taken = [slow.next()["at"]["step"]]
        while taken[-1] < 99:
            taken.append(slow.next()["at"]["step"])
    assert taken == sorted(taken)
    assert len(taken) < 70  # what the system had taken already, and nothing behind it


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="this system has no such option")
def test_whoever_goes_out_of_reach_without_a_word_is_given_up_by_the_system():
    class Met(ClassProtocol):
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            met.set_result(transport)

    async def connect() -> int:
        nonlocal met
        met, loop = asyncio.get_running_loop().create_future(), asyncio.get_running_loop()
        config = uvicorn.Config(create_app(), ws="none", log_config=None)
        made = loop.create_server(lambda: Met(config, ServerState(), {}, loop), "127.0.0.1", 0)
        async with await made as listening:
            _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            transport = await met
            seconds = transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
            writer.close()
            transport.abort()
        return seconds

    met: Any = None
    assert asyncio.run(connect()) == limits.SEND_SECONDS


def test_a_step_passes_nothing_on_its_way_from_the_room_to_the_connection(monkeypatch: pytest.MonkeyPatch):
    """One who follows costs a write for each step, and no way through all that stands before the application."""
    monkeypatch.setattr(board, "BEAT", 0.1)
    passed: list[str] = []
    app = create_app(has_rooms=True)

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        async def send_counted(message: Any) -> None:
            passed.append(message["type"])
            await send(message)

        await app(scope, receive, send_counted)

    async def follow() -> list[bytes]:
        hub, loop = app.state.rooms.hub, asyncio.get_running_loop()
        room = await hub.open("somebody")
        config = uvicorn.Config(counting, ws="none", log_config=None)
        made = loop.create_server(lambda: ClassProtocol(config, ServerState(), {}, loop), "127.0.0.1", 0)
        async with await made as listening:
            reader, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
            head = (
                f"GET {HOME}/{room.code}/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {room.key}\r\n\r\n"
            )
            writer.write(head.encode())
            told = [await reader.readuntil(b"\r\n\r\n"), await chunk(reader)]
            for step in range(10):
                await hub.move(room.code, Moment.read(json.dumps(MOMENT | {"step": step}).encode()))
                told.append(await chunk(reader))
            while told[-1] != b": here\n\n":
                told.append(await chunk(reader))
            await hub.end(room.code)
            while told[-1]:
                told.append(await chunk(reader))
            writer.close()
        return told

    head, first, *told = asyncio.run(asyncio.wait_for(follow(), 20))
    assert b"x-content-type-options: nosniff" in head.lower()
    assert first.startswith(b"retry: ")
    assert [f'"step":{step},'.encode() in event for step, event in enumerate(told[:10])] == [True] * 10
    assert b'"end":true' in told[-2]
    start, part = "http.response.start", "http.response.body"
    assert passed == [start, part, part, part]  # the state of the room, its end, and the end of the answer


async def chunk(reader: asyncio.StreamReader) -> bytes:
    """The next part of an answer."""
    size = int(await reader.readuntil(b"\r\n"), 16)
    return (await reader.readexactly(size + 2))[:size]


def hostile(
    path: str, body: bytes = b"{}", *headers: str, method: str = "POST", origin: str = "http://127.0.0.1"
) -> bytes:
    lines = [f"{method} {HOME}{path} HTTP/1.1", "Host: 127.0.0.1", f"Origin: {origin}", f"X-Note: {MARKER.decode()}"]
    lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


HOSTILE = {
    "another site": (hostile("", origin="http://evil.example"), 403),
    "a code of words": (hostile(f"/{MARKER.decode()}/join"), 404),
    "a code of sixty thousand digits": (hostile("/" + "1" * 60_000 + "/join"), 404),
    "slashes without end": (hostile("/" + "1/" * 30_000), 405),
    "a code in Arabic digits": (hostile("/%D9%A4%D9%A8%D9%A3%D9%A1%D9%A7%D9%A7%D9%A0%D9%A2/join"), 404),
    "a body beyond the limit": (hostile("", b"{" + b" " * limits.ROOM_BYTES), 413),
    "a body that is announced beyond the limit": (hostile("").replace(b"Length: 2", b"Length: 80001"), 413),
    "brackets alone": (hostile("", b"[" * limits.ROOM_BYTES), 422),
    "a body of marks": (hostile("", b'{"' + MARKER + b'": 1}'), 422),
    "a form": (hostile("").replace(b"application/json", b"text/plain"), 415),
    "a key of ten thousand letters": (hostile("", b"{}", "Authorization: Bearer " + "k" * 10_000), 200),
    "cookies without end": (hostile("/00000000", b"", "Cookie: " + "convwalk-key=;" * 2000, method="GET"), 404),
    "blanks without end": (hostile("/00000000", b"", "Cookie: ;" + " \t" * 14_000, method="GET"), 404),
    "a method of its own": (hostile("", method="STEAL"), 400),
    "a room to be deleted": (hostile("/00000000", method="DELETE"), 405),
    "two origins": (hostile("", b"{}", "Origin: http://127.0.0.1"), 403),
    "an id that is none": (hostile("/00000000/events", b"", "Last-Event-ID: \xff", method="GET"), 404),
}


def test_a_class_is_not_disturbed_by_whoever_means_harm(classes):
    server, log = classes
    for name, (request, status) in HOSTILE.items():
        answer = send(server, request)
        assert answer.status == status, (name, answer.whole)
        assert MARKER not in answer.whole, name
        if status >= 400:
            assert json.loads(answer.body).keys() == {"setting", "message"}, name
    assert MARKER.decode() not in log.read_text().replace(f"{HOME}/{MARKER.decode()}/join", "")


@pytest.mark.slow
def test_a_flood_of_words_keeps_nobody_waiting(classes):
    server, _ = classes
    teacher, student = Page(server), Page(server)
    code = teacher.post("", {})["code"]
    student.post(f"/{code}/join", {})
    teacher.post(f"/{code}/question", {"question": VALUE})
    statuses: set[int] = set()

    def flood() -> None:
        for number in range(40):
            for what, said in (("moment", MOMENT), ("answer", {"question": 1, "answer": number}), ("join", {})):
                statuses.add(student.status("POST", f"/{code}/{what}", said))
            statuses.add(student.status("POST", "", {}))

    def harm() -> None:
        threads = [threading.Thread(target=flood) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert_nobody_waits(server, harm)
    assert statuses <= {200, 403, 409, 429}
    assert 429 in statuses


# --- What is written of it ----------------------------------------------------------------------------------


def test_the_addresses_of_a_room_are_listed_and_described():
    text = (ROOT / "docs" / "http.md").read_text(encoding="utf-8")
    _, _, section = text.partition("## A room for a class")
    listed = set(re.findall(r"^    (GET|POST) (/api/rooms\S*)", section, re.MULTILINE))
    described = {
        (method.upper(), path)
        for path, methods in create_app(has_rooms=True).openapi()["paths"].items()
        if path.startswith(HOME)
        for method in methods
    }
    assert listed == described
    answered = {
        (method, path)
        for path in {path for _, path in listed}
        for method in addresses.methods(path.replace("{code}", "48317702")) or ()
        if method in ("GET", "POST")
    }
    assert answered == described
