"""Names are looked up once for all who ask, for everybody in turn, and remembered for a while."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from twisted.internet.task import Clock

from shared.reach.connector import interleave
from shared.reach.fair_queue import FairQueue
from shared.reach.names import (
    KEPT_SECONDS,
    LONGEST_LOOK_UP_SECONDS,
    LOOK_UPS,
    LOOK_UPS_OF_ONE,
    MOST_ADDRESSES_KEPT,
    MOST_KEPT_OCTETS,
    REFUSAL_KEPT_SECONDS,
    Answer,
    Names,
)
from shared.reach.system_resolver import SystemResolver, addresses_of
from shared.testing.addresses import Addresses
from shared.testing.eventually import eventually
from shared.testing.reactor import running_reactor, wait_for

Answers = list[Sequence[str] | None]


class Slow:
    """A resolver that answers when it is told to."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Answer]] = []

    def __call__(self, host: str, answered: Answer) -> None:
        self.asked.append((host, answered))

    def hosts(self) -> list[str]:
        return [host for host, _ in self.asked]

    def answer(self, number: int, *addresses: str) -> None:
        self.asked[number][1](addresses)


def answer_of(names: Names, host: str) -> Sequence[str] | None:
    known = names.known(host)
    if known is not None:
        return known
    answers: list[Sequence[str] | None] = []
    names.ask(host, "client", answers.append)
    return answers[0]


def test_an_answer_is_kept_for_its_time() -> None:
    clock, resolver = Clock(), Addresses({"a.example": [["192.0.2.1"], ["192.0.2.2"]]})
    names = Names(resolver, clock)
    assert answer_of(names, "a.example") == ("192.0.2.1",)
    clock.advance(KEPT_SECONDS - 1)
    assert answer_of(names, "a.example") == ("192.0.2.1",)
    clock.advance(1)
    assert answer_of(names, "a.example") == ("192.0.2.2",)


def test_that_there_is_none_is_kept_shortly() -> None:
    clock, resolver = Clock(), Addresses({"a.example": [[], ["192.0.2.2"]]})
    names = Names(resolver, clock)
    for _ in range(2):
        assert answer_of(names, "a.example") == ()
    clock.advance(REFUSAL_KEPT_SECONDS)
    assert answer_of(names, "a.example") == ("192.0.2.2",)
    assert len(resolver.asked) == 2


def test_addresses_are_not_looked_up() -> None:
    resolver = Addresses({})
    names = Names(resolver, Clock())
    assert names.known("192.0.2.1") == ("192.0.2.1",)
    assert names.known("2001:db8:0::1") == ("2001:db8::1",)
    assert resolver.asked == []


def test_who_asks_at_the_same_time_shares_the_answer() -> None:
    resolver = Slow()
    answers: Answers = []
    names = Names(resolver, Clock())
    for client in range(5):
        names.ask("a.example", client, answers.append)
    assert len(resolver.asked) == 1
    resolver.answer(0, "192.0.2.1")
    assert answers == [("192.0.2.1",)] * 5


def test_a_resolver_that_does_not_answer_is_not_waited_for() -> None:
    clock, resolver = Clock(), Slow()
    answers: Answers = []
    names = Names(resolver, clock)
    names.ask("a.example", "client", answers.append)
    clock.advance(LONGEST_LOOK_UP_SECONDS)
    assert answers == [None]
    resolver.answer(0)  # too late, and harmless
    assert answers == [None]


def test_an_old_answer_is_better_than_none() -> None:
    clock, resolver = Clock(), Slow()
    answers: Answers = []
    names = Names(resolver, clock)
    names.ask("a.example", "client", answers.append)
    resolver.answer(0, "192.0.2.1")
    clock.advance(KEPT_SECONDS)
    names.ask("a.example", "client", answers.append)
    clock.advance(LONGEST_LOOK_UP_SECONDS)
    names.ask("b.example", "client", answers.append)
    resolver.asked[2][1](None)
    assert answers == [("192.0.2.1",), ("192.0.2.1",), None]


def test_what_is_kept_is_bounded() -> None:
    names = Names(Addresses({f"{n}.example": [["192.0.2.1"] * 1000] for n in range(5000)}), Clock())
    for number in range(5000):
        found = answer_of(names, f"{number}.example")
        assert found is not None
        assert len(found) == MOST_ADDRESSES_KEPT
    assert len(names._kept) < MOST_KEPT_OCTETS / (100 * MOST_ADDRESSES_KEPT)
    assert not names._questions


def test_one_clients_slow_names_do_not_make_the_others_wait() -> None:
    resolver = Slow()
    answers: Answers = []
    names = Names(resolver, Clock())
    for number in range(300):
        names.ask(f"slow-{number}.example", "mallory", lambda _: None)
    assert len(resolver.asked) == LOOK_UPS_OF_ONE
    names.ask("a.example", "alice", answers.append)
    assert resolver.hosts()[-1] == "a.example"
    names.ask("slow-299.example", "bob", answers.append)  # the last of mallory's is bob's first
    assert resolver.hosts()[-1] == "slow-299.example"
    resolver.answer(LOOK_UPS_OF_ONE, "192.0.2.1")
    resolver.answer(LOOK_UPS_OF_ONE + 1, "192.0.2.2")
    assert answers == [("192.0.2.1",), ("192.0.2.2",)]


def test_several_with_slow_names_leave_places_for_who_has_none() -> None:
    resolver = Slow()
    names = Names(resolver, Clock())
    for client in range(8):
        for number in range(300):
            names.ask(f"slow-{client}-{number}.example", client, lambda _: None)
    for newcomer in ("alice", "bob"):
        before = len(resolver.asked)
        names.ask(f"{newcomer}.example", newcomer, lambda _: None)
        assert len(resolver.asked) == before + 1 <= LOOK_UPS


def test_turns_go_around() -> None:
    queue: FairQueue[str, int] = FairQueue(100, 100)
    for client in ("a", "b", "c"):
        for item in range(3):
            queue.add(client, item)
    assert [queue.take() for _ in range(10)] == [(client, item) for item in range(3) for client in "abc"] + [None]


class Counted(str):
    """A client that counts how often it is looked at."""

    looked_at = 0

    def __hash__(self) -> int:
        Counted.looked_at += 1
        return super().__hash__()


def test_who_waits_is_not_looked_at_while_no_place_is_free() -> None:
    queue: FairQueue[Counted, int] = FairQueue(1, 1)
    for number in range(1000):
        queue.add(Counted(number), number)
    assert queue.take() is not None
    Counted.looked_at = 0
    assert queue.take() is None
    assert Counted.looked_at == 0


def test_names_that_nobody_waits_for_are_not_asked() -> None:
    resolver = Slow()
    names = Names(resolver, Clock())
    waits = [names.ask(f"{number}.example", "client", lambda _: None) for number in range(300)]
    waits.append(names.ask("299.example", "client", lambda _: None))
    for wait in waits:
        wait.give_up()
        wait.give_up()
    assert (len(names._queue), len(names._questions)) == (0, LOOK_UPS_OF_ONE)
    for number in range(LOOK_UPS_OF_ONE):
        resolver.answer(number)
    assert len(resolver.asked) == LOOK_UPS_OF_ONE
    assert not names._questions


def test_who_waits_goes_on_when_another_who_asked_the_same_leaves() -> None:
    resolver = Slow()
    answers: Answers = []
    names = Names(resolver, Clock())
    for number in range(LOOK_UPS_OF_ONE):
        names.ask(f"slow-{number}.example", "client", lambda _: None)
    first = names.ask("a.example", "client", answers.append)
    names.ask("a.example", "client", answers.append)
    first.give_up()
    resolver.answer(0)
    assert resolver.hosts()[-1] == "a.example"
    resolver.answer(LOOK_UPS_OF_ONE, "192.0.2.1")
    assert answers == [("192.0.2.1",)]


def test_the_systems_resolver_has_threads_of_its_own() -> None:
    reactor = running_reactor()
    answers: Answers = []
    where: list[str] = []

    def answered(addresses: Sequence[str] | None) -> None:
        where.append(threading.current_thread().name)
        answers.append(addresses)

    async def ask() -> str:
        names = Names(SystemResolver(reactor), reactor)
        names.ask("localhost", "client", answered)
        names.ask("nothing.invalid", "client", lambda _: None)
        return threading.current_thread().name

    reactors = wait_for(ask)
    eventually(lambda: answers, "it is answered")
    assert where == [reactors]
    assert answers[0] is not None
    assert set(answers[0]) <= {"127.0.0.1", "::1"}
    assert reactor.getThreadPool().workers == 0 or "localhost" not in str(reactor.getThreadPool().threads)
    assert addresses_of("127.0.0.1") == ("127.0.0.1",)
    assert addresses_of("a" * 70 + ".example") in ((), None)


def test_both_families_are_tried_in_turn() -> None:
    assert interleave(["::1", "::2", "::3", "1.1.1.1", "2.2.2.2"]) == ["::1", "1.1.1.1", "::2", "2.2.2.2", "::3"]
    assert interleave(["1.1.1.1", "::1"]) == ["1.1.1.1", "::1"]
    assert interleave(["1.1.1.1"]) == ["1.1.1.1"]
