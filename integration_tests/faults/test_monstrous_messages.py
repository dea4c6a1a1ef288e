"""Messages that no mail program writes: refused by name or kept as they are, and every look at them ends soon."""

from __future__ import annotations

import time

import pytest

from integration_tests.faults.doors import (
    an_ordinary_visit,
    enter,
    enter_imap,
    enter_smtp,
    newest,
    send_by_smtp,
)
from integration_tests.faults.memory import MIB, grows_by_less_than
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

RECIPIENTS = 10_000
TAKEN = 1000  # AGORA_SMTP_RECIPIENTS
LOOK_SECONDS = 20
LOOKS = (
    b"FETCH 1 (ENVELOPE BODYSTRUCTURE RFC822.SIZE)",
    b"FETCH 1 BODY.PEEK[HEADER.FIELDS (SUBJECT)]",
    b"SEARCH TEXT needle",
    b"SEARCH SUBJECT needle",
    b"SEARCH FROM needle",
    b"SEARCH BODY nowhere",
)
MULTIPART = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n"


def _nested(depth: int) -> bytes:
    """Multiparts within multiparts."""
    opened = b"".join(MULTIPART % b"b%d" % level + b"--b%d\r\n" % level for level in range(depth))
    closed = b"".join(b"--b%d--\r\n" % level for level in reversed(range(depth)))
    return b"Subject: nested\r\n" + opened + b"\r\nneedle\r\n" + closed


def _forwarded(depth: int) -> bytes:
    """Messages within messages."""
    return b"Subject: forwarded\r\nContent-Type: message/rfc822\r\n\r\n" * depth + b"\r\nneedle\r\n"


MONSTERS = {
    "100,000 header fields": b"X-Field: value\r\n" * 100_000 + b"Subject: needle\r\n\r\nbody\r\n",
    "a field of a megabyte": b"Subject: needle" + b"\r\n and more" * 100_000 + b"\r\n\r\nbody\r\n",
    "multiparts 10,000 deep": _nested(10_000),
    "messages 10,000 deep": _forwarded(10_000),
    "10,000 parts": MULTIPART % b"b" + b"--b\r\n\r\nneedle\r\n" * 10_000 + b"--b--\r\n",
    "100,000 addresses": b"To: " + b"a <a@example.org>,\r\n " * 100_000 + b"needle@example.org\r\n\r\nbody\r\n",
    "comments 100,000 deep": b"From: " + b"(" * 100_000 + b" needle\r\n\r\nbody\r\n",
    "100,000 encoded words": b"Subject:" + b" =?utf-8?q?needle?=\r\n" * 100_000 + b"\r\nbody\r\n",
    "100,000 parameters": b"Content-Type: text/plain" + b";\r\n x=needle" * 100_000 + b"\r\n\r\nneedle\r\n",
}


@pytest.mark.parametrize("octets", MONSTERS.values(), ids=MONSTERS.keys())
def test_a_monster_is_kept_as_it_is_and_every_look_at_it_ends_soon(stack: Stack, member: Member, octets: bytes) -> None:
    neighbour = stack.new_member()
    with grows_by_less_than(stack, "smtp_ingest", 120 * MIB), grows_by_less_than(stack, "mail_access", 200 * MIB):
        begun = time.monotonic()
        assert send_by_smtp(stack, member, octets).startswith(b"250 ")
        assert time.monotonic() - begun < LOOK_SECONDS
        assert newest(member).endswith(octets)
        with enter_imap(member) as wire:
            for look in LOOKS:
                begun = time.monotonic()
                assert wire.imap(look)[-1].startswith(b"OK ")
                assert time.monotonic() - begun < LOOK_SECONDS
        assert an_ordinary_visit(neighbour) < LOOK_SECONDS


def test_ten_thousand_recipients_are_put_off_beyond_the_limit(stack: Stack, member: Member) -> None:
    with enter(stack, "smtp") as wire:
        wire.smtp(b"EHLO client.example")
        wire.smtp(b"MAIL FROM:<stranger@example.org>")
        recipient = b"RCPT TO:<%b>\r\n" % member.address.encode()
        replies = []
        for _ in range(RECIPIENTS // 1000):  # pipelined, a thousand at a time
            wire.send(recipient * 1000)
            replies += [wire.smtp_reply() for _ in range(1000)]
        assert [reply[:4] for reply in replies] == [b"250 "] * TAKEN + [b"452 "] * (RECIPIENTS - TAKEN)
        wire.smtp(b"DATA")
        assert wire.smtp(b"Subject: to so many\r\n\r\n.").startswith(b"250 ")
    with member.imap() as session:
        assert session.select("INBOX")[1] == [b"1"]


def test_who_guesses_ten_thousand_recipients_is_let_go(stack: Stack) -> None:
    with enter(stack, "smtp", source="127.0.0.1" if stack.kind == "local" else "") as wire:
        wire.smtp(b"EHLO client.example")
        wire.smtp(b"MAIL FROM:<stranger@example.org>")
        try:
            wire.send(b"".join(b"RCPT TO:<nobody-%d@localhost>\r\n" % number for number in range(RECIPIENTS)))
        except ConnectionError:
            return  # let go while we were still talking
        heard = wire.rest()
        assert heard.count(b"550 5.1.1 ") < 200
        assert heard.endswith(b"421 4.7.0 too many errors, goodbye\r\n")


def test_a_recipient_longer_than_any_address_is_refused(stack: Stack, member: Member) -> None:
    with enter_smtp(stack, member) as wire:
        assert wire.smtp(b"RCPT TO:<" + b"a" * 3000 + b"@localhost>")[:1] == b"5"
        assert wire.smtp(b"RCPT TO:<" + b"(" * 3000 + b"@localhost>")[:1] == b"5"
        assert wire.smtp(b"DATA").startswith(b"354 ")
