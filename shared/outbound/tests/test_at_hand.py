"""The octets of small messages are read with their claim, and held in bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from shared.database.database import Database
from shared.events.bus import Bus
from shared.folders.bodies import load_range
from shared.outbound.at_hand import AT_HAND_OCTETS, MOST_READ_OCTETS, SMALL_OCTETS, AtHand, worth_reading
from shared.outbound.claim import QueuedMessage
from shared.outbound.tests.build import NOW, TEXT, a_departure
from shared.outbound.tests.mail_server import serving_mail
from shared.outbound.tests.test_runner import asked, is_empty, queued, running, settings_for

LARGE = TEXT + b"x" * 70 * 1024 + b"\r\n"


def a_queued_message(number: int, size_octets: int) -> QueuedMessage:
    return QueuedMessage(number, "q", number, "", "", size_octets, False, False, "", False, NOW)


def test_small_messages_are_worth_reading_until_they_are_many() -> None:
    large = a_queued_message(1, SMALL_OCTETS + 1)
    small = [a_queued_message(number, SMALL_OCTETS) for number in range(2, 200)]
    sizes = worth_reading([large, *small, *small])
    assert 1 not in sizes
    assert sum(sizes.values()) == MOST_READ_OCTETS


def test_what_is_at_hand_is_bounded_and_good_for_one_use() -> None:
    at_hand = AtHand()
    for number in range(1000):
        at_hand.put_all({number: b"x" * SMALL_OCTETS})
    message = a_queued_message(999, SMALL_OCTETS)
    assert at_hand.take(message) == b"x" * SMALL_OCTETS
    assert at_hand.take(message) is None
    held = [number for number in range(1000) if at_hand.take(a_queued_message(number, SMALL_OCTETS)) is not None]
    assert len(held) * SMALL_OCTETS <= AT_HAND_OCTETS


@pytest.mark.parametrize(("octets", "reads"), [(TEXT, 0), (LARGE, 3)], ids=["small", "large"])
async def test_only_large_messages_are_read_one_by_one(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch, octets: bytes, reads: int
) -> None:
    asked_for: Counter[Callable[..., Any]] = Counter()
    read = database.read

    async def counted(operation: Callable[..., Any], *arguments: Any) -> Any:
        asked_for[operation] += 1
        return await read(operation, *arguments)

    await queued(database, *(a_departure(None, f"u{number}@remote.test") for number in range(3)), octets=octets)
    monkeypatch.setattr(database, "read", counted)
    with serving_mail() as server:
        async with running(database, bus, settings_for(server)):
            await asked(database, is_empty)
    assert asked_for[load_range] == reads
    assert [each.octets for each in server.taken] == [octets] * 3
