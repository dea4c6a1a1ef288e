"""The line that each transaction leaves in the log, and what is counted of it."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from services.smtp_ingest.tests.conftest import Mail
from shared.activity.events import MOST_RECIPIENTS_SHOWN, Message, Outcome, RecipientReply, Session
from shared.activity.line import as_text
from shared.activity.metrics import MESSAGES, QUOTA_REFUSALS, REFUSALS
from shared.activity.record import recorded
from shared.testing.eventually import eventually

Serve = Callable[[Policy], int]
BODY = "Subject: secret words\r\n\r\nAt four?\r\n"


def messages(policy: Policy, serve: Serve, talk: Callable[[smtplib.SMTP], object]) -> list[Message]:
    """What is recorded while `talk` has its conversation, up to the end of the session."""
    kind = smtplib.LMTP if policy.lmtp else smtplib.SMTP
    port = serve(policy)
    with recorded() as events:
        client = kind("127.0.0.1", port)
        try:
            talk(client)
        finally:
            client.close()
        eventually(lambda: any(isinstance(event, Session) for event in events), "the session ends")
    return [event for event in events if isinstance(event, Message)]


def test_id_that_the_client_is_told_is_in_the_line(mail: Mail, serve: Serve) -> None:
    said: list[bytes] = []

    def talk(client: smtplib.SMTP) -> None:
        client.ehlo("mx.elsewhere.test")
        client.mail("smith@elsewhere.test")
        client.rcpt("alice@example.test")
        client.rcpt("nobody@example.test")
        said.append(client.data(BODY)[1])

    (message,) = messages(RELAY, serve, talk)
    assert message.id == said[0].decode().split()[-1]
    assert message.id in mail.inbox("alice")[0].decode()
    assert (message.outcome, message.code, message.status) == (Outcome.ACCEPTED, 250, "2.0.0")
    assert (message.door, message.peer, message.helo) == ("smtp", "127.0.0.1", "mx.elsewhere.test")
    assert message.sender == "smith@elsewhere.test"
    assert message.to == [RecipientReply("alice@example.test", 250), RecipientReply("nobody@example.test", 550)]
    assert (message.recipients, message.refused, message.octets) == (2, 1, len(BODY))
    assert "secret" not in as_text(message)


def test_submission_names_the_account(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.login("bob", "correct horse")
        client.sendmail("bob@example.test", ["alice@example.test"], BODY)

    (message,) = messages(SUBMISSION, serve, talk)
    assert (message.account, message.door, message.outcome) == ("bob", "submission", Outcome.ACCEPTED)
    assert "correct horse" not in as_text(message)


def test_refused_sender_leaves_a_line_with_the_code(mail: Mail, serve: Serve) -> None:
    (message,) = messages(SUBMISSION, serve, lambda client: (client.ehlo(), client.mail("x@elsewhere.test")))
    assert (message.outcome, message.code, message.status) == (Outcome.REFUSED, 530, "5.7.0")
    assert message.sender == "x@elsewhere.test"


def test_transaction_without_any_recipient_is_refused_with_the_code_of_its_last(mail: Mail, serve: Serve) -> None:
    refused = REFUSALS.counts.get(("smtp", "unknown_mailbox"), 0)

    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        client.rcpt("nobody@example.test")
        client.docmd("DATA")
        client.quit()

    (message,) = messages(RELAY, serve, talk)
    assert (message.outcome, message.code, message.status) == (Outcome.REFUSED, 550, "5.1.1")
    assert message.to == [RecipientReply("nobody@example.test", 550)]
    assert REFUSALS.counts["smtp", "unknown_mailbox"] == refused + 1


def test_refused_message_has_its_code_at_every_recipient(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        client.rcpt("alice@example.test")
        client.data("Received: round\r\n" * 101 + "\r\n")

    (message,) = messages(RELAY, serve, talk)
    assert (message.outcome, message.code, message.status) == (Outcome.REFUSED, 554, "5.4.6")
    assert message.to == [RecipientReply("alice@example.test", 554)]
    assert message.id


def test_full_mailbox_is_deferred_and_counted(mail: Mail, serve: Serve) -> None:
    full = QUOTA_REFUSALS.counts.get(("smtp",), 0)

    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test", ["SIZE=5000"])
        client.rcpt("full@example.test")

    (message,) = messages(RELAY, serve, talk)
    assert (message.outcome, message.code) == (Outcome.DEFERRED, 452)
    assert QUOTA_REFUSALS.counts["smtp",] == full + 1


def test_transaction_that_its_client_takes_back_is_abandoned(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("")
        client.rcpt("alice@example.test")
        client.rset()
        client.mail("second@elsewhere.test")
        client.rcpt("alice@example.test")

    first, second = messages(RELAY, serve, talk)
    assert (first.outcome, first.sender, first.code) == (Outcome.ABANDONED, "<>", None)
    assert second.outcome is Outcome.ABANDONED  # its client left


def test_refusals_beyond_ten_in_a_row_are_only_counted(mail: Mail, serve: Serve) -> None:
    refused = MESSAGES.counts.get(("smtp", "refused"), 0), REFUSALS.counts.get(("smtp", "syntax"), 0)
    unknown = REFUSALS.counts.get(("smtp", "unknown_mailbox"), 0)

    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        for _ in range(15):
            client.docmd("MAIL", "FROM:<x@elsewhere.test> NONSENSE=1")
        client.sendmail("smith@elsewhere.test", ["alice@example.test"], BODY)
        for _ in range(12):
            client.mail("smith@elsewhere.test")
            client.rcpt("nobody@example.test")
            client.rset()
        client.mail("smith@elsewhere.test")  # and leaves: abandoned

    with recorded() as events:
        lines = messages(RELAY, serve, talk)
    assert [line.outcome for line in lines] == [*[Outcome.REFUSED] * 10, Outcome.ACCEPTED, *[Outcome.REFUSED] * 10]
    (session,) = (event for event in events if isinstance(event, Session))
    assert session.unlogged == 5 + 2 + 1
    assert as_text(session).endswith(" unlogged=8")
    assert MESSAGES.counts["smtp", "refused"] == refused[0] + 15 + 12
    assert REFUSALS.counts["smtp", "syntax"] == refused[1] + 15
    assert REFUSALS.counts["smtp", "unknown_mailbox"] == unknown + 12


def test_lmtp_has_each_recipients_own_code(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        for name in ("alice", "nobody", "nearly", "bob"):
            client.rcpt(f"{name}@example.test")
        client.docmd("DATA")
        client.send(BODY.encode() + b"x" * 3000 + b"\r\n.\r\n")  # more than `nearly` has room for
        for _ in range(3):
            client.getreply()

    (message,) = messages(LMTP, serve, talk)
    assert [recipient.code for recipient in message.to] == [250, 452, 250, 550]
    assert (message.outcome, message.door, message.code) == (Outcome.ACCEPTED, "lmtp", 250)


def test_chunks_are_one_message(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        client.rcpt("alice@example.test")
        client.send(b"BDAT 15\r\nSubject: x\r\n\r\nyBDAT 2 LAST\r\n\r\n")
        client.getreply()
        client.getreply()

    (message,) = messages(RELAY, serve, talk)
    assert (message.outcome, message.octets) == (Outcome.ACCEPTED, 17)


def test_line_shows_so_many_recipients_and_counts_the_rest(mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        for _ in range(60):
            client.rcpt("alice@example.test")
        client.data(BODY)

    (message,) = messages(RELAY, serve, talk)
    assert len(message.to) == MOST_RECIPIENTS_SHOWN
    assert message.recipients == 60
    assert len(as_text(message)) < 2000


@pytest.mark.parametrize(
    ("argument", "shown"),
    [
        ("FROM:<a@b.test> SIZE=3", "a@b.test"),
        ("from: <>", "<>"),
        ("FROM:a@b.test BODY=8BITMIME", "a@b.test"),
        ("FROM:non\x1bsense id=forged", "non\x1bsense"),
        ("FROM:<" + "x" * 3000 + ">", "x" * 256),
    ],
)
def test_sender_is_shown_as_it_was_written_and_bounded(argument: str, shown: str, mail: Mail, serve: Serve) -> None:
    def talk(client: smtplib.SMTP) -> None:
        client.ehlo()
        client.send(f"MAIL {argument}\r\n".encode())
        client.getreply()

    (message,) = messages(RELAY, serve, talk)
    assert message.sender == shown
    assert re.fullmatch(r"[ -~]*", as_text(message))
