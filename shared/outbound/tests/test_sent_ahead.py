"""The next message's commands go out with the final dot: whatever the answer, no message is lost or sent twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.outbound.departure import Departure
from shared.outbound.runner import Runner
from shared.outbound.settings import OutboundSettings
from shared.outbound.stages import Stages
from shared.outbound.tests.build import TEXT, a_departure, queue
from shared.outbound.tests.mail_server import HANG, Answer, Behaviour, MailServer, serving_mail
from shared.outbound.tests.test_runner import SOON, USUAL, asked, closes, running, settings_for
from shared.runtime.settings import read_settings
from shared.testing.reactor import running_reactor
from shared.testing.until import until

SENDERS = [f"s{number}@example.org" for number in range(4)]  # a message each
SPLIT = b"250-2.0.0 in two pieces\r\n250 2.0.0 taken\r\n"


@asynccontextmanager
async def sending(
    database: Database,
    bus: Bus,
    server: MailServer,
    *departures: Departure,
    stages: Stages = USUAL,
    octets: bytes = TEXT,
) -> AsyncIterator[Runner]:
    """By one connection at a time; all is in the queue when it begins."""
    begin = departures or [a_departure(None, sender=sender) for sender in SENDERS]
    await database.transact(lambda tx: queue(tx, *begin, octets=octets))
    async with running(database, bus, settings_for(server), stages=stages, connections_per_host=1) as runner:
        yield runner


def attempts(tx: Transaction) -> Sequence[tuple[str, int, str]]:
    """Sender, number and fate of each attempt that is settled, in the order of the senders; none of reports."""
    rows = tx.rows("SELECT sender, attempt, fate FROM event_trace_attempt WHERE sender <> '' ORDER BY sender, id")
    return [(sender, number, fate) for sender, number, fate in rows]


def are_settled(tx: Transaction) -> Sequence[tuple[str, int, str]]:
    """Those of all messages, once there are so many."""
    found = attempts(tx)
    return found if len(found) >= len(SENDERS) else ()


def of_first(answer: Answer) -> Callable[[Any, bytes], bytes | None]:
    """The end of the first message is answered so; that of others, and of the first one again, as usual."""
    seen: list[bytes] = []

    def end(connection: Any, octets: bytes) -> bytes | None:
        seen.append(octets)
        if len(seen) > 1:
            return b"250 2.0.0 taken\r\n"
        return answer(connection, octets) if callable(answer) else answer

    return end


def delivered(*senders: str) -> list[tuple[str, int, str]]:
    return [(sender, 1, "delivered") for sender in senders]


def came(server: MailServer) -> Counter[str]:
    return Counter(taken.sender for taken in server.taken)


@pytest.mark.parametrize("pipelining", [True, False], ids=["offered", "not offered"])
async def test_next_commands_come_with_the_final_dot_where_pipelining_is_offered(
    database: Database, bus: Bus, pipelining: bool
) -> None:
    behind: list[bytes] = []

    def end(connection: Any, _octets: bytes) -> bytes:
        behind.append(connection.received)
        return b"250 2.0.0 taken\r\n"

    extensions = (b"PIPELINING",) if pipelining else (b"8BITMIME",)
    with serving_mail(Behaviour({b"DOT": end}, extensions=extensions)) as server:
        async with sending(database, bus, server):
            assert await asked(database, are_settled) == delivered(*SENDERS)
    ahead = [
        f"MAIL FROM:<{sender}>\r\nRCPT TO:<bob@remote.test>\r\nDATA\r\n".encode() if pipelining else b""
        for sender in SENDERS[1:]
    ]
    assert behind == [*ahead, b""]
    assert [taken.sender for taken in server.taken] == SENDERS
    assert server.connections == 1


async def test_large_message_takes_the_next_ones_commands_along(database: Database, bus: Bus) -> None:
    behind: list[bytes] = []
    octets = TEXT + b".two dots\r\n" * 150_000  # more than one piece of the store

    def end(connection: Any, _octets: bytes) -> None:
        def answer() -> None:
            behind.append(connection.received)
            connection.answer_late(b"250 2.0.0 taken\r\n")

        connection.factory.arrived[connection.sender] += _octets == octets
        running_reactor().callLater(0.2, answer)

    with serving_mail(Behaviour({b"DOT": end}, extensions=(b"PIPELINING",))) as server:
        async with sending(database, bus, server, octets=octets):
            assert await asked(database, are_settled) == delivered(*SENDERS)
    ahead = [f"MAIL FROM:<{sender}>".encode() for sender in SENDERS[1:]]
    assert [each.partition(b"\r\n")[0] for each in behind] == [*ahead, b""]
    assert server.arrived == Counter(SENDERS)
    assert server.connections == 1


def closes_with_421(connection: Any, _octets: bytes) -> bytes:
    connection.transport.write(b"421 4.3.2 going down\r\n")
    connection.transport.loseConnection()
    return b""


def refuses_all_with_421(connection: Any, _octets: bytes) -> bytes:
    """It has read what came with the dot."""
    connection.received = b""
    return b"421 4.3.2 going down\r\n" * 4


@pytest.mark.parametrize(
    ("answer", "fate", "connections"),
    [
        (b"452 4.3.1 disk full\r\n", "deferred", 1),
        (b"554 5.7.1 not this\r\n", "failed", 1),
        (closes_with_421, "deferred", 2),
        (refuses_all_with_421, "deferred", 2),
        (closes, "deferred", 2),
        (HANG, "deferred", 2),
    ],
    ids=["defers", "refuses", "closes with 421", "answers all with 421", "closes", "hangs"],
)
async def test_message_whose_end_is_not_taken_costs_the_next_one_nothing(
    database: Database, bus: Bus, answer: Answer, fate: str, connections: int
) -> None:
    with serving_mail(Behaviour({b"DOT": of_first(answer)})) as server:
        stages = USUAL._replace(dot=SOON) if answer is HANG else USUAL
        async with sending(database, bus, server, stages=stages):
            settled = await asked(database, are_settled)
    assert settled == [(SENDERS[0], 1, fate), *delivered(*SENDERS[1:])]
    assert came(server) == Counter(SENDERS[1:])
    assert server.connections == connections


async def test_answer_that_comes_in_two_pieces_is_read_as_one(database: Database, bus: Bus) -> None:
    def in_two(connection: Any, _octets: bytes) -> None:
        connection.transport.write(SPLIT[:30])
        running_reactor().callLater(0.05, connection.answer_late, SPLIT[30:])

    with serving_mail(Behaviour({b"DOT": of_first(in_two)})) as server:
        async with sending(database, bus, server):
            assert await asked(database, are_settled) == delivered(*SENDERS)
    assert server.connections == 1


@pytest.mark.parametrize("more", [b"250 2.0.0 once more\r\n", b"500 5.5.1 what?\r\n", b"354 go on\r\n"])
async def test_reply_that_nobody_asked_for_is_not_taken_for_that_of_the_next_message(
    database: Database, bus: Bus, more: bytes
) -> None:
    def twice(connection: Any, octets: bytes) -> bytes:
        connection.factory.arrived[connection.sender] += 1
        return b"250 2.0.0 taken\r\n" + more

    with serving_mail(Behaviour({b"DOT": of_first(twice)})) as server:
        async with sending(database, bus, server):
            settled = await asked(database, are_settled)
    assert settled == delivered(*SENDERS)
    assert came(server) == Counter(SENDERS)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("mail", "rcpt", "fate"),
    [
        (b"451 4.7.1 not now\r\n", b"503 5.5.1 no sender\r\n", "deferred"),
        (b"550 5.7.1 not you\r\n", b"503 5.5.1 no sender\r\n", "failed"),
        (b"250 2.0.0 ok\r\n", b"550 5.1.1 no such user\r\n", "failed"),
    ],
    ids=["defers-sender", "refuses-sender", "refuses-recipient"],
)
@pytest.mark.parametrize("data", [b"354 go ahead\r\n", b"554 5.5.1 no recipients\r\n"], ids=["asks", "refuses"])
async def test_next_message_that_is_refused_in_the_same_group_is_not_sent(
    database: Database, bus: Bus, mail: bytes, rcpt: bytes, fate: str, data: bytes
) -> None:
    """Where it is asked for all the same, an empty one ends what the server waits for (RFC 2920 §3.1)."""
    ended: list[tuple[str, bytes]] = []

    def is_refused(connection: Any) -> bool:
        return bool(connection.sender == SENDERS[1])

    def end(connection: Any, octets: bytes) -> bytes:
        ended.append((connection.sender, octets))
        return b"554 5.5.1 no recipients\r\n" if is_refused(connection) else b"250 2.0.0 taken\r\n"

    answers: dict[bytes, Answer] = {
        b"MAIL": lambda connection, _line: mail if is_refused(connection) else b"250 2.0.0 ok\r\n",
        b"RCPT": lambda connection, _line: rcpt if is_refused(connection) else b"250 2.0.0 ok\r\n",
        b"DATA": lambda connection, _line: data if is_refused(connection) else b"354 go ahead\r\n",
        b"DOT": end,
    }
    with serving_mail(Behaviour(answers)) as server:
        async with sending(database, bus, server):
            settled = await asked(database, are_settled)
    assert settled == [*delivered(SENDERS[0]), (SENDERS[1], 1, fate), *delivered(*SENDERS[2:])]
    assert came(server) == Counter([SENDERS[0], *SENDERS[2:]])
    assert server.connections == 1
    empty = [(sender, octets.strip()) for sender, octets in ended if sender == SENDERS[1]]
    assert empty == ([(SENDERS[1], b"")] if data.startswith(b"354") else [])


THREE_SECONDS = timedelta(seconds=3)


async def test_server_that_loses_what_comes_with_the_dot_is_not_sent_it_again(database: Database, bus: Bus) -> None:
    behind: list[bytes] = []

    def loses(connection: Any, _octets: bytes) -> bytes:
        behind.append(connection.received)
        connection.received = b""
        return b"250 2.0.0 taken\r\n"

    with serving_mail(Behaviour({b"DOT": loses})) as server:
        async with sending(database, bus, server, stages=USUAL._replace(command=THREE_SECONDS)):
            assert await asked(database, are_settled) == delivered(*SENDERS)
    assert came(server) == Counter(SENDERS)
    assert server.connections == 2
    assert [bool(each) for each in behind] == [True, False, False, False]


async def test_next_message_that_the_server_can_never_take_is_not_asked_for(database: Database, bus: Bus) -> None:
    departures = [a_departure(None, sender=sender) for sender in SENDERS]
    departures[1] = departures[1]._replace(utf8=True)
    with serving_mail(Behaviour(extensions=(b"PIPELINING",))) as server:
        async with sending(database, bus, server, *departures):
            settled = await asked(database, are_settled)
    assert settled == [*delivered(SENDERS[0]), (SENDERS[1], 1, "failed"), *delivered(*SENDERS[2:])]
    assert not [line for line in server.lines if SENDERS[1].encode() in line]


async def test_next_message_for_more_recipients_than_go_together_waits_for_its_turn(
    database: Database, bus: Bus
) -> None:
    many = [f"u{number}@d{number % 2}.test" for number in range(150)]
    departures = [a_departure(None, sender=SENDERS[0]), a_departure(None, *many, sender=SENDERS[1])]
    with serving_mail() as server:
        await database.transact(lambda tx: queue(tx, *departures))
        settings = read_settings(OutboundSettings, outbound_smart_host=f"127.0.0.1:{server.port}")
        async with running(database, bus, settings, connections_per_host=1):
            await until(lambda: len(server.recipients) == 151)
    assert came(server) == Counter(SENDERS[:2])
    assert [taken.octets for taken in server.taken] == [TEXT, TEXT]


async def test_next_message_is_given_back_when_the_process_closes_before_its_turn(database: Database, bus: Bus) -> None:
    held: list[Any] = []

    def hold(connection: Any, _octets: bytes) -> None:
        held.append(connection)

    with serving_mail(Behaviour({b"DOT": hold})) as server:
        async with sending(database, bus, server):
            await until(lambda: bool(held))
            assert held[0].received.endswith(b"DATA\r\n")
            running_reactor().callLater(0.3, held[0].answer_late, b"250 2.0.0 taken\r\n")
        await until(lambda: not server.open)
    assert await database.read(attempts) == delivered(SENDERS[0])
    rows: Sequence[Any] = await database.read(lambda tx: tx.rows("SELECT attempts, leased_by FROM outbound_recipient"))
    assert list(rows) == [(0, None)] * (len(SENDERS) - 1)
    assert held[0].received == b""  # nor QUIT: the server waits for a message, and would take it for one
