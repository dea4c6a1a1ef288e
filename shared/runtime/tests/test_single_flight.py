"""A question that several have is asked once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred

from shared.runtime.single_flight import SingleFlight


class Answers:
    """Questions that are answered when a test says so."""

    def __init__(self) -> None:
        self.asked: list[Deferred[str]] = []

    async def __call__(self) -> str:
        self.asked.append(Deferred())
        return await self.asked[-1]


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def flights() -> SingleFlight[str, str]:
    return SingleFlight()


def result(waiting: Deferred[str]) -> list[Any]:
    """What it has by now."""
    came: list[Any] = []
    waiting.addBoth(came.append)
    return came


Ask = Callable[[], Coroutine[Any, Any, str]]


def asking(flights: SingleFlight[str, str], question: Ask, key: str = "a", version: int = 0) -> Deferred[str]:
    return ensureDeferred(flights.ask(key, question, version=version, joins=lambda other: other >= version))


def test_callers_at_the_same_time_share_one_answer(flights: SingleFlight[str, str], answers: Answers) -> None:
    callers = [asking(flights, answers) for _ in range(3)]
    other = asking(flights, answers, "b")
    assert len(answers.asked) == 2
    answers.asked[0].callback("tea")
    assert [result(each) for each in callers] == [["tea"]] * 3
    assert result(other) == []


def test_the_next_caller_asks_anew(flights: SingleFlight[str, str], answers: Answers) -> None:
    first = asking(flights, answers)
    answers.asked[0].callback("tea")
    second = asking(flights, answers)
    answers.asked[1].callback("milk")
    assert (result(first), result(second)) == (["tea"], ["milk"])
    assert flights._under_way == {}


def test_an_error_is_everybodys_and_is_not_kept(flights: SingleFlight[str, str], answers: Answers) -> None:
    callers = [asking(flights, answers) for _ in range(2)]
    answers.asked[0].errback(LookupError("gone"))
    for each in callers:
        each.addErrback(lambda failure: failure.trap(LookupError).__name__)
    assert [result(each) for each in callers] == [["LookupError"]] * 2
    assert flights._under_way == {}


def test_a_caller_that_leaves_takes_the_answer_from_nobody(flights: SingleFlight[str, str], answers: Answers) -> None:
    first, second = asking(flights, answers), asking(flights, answers)
    first.addErrback(lambda failure: failure.trap(CancelledError).__name__)
    first.cancel()
    answers.asked[0].callback("tea")
    assert (result(first), result(second)) == (["CancelledError"], ["tea"])


def test_an_answer_that_knows_too_little_is_not_waited_for(flights: SingleFlight[str, str], answers: Answers) -> None:
    old, new = asking(flights, answers, version=1), asking(flights, answers, version=2)
    after = asking(flights, answers, version=1)
    assert len(answers.asked) == 2
    answers.asked[0].callback("old")
    last = asking(flights, answers, version=2)
    answers.asked[1].callback("new")
    assert [result(each) for each in (old, new, after, last)] == [["old"], ["new"], ["new"], ["new"]]
    assert flights._under_way == {}


def test_an_answer_that_is_there_at_once(flights: SingleFlight[str, str]) -> None:
    async def at_once() -> str:
        return "tea"

    assert result(asking(flights, at_once)) == ["tea"]
    assert flights._under_way == {}
