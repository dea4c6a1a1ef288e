"""Noise at every door: whatever comes, the services live, serve others, and log no bug."""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from integration_tests.faults.dialogues import DIALOGUES, MEMBERS_IMAP, MEMBERS_POP3
from integration_tests.faults.doors import (
    DOORS,
    IN_THE_CLEAR,
    an_ordinary_visit,
    enter,
    enter_imap,
    enter_pop3,
)
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from integration_tests.stack.wire import Wire

pytestmark = pytest.mark.usefixtures("guesses_are_forgotten")

SEED = 6666
SECONDS = 5
VISIT_SECONDS = 20
ANSWER_SECONDS = 0.02  # nobody waits for an answer to noise; what comes is read, so that the server can go on
SPICE = (b"\r\n", b"\n", b"\r", b"\0", b"{3}\r\n", b"{9+}\r\n", b'"', b"(", b")", b"\\", b"*", b"[", b"<")
SOURCE = "127.66.0.1"  # whose failures to sign in are nobody else's


def _mutated(dialogue: bytes, chance: random.Random) -> bytes:
    """A dialogue with a few octets, lines or halves changed."""
    octets = bytearray(dialogue)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(octets) + 1)
        match chance.randrange(7):
            case 0:
                octets[at : at + 1] = chance.randbytes(1)
            case 1:
                octets[at:at] = chance.randbytes(chance.randint(1, 40))
            case 2:
                del octets[at : at + chance.randint(1, 30)]
            case 3:
                octets[at:at] = chance.choice(SPICE)
            case 4:
                piece = octets[at : at + chance.randint(1, 60)]
                octets[at:at] = piece * chance.randint(2, 50)
            case 5:
                lines = bytes(octets).split(b"\r\n")
                chance.shuffle(lines)
                octets = bytearray(b"\r\n".join(lines))
            case _:
                octets[at:at] = str(chance.choice([0, -1, 2**31, 2**32, 2**63, 2**64, 10**40])).encode()
    return bytes(octets)


def _talk(wire: Wire, octets: bytes, chance: random.Random) -> None:
    """Send it in pieces of any size, reading along; hang up in one way or another."""
    while octets:
        size = chance.choice([3, 100, 5000])
        wire.send(octets[:size])
        octets = octets[size:]
        if chance.random() < 0.1:
            wire.receive_within(ANSWER_SECONDS)
    if chance.random() < 0.5:
        wire.half_close()
    wire.receive_within(ANSWER_SECONDS)


def _keep_talking(connect: Callable[[], Wire], sayings: Sequence[bytes], seed: str) -> int:
    chance = random.Random(f"{SEED} {seed}")
    ends = time.monotonic() + SECONDS
    conversations = 0
    while time.monotonic() < ends:
        said = chance.randbytes(chance.choice([1, 50, 3000])) if chance.random() < 0.2 else chance.choice(sayings)
        with contextlib.suppress(OSError, EOFError), connect() as wire:
            _talk(wire, _mutated(said, chance), chance)
        conversations += 1
    return conversations


def test_no_noise_of_members_brings_a_service_down(stack: Stack, member: Member) -> None:
    by_imap, by_pop3 = stack.new_member(), stack.new_member()
    for each in (by_imap, by_pop3):
        each.receive(b"Subject: tea\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nAt four? \xf0\x9f\x8d\xb5\r\n")
    before = stack.pid("mail_access")
    with ThreadPoolExecutor(3) as at_once:
        talks = [
            at_once.submit(_keep_talking, lambda: enter_imap(by_imap), MEMBERS_IMAP, "imap 1"),
            at_once.submit(_keep_talking, lambda: enter_imap(by_imap), MEMBERS_IMAP, "imap 2"),
            at_once.submit(_keep_talking, lambda: enter_pop3(by_pop3), MEMBERS_POP3, "pop3"),
        ]
        print([talk.result() for talk in talks])
    assert an_ordinary_visit(member) < VISIT_SECONDS
    assert stack.pid("mail_access") == before


def test_no_noise_of_strangers_brings_a_service_down(stack: Stack, member: Member) -> None:
    source = SOURCE if stack.kind == "local" else ""
    before = {name: stack.pid(name) for name in ("smtp_ingest", "mail_access", "news_gateway", "ssh_admin")}
    with ThreadPoolExecutor(len(DOORS)) as at_once:
        talks = [
            at_once.submit(_keep_talking, lambda door=door: enter(stack, door, source=source), DIALOGUES[door], door)  # type: ignore[misc]
            for door in DOORS
        ]
        assert an_ordinary_visit(member) < VISIT_SECONDS
        print(dict(zip(DOORS, (talk.result() for talk in talks), strict=True)))
    assert an_ordinary_visit(member) < VISIT_SECONDS
    assert {name: stack.pid(name) for name in before} == before


def test_noise_instead_of_a_handshake_ends_the_connection(stack: Stack) -> None:
    chance = random.Random(SEED)
    for door in ("submissions", "imaps", "pop3s", "nntps"):
        for octets in (
            chance.randbytes(2000),
            b"EHLO client.example\r\n",
            b"\x16\x03\x01\xff\xff" + chance.randbytes(200),
        ):
            with Wire(getattr(stack, door)) as wire:
                wire.send(octets)
                wire.half_close()
                assert b"220 " not in wire.rest()
    for door in IN_THE_CLEAR:
        with enter(stack, door) as wire:
            wire.send({"imap": b"1 STARTTLS\r\n", "pop3": b"STLS\r\n"}.get(door, b"EHLO x\r\nLHLO x\r\nSTARTTLS\r\n"))
            wire.receive_within(1)
            wire.send(chance.randbytes(2000))
            wire.half_close()
            wire.rest()
