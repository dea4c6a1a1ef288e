"""Messages under way: above the bounds of the process 452, and afterwards mail goes on."""

from __future__ import annotations

import smtplib
import socket
from collections.abc import Callable

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, Policy
from services.smtp_ingest.tests.conftest import Mail
from services.smtp_ingest.transaction import RECIPIENTS_ALWAYS
from shared.conversation.intake import ENVELOPE_OCTETS, Intake
from shared.testing.eventually import eventually

Serve = Callable[[Policy], int]
MIB = 1 << 20
MESSAGE = b"Subject: x\r\n\r\n" + b"x" * 998 + b"\r\n"
LARGE = b"Subject: x\r\n\r\n" + (b"x" * 998 + b"\r\n") * 1000


def begin(client: smtplib.SMTP) -> None:
    client.ehlo()
    client.mail("smith@elsewhere.test")
    assert client.rcpt("alice@example.test")[0] == 250
    assert client.docmd("DATA")[0] == 354


@pytest.mark.parametrize("policy", [RELAY, LMTP])
def test_message_above_the_intake_is_refused_for_now_and_taken_when_there_is_room(
    policy: Policy, mail: Mail, intake: Intake, serve: Serve
) -> None:
    intake.memory.take(None, MIB)  # as other clients' messages do
    intake.files.take(None, 4 * MIB - 1000)
    client: smtplib.SMTP
    with (smtplib.LMTP if policy.lmtp else smtplib.SMTP)("127.0.0.1", serve(policy)) as client:
        begin(client)
        client.send(MESSAGE + b".\r\n")
        assert client.getreply() == (452, b"4.3.1 no room for the message, try later")
        intake.files.give_back(None, 2000)
        begin(client)
        client.send(MESSAGE + b".\r\n")
        assert client.getreply()[0] == 250
    assert len(mail.inbox("alice")) == 1
    assert (intake.memory.octets, intake.files.octets) == (MIB, 4 * MIB - 3000)


def test_announced_size_above_the_intake_is_refused_before_it_is_sent(mail: Mail, intake: Intake, serve: Serve) -> None:
    intake.files.take(None, 4 * MIB - 1000)
    with smtplib.SMTP("127.0.0.1", serve(RELAY)) as client:
        client.ehlo()
        assert client.mail("smith@elsewhere.test", ["size=1000000"])[0] == 250
        client.rset()
        intake.memory.take(None, 100_000)
        assert client.mail("smith@elsewhere.test", ["size=1000000"])[0] == 452
        assert client.mail("smith@elsewhere.test", ["size=1000"])[0] == 250


def test_messages_under_way_stay_below_the_memory_of_the_intake(mail: Mail, intake: Intake, serve: Serve) -> None:
    clients = [smtplib.SMTP("127.0.0.1", serve(RELAY), timeout=30) for _ in range(4)]
    for client in clients:
        begin(client)
        client.send(LARGE)
    under_way = 4 * len(LARGE)
    eventually(lambda: intake.memory.octets + intake.files.octets > under_way - 100, "all four are held")
    assert intake.memory.octets <= MIB
    for client in clients[:3]:
        client.send(b".\r\n")
        assert client.getreply()[0] == 250
    clients[3].close()
    eventually(lambda: intake.memory.octets + intake.files.octets == 0, "everything is given back")
    assert len(mail.inbox("alice")) == 3


def test_recipients_above_the_intake_are_asked_for_again_in_another_transaction(
    mail: Mail, intake: Intake, serve: Serve
) -> None:
    intake.envelopes.take(None, ENVELOPE_OCTETS)
    with smtplib.SMTP("127.0.0.1", serve(RELAY)) as client:
        client.ehlo()
        client.mail("smith@elsewhere.test")
        codes = [client.rcpt(f"alice+{number}@example.test")[0] for number in range(RECIPIENTS_ALWAYS + 1)]
        assert codes == [250] * RECIPIENTS_ALWAYS + [452]
        assert client.data(MESSAGE)[0] == 250
    assert len(mail.inbox("alice")) == 1
    assert intake.envelopes.octets == ENVELOPE_OCTETS


def test_a_client_that_leaves_gives_its_recipients_back(mail: Mail, intake: Intake, serve: Serve) -> None:
    with socket.create_connection(("127.0.0.1", serve(RELAY))) as client:
        client.sendall(b"HELO c.test\r\nMAIL FROM:<>\r\n" + b"RCPT TO:<alice@example.test>\r\n" * 50)
        eventually(lambda: intake.envelopes.octets > 50_000, "fifty recipients are held")
    eventually(lambda: intake.envelopes.octets == 0, "they are given back")
