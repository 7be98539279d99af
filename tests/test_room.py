"""A room for a class, as every hub has to keep it: what is said to it once is heard by all, and what is not to be known
is not told. Nothing here knows how a hub does it.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import wraps
from typing import Any

import pytest

from app.ground import limits
from app.ground.errors import RequestError
from app.room import board
from app.room.codes import CODE
from app.room.hub import Follower, Hub, NewRoom, Role
from app.room.memory import MemoryHub
from app.room.moment import Moment
from app.room.question import Question
from app.room.rates import REMEMBERED, Rates
from app.walks.shares import BusyError

# What makes hubs, each by a number of seconds for which its rooms live; by the fixture that it needs, if it needs one.
HUBS: dict[str, tuple[str, Callable[[Any], Callable[..., Hub]]]] = {
    "memory": ("", lambda _: MemoryHub),
    "redis": ("redis", lambda redis: redis.hub),
}
VALUE = {"kind": "value", "array": "z", "cell": [0, 1, 2], "step": 41}
FREE = {"kind": "free", "text": "<b>Why?</b>", "options": ["a", "<script>alert(1)</script>", {"en": "c", "zh": "丙"}]}
LIMIT = 5  # seconds for what takes a moment

Test = Callable[..., Awaitable[None]]


def with_hubs(test: Test, *kinds: str) -> Any:
    """A test that makes hubs, in an event loop of its own and once with each of these kinds."""

    @wraps(test)
    def run(*args: Any, make: Callable[..., Hub], **named: Any) -> None:
        async def closed() -> None:
            made: list[Hub] = []

            def making(*seconds: float) -> Hub:
                made.append(make(*seconds))
                return made[-1]

            try:
                await test(*args, make=making, **named)
            finally:
                for hub in made:
                    await hub.close()

        asyncio.run(asyncio.wait_for(closed(), 60))

    return pytest.mark.parametrize("make", kinds, indirect=True)(run)


def in_each_hub(test: Test) -> Any:
    """A test that holds for every kind of hub."""
    return with_hubs(test, *HUBS)


def moment(step: int, query: str | None = None) -> Moment:
    said: dict[str, Any] = {"step": step}
    if query is not None:
        said["walk"] = {"layer": "conv2d", "algorithm": "walk", "query": query}
    return Moment.read(json.dumps(said).encode())


async def told(follower: Follower) -> dict[str, Any]:
    """What is new for a follower."""
    return (await heard(follower))[1]


async def heard(follower: Follower) -> tuple[str, dict[str, Any]]:
    """The same with its id. Whoever is cancelled stops: in `wait_for` Python 3.11 may go on with what has just come."""
    async with asyncio.timeout(LIMIT):
        news = await follower.news()
    [data] = [line for line in news.event.decode().splitlines() if line.startswith("data: ")]
    return news.id, json.loads(data.removeprefix("data: "))


async def until(follower: Follower, name: str, value: Any) -> None:
    """Until a follower is told of it."""
    async with asyncio.timeout(LIMIT):
        while (await told(follower)).get(name) != value:
            pass


class Given:
    """What a follower was told by a call, who waits."""

    def __init__(self, follower: Follower) -> None:
        self.events: list[bytes] = []
        self._more = asyncio.Event()
        follower.shorten(self._take)
        self.waiting = asyncio.create_task(follower.news())

    def _take(self, event: bytes) -> bool:
        self.events.append(event)
        self._more.set()
        return True

    async def until(self, count: int) -> list[bytes]:
        """All of it, once it is so much."""
        async with asyncio.timeout(LIMIT):
            while len(self.events) < count:
                self._more.clear()
                await self._more.wait()
        return self.events


async def is_quiet(follower: Follower) -> bool:
    """Whether there is nothing new, once all that is under way has been done."""
    waiting = asyncio.create_task(follower.news())
    for _ in range(20):
        await asyncio.sleep(0)
    waiting.cancel()
    return not waiting.done()


@asynccontextmanager
async def classroom(hub: Hub, students: int = 1) -> AsyncIterator[tuple[NewRoom, list[str], list[Follower]]]:
    """A room with so many students, who have been told of it."""
    async with AsyncExitStack() as stack:
        room = await hub.open("somebody")
        seats = [await hub.join(room.code) for _ in range(students)]
        followers = [await stack.enter_async_context(hub.follow(room.code, seat)) for seat in seats]
        for follower in followers:
            await told(follower)
        yield room, seats, followers


async def refused(status: int, awaited: Awaitable[Any]) -> RequestError:
    with pytest.raises(RequestError) as error:
        await awaited
    assert error.value.status == status
    return error.value


@in_each_hub
async def test_a_room_has_a_code_to_read_aloud_and_a_key_of_its_own(make):
    hub = make()
    one, other = await hub.open("somebody"), await hub.open("somebody")
    assert CODE.fullmatch(one.code)
    assert one.code != other.code
    assert await hub.role(one.code, one.key) == Role.TEACHER
    assert await hub.role(other.code, one.key) == Role.NOBODY
    assert await hub.role(one.code, "") == Role.NOBODY
    assert 0 < await hub.seconds(one.code) <= one.seconds == limits.ROOM_SECONDS


@in_each_hub
async def test_a_seat_is_a_students_and_no_key(make):
    hub = make()
    room, other = await hub.open("somebody"), await hub.open("somebody")
    seats = {await hub.join(room.code) for _ in range(3)}
    assert len(seats) == 3
    for seat in seats:
        assert await hub.role(room.code, seat) == Role.STUDENT
        assert await hub.role(other.code, seat) == Role.NOBODY


@in_each_hub
async def test_of_a_code_that_is_nobodys_everything_is_refused(make):
    hub = make()
    nothing = "00000000"
    for awaited in (
        hub.role(nothing, "x"), hub.seconds(nothing), hub.join(nothing), hub.move(nothing, moment(1, "")),
        hub.ask(nothing, None), hub.answer(nothing, "x", 1, 1), hub.answer_of(nothing, "x"), hub.tally(nothing),
        hub.show(nothing), hub.question(nothing), hub.tell(nothing, [1]), hub.end(nothing),
    ):  # fmt: skip
        await refused(404, awaited)
    with pytest.raises(RequestError):
        async with hub.follow(nothing, "x"):
            pass


@in_each_hub
async def test_who_has_neither_key_nor_seat_does_not_follow(make):
    hub = make()
    room = await hub.open("somebody")
    with pytest.raises(RequestError) as error:
        async with hub.follow(room.code, "x" * 43):
            pass
    assert error.value.status == 403


@in_each_hub
async def test_all_who_follow_see_where_the_teacher_is(make):
    hub = make()
    async with classroom(hub, 3) as (room, _, followers):
        await hub.move(room.code, moment(7, "stride=2"))
        walk = {"layer": "conv2d", "algorithm": "walk", "query": "stride=2"}
        at = {"step": 7, "cell": None, "spotlight": None, "more": {}}
        assert [await told(follower) for follower in followers] == [{"walk": walk, "at": at}] * 3
        for step in (8, 9):  # of the walk, which is long, nothing is said again
            await hub.move(room.code, moment(step, "stride=2" if step == 8 else None))
            assert [await told(follower) for follower in followers] == [{"at": at | {"step": step}}] * 3
        assert await is_quiet(followers[0])


@in_each_hub
async def test_a_class_begins_at_a_walk(make):
    hub = make()
    room = await hub.open("somebody")
    assert (await refused(409, hub.move(room.code, moment(7)))).setting == "walk"
    await hub.move(room.code, moment(7, ""))
    await hub.move(room.code, moment(8))


@in_each_hub
async def test_who_comes_late_or_again_lands_where_the_class_is(make):
    hub = make()
    async with classroom(hub) as (room, [seat], [follower]):
        await hub.move(room.code, moment(7, "stride=2"))
        await hub.ask(room.code, Question.of(VALUE))
        last, _ = await heard(follower)
        await hub.move(room.code, moment(12))
        async with hub.follow(room.code, await hub.join(room.code)) as late:
            state = await told(late)
        assert state.keys() == {"walk", "at", "question", "end"}
        assert (state["at"]["step"], state["walk"]["query"], state["question"]["number"]) == (12, "stride=2", 1)
        async with hub.follow(room.code, seat, last) as back:
            assert await told(back) == {"at": state["at"]}
            assert await is_quiet(back)


@in_each_hub
@pytest.mark.parametrize("seen", ["", "0", "-1", "1.5", "999999999", "٣", "nonsense", "9" * 400])
async def test_an_id_that_nobody_gave_brings_the_whole_state(make, seen):
    hub = make()
    async with classroom(hub) as (room, [seat], _), hub.follow(room.code, seat, seen) as follower:
        assert (await told(follower)).keys() == {"walk", "at", "question", "end"}


@in_each_hub
async def test_a_follower_that_sleeps_wakes_to_the_newest_and_to_nothing_of_before(make):
    hub = make()
    async with classroom(hub, 2) as (room, _, [quick, asleep]):
        await hub.move(room.code, moment(0, ""))
        for step in range(1, 200):
            await hub.move(room.code, moment(step))
            assert (await told(quick))["at"]["step"] == step
        assert (await told(asleep))["at"]["step"] == 199
        assert await is_quiet(asleep)


@in_each_hub
async def test_an_answer_is_its_students_and_the_teachers_until_all_are_shown(make):
    hub = make()
    async with classroom(hub, 3) as (room, seats, followers):
        assert await hub.ask(room.code, Question.of(VALUE)) == 1
        asked = {"number": 1, "state": "open", **VALUE, "text": None, "options": None, "answers": None, "truth": None}
        assert [await told(follower) for follower in followers] == [{"question": asked}] * 3
        for seat, answer in zip(seats, (3, 3.0, -1), strict=True):
            await hub.answer(room.code, seat, 1, answer)
        assert await hub.answer_of(room.code, seats[0]) == (1, 3)
        assert await hub.answer_of(room.code, seats[2]) == (1, -1)
        tally = await hub.tally(room.code)
        groups = [{"answer": 3, "count": 2}, {"answer": -1, "count": 1}]
        assert (tally.question, tally.state, tally.students, tally.count) == (1, "open", 3, 3)
        assert tally.answers == groups
        for follower in followers:
            assert await is_quiet(follower)
        await hub.show(room.code)
        shown = asked | {"state": "shown", "answers": groups}
        assert [await told(follower) for follower in followers] == [{"question": shown}] * 3
        await hub.tell(room.code, [3])
        assert [await told(one) for one in followers] == [{"question": shown | {"state": "told", "truth": [3]}}] * 3


@in_each_hub
async def test_an_answer_can_be_changed_until_all_are_shown_and_so_many_times(make):
    hub = make()
    async with classroom(hub) as (room, [seat], _):
        await hub.ask(room.code, Question.of(VALUE))
        for answer in range(limits.ANSWERS):
            await hub.answer(room.code, seat, 1, answer)
        await refused(409, hub.answer(room.code, seat, 1, 7))
        tally = await hub.tally(room.code)
        assert (tally.count, tally.answers) == (1, [{"answer": limits.ANSWERS - 1, "count": 1}])
        other = await hub.join(room.code)
        await hub.show(room.code)
        await refused(409, hub.answer(room.code, other, 1, 7))
        assert await hub.answer_of(room.code, other) is None


@in_each_hub
async def test_a_new_question_takes_the_place_of_the_one_before_with_its_answers(make):
    hub = make()
    async with classroom(hub) as (room, [seat], [follower]):
        await hub.ask(room.code, Question.of(VALUE))
        await hub.answer(room.code, seat, 1, 7)
        assert await hub.ask(room.code, Question.of(FREE)) == 2
        await refused(409, hub.answer(room.code, seat, 1, 7))
        assert await hub.answer_of(room.code, seat) is None
        await hub.answer(room.code, seat, 2, 1)
        assert await hub.ask(room.code, None) is None
        assert await told(follower) == {"question": None}
        await refused(409, hub.answer(room.code, seat, 2, 1))
        await refused(409, hub.show(room.code))
        await refused(409, hub.question(room.code))
        tally = await hub.tally(room.code)
        assert (tally.question, tally.state, tally.count, tally.answers) == (None, None, 0, [])
        assert await hub.ask(room.code, Question.of(VALUE)) == 3


@in_each_hub
async def test_the_truth_comes_after_the_answers(make):
    hub = make()
    async with classroom(hub) as (room, _, _):
        await refused(409, hub.tell(room.code, [3]))
        await hub.ask(room.code, Question.of(VALUE))
        await refused(409, hub.tell(room.code, [3]))
        await hub.show(room.code)
        await hub.tell(room.code, [3])
        await hub.show(room.code)  # and a second press takes nothing back
        assert (await hub.tally(room.code)).state == "told"


@in_each_hub
async def test_the_teacher_is_told_how_many_there_are_and_students_are_not(make):
    hub = make()
    async with classroom(hub, 2) as (room, seats, followers), hub.follow(room.code, room.key) as teacher:
        assert (await told(teacher)).keys() == {"walk", "at", "question", "end", "count"}
        await hub.ask(room.code, Question.of(VALUE))
        for seat in seats:
            await hub.answer(room.code, seat, 1, 3)
        await until(teacher, "count", {"students": 2, "answers": 2})
        assert "count" not in await told(followers[0])
        assert await is_quiet(followers[0])
        await hub.ask(room.code, Question.of(FREE))
        await until(teacher, "count", {"students": 2, "answers": 0})


@in_each_hub
async def test_the_end_of_a_room_is_told_and_nothing_is_left_of_it(make):
    hub = make()
    async with classroom(hub, 2) as (room, seats, followers):
        await hub.ask(room.code, Question.of(VALUE))
        await hub.answer(room.code, seats[0], 1, 3)
        await hub.end(room.code)
        news = [await asyncio.wait_for(follower.news(), LIMIT) for follower in followers]
        assert [one.is_last for one in news] == [True, True]
        await refused(404, hub.role(room.code, room.key))
        await refused(404, hub.answer_of(room.code, seats[0]))


@in_each_hub
async def test_a_room_ends_by_itself_after_its_time(make):
    hub = make(0.2)
    async with classroom(hub) as (room, _, [follower]):
        await until(follower, "end", True)
        await refused(404, hub.role(room.code, room.key))


@in_each_hub
async def test_all_who_wait_are_told_in_one_go_by_a_call_of_the_same_bytes(make):
    hub = make()
    async with classroom(hub, 20) as (room, _, followers):
        given = [Given(follower) for follower in followers]
        await asyncio.sleep(0)
        await hub.move(room.code, moment(3, "stride=2"))
        await given[0].until(1)  # and nothing but this went on meanwhile
        [event] = {id(one): one for all_of_it in given for one in all_of_it.events}.values()
        assert b'"step":3' in event
        assert [len(one.events) for one in given] == [1] * 20
        await hub.move(room.code, moment(4))
        assert b"walk" not in (await given[0].until(2))[1]  # which they have seen
        assert not any(one.waiting.done() for one in given)
        await hub.end(room.code)
        ends = await asyncio.wait_for(asyncio.gather(*(one.waiting for one in given)), LIMIT)
        assert {news.is_last for news in ends} == {True}  # which is for who waits: there is no next
        assert [len(one.events) for one in given] == [2] * 20


@in_each_hub
async def test_who_has_not_taken_the_last_is_left_out_and_then_told_the_newest(make):
    hub = make()
    async with classroom(hub, 2) as (room, _, [full, other]):
        full.shorten(lambda event: False)
        waiting, quick = asyncio.create_task(full.news()), Given(other)
        await asyncio.sleep(0)
        await hub.move(room.code, moment(1, "stride=2"))
        assert b'"step":1' in (await asyncio.wait_for(waiting, LIMIT)).event
        for step in range(2, 9):  # while that is on its way
            await hub.move(room.code, moment(step))
            assert b'"step":%d' % step in (await quick.until(step))[-1]
        assert (await told(full))["at"]["step"] == 8
        assert await is_quiet(full)
        assert len(quick.events) == 8
        quick.waiting.cancel()


@in_each_hub
async def test_a_word_now_and_then_is_news_to_nobody(make, monkeypatch):
    monkeypatch.setattr(board, "BEAT", 0.01)
    hub = make()
    async with classroom(hub, 2) as (room, _, [one, other]):
        given = Given(one)
        assert (await asyncio.wait_for(other.news(), LIMIT)).event == b": here\n\n"
        assert set(await given.until(3)) == {b": here\n\n"}
        await hub.move(room.code, moment(1, "stride=2"))
        count = len(given.events)
        assert sum(b"step" in event for event in await given.until(count + 3)) == 1
        given.waiting.cancel()


@in_each_hub
async def test_two_hundred_follow_twenty_vanish_and_the_others_hear_all(make):
    hub = make()
    room = await hub.open("somebody")
    await hub.move(room.code, moment(0, "stride=2"))
    seen: list[list[int]] = [[] for _ in range(200)]

    async def listen(number: int) -> None:
        async with hub.follow(room.code, await hub.join(room.code)) as follower:
            while not (state := await told(follower)).get("end"):
                seen[number].append(state["at"]["step"])

    async def all_have(step: int, those: range) -> None:
        async with asyncio.timeout(LIMIT):
            while not all(seen[number] and seen[number][-1] == step for number in those):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    tasks = [asyncio.create_task(listen(number)) for number in range(200)]
    await all_have(0, range(200))
    for task in tasks[:20]:
        task.cancel()  # as one who has closed the page
    for step in range(1, 11):
        await hub.move(room.code, moment(step))
        await all_have(step, range(20, 200))
    assert (await hub.tally(room.code)).students == 200
    await hub.end(room.code)
    ends = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(end) for end in ends] == [asyncio.CancelledError] * 20 + [type(None)] * 180
    assert all(steps == list(range(11)) for steps in seen[20:])


@in_each_hub
async def test_a_follower_who_is_given_up_while_waiting_takes_nobody_with_it(make):
    hub = make()
    async with classroom(hub, 2) as (room, _, [one, other]):
        waiting = [asyncio.create_task(follower.news()) for follower in (one, other)]
        await asyncio.sleep(0)
        waiting[0].cancel()
        await hub.move(room.code, moment(3, ""))
        assert b'"step":3' in (await asyncio.wait_for(waiting[1], LIMIT)).event


@in_each_hub
async def test_a_client_has_so_many_rooms_and_all_have_so_many(make):
    hub = make()
    for _ in range(limits.CLIENT_ROOMS):
        first = await hub.open("somebody")
    error = await refused(429, hub.open("somebody"))
    assert isinstance(error, BusyError)
    assert error.values == {"limit": limits.CLIENT_ROOMS}
    await hub.end(first.code)
    await hub.open("somebody")
    opened, others = limits.CLIENT_ROOMS, 0
    while opened < limits.ROOMS:
        await hub.open(f"another {others // limits.CLIENT_ROOMS}")
        opened, others = opened + 1, others + 1
    assert (await refused(429, hub.open("a third"))).values == {"limit": limits.ROOMS}


@in_each_hub
async def test_a_full_room_gives_a_seat_on_which_nobody_sits_rather_of_one_who_is_silent(make, monkeypatch):
    monkeypatch.setattr(limits, "ROOM_STUDENTS", 4)
    hub = make()
    async with classroom(hub) as (room, [there], _), AsyncExitStack() as stack:
        silent, *answering = [await hub.join(room.code) for _ in range(3)]
        await hub.ask(room.code, Question.of(VALUE))
        for one in (there, *answering):
            await hub.answer(room.code, one, 1, 3)
        seats = [there, *answering, await hub.join(room.code)]
        assert await hub.role(room.code, silent) == Role.NOBODY
        assert [await hub.role(room.code, one) for one in seats] == [Role.STUDENT] * 4
        await hub.answer(room.code, seats[-1], 1, 4)
        seats.append(await hub.join(room.code))
        roles = [await hub.role(room.code, one) for one in seats]
        assert roles.count(Role.NOBODY) == 1
        assert roles[0] == roles[-1] == Role.STUDENT  # who follows stays
        tally = await hub.tally(room.code)
        assert (tally.students, tally.count) == (4, 3)  # and nobody's answer is left
        for one, role in zip(seats, roles, strict=True):
            if role == Role.STUDENT:
                await stack.enter_async_context(hub.follow(room.code, one))
        assert (await refused(429, hub.join(room.code))).values == {"limit": 4}


@in_each_hub
async def test_what_is_shown_stays_as_it_is_whoever_goes(make, monkeypatch):
    monkeypatch.setattr(limits, "ROOM_STUDENTS", 1)
    hub = make()
    room = await hub.open("somebody")
    await hub.ask(room.code, Question.of(VALUE))
    await hub.answer(room.code, await hub.join(room.code), 1, 3)
    await hub.show(room.code)
    await hub.join(room.code)
    await hub.tell(room.code, [3])
    async with hub.follow(room.code, room.key) as teacher:
        assert (await told(teacher))["question"]["answers"] == [{"answer": 3, "count": 1}]


@in_each_hub
async def test_one_student_has_so_many_pages_and_others_have_theirs(make):
    hub = make()
    async with classroom(hub, 2) as (room, [seat, other], _), AsyncExitStack() as stack:
        for _ in range(limits.ROOM_PAGES - 1):
            await stack.enter_async_context(hub.follow(room.code, seat))
        with pytest.raises(BusyError):
            await stack.enter_async_context(hub.follow(room.code, seat))
        for token in (other, room.key):
            await stack.enter_async_context(hub.follow(room.code, token))
        await stack.aclose()
        async with hub.follow(room.code, seat):
            pass


@in_each_hub
async def test_a_room_that_nobody_has_followed_for_long_makes_place_for_another(make, monkeypatch):
    hub = make()
    async with classroom(hub) as (followed, *_):
        rooms = [await hub.open("somebody") for _ in range(limits.CLIENT_ROOMS - 1)]
        await hub.tally(rooms[0].code)  # and in this one somebody is
        await refused(429, hub.open("somebody"))
        monkeypatch.setattr(f"{type(hub).__module__}.UNHEARD", 0)
        another = await hub.open("somebody")
        await refused(404, hub.tally(rooms[1].code))
        for there in (followed, another, rooms[0], rooms[2]):
            assert (await hub.tally(there.code)).question is None


# --- What may be said ---------------------------------------------------------------------------------------


def said(**others: Any) -> bytes:
    return json.dumps(others).encode()


@pytest.mark.parametrize(
    ("body", "setting"),
    [
        (b"", None),
        (b"[]", None),
        (b"{", None),
        (b'{"step": 1, "other": 2}', None),
        (b"[" * 70_000, None),
        (said(), "step"),
        (said(step=True), "step"),
        (said(step=1.0), "step"),
        (said(step=-1), "step"),
        (said(step=10**9), "step"),
        (said(step="1"), "step"),
        (said(step=1, cell=[0, 1]), "cell"),
        (said(step=1, cell={"array": "z", "place": []}), "cell"),
        (said(step=1, cell={"array": "z", "place": [0] * 9}), "cell"),
        (said(step=1, cell={"array": "z", "place": [True]}), "cell"),
        (said(step=1, cell={"array": "<b>", "place": [0]}), "cell"),
        (said(step=1, spotlight={"array": "z"}), "spotlight"),
        (said(step=1, more=[]), "more"),
        (said(step=1, more={"a": "b" * 2000}), "more"),
        (said(step=1, more={"a": json.loads("[" * 300 + "]" * 300)}), "more"),
        (said(step=1, walk=None), "walk"),
        (said(step=1, walk={"layer": "conv2d", "algorithm": "walk"}), "walk"),
        (said(step=1, walk={"layer": "nothing", "algorithm": "walk", "query": ""}), "walk"),
        (said(step=1, walk={"layer": ["conv2d"], "algorithm": "walk", "query": ""}), "walk"),
        (said(step=1, walk={"layer": "conv2d", "algorithm": "nothing", "query": ""}), "walk"),
        *(
            (said(step=1, walk={"layer": "conv2d", "algorithm": "walk", "query": query}), "walk")
            for query in ("lang=zh", "present=1", "a=1", "stride=1&stride=2", "stride=1#2", "b=<i>", "b= ", "b=\n",
                          "b=é", "&" * 200, "b=" + "1" * 64_001)
        ),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
def test_a_moment_that_is_none_is_refused(body: bytes, setting: str | None):
    with pytest.raises(RequestError) as error:
        Moment.read(body)
    assert (error.value.status, error.value.setting) == (422, setting)


def test_a_moment_may_have_the_longest_address_of_a_walk():
    query = "x=" + "1" * (limits.URL_BYTES - 2)
    body = said(step=1, walk={"layer": "conv2d", "algorithm": "walk", "query": query}, more={"a": "b" * 1980})
    assert Moment.read(body).walk == {"layer": "conv2d", "algorithm": "walk", "query": query}
    assert len(body) < limits.ROOM_BYTES


@pytest.mark.parametrize(
    ("question", "setting"),
    [
        ([], None),
        (VALUE | {"name": 1}, None),
        ({}, "kind"),
        ({"kind": "essay"}, "kind"),
        ({"kind": ["value"]}, "kind"),
        ({"kind": "value", "array": "z", "cell": [0]}, "step"),
        ({"kind": "value", "array": "z", "step": 1}, "cell"),
        ({"kind": "value", "cell": [0], "step": 1}, "array"),
        (VALUE | {"options": ["a", "b"]}, "options"),
        ({"kind": "place", "array": "z", "step": 1, "cell": [0]}, "cell"),
        ({"kind": "choice"}, "options"),
        ({"kind": "choice", "options": "ab"}, "options"),
        ({"kind": "choice", "options": ["a"]}, "options"),
        ({"kind": "choice", "options": ["a"] * 6}, "options"),
        ({"kind": "choice", "options": ["a", " "]}, "options"),
        ({"kind": "choice", "options": ["a", "b" * 101]}, "options"),
        ({"kind": "choice", "options": ["a", {"fr": "b"}]}, "options"),
        ({"kind": "choice", "options": ["a", {}]}, "options"),
        ({"kind": "free", "options": ["a", "b"]}, "text"),
        ({"kind": "free", "text": "a" * 501, "options": ["a", "b"]}, "text"),
        ({"kind": "free", "text": {"en": "a", "zh": 1}, "options": ["a", "b"]}, "text"),
    ],
)
def test_a_question_that_is_none_is_refused(question: Any, setting: str | None):
    with pytest.raises(RequestError) as error:
        Question.read(said(question=question))
    assert (error.value.status, error.value.setting) == (422, setting)


def test_what_a_teacher_writes_is_data_and_comes_back_as_it_was():
    question = Question.read(said(question=FREE))
    assert question is not None
    assert (question.as_dict()["text"], question.as_dict()["options"]) == (FREE["text"], FREE["options"])
    assert Question.read(said(question=None)) is None


@pytest.mark.parametrize(
    ("question", "good", "bad"),
    [
        (VALUE, [(3, 3), (3.0, 3), (-0.0, 0), (0.1, 0.1), ("-Infinity", "-Infinity"), ("NaN", "NaN"), (2**60, 2.0**60)],
         [None, True, "3", "nan", [3], {}, float("inf"), float("nan")]),
        ({"kind": "place", "array": "z", "step": 1}, [([0, 1], (0, 1))], [None, 0, [], [-1], [0.0], [10**6], [0] * 9]),
        (FREE, [(0, 0), (2, 2)], [None, -1, 3, True, 1.0, "a", [0]]),
    ],
)  # fmt: skip
def test_an_answer_is_one_of_its_kind(question: Any, good: list[Any], bad: list[Any]):
    asked = Question.of(question)
    for answer, kept in good:
        assert asked.answer(answer) == kept
        assert type(asked.answer(answer)) is type(kept)
        assert asked.truth(said(truth=[answer])) == [kept]
    for answer in bad:
        with pytest.raises(RequestError) as error:
            asked.answer(answer)
        assert (error.value.status, error.value.setting) == (422, "answer")
    for truths in (b"{}", said(truth=[]), said(truth=[good[0][0]] * 201), said(truth=bad[:1])):
        with pytest.raises(RequestError):
            asked.truth(truths)


# --- How often ----------------------------------------------------------------------------------------------


def test_who_has_done_it_too_often_waits_and_nobody_else_does():
    now = [0.0]
    rates = Rates(3, 0.5, "wait", lambda: now[0])
    for _ in range(3):
        rates.take("one")
    with pytest.raises(BusyError):
        rates.take("one")
    rates.take("other")
    now[0] = 1.9
    with pytest.raises(BusyError):
        rates.take("one")
    now[0] = 2.0
    rates.take("one")
    with pytest.raises(BusyError):
        rates.check("one")
    now[0] = 100.0
    for _ in range(3):
        rates.take("one")


def test_a_crowd_that_comes_once_is_not_remembered_for_ever():
    now = [0.0]
    rates = Rates(1, 0.001, "wait", lambda: now[0])
    for number in range(3 * REMEMBERED):
        rates.take(str(number))
    assert len(rates._spent) <= REMEMBERED
