"""Senders and networks that an operator has blocked are refused at MAIL FROM; what is not concerned goes on."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION
from services.smtp_ingest.tests.conftest import ChangeRule
from services.smtp_ingest.tests.test_stored_messages import Serve
from shared.access.rules.rules import RuleKind

SENDER = (550, b"5.7.1 mail from this sender is not taken here")
NETWORK = (550, b"5.7.1 mail from your network is not taken here")
MESSAGE = b"Subject: tea\r\n\r\nAt four?\r\n"


@pytest.fixture
def client(serve: Serve) -> Iterator[smtplib.SMTP]:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as greeted:
        greeted.ehlo()
        yield greeted


def said(client: smtplib.SMTP, sender: str) -> tuple[int, bytes]:
    """The reply to MAIL FROM, which is taken back."""
    reply = client.mail(sender)
    client.rset()
    return reply


def test_a_blocked_sender_is_refused_on_a_connection_that_was_there_before(
    client: smtplib.SMTP, change_rule: ChangeRule
) -> None:
    assert said(client, "spam@x.test")[0] == 250
    change_rule("spam@x.test")
    assert said(client, "spam@x.test") == SENDER
    assert said(client, "ham@x.test")[0] == 250
    change_rule("@x.test")
    change_rule("spam@x.test", RuleKind.ALLOW)
    assert said(client, "spam@x.test")[0] == 250
    assert said(client, "ham@mail.x.test") == SENDER
    change_rule("@x.test", None)
    assert said(client, "ham@mail.x.test")[0] == 250


def test_a_blocked_network_is_refused_unless_the_sender_is_allowed(
    client: smtplib.SMTP, change_rule: ChangeRule
) -> None:
    change_rule("127.0.0.0/8")
    assert said(client, "ham@x.test") == NETWORK
    change_rule("ham@x.test", RuleKind.ALLOW)
    assert said(client, "ham@x.test")[0] == 250
    change_rule("127.0.0.1", RuleKind.ALLOW)
    assert said(client, "spam@x.test")[0] == 250


def test_a_bounce_to_one_recipient_is_taken_from_a_blocked_network(
    client: smtplib.SMTP, change_rule: ChangeRule
) -> None:
    change_rule("127.0.0.1")
    assert client.mail("")[0] == 250
    assert client.rcpt("nobody@example.test")[0] == 550
    assert client.rcpt("alice@example.test")[0] == 250
    assert client.rcpt("bob@example.test") == NETWORK
    assert client.data(MESSAGE)[0] == 250
    change_rule("127.0.0.1", None)
    assert client.mail("")[0] == 250
    assert [client.rcpt(f"{name}@example.test")[0] for name in ("alice", "bob")] == [250, 250]


def test_who_has_signed_in_is_not_concerned(serve: Serve, change_rule: ChangeRule) -> None:
    change_rule("127.0.0.1")
    change_rule("bob@example.test")
    with smtplib.SMTP("127.0.0.1", serve(SUBMISSION), timeout=30) as client:
        client.login("bob", "correct horse")
        assert client.mail("bob@example.test")[0] == 250
        assert [client.rcpt(f"{name}@example.test")[0] for name in ("alice", "bob")] == [250, 250]


def test_a_sender_is_blocked_by_lmtp_too(serve: Serve, change_rule: ChangeRule) -> None:
    change_rule("@x.test")
    client = smtplib.LMTP("127.0.0.1", serve(LMTP), timeout=30)
    client.ehlo()
    assert client.mail("spam@x.test") == SENDER
    client.close()
