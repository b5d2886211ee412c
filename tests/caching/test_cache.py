"""Answers that are given again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from pydantic import BaseModel

from harmonie_daemon.caching.cache import AnswerCache
from harmonie_daemon.caching.memory import LARGEST_VALUE_BYTES, OVERHEAD_BYTES, Memory
from harmonie_daemon.domain.errors import NotReadyError


class Tale(BaseModel):
    """An answer."""

    words: list[str]


@dataclass
class Seconds:
    """A clock that stands still."""

    now: float = 100.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Teller:
    """Makes tales, and counts them."""

    tales: int = 0
    fails: bool = False
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)
    began: asyncio.Event = field(default_factory=asyncio.Event)
    cancelled: int = 0

    def __post_init__(self) -> None:
        self.may_go_on.set()

    async def tell(self) -> Tale:
        self.began.set()
        try:
            await self.may_go_on.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.fails:
            raise LookupError("no words")
        self.tales += 1
        return Tale(words=["once", str(self.tales)])


@dataclass
class World:
    """A cache and what it hangs on."""

    state: str = "1"
    for_s: float = 60.0
    most_bytes: int = 100_000
    clock: Seconds = field(default_factory=Seconds)
    teller: Teller = field(default_factory=Teller)

    def __post_init__(self) -> None:
        async def state() -> str:
            return self.state

        memory = Memory(self.most_bytes, self.clock)
        self.cache = AnswerCache("tales", self.for_s, memory, state=state)

    async def ask(self, key: object = "a") -> Tale:
        return await self.cache.answer(key, self.teller.tell, Tale)


async def test_an_answer_is_given_again_until_its_time_is_over() -> None:
    world = World()
    assert (await world.ask()).words == ["once", "1"]
    world.clock.now += 59.9
    assert (await world.ask()).words == ["once", "1"]
    world.clock.now += 0.1
    assert (await world.ask()).words == ["once", "2"]
    assert (world.cache.counts.memory, world.cache.counts.made) == (1, 2)


async def test_everybody_gets_an_object_of_their_own() -> None:
    world = World()
    for _ in range(3):
        tale = await world.ask()
        assert tale.words == ["once", "1"]
        tale.words.append("the end")


@pytest.mark.parametrize("other", ["b", ["a"], {"a": 1}, None, 1.5])
async def test_another_question_has_another_answer(other: object) -> None:
    world = World()
    await world.ask("a")
    assert (await world.ask(other)).words == ["once", "2"]
    assert (await world.ask("a")).words == ["once", "1"]


async def test_the_order_of_members_makes_no_difference() -> None:
    world = World()
    await world.ask({"a": 1, "b": 2})
    assert (await world.ask({"b": 2, "a": 1})).words == ["once", "1"]


async def test_when_the_library_changes_all_is_dropped() -> None:
    world = World()
    await world.ask("a")
    await world.ask("b")
    world.state = "2"
    assert (await world.ask("a")).words == ["once", "3"]
    assert len(world.cache.memory) == 1


async def test_what_was_asked_before_a_change_is_no_answer_after_it() -> None:
    world = World()
    world.teller.may_go_on.clear()
    before = asyncio.create_task(world.ask())
    await world.teller.began.wait()
    world.state = "2"
    world.teller.began.clear()
    after = asyncio.create_task(world.ask())
    await world.teller.began.wait()
    world.teller.may_go_on.set()
    assert {(await before).words[1], (await after).words[1]} == {"1", "2"}
    assert (await world.ask()).words == (await after).words


async def test_a_hundred_who_ask_at_once_have_it_made_once() -> None:
    world = World()
    world.teller.may_go_on.clear()
    asked = [asyncio.create_task(world.ask()) for _ in range(100)]
    await world.teller.began.wait()
    world.teller.may_go_on.set()
    assert {tuple((await one).words) for one in asked} == {("once", "1")}
    assert (world.teller.tales, world.cache.flights.shared) == (1, 99)


async def test_what_fails_fails_for_all_who_wait_and_is_not_kept() -> None:
    world = World()
    world.teller.fails = True
    world.teller.may_go_on.clear()
    asked = [asyncio.create_task(world.ask()) for _ in range(10)]
    await world.teller.began.wait()
    world.teller.may_go_on.set()
    for outcome in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(outcome, LookupError)
    assert (world.cache.counts.failed, len(world.cache.memory)) == (1, 0)
    world.teller.fails = False
    assert (await world.ask()).words == ["once", "1"]


async def test_who_leaves_takes_nobody_along() -> None:
    world = World()
    world.teller.may_go_on.clear()
    first, second = asyncio.create_task(world.ask()), asyncio.create_task(world.ask())
    await world.teller.began.wait()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    world.teller.may_go_on.set()
    assert first.cancelled()
    assert (await second).words == ["once", "1"]


async def test_when_all_have_left_the_work_ends_and_the_next_begins_anew() -> None:
    world = World()
    world.teller.may_go_on.clear()
    asked = [asyncio.create_task(world.ask()) for _ in range(3)]
    await world.teller.began.wait()
    for one in asked:
        one.cancel()
    late = asyncio.create_task(world.ask())
    await asyncio.gather(*asked, return_exceptions=True)
    world.teller.may_go_on.set()
    assert (await late).words == ["once", "1"]
    assert world.teller.cancelled == 1


async def test_a_daemon_that_stops_says_so_to_those_who_wait() -> None:
    world = World()
    world.teller.may_go_on.clear()
    asked = asyncio.create_task(world.ask())
    await world.teller.began.wait()
    await world.cache.close()
    with pytest.raises(NotReadyError, match="stopping"):
        await asked


async def test_switched_off_it_asks_every_time() -> None:
    world = World(for_s=0)
    await world.ask()
    assert (await world.ask()).words == ["once", "2"]
    assert len(world.cache.memory) == 0


def memory_of(most_bytes: int = 10_000, clock: Callable[[], float] | None = None) -> Memory:
    return Memory(most_bytes, clock or Seconds())


def test_memory_has_a_bound_and_keeps_what_was_used_last() -> None:
    memory = memory_of()
    for number in range(10_000):
        memory.put(str(number), b"x" * 100, 60)
        memory.get("0")
        assert memory.size_bytes <= 10_000
    assert len(memory) == 10_000 // (100 + OVERHEAD_BYTES)
    assert memory.get("0") is not None
    assert memory.get("1") is None


def test_a_thousand_empty_answers_have_a_bound_as_well() -> None:
    memory = memory_of()
    for number in range(1000):
        memory.put(str(number), b"", 60)
    assert len(memory) == 10_000 // OVERHEAD_BYTES


def test_what_is_too_long_is_not_kept_and_replaces_what_was() -> None:
    memory = memory_of(10 * LARGEST_VALUE_BYTES)
    memory.put("a", b"short", 60)
    memory.put("a", b"x" * (LARGEST_VALUE_BYTES + 1), 60)
    assert memory.get("a") is None
    memory.put("a", b"x" * LARGEST_VALUE_BYTES, 60)
    memory.put("a", b"y", 60)
    assert memory.size_bytes == 1 + OVERHEAD_BYTES
    memory.clear()
    assert (memory.size_bytes, len(memory)) == (0, 0)
