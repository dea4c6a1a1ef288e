"""Postfix stands in front and hands mail over by LMTP, as docs/clients.md says."""

from __future__ import annotations

import os
import shutil
import smtplib
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import Stored, only_stored, stored
from integration_tests.clients.postfix import Postfix, running_postfix
from integration_tests.clients.program import Program
from integration_tests.clients.reach import require_lmtp
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.testing.eventually import eventually

STRANGER = "stranger@example.net"


@pytest.fixture(scope="module")
def postfix(stack: Stack, session_dir: Path) -> Iterator[Postfix]:
    path = shutil.which("postfix", path=os.defpath + ":/usr/sbin")
    if path is None:
        pytest.skip("postfix is not installed")
    if os.geteuid() != 0:
        pytest.skip("postfix: only root can start it")
    require_lmtp(stack)
    with running_postfix(Program(path, session_dir), stack) as running:
        yield running


def send(postfix: Postfix, message: bytes, *recipients: str, options: tuple[str, ...] = ()) -> None:
    with smtplib.SMTP(*postfix.smtp, timeout=20) as session:
        session.sendmail(STRANGER, recipients, message, mail_options=options)


def arrived(member: Member) -> Stored:
    """What came, once it came."""
    eventually(lambda: stored(member), "the letter arrives")
    return only_stored(member)


def test_letter_arrives_octet_for_octet_with_both_traces(postfix: Postfix, member: Member) -> None:
    sent = letter("by way of Postfix")
    send(postfix, sent, member.address, options=("BODY=8BITMIME",))
    octets = arrived(member).octets
    trace = octets.removesuffix(sent).decode()
    assert trace + sent.decode() == octets.decode()
    assert trace.startswith(f"Return-Path: <{STRANGER}>\r\nReceived: from relay.example.org (")
    assert " with LMTP" in trace
    assert trace.count("\r\nReceived: ") == 2


def test_header_in_utf_8_is_handed_over_as_such(postfix: Postfix, member: Member) -> None:
    sent = letter("Grüße aus 東京")
    send(postfix, sent, member.address, options=("BODY=8BITMIME", "SMTPUTF8"))
    assert arrived(member).octets.endswith(sent)


def test_recipient_who_is_not_here_is_refused_by_postfix_at_once(postfix: Postfix, member: Member) -> None:
    with smtplib.SMTP(*postfix.smtp, timeout=20) as session:
        session.ehlo()
        session.mail(STRANGER)
        code, text = session.rcpt(f"nobody-{member.address}")
        assert code == 550, text
        assert b"no such mailbox here" in text
        assert session.rcpt(member.address)[0] == 250


def test_full_mailbox_waits_in_the_queue_and_the_others_have_theirs(
    postfix: Postfix, stack: Stack, member: Member
) -> None:
    full = stack.new_member()
    assert stack.agora("user", "set-quota", full.name, "1KiB").returncode == 0
    sent = letter("to both")
    send(postfix, sent, full.address, member.address, options=("BODY=8BITMIME",))
    assert arrived(member).octets.endswith(sent)

    def waiting() -> str:
        recipients = [recipient for item in postfix.queue() for recipient in item["recipients"]]
        return "".join(r.get("delay_reason", "") for r in recipients if r["address"] == full.address)

    assert "452 4.2.2 mailbox full" in eventually(waiting, "Postfix says what it waits for")
    assert stored(full) == []
