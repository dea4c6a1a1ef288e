"""What is queued while mail is being sent is claimed together, and at once where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.outbound.in_hand import claim_with_octets
from shared.outbound.runner import LOOK_EVERY, TOGETHER_SECONDS
from shared.outbound.tests.build import a_departure, queue
from shared.outbound.tests.mail_server import Behaviour, serving_mail
from shared.outbound.tests.test_runner import asked, is_empty, running, settings_for
from shared.testing.reactor import running_reactor
from shared.testing.until import until

MESSAGES = 60


async def test_what_is_queued_meanwhile_is_claimed_together(
    database: Database, bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[Any] = []
    claims = 0
    transact = database.transact

    async def counted(operation: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal claims
        claims += operation is claim_with_octets
        return await transact(operation, *arguments)

    def first_is_held(connection: Any, _octets: bytes) -> bytes | None:
        if held:
            return b"250 2.0.0 taken\r\n"
        held.append(connection)
        return None

    def queue_one(tx: Transaction) -> None:
        queue(tx, a_departure())

    with serving_mail(Behaviour({b"DOT": first_is_held})) as server:
        async with running(database, bus, settings_for(server)):
            await database.transact(queue_one)
            await until(lambda: bool(held))
            monkeypatch.setattr(database, "transact", counted)
            began = running_reactor().seconds()
            for _ in range(MESSAGES):
                await transact(queue_one)
            await until(lambda: len(server.taken) >= MESSAGES)
            seconds = running_reactor().seconds() - began
            held[0].answer_late(b"250 2.0.0 taken\r\n")
            await asked(database, is_empty)
    assert claims <= seconds / TOGETHER_SECONDS + seconds / LOOK_EVERY.total_seconds() + 2
