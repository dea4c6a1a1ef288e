"""The lines that clients who connect again and again leave in the log."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs, formatEvent

from shared.activity.events import Event, Message, Outcome
from shared.activity.events import Session as SessionEvent
from shared.activity.metrics import SESSIONS
from shared.activity.network_lines import PERIOD_SECONDS
from shared.activity.record import recorded
from shared.conversation.factory import STRANGERS_LINES_A_MINUTE, ConversationFactory
from shared.conversation.tests.sessions import Client, Session, door


def message(session: Any, outcome: Outcome) -> Message:
    """What became of a message of `session`."""
    peer, name = session.peer.host, session.account_name()
    return Message("", outcome, "test_strangers", peer, name, "", "x@example.org", (), 0, 0, 0, 550, "5.1.1", 0)


async def one_is_refused(session: Session) -> None:
    await session.read_line()
    session.record_message(message(session, Outcome.REFUSED))


async def one_is_accepted(session: Session) -> None:
    await session.read_line()
    session.record_message(message(session, Outcome.ACCEPTED))


def connect(factory: ConversationFactory, peer: str, times: int) -> None:
    for _ in range(times):
        client = Client(factory, peer)
        client.send(b"MAIL\r\n")
        client.leave()


def peers(events: list[Event]) -> Counter[str]:
    return Counter(event.peer for event in events if isinstance(event, SessionEvent | Message))


def test_a_network_has_so_many_lines_a_minute() -> None:
    clock = Clock()
    factory = door(one_is_refused, clock)
    sessions = sum(SESSIONS.counts.values())
    with recorded() as events, capturedLogs() as logs:
        connect(factory, "198.51.100.7", 500)
        connect(factory, "198.51.100.8", 1)
        assert peers(events) == {"198.51.100.7": STRANGERS_LINES_A_MINUTE, "198.51.100.8": 2}
        assert sum(SESSIONS.counts.values()) == sessions + 501
        clock.advance(PERIOD_SECONDS)
        connect(factory, "198.51.100.7", 1)
    assert peers(events)["198.51.100.7"] == STRANGERS_LINES_A_MINUTE + 2
    assert [formatEvent(event) for event in logs] == [
        f"sessions and refusals at test of 198.51.100.7 within a minute that have no line:"
        f" {1000 - STRANGERS_LINES_A_MINUTE}"
    ]


@pytest.mark.parametrize("peer", ["127.0.0.1", "198.51.100.7"])
def test_sessions_that_bring_messages_have_all_their_lines(peer: str) -> None:
    with recorded() as events:
        connect(door(one_is_accepted), peer, 200)
    assert peers(events) == {peer: 400}


def test_this_machine_is_no_stranger() -> None:
    with recorded() as events:
        connect(door(one_is_refused), "127.0.0.1", 200)
    assert peers(events) == {"127.0.0.1": 400}


def test_members_have_all_their_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Session, "account_name", lambda _session: "alice")
    with recorded() as events:
        connect(door(one_is_refused), "198.51.100.7", 200)
    assert peers(events) == {"198.51.100.7": 400}
