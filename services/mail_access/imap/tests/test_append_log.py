"""APPENDs, sign-ins and sessions leave their lines in the log."""

from __future__ import annotations

import imaplib
import socket
from collections.abc import Callable
from contextlib import suppress

from services.mail_access.imap.tests.conftest import House
from shared.activity.events import Append, Event, Outcome, Session, SignInAttempt
from shared.activity.line import as_text
from shared.activity.metrics import MESSAGES, QUOTA_REFUSALS
from shared.activity.record import recorded
from shared.testing.eventually import eventually

MESSAGE = b"Subject: secret words\r\n\r\nAt four?\r\n"
PASSWORD = "correct horse"


def events_of(port: int, talk: Callable[[imaplib.IMAP4], object]) -> list[Event]:
    with recorded() as events:
        client = imaplib.IMAP4("127.0.0.1", port)
        talk(client)
        with suppress(OSError):  # after LOGOUT it is closed
            client.shutdown()
        eventually(lambda: any(isinstance(event, Session) for event in events), "the session ends")
    return events


def test_append_is_one_line_with_its_place(house: House, imap_port: int) -> None:
    def talk(client: imaplib.IMAP4) -> None:
        client.login("alice", PASSWORD)
        client.append("Sent", "", "", MESSAGE)

    (append,) = [event for event in events_of(imap_port, talk) if isinstance(event, Append)]
    assert append[:-1] == (Outcome.ACCEPTED, "imap", "127.0.0.1", "alice", "Sent", 1, len(MESSAGE), "OK", "")
    assert "secret" not in as_text(append)


def test_refused_appends_have_the_reply(house: House, imap_port: int) -> None:
    full = QUOTA_REFUSALS.counts.get(("imap",), 0)

    def talk(client: imaplib.IMAP4) -> None:
        client.login("full", PASSWORD)
        client.append("INBOX", "", "", MESSAGE)
        client.append("Nowhere", "", "", MESSAGE)
        client.append("INBOX", "", "", b"x" * (3 << 20))

    appends = [event for event in events_of(imap_port, talk) if isinstance(event, Append)]
    assert [(each.mailbox, each.code, each.status) for each in appends] == [
        ("INBOX", "NO", "OVERQUOTA"),
        ("Nowhere", "NO", "TRYCREATE"),
        ("", "NO", "TOOBIG"),
    ]
    assert {each.outcome for each in appends} == {Outcome.REFUSED}
    assert QUOTA_REFUSALS.counts["imap",] == full + 1


def test_refused_appends_beyond_ten_in_a_row_are_only_counted(house: House, imap_port: int) -> None:
    counted = MESSAGES.counts.get(("imap", "refused"), 0)

    def talk(client: imaplib.IMAP4) -> None:
        client.login("alice", PASSWORD)
        for _ in range(12):
            client.append("Nowhere", "", "", MESSAGE)
        client.append("Sent", "", "", MESSAGE)
        client.append("Nowhere", "", "", MESSAGE)
        client.logout()

    events = events_of(imap_port, talk)
    appends = [event.outcome for event in events if isinstance(event, Append)]
    (session,) = (event for event in events if isinstance(event, Session))
    assert appends == [*[Outcome.REFUSED] * 10, Outcome.ACCEPTED, Outcome.REFUSED]
    assert session.unlogged == 2
    assert MESSAGES.counts["imap", "refused"] == counted + 13


def test_session_says_whose_it_was_how_long_and_how_much(house: House, imap_port: int) -> None:
    def talk(client: imaplib.IMAP4) -> None:
        client.login("alice", PASSWORD)
        client.noop()
        client.logout()

    events = events_of(imap_port, talk)
    (session,) = [event for event in events if isinstance(event, Session)]
    assert (session.ending, session.door, session.peer, session.account) == ("closed", "imap", "127.0.0.1", "alice")
    assert session.commands == 4  # CAPABILITY, LOGIN, NOOP, LOGOUT
    assert session.octets_in > 50
    assert session.octets_out > session.octets_in
    assert 0 <= session.seconds < 20
    assert [event.account for event in events if isinstance(event, SignInAttempt)] == ["alice"]
    assert not any(PASSWORD in as_text(event) for event in events)


def test_connection_that_says_nothing_leaves_no_line(house: House, imap_port: int) -> None:
    with recorded() as events:
        imaplib.IMAP4("127.0.0.1", imap_port).shutdown()  # it says CAPABILITY
        eventually(lambda: events, "the session ends")
        with socket.create_connection(("127.0.0.1", imap_port)) as probe:
            probe.recv(100)
        imaplib.IMAP4("127.0.0.1", imap_port).shutdown()
        eventually(lambda: len(events) == 2, "the third session ends")
    assert [event.commands for event in events if isinstance(event, Session)] == [1, 1]
