"""Messages for load: always the same ones, of about the size that is asked for."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from functools import cache

RARE_WORD = "xylophone"  # in the text of one message in a hundred, to be searched for
RARE_EVERY = 100
SUBJECT_WORD = "quarterly"  # in the subject of one in fifty
SUBJECT_EVERY = 50
LINE_OCTETS = 72
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]


@cache
def _vocabulary() -> list[str]:
    chance = random.Random("vocabulary")
    return ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(2000)]


def _prose(chance: random.Random, octets: int) -> str:
    """Lines of words; short words come more often, as they do."""
    lines: list[str] = []
    line: list[str] = []
    length = total = 0
    words = _vocabulary()
    while total < octets:
        word = words[int(chance.random() ** 2 * len(words))]
        if length + len(word) > LINE_OCTETS:
            lines.append(" ".join(line))
            total += length + 1
            line, length = [], 0
        line.append(word)
        length += len(word) + 1
    return "\r\n".join(lines)


def simple_message(octets: int, recipient: str, identity: str) -> bytes:
    """A message of plain text that ends with CRLF; no line of it begins with a dot."""
    header = (
        f"From: Load <load@sender.example>\r\nTo: <{recipient}>\r\nSubject: message {identity}\r\n"
        f"Date: Mon, 6 Jul 2026 08:00:00 +0000\r\nMessage-ID: <{identity}@sender.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n"
    ).encode()
    return header + _text(max(octets - len(header), 80))


@cache
def _text(octets: int) -> bytes:
    return _prose(random.Random(octets), octets).encode()[: octets - 2] + b"\r\n"


def corpus(count: int, octets: int = 4096) -> Iterator[bytes]:
    """`count` messages as people get them: seven of ten plain, two with HTML beside, one with an attachment."""
    for number in range(count):
        yield corpus_message(number, octets)


def corpus_message(number: int, octets: int = 4096) -> bytes:
    """Message `number` of the corpus."""
    chance = random.Random(number)
    subject = " ".join(chance.choices(_vocabulary(), k=5))
    if number % SUBJECT_EVERY == 1:
        subject += f" {SUBJECT_WORD}"
    fields = [
        f"Return-Path: <person{number % 89}@friends.example>",
        f"Received: from mail.friends.example (mail.friends.example [192.0.2.{number % 250}])\r\n"
        f"\tby mx.home.example with ESMTPS id {chance.getrandbits(48):012x};\r\n"
        f"\tTue, 7 Jul 2026 09:{number // 60 % 60:02}:{number % 60:02} +0000",
        f"Date: Tue, 7 Jul 2026 09:{number // 60 % 60:02}:{number % 60:02} +0000",
        f'From: "Person No. {number % 89}" <person{number % 89}@friends.example>',
        f"To: Me <me@home.example>, circle{number % 9}@lists.example",
        f"Message-ID: <{number}.{chance.getrandbits(48):x}@friends.example>",
        f"Subject: {subject}",
        "MIME-Version: 1.0",
    ]
    if number % 3:
        fields.append(f"References: <first.{number}@friends.example> <last.{number}@friends.example>")
        fields.append(f"In-Reply-To: <last.{number}@friends.example>")
    rare = f"\r\n{RARE_WORD}" if number % RARE_EVERY == 7 else ""
    left = octets - sum(len(field) + 2 for field in fields)
    content = _content(chance, number % 10, max(left, 400), rare)
    return ("\r\n".join(fields) + "\r\n" + content).encode()


def _content(chance: random.Random, kind: int, octets: int, rare: str) -> str:
    if kind < 7:
        text = _prose(chance, octets - 80)
        return f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}{rare}\r\n"
    boundary = f"=_{chance.getrandbits(60):x}"
    if kind < 9:
        text = _prose(chance, (octets - 300) // 2)
        return (
            f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
            f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}{rare}\r\n"
            f"--{boundary}\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>{text}</p>\r\n--{boundary}--\r\n"
        )
    text = _prose(chance, octets // 4)
    attached = base64.encodebytes(chance.randbytes(max(octets - octets // 4 - 400, 60) * 72 // 100)).decode()
    return (
        f'Content-Type: multipart/mixed; boundary="{boundary}"\r\n\r\n'
        f"--{boundary}\r\nContent-Type: text/plain\r\n\r\n{text}{rare}\r\n"
        f'--{boundary}\r\nContent-Type: application/pdf; name="minutes.pdf"\r\n'
        "Content-Disposition: attachment; filename=minutes.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + attached.replace("\n", "\r\n")
        + f"--{boundary}--\r\n"
    )
