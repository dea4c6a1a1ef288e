"""A bug of ours is answered with 451 for the command it hits, and the conversation goes on where that can be."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from services.smtp_ingest.command_table import COMMANDS
from services.smtp_ingest.policy import LMTP, RELAY, Policy
from services.smtp_ingest.session import SmtpSession
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.tests.test_stored_messages import PATHS, Serve
from shared.conversation.intake import Intake

MESSAGE = b"Subject: x\r\n\r\n"
ANSWER = (451, b"4.3.0 internal error, try again")


async def stumble(session: SmtpSession, argument: bytes) -> None:
    raise ZeroDivisionError("secret")


def test_a_command_that_raises_is_answered_and_the_next_one_is_read(mail: Mail, serve: Callable[..., int]) -> None:
    port = serve(RELAY, {**COMMANDS, b"XBUG": stumble})
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as client:
        for _ in range(21):  # no fault of the client's
            assert client.docmd("XBUG") == ANSWER
        assert client.ehlo()[0] == 250


def test_a_bug_in_a_command_is_answered_and_the_next_command_is_read(mail: Mail, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        mail.transaction.execute("ALTER TABLE address RENAME TO no_address")  # the query has a mistake now
        mail.transaction.commit()
        assert client.rcpt("alice@example.test") == ANSWER
        mail.transaction.execute("ALTER TABLE no_address RENAME TO address")
        mail.transaction.commit()
        assert client.rcpt("alice@example.test")[0] == 250
        assert client.data(MESSAGE)[0] == 250
    assert len(mail.inbox("alice")) == 1


@pytest.mark.parametrize("policy", [RELAY, LMTP])
def test_a_bug_behind_the_message_is_answered_for_each_and_ends_the_transaction(
    policy: Policy, mail: Mail, intake: Any, serve: Serve
) -> None:
    with (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy), timeout=30) as client:
        client.ehlo("client.test")
        client.mail("smith@elsewhere.test")
        for name in ("alice", "bob"):
            client.rcpt(f"{name}@example.test")
        mail.transaction.execute("ALTER TABLE message RENAME TO no_message")
        mail.transaction.commit()
        client.docmd("DATA")
        client.send(MESSAGE + b".\r\n")
        assert [client.getreply() for _ in range(2 if policy.lmtp else 1)] == [ANSWER] * (2 if policy.lmtp else 1)
        mail.transaction.execute("ALTER TABLE no_message RENAME TO message")
        mail.transaction.commit()
        assert client.docmd("DATA")[0] == 503
        client.sendmail(*PATHS, MESSAGE)
    assert len(mail.inbox("alice")) == 1


def test_a_bug_in_the_middle_of_a_message_ends_the_connection(mail: Mail, intake: Intake, serve: Serve) -> None:
    with smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) as client:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        client.rcpt("alice@example.test")
        intake.memory = None  # type: ignore[assignment]  # what comes cannot be kept, in a way nobody foresaw
        client.docmd("DATA")
        client.send(MESSAGE)
        assert client.getreply() == (421, b"4.3.0 internal error, try again later")
        with pytest.raises(smtplib.SMTPServerDisconnected):
            client.noop()
