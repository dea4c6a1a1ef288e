"""Bare CR, bare LF and NUL: never part of a message, refused by name; of the three only LF ends a command."""

from __future__ import annotations

import pytest

from integration_tests.faults.doors import enter, enter_imap, enter_smtp, send_by_smtp
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

BARE = {
    "a bare LF": b"Subject: x\r\n\r\none\ntwo\r\n",
    "a bare CR": b"Subject: x\r\n\r\none\rtwo\r\n",
    "LF, dot, LF": b"Subject: x\r\n\r\none\n.\nMAIL FROM:<smuggled@example.org>\r\n",
    "LF, dot, CRLF": b"Subject: x\r\n\r\none\n.\r\nMAIL FROM:<smuggled@example.org>\r\n",
    "CR, dot, CR": b"Subject: x\r\n\r\none\r.\rMAIL FROM:<smuggled@example.org>\r\n",
    "CRLF, dot, LF": b"Subject: x\r\n\r\none\r\n.\nMAIL FROM:<smuggled@example.org>\r\n",
    "NUL": b"Subject: x\r\n\r\none\0two\r\n",
}


@pytest.mark.parametrize("octets", BARE.values(), ids=BARE.keys())
def test_a_message_with_octets_that_servers_disagree_about_is_refused_whole(
    stack: Stack, member: Member, octets: bytes
) -> None:
    assert send_by_smtp(stack, member, octets).startswith(b"550 5.6.0 ")
    with enter_smtp(stack, member) as wire:
        wire.send(b"BDAT %d LAST\r\n%b" % (len(octets), octets))
        assert wire.smtp_reply().startswith(b"550 5.6.0 ")
        assert wire.smtp(b"NOOP").startswith(b"250 ")
    with member.imap() as session:
        assert session.select("INBOX")[1] == [b"0"]


def test_appended_nul_is_kept_as_another_octet(member: Member) -> None:
    octets = BARE["NUL"]
    with enter_imap(member) as wire:
        assert wire.imap(b"APPEND INBOX {%d+}\r\n%b" % (len(octets), octets))[-1].startswith(b"OK ")
        assert wire.imap(b"SELECT INBOX")[-1].startswith(b"OK ")
        assert b"one\x80two" in wire.imap(b"FETCH 1 BODY.PEEK[]")
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")


@pytest.mark.parametrize("octet", [b"\0", b"\r", b"\xff"], ids=["NUL", "CR", "0xFF"])
def test_a_command_with_such_octets_is_refused_and_the_next_one_obeyed(stack: Stack, octet: bytes) -> None:
    with enter(stack, "smtp") as wire:
        assert wire.smtp(b"EHLO client.example").startswith(b"250 ")
        assert wire.smtp(b"MAIL%b FROM:<stranger@example.org>" % octet)[:1] == b"5"
        assert wire.smtp(b"MAIL FROM:<stran%bger@example.org>" % octet)[:1] == b"5"
        assert wire.smtp(b"NOOP").startswith(b"250 ")
    with enter(stack, "imap") as wire:
        assert wire.imap(b"NO%bOP" % octet)[-1].startswith(b"BAD ")
        assert wire.imap(b'LOGIN "na%bme" secret' % octet)[-1].startswith((b"BAD ", b"NO "))
        assert wire.imap(b"NOOP")[-1].startswith(b"OK ")
    with enter(stack, "pop3") as wire:
        wire.send(b"ST%bAT\r\nCAPA\r\n" % octet)
        assert wire.line().startswith(b"-ERR ")
        assert wire.until(rb"\.$")[0].startswith(b"+OK")


def test_lf_alone_ends_a_command_behind_every_door(stack: Stack) -> None:
    with enter(stack, "smtp") as wire:
        wire.send(b"EHLO client.example\nNOOP\nMAIL\n FROM:<stranger@example.org>\nRSET\n")
        assert wire.smtp_reply().startswith(b"250 ")
        assert wire.smtp_reply().startswith(b"250 ")
        assert wire.smtp_reply()[:1] == wire.smtp_reply()[:1] == b"5"
        assert wire.smtp_reply().startswith(b"250 ")
    with enter(stack, "imap") as wire:
        wire.send(b"a NOOP\nb CAPABILITY\n")
        assert wire.until(rb"a ")[-1].startswith(b"a OK ")
        assert wire.until(rb"b ")[-1].startswith(b"b OK ")
    with enter(stack, "pop3") as wire:
        wire.send(b"CAPA\nQUIT\n")
        assert wire.until(rb"\.$")[0].startswith(b"+OK")
        assert wire.line().startswith(b"+OK")
    with enter(stack, "nntp") as wire:
        wire.send(b"CAPABILITIES\nQUIT\n")
        assert wire.until(rb"\.$")[0].startswith(b"101 ")
        assert wire.line().startswith(b"205 ")
