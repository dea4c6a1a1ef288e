"""Interrupted sign-in: commands sent ahead of TLS are thrown away; a sign-in that is cancelled has not happened."""

from __future__ import annotations

from base64 import b64encode

import pytest

from integration_tests.faults.doors import enter
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

pytestmark = pytest.mark.usefixtures("guesses_are_forgotten")

# Said in the clear, as if by the client, by whoever sits in between.
INJECTED = {
    "smtp": b"EHLO attacker.example\r\nMAIL FROM:<attacker@example.org>\r\n",
    "submission": b"EHLO attacker.example\r\nMAIL FROM:<attacker@example.org>\r\n",
    "lmtp": b"LHLO attacker.example\r\nMAIL FROM:<attacker@example.org>\r\n",
    "imap": b"1 NOOP\r\n2 LOGIN attacker secret\r\n",
    "pop3": b"USER attacker\r\nPASS secret\r\n",
}
START = {"imap": b"0 STARTTLS\r\n", "pop3": b"STLS\r\n"}
READY = {"imap": b"0 OK ", "pop3": b"+OK "}
CHALLENGE = {"submissions": b"334 ", "imaps": b"+ ", "pop3s": b"+ "}
CANCELLED = {"submissions": b"501 ", "imaps": b"T1 BAD ", "pop3s": b"-ERR "}
SIGNED_IN = {"submissions": b"235 ", "imaps": b"T1 OK ", "pop3s": b"+OK "}


@pytest.mark.parametrize("door", INJECTED)
def test_what_was_said_in_the_clear_behind_starttls_is_never_answered(stack: Stack, door: str) -> None:
    with enter(stack, door) as wire:
        if door in ("smtp", "submission"):
            wire.smtp(b"EHLO client.example")
        elif door == "lmtp":
            wire.smtp(b"LHLO client.example")
        wire.send(START.get(door, b"STARTTLS\r\n") + INJECTED[door])
        assert wire.line().startswith(READY.get(door, b"220 "))
        wire.start_tls(stack.tls_context())
        if door == "imap":
            assert wire.imap(b"NOOP")[-1].startswith(b"OK ")
        elif door == "pop3":
            wire.send(b"PASS secret\r\n")
            assert wire.line().startswith(b"-ERR say USER first")
        else:
            assert wire.smtp(b"MAIL FROM:<client@example.org>").startswith(b"503 ")  # nobody has said hello
            assert wire.smtp(b"NOOP").startswith(b"250 ")


def _auth(door: str, mechanism: bytes) -> bytes:
    return (b"T1 AUTHENTICATE " if door == "imaps" else b"AUTH ") + mechanism + b"\r\n"


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"SCRAM-SHA-256"])
@pytest.mark.parametrize("door", CHALLENGE)
def test_a_sign_in_that_is_cancelled_may_be_begun_again(
    stack: Stack, member: Member, door: str, mechanism: bytes
) -> None:
    name, password = member.name.encode(), member.password.encode()
    with enter(stack, door) as wire:
        if door == "submissions":
            wire.smtp(b"EHLO client.example")
        wire.send(_auth(door, mechanism))
        assert wire.line().startswith(CHALLENGE[door])
        if mechanism != b"PLAIN":  # in the very middle: the server has shown its half of the proof
            wire.send(b64encode(b"n,,n=%b,r=fyko+d2lbbFgONRv9qkxdawL" % name) + b"\r\n")
            assert wire.line().startswith(CHALLENGE[door])
        wire.send(b"*\r\n")
        assert wire.line().startswith(CANCELLED[door])
        wire.send(_auth(door, b"PLAIN"))
        assert wire.line().startswith(CHALLENGE[door])
        wire.send(b64encode(b"\0%b\0%b" % (name, password)) + b"\r\n")
        assert wire.line().startswith(SIGNED_IN[door])


@pytest.mark.parametrize("response", [b"\xff\xfe", b"====", b"A", b"\0", b"A" * 20_000, b64encode(b"\0" * 2000)])
@pytest.mark.parametrize("door", CHALLENGE)
def test_a_response_that_is_none_is_refused_and_the_conversation_goes_on(
    stack: Stack, door: str, response: bytes
) -> None:
    with enter(stack, door) as wire:
        if door == "submissions":
            wire.smtp(b"EHLO client.example")
        for mechanism in (b"PLAIN", b"SCRAM-SHA-256"):
            wire.send(_auth(door, mechanism))
            assert wire.line().startswith(CHALLENGE[door])
            wire.send(response + b"\r\n")
            assert wire.line()[:3] in (b"501", b"500", b"535", b"T1 ", b"* B", b"-ER")


@pytest.mark.parametrize("door", CHALLENGE)
def test_who_leaves_in_the_middle_of_a_sign_in_is_not_missed(stack: Stack, door: str) -> None:
    for mechanism in (b"PLAIN", b"SCRAM-SHA-256"):
        with enter(stack, door) as wire:
            if door == "submissions":
                wire.smtp(b"EHLO client.example")
            wire.send(_auth(door, mechanism))
            assert wire.line().startswith(CHALLENGE[door])
    with enter(stack, door):
        pass
