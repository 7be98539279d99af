"""Rooms in a Redis: workers have them in common, one that dies takes nothing along, and what breaks comes back.

What any hub does is `tests/test_room.py`'s.
"""

import asyncio
import http.client
import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from app.ground import limits
from app.room.hub import Role
from app.room.question import Question
from app.server import cli, options
from app.walks.shares import BusyError
from tests.conftest import Server, serving
from tests.redis_server import Redis, started
from tests.test_room import LIMIT, VALUE, Test, classroom, moment, refused, told, until, with_hubs
from tests.test_workers import stopped, wait_for_two

WALK = {"layer": "conv2d", "algorithm": "walk", "query": "stride=2"}


def in_redis(test: Test) -> Any:
    """A test in which each hub is a worker, all of the same rooms."""
    return with_hubs(test, "redis")


def names(redis: Redis) -> list[str]:
    return [name.decode() for name in redis.do("KEYS", f"{redis.prefix}:*")]


# --- Several workers ----------------------------------------------------------------------------------------


@in_redis
async def test_what_is_said_on_one_worker_is_heard_on_the_other(make):
    one, other = make(), make()
    async with classroom(other, 2) as (room, seats, followers), one.follow(room.code, room.key) as teacher:
        assert await one.role(room.code, room.key) == Role.TEACHER
        await one.move(room.code, moment(7, "stride=2"))
        for follower in followers:
            assert await told(follower) == {
                "walk": WALK,
                "at": {"step": 7, "cell": None, "spotlight": None, "more": {}},
            }
        assert await one.ask(room.code, Question.of(VALUE)) == 1
        assert (await told(followers[0]))["question"]["number"] == 1
        for seat, answer in zip(seats, (3, 4), strict=True):
            await other.answer(room.code, seat, 1, answer)
        await until(teacher, "count", {"students": 2, "answers": 2})
        assert await one.answer_of(room.code, seats[1]) == (1, 4)
        await one.answer(room.code, seats[1], 1, 3)
        groups = [{"answer": 3, "count": 2}]
        assert (await other.tally(room.code)).answers == groups
        await one.show(room.code)
        assert (await told(followers[0]))["question"]["answers"] == groups
        await refused(409, other.answer(room.code, seats[0], 1, 5))
        await one.end(room.code)
        await until(followers[1], "end", True)
        await refused(404, other.tally(room.code))


@in_redis
async def test_an_id_of_one_worker_holds_on_the_other(make):
    one, other = make(), make()
    async with classroom(one) as (room, [seat], [follower]):
        await one.move(room.code, moment(7, "stride=2"))
        seen = (await follower.news()).id
        await one.ask(room.code, Question.of(VALUE))
        async with other.follow(room.code, seat, seen) as back:
            assert (await told(back)).keys() == {"question"}


@in_redis
async def test_what_workers_do_at_the_same_time_counts_once_each(make, monkeypatch):
    monkeypatch.setattr(limits, "ROOM_STUDENTS", 10)
    hubs = [make() for _ in range(4)]
    opened = await asyncio.gather(*(hubs[n % 4].open("somebody") for n in range(30)), return_exceptions=True)
    room, *others = [one for one in opened if not isinstance(one, BusyError)]
    assert len(others) == limits.CLIENT_ROOMS - 1
    seats = await asyncio.gather(*(hubs[n % 4].join(room.code) for n in range(15)))
    roles = await asyncio.gather(*(hubs[n % 4].role(room.code, seat) for n, seat in enumerate(seats)))
    assert roles.count(Role.STUDENT) == 10
    seat = seats[roles.index(Role.STUDENT)]
    asked = await asyncio.gather(*(hub.ask(room.code, Question.of(VALUE)) for hub in hubs))
    assert sorted(asked) == [1, 2, 3, 4]
    more = range(limits.ANSWERS + 20)
    said = await asyncio.gather(*(hubs[n % 4].answer(room.code, seat, 4, n) for n in more), return_exceptions=True)
    assert said.count(None) == limits.ANSWERS
    assert (await hubs[0].tally(room.code)).count == 1


@in_redis
async def test_a_seat_is_kept_on_whichever_worker_its_student_sits_and_its_pages_count_on_all(make, monkeypatch):
    one, other = make(), make()
    monkeypatch.setattr(limits, "ROOM_STUDENTS", 1)
    monkeypatch.setattr(limits, "ROOM_PAGES", 2)
    async with classroom(one) as (room, [seat], _):
        await refused(429, other.join(room.code))
        async with other.follow(room.code, seat):
            with pytest.raises(BusyError):
                async with other.follow(room.code, seat):
                    pass


@in_redis
async def test_who_followed_on_a_worker_that_died_is_missed_after_its_lease_and_nothing_said_is(make, monkeypatch):
    monkeypatch.setattr("app.room.shared.boards.LEASE", 0.3)
    monkeypatch.setattr("app.room.shared.hub.LEASE", 0.3)
    monkeypatch.setattr(limits, "ROOM_STUDENTS", 1)
    one, other = make(), make()
    async with classroom(one) as (room, [seat], _):
        await one.move(room.code, moment(7, "stride=2"))
        await one.ask(room.code, Question.of(VALUE))
        await one.answer(room.code, seat, 1, 3)
        for task in one._boards._ever:
            task.cancel()  # as if it were killed: it says nothing any more, not even goodbye
        async with other.follow(room.code, seat) as back:
            state = await told(back)
            assert (state["at"]["step"], state["question"]["number"]) == (7, 1)
        assert await other.answer_of(room.code, seat) == (1, 3)
        async with asyncio.timeout(LIMIT):
            while True:
                with suppress(BusyError):
                    await other.join(room.code)
                    break
                await asyncio.sleep(0.05)
        assert await other.role(room.code, seat) == Role.NOBODY


# --- What is left -------------------------------------------------------------------------------------------


@in_redis
async def test_nothing_grows_with_what_is_said_and_nothing_is_left_of_a_room(make, redis):
    hub = make()
    async with classroom(hub, 3) as (room, seats, _):
        await hub.ask(room.code, Question.of(VALUE))
        for seat in seats:
            await hub.answer(room.code, seat, 1, 3)
        for _ in range(11):
            await asyncio.gather(*(hub.move(room.code, moment(step, "stride=2")) for step in range(100)))
        assert redis.do("XLEN", f"{redis.prefix}:news") == 1000
        for name in names(redis):
            assert 0 < redis.do("PTTL", name) <= 2 * 86_400_000, name
            assert room.code not in name or redis.do("PTTL", name) <= 1000 * limits.ROOM_SECONDS
            if name != f"{redis.prefix}:news":
                assert redis.do("MEMORY", "USAGE", name) < 4000, name
        kept = b"".join(redis.do("DUMP", name) for name in names(redis))
        assert not [token for token in (room.key, *seats) if token.encode() in kept]
        assert b"somebody" not in kept
        await hub.end(room.code)
        assert not [name for name in names(redis) if room.code in name]


@in_redis
async def test_a_full_room_takes_so_much_of_the_redis(make, redis):
    hub = make()
    room = await hub.open("somebody")
    await hub.move(room.code, moment(1, "x=" + "1" * (limits.URL_BYTES - 2)))
    await hub.ask(room.code, Question.of(VALUE))
    seats = await asyncio.gather(*(hub.join(room.code) for _ in range(limits.ROOM_STUDENTS)))
    await asyncio.gather(*(hub.answer(room.code, seat, 1, 0.1 + n) for n, seat in enumerate(seats)))
    of_room = [name for name in names(redis) if room.code in name]
    assert sum(redis.do("MEMORY", "USAGE", name, "SAMPLES", 0) for name in of_room) < 400_000


# --- A Redis that is away -----------------------------------------------------------------------------------


@contextmanager
def frozen(redis: Redis) -> Iterator[None]:
    """While it answers nobody."""
    assert redis.process is not None
    redis.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        redis.process.send_signal(signal.SIGCONT)


@in_redis
async def test_a_redis_that_does_not_answer_is_said_in_a_sentence_and_followers_wait_for_it(make, redis, monkeypatch):
    monkeypatch.setattr("app.room.shared.line.PATIENCE", 0.1)
    hub = make()
    async with classroom(hub) as (room, [seat], [follower]):
        with frozen(redis):
            for awaited in (hub.move(room.code, moment(1, "")), hub.open("x"), hub.role(room.code, seat)):
                error = await refused(503, awaited)
                assert error.headers == {"Retry-After": "2"}
        await hub.move(room.code, moment(2, "stride=2"))
        await until(follower, "at", {"step": 2, "cell": None, "spotlight": None, "more": {}})


def test_a_redis_that_is_started_again_has_the_rooms_and_one_that_lost_them_ends_them(tmp_path: Path):
    async def class_goes_on() -> None:
        hub, other = redis.hub(), redis.hub()
        async with classroom(hub) as (room, [seat], [follower]), other.follow(room.code, room.key) as teacher:
            await hub.ask(room.code, Question.of(VALUE))
            await hub.answer(room.code, seat, 1, 3)
            running.close()
            await refused(503, other.tally(room.code))
            with redis.run():
                assert (await other.tally(room.code)).answers == [{"answer": 3, "count": 1}]
                await other.move(room.code, moment(8, "stride=2"))
                for one in (follower, teacher):
                    await until(one, "at", {"step": 8, "cell": None, "spotlight": None, "more": {}})
            for kept in (tmp_path / "appendonlydir").iterdir():
                kept.unlink()
            with redis.run():
                await until(follower, "end", True)
                await refused(404, hub.tally(room.code))
                await hub.close()
                await other.close()

    with ExitStack() as running:
        redis = started(tmp_path, running)
        asyncio.run(asyncio.wait_for(class_goes_on(), 60))


# --- The command --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["redis://class:secret@127.0.0.1:1/0", "redis://127.0.0.1:1/0?socket_timeout=x"])
def test_a_redis_that_is_not_there_ends_the_start_in_a_sentence(address: str):
    pytest.importorskip("redis")
    with pytest.raises(SystemExit) as ended:
        cli.main(["--class", address, "--no-browser", "--port", "0"])
    assert str(ended.value).startswith("The Redis at 127.0.0.1:1 does not answer: ")
    assert "secret" not in str(ended.value)


def test_a_redis_needs_its_package(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"pip install convwalk\[redis\]"):
        cli.main(["--class", "redis://127.0.0.1:1"])


@pytest.mark.parametrize(
    "address", ["redis", "redis://", "http://127.0.0.1", "redis://127.0.0.1:port", "unix://", "memory"]
)
def test_an_address_of_no_redis_is_refused_in_a_sentence(address: str, capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit) as ended:
        options.parse(["--class", address])
    assert ended.value.code == 2
    assert "such as --class redis://127.0.0.1:6379" in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["redis://127.0.0.1", "rediss://a:b@redis.example.org:1/2", "unix:///run/redis.sock"]
)
def test_workers_have_rooms_in_common_by_the_address_of_a_redis(address: str, monkeypatch: pytest.MonkeyPatch):
    given = options.parse(["--class", address, "--workers", "4"])
    assert (given.rooms, given.has_rooms, given.workers) == (address, True, 4)
    monkeypatch.setenv("CONVWALK_CLASS", address)
    assert options.parse([]).rooms == address


# --- Over HTTP ----------------------------------------------------------------------------------------------


class Person:
    """Somebody with a connection of their own for each thing that they say, so that any worker may answer."""

    def __init__(self, server: Server) -> None:
        self.server, self.token, self.code = server, "", ""

    def ask(self, method: str, path: str, said: dict[str, Any] | None = None) -> tuple[int, Any]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)) as connection:
            headers = {"Origin": self.server.url, "Content-Type": "application/json"}
            headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
            connection.request(method, f"/api/rooms{path}", None if said is None else json.dumps(said), headers)
            answer = connection.getresponse()
            self.headers = answer.headers
            return answer.status, json.loads(answer.read())

    def say(self, what: str, said: dict[str, Any]) -> tuple[int, Any]:
        return self.ask("POST", f"/{self.code}/{what}", said)

    def listen(self, lines: ExitStack, seen: str = "") -> http.client.HTTPResponse:
        """The events, from the news of an id on."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=30)
        lines.enter_context(closing(connection))
        headers = {"Authorization": f"Bearer {self.token}"} | ({"Last-Event-ID": seen} if seen else {})
        connection.request("GET", f"/api/rooms/{self.code}/events", headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        return answer


def heard(events: http.client.HTTPResponse, mark: bytes) -> str:
    """The id of the event in whose data a mark is, once it comes; nothing if the line breaks before."""
    found = False
    with suppress(OSError, http.client.HTTPException):
        while line := events.readline():
            found |= line.startswith(b"data: ") and mark in line
            if found and line.startswith(b"id: "):
                return line[4:].strip().decode()
    return ""


def classmates(server: Server, count: int) -> tuple[Person, list[Person]]:
    """A teacher in a room, and so many students."""
    teacher = Person(server)
    opened = teacher.ask("POST", "", {})[1]
    teacher.code, teacher.token = opened["code"], opened["key"]
    students = [Person(server) for _ in range(count)]
    for one in students:
        one.code = teacher.code
        one.token = one.say("join", {})[1]["seat"]
    return teacher, students


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds a server's workers in /proc")
def test_a_class_on_two_workers_outlives_a_worker_and_its_redis(tmp_path: Path):
    log, folder = tmp_path / "log.txt", tmp_path / "redis"
    folder.mkdir()
    with ExitStack() as running, ExitStack() as lines:
        redis = started(folder, running)
        server = lines.enter_context(serving(log, "--workers", "2", CONVWALK_CLASS=redis.url))
        dies, stays = wait_for_two(server)
        teacher, students = classmates(server, 4)
        assert teacher.say("moment", {"walk": WALK, "step": 7}) == (200, {})
        events = []
        for other in (stays, dies):  # so that it is the one that answers
            with stopped(other):
                events += [one.listen(lines) for one in students[len(events) :][:2]]
        assert all(heard(one, b'"step":7') for one in events)
        assert teacher.say("question", {"question": VALUE}) == (200, {"number": 1})
        [seen] = {heard(one, b'"number":1') for one in events}
        for number, one in enumerate(students):
            assert one.say("answer", {"question": 1, "answer": number % 2}) == (200, {})

        os.kill(dies, signal.SIGKILL)
        assert teacher.say("moment", {"step": 8}) == (200, {})
        assert [bool(heard(one, b'"step":8')) for one in events] == [False, False, True, True]
        for number in (0, 1):
            events[number] = students[number].listen(lines, seen)
            assert heard(events[number], b'"step":8')
        answers = {"question": 1, "state": "open", "students": 4, "count": 4}
        groups = [{"answer": 0, "count": 2}, {"answer": 1, "count": 2}]
        assert teacher.ask("GET", f"/{teacher.code}/answers") == (200, answers | {"answers": groups})

        running.close()
        status, refusal = students[0].say("answer", {"question": 1, "answer": 5})
        assert (status, students[0].headers["Retry-After"]) == (503, "2")
        sentence = "the rooms of this server are out of reach just now; try again in a moment"
        assert refusal == {"setting": None, "message": sentence}
        with redis.run():
            assert teacher.say("show", {}) == (200, {})
            assert all(heard(one, b'"shown"') for one in events)
            assert teacher.say("end", {}) == (200, {})
            assert all(heard(one, b'"end":true') for one in events)
    assert [line for line in log.read_text().splitlines() if "The Redis at 127.0.0.1" not in line] == []
