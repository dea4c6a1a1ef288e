"""One look at a time, and none is missed."""

from __future__ import annotations

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from shared.errors import DomainError
from shared.runtime.until_quiet import UntilQuiet


class Looks:
    """Looks that end when a test says so."""

    def __init__(self) -> None:
        self.begun: list[Deferred[None]] = []

    async def __call__(self) -> None:
        self.begun.append(Deferred())
        await self.begun[-1]


@pytest.fixture
def looks() -> Looks:
    return Looks()


@pytest.fixture
def until_quiet(looks: Looks) -> UntilQuiet:
    return UntilQuiet(looks, "looking")


def test_any_number_of_changes_during_a_look_need_one_more(looks: Looks, until_quiet: UntilQuiet) -> None:
    for _ in range(3):
        until_quiet.look()
    assert len(looks.begun) == 1
    looks.begun[0].callback(None)
    assert len(looks.begun) == 2
    looks.begun[1].callback(None)
    assert len(looks.begun) == 2
    until_quiet.look()
    assert len(looks.begun) == 3


def test_after_a_look_that_failed_the_next_change_is_looked_at(looks: Looks, until_quiet: UntilQuiet) -> None:
    until_quiet.look()
    until_quiet.look()
    looks.begun[0].errback(DomainError())
    assert len(looks.begun) == 1
    until_quiet.look()
    assert len(looks.begun) == 2


def test_who_awaits_hears_of_the_failure(looks: Looks, until_quiet: UntilQuiet) -> None:
    failed: list[type[BaseException]] = []

    async def look() -> None:
        try:
            await until_quiet.look_now()
        except DomainError as error:
            failed.append(type(error))

    ensureDeferred(look())
    until_quiet.look()
    looks.begun[0].callback(None)
    assert failed == []
    looks.begun[1].errback(DomainError())
    assert failed == [DomainError]
