"""Two processes share the queue, and one or both are killed in the middle: each message arrives, few of them twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import UUID

import pytest

from shared.command_line.state_directory import ROOT
from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.outbound.channel import QueueChanged
from shared.outbound.tests.build import TEXT, a_departure, queue
from shared.outbound.tests.mail_server import Behaviour, serving_mail
from shared.outbound.tests.runner_process import CONNECTIONS
from shared.outbound.tests.test_runner import asked, is_empty
from shared.testing.builders import a_member
from shared.testing.reactor import running_reactor
from shared.testing.until import until

MESSAGES = 100
ANSWER_SECONDS = 0.05  # by the server, to a final dot: so that some are always open


@contextmanager
def a_process(number: int, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    program = [sys.executable, "-m", "shared.outbound.tests.runner_process", str(number), *arguments]
    process = subprocess.Popen(program, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answers_late(connection: Any, _octets: bytes) -> bytes | None:
    """250 after a moment, the first of all once two processes have connected; taken when it is said."""
    sender, recipients = connection.sender, list(connection.recipients)

    def answer() -> None:
        if not connection.factory.answered and len(connection.factory.open) <= CONNECTIONS:
            running_reactor().callLater(ANSWER_SECONDS, answer)
        elif connection.transport.connected:
            connection.factory.answered.append(sender)
            connection.answer_late(b"250 2.0.0 taken\r\n")

    connection.factory.arrived[sender] += 1
    assert recipients
    running_reactor().callLater(ANSWER_SECONDS, answer)
    return None


def fill(tx: Transaction) -> None:
    """Each message has a sender of its own."""
    a_member(tx, "alice")
    departures = [a_departure(None, sender=f"sender{number}@example.org") for number in range(MESSAGES)]
    queue(tx, *departures, octets=TEXT)  # wakes both


def all_look(tx: Transaction, processes: int) -> bool:
    names = "SELECT DISTINCT application_name FROM pg_stat_activity WHERE application_name LIKE 'runner%'"
    return len(tx.rows(names)) == processes


def end_leases(tx: Transaction, killed: Sequence[int]) -> None:
    """Of the killed, at once; those of the others are long enough for a machine that stalls."""
    tx.execute(
        "UPDATE outbound_recipient SET leased_until = now() - interval '1 s' WHERE leased_by = ANY(%s::uuid[])",
        ([str(UUID(int=number)) for number in killed],),
    )
    tx.announce(QueueChanged())


def in_hand(tx: Transaction, killed: Sequence[int]) -> set[str]:
    """Senders, one for each message, of what the killed had in hand."""
    rows = tx.rows(
        "SELECT sender FROM outbound JOIN outbound_recipient ON outbound_id = outbound.id"
        " WHERE leased_by = ANY(%s::uuid[])",
        ([str(UUID(int=number)) for number in killed],),
    )
    return {sender for (sender,) in rows}


@pytest.mark.parametrize("killed", [(1,), (1, 2)], ids=["one", "both"])
async def test_runners_killed_in_the_middle_lose_nothing_and_repeat_what_was_not_settled(
    database: Database, database_url: str, redis_url: str, killed: Sequence[int]
) -> None:
    with serving_mail(Behaviour({b"DOT": answers_late})) as server, ExitStack() as stack:
        arrived = server.arrived
        arguments = (database_url, redis_url, str(server.port))
        runners = [stack.enter_context(a_process(number, *arguments)) for number in (1, 2, 3)[: len(killed) + 1]]
        await asked(database, lambda tx: all_look(tx, len(runners)))
        for spare in runners[2:]:
            spare.send_signal(signal.SIGSTOP)
        await database.transact(fill)
        await until(lambda: len(server.answered) >= MESSAGES // 4)
        for process in runners[: len(killed)]:
            os.kill(process.pid, signal.SIGKILL)
        for process in runners[: len(killed)]:
            process.wait()
        left = await database.read(in_hand, killed)
        open_to_repeat = {sender for sender in left if arrived[sender]}
        for spare in runners[2:]:
            spare.send_signal(signal.SIGCONT)
        await database.transact(end_leases, killed)
        await asked(database, is_empty)
    assert len(arrived) == MESSAGES  # each at least once
    twice = {sender for sender, count in arrived.items() if count > 1}
    assert twice <= open_to_repeat  # the final dot was not answered, or its answer not committed
    assert max(arrived.values()) <= 2
    assert len(twice) < MESSAGES // 4 * len(killed)
