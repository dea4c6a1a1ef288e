"""Messages that a stranger hands in, and that cost much more than their octets when they are taken or looked at."""

from __future__ import annotations

import time
from collections.abc import Callable

from integration_tests.benchmarks.jobs.abuse.attack import RECEIVED_AT_ONCE, Attack, Attacker
from integration_tests.benchmarks.jobs.job import scaled

MB = 1_000_000
DEPTH = 48
EMPTY_PARTS = 9_900
NESTED_MESSAGES = 4
FLAT_PARTS, FLAT_PART_OCTETS = 9_990, 110
COPIES = 64
SUBJECT_OCTETS = 4 * MB
BOUNDARY_OCTETS = 8 * MB
ENCODINGS, ENCODING_OCTETS, ENCODED_MESSAGES = 10, MB, 5
UNREAD_SECONDS = 5.0  # so long a client reads nothing of its answer

MULTIPART = b"Content-Type: multipart/mixed; boundary=%b\r\n\r\n"


def nested_message(scale: float) -> bytes:
    """Multiparts inside each other, and very many parts in the innermost: 102 KB."""
    opened = b"".join(MULTIPART % b"o%d" % level + b"--o%d\r\n" % level for level in range(DEPTH - 1))
    return (
        b"Subject: nested\r\n"
        + opened
        + MULTIPART % b"i"
        + b"--i\r\n\r\n\r\n" * scaled(EMPTY_PARTS, scale)
        + b"--i--\r\n"
    )


def flat_message(scale: float) -> bytes:
    """Very many parts beside each other: 1.1 MB."""
    part = b"--b\r\n\r\n".ljust(FLAT_PART_OCTETS - 2, b"x") + b"\r\n"
    return b"Subject: flat\r\n" + MULTIPART % b"b" + part * scaled(FLAT_PARTS, scale) + b"--b--\r\n"


def long_subject(scale: float) -> bytes:
    """4 MB, nearly all of it the subject."""
    return b"Subject: " + b"x" * scaled(SUBJECT_OCTETS, scale) + b"\r\n\r\nbody\r\n"


def long_boundary(scale: float) -> bytes:
    """24 MB, most of it the boundary: once where it is named, twice where it stands."""
    boundary = b"x" * scaled(BOUNDARY_OCTETS, scale)
    return b"Subject: boundary\r\n" + MULTIPART % boundary + (b"--%b\r\n\r\nbody\r\n" % boundary) * 2


def odd_encodings(number: int, scale: float) -> bytes:
    """10 MB, most of it names of encodings that nobody has heard of."""
    parts = b"".join(
        b"--b\r\nContent-Transfer-Encoding: %b\r\n\r\nbody\r\n"
        % (b"%d-%d-" % (number, part)).ljust(scaled(ENCODING_OCTETS, scale), b"x")
        for part in range(ENCODINGS)
    )
    return b"Subject: encodings\r\n" + MULTIPART % b"b" + parts + b"--b--\r\n"


def _keep(mailbox: str, message: Callable[[float], bytes], copies: int) -> Callable[[Attacker], None]:
    """Brings the message in by SMTP, and copies of it into a mailbox; if the message is refused, that stays empty."""

    def prepare(attacker: Attacker) -> None:
        with attacker.mail_program() as imap:
            imap.make_anew(mailbox)
            if not attacker.hand_in(message(attacker.scale)):
                return
            imap.command("SELECT INBOX")
            imap.command(f"COPY * {mailbox}")
            imap.command(f"SELECT {mailbox}")
            there = 1
            while there < copies:
                more = min(there, copies - there)
                imap.command(f"COPY 1:{more} {mailbox}")
                there += more

    return prepare


def _fetch_structures(mailbox: str) -> Callable[[Attacker], None]:
    def attack(attacker: Attacker) -> None:
        with attacker.member(mailbox) as wire:
            wire.imap(b"FETCH 1:* FULL")

    return attack


def _read_nothing(attacker: Attacker) -> None:
    with attacker.member("Abuse-Subjects", receive_octets=RECEIVED_AT_ONCE) as wire:
        wire.send(b"a FETCH 1:* ENVELOPE\r\n")
        time.sleep(min(UNREAD_SECONDS, attacker.seconds_left))


def _hand_in_boundary(attacker: Attacker) -> None:
    attacker.hand_in(long_boundary(attacker.scale))


def _hand_in_encodings(attacker: Attacker) -> None:
    for number in range(ENCODED_MESSAGES):
        if not attacker.may_go_on:
            break
        attacker.hand_in(odd_encodings(number, attacker.scale))


BOTH = ("imap", "smtp")
ATTACKS = (
    Attack(
        "nested-structures",
        f"deeply nested structures: {NESTED_MESSAGES} messages of 102 KB",
        _fetch_structures("Abuse-Nested"),
        _keep("Abuse-Nested", nested_message, NESTED_MESSAGES),
        BOTH,
    ),
    Attack(
        "many-parts",
        f"structures of {FLAT_PARTS:,} parts, {COPIES} copies",
        _fetch_structures("Abuse-Flat"),
        _keep("Abuse-Flat", flat_message, COPIES),
        BOTH,
    ),
    Attack(
        "long-subjects",
        f"subjects of 4 MB, {COPIES} copies, unread",
        _read_nothing,
        _keep("Abuse-Subjects", long_subject, COPIES),
        BOTH,
    ),
    Attack("long-boundary", "a boundary of 8 MB", _hand_in_boundary, bystanders=BOTH),
    Attack("odd-encodings", "unknown encodings of 1 MB each", _hand_in_encodings, bystanders=BOTH),
)
