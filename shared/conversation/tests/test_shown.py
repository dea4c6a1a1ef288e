"""Conversations as administrators see them: every line, and of secrets and messages the size alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest

from shared.conversation.shown import IMAP, NNTP, POP3, SMTP, Protocol, Shown

SECRET = b"c2VjcmV0"


def play(protocol: Protocol, script: Sequence[tuple[str, bytes]], *, proved: bool = True, pieces: int = 0) -> list[str]:
    """What is shown of a conversation: C a line, O octets that are no line, S what the server sends."""
    said: list[str] = []
    shown = Shown(protocol, lambda: 12.0, said.append, proved=proved)
    for who, octets in script:
        if who == "C":
            shown.line(octets)
        elif who == "O":
            shown.octets(len(octets))
        else:
            for at in range(0, len(octets), pieces or len(octets)):
                shown.sent(octets[at : at + (pieces or len(octets))])
    return [re.sub(r"^ +0\.0 ms ", "", line) for line in said]


def test_each_line_has_its_milliseconds() -> None:
    said: list[str] = []
    times = iter((1.0, 1.0015, 2.0))
    shown = Shown(SMTP, lambda: next(times), said.append, proved=True)
    shown.line(b"NOOP")
    shown.sent(b"250 2.0.0 ok\r\n")
    assert said == ["       1.5 ms C: NOOP", "    1000.0 ms S: 250 2.0.0 ok"]


@pytest.mark.parametrize(
    ("protocol", "script", "shown"),
    [
        pytest.param(
            SMTP,
            [("C", b"AUTH PLAIN " + SECRET), ("S", b"235 ok\r\n"), ("C", b"MAIL FROM:<a@b>"), ("O", b"a message")],
            ["C: AUTH PLAIN (9 octets)", "S: 235 ok", "C: MAIL FROM:<a@b>", "C: (9 octets)"],
            id="smtp-plain",
        ),
        pytest.param(
            SMTP,
            [("C", b"auth login"), ("S", b"334 VXNl\r\n"), ("C", SECRET), ("S", b"334 UGFz\r\n"), ("C", SECRET),
             ("S", b"535 no\r\n"), ("C", b"QUIT")],
            ["C: auth login", "S: 334 (5 octets)", "C: (8 octets)", "S: 334 (5 octets)", "C: (8 octets)", "S: 535 no",
             "C: QUIT"],
            id="smtp-login",
        ),
        pytest.param(
            POP3,
            [("C", b"USER alice"), ("S", b"+OK\r\n"), ("C", b"PASS " + SECRET), ("S", b"+OK\r\n"), ("C", b"RETR 1"),
             ("S", b"+OK 9 octets\r\nSubject: tea\r\n\r\n..\r\n.\r\n"), ("C", b"LIST"), ("S", b"+OK\r\n1 9\r\n.\r\n")],
            ["C: USER alice", "S: +OK", "C: PASS (9 octets)", "S: +OK", "C: RETR 1", "S: +OK 9 octets",
             "S: (20 octets)", "S: .", "C: LIST", "S: +OK", "S: 1 9", "S: ."],
            id="pop3",
        ),
        pytest.param(
            POP3,
            [("C", b"APOP alice " + SECRET), ("S", b"-ERR no\r\n"), ("C", b"AUTH PLAIN"), ("S", b"+ \r\n"),
             ("C", SECRET), ("S", b"+OK\r\n"), ("C", b"TOP 1 0"), ("S", b"-ERR gone\r\n"), ("C", b"STAT")],
            ["C: APOP alice (9 octets)", "S: -ERR no", "C: AUTH PLAIN", "S: + (0 octets)", "C: (8 octets)", "S: +OK",
             "C: TOP 1 0", "S: -ERR gone", "C: STAT"],
            id="pop3-apop-auth",
        ),
        pytest.param(
            NNTP,
            [("C", b"AUTHINFO USER alice"), ("S", b"381 go on\r\n"), ("C", b"AUTHINFO PASS " + SECRET),
             ("S", b"281 ok\r\n"), ("C", b"ARTICLE 1"), ("S", b"220 1 <a@b>\r\nSubject: tea\r\n.\r\n"), ("C", b"STAT")],
            ["C: AUTHINFO USER (6 octets)", "S: 381 go on", "C: AUTHINFO PASS (9 octets)", "S: 281 ok", "C: ARTICLE 1",
             "S: 220 1 <a@b>", "S: (14 octets)", "S: .", "C: STAT"],
            id="nntp",
        ),
        pytest.param(
            IMAP,
            [("C", b'a LOGIN alice "' + SECRET + b'"'), ("S", b"* CAPABILITY IMAP4rev1\r\na OK in\r\n"),
             ("C", b"b FETCH 1 (BODY[])"), ("S", b"* 1 FETCH (BODY[] {7}\r\nsecret\n UID 1)\r\nb OK\r\n"),
             ("C", b"c APPEND x {5}"), ("S", b"+ go on\r\n"), ("O", b"hello"), ("C", b""), ("S", b"c OK\r\n")],
            ["C: a LOGIN (17 octets)", "S: * CAPABILITY IMAP4rev1", "S: a OK in", "C: b FETCH 1 (BODY[])",
             "S: * 1 FETCH (BODY[] {7}", "S: (7 octets)", "S:  UID 1)", "S: b OK", "C: c APPEND x {5}", "S: + go on",
             "C: (5 octets)", "C: ", "S: c OK"],
            id="imap",
        ),
        pytest.param(
            IMAP,
            [("C", b"a login {5}"), ("S", b"+ go on\r\n"), ("O", b"alice"), ("C", b' "' + SECRET + b'"'),
             ("S", b"A NO\r\n"), ("C", b"b AUTHENTICATE SCRAM-SHA-256"), ("S", b"+ \r\n"), ("C", SECRET),
             ("S", b"* OK still here\r\n+ " + SECRET + b"\r\n"), ("C", SECRET), ("S", b"b OK\r\n"), ("C", b"c NOOP")],
            ["C: a login (4 octets)", "S: + (6 octets)", "C: (5 octets)", "C: (11 octets)", "S: A NO",
             "C: b AUTHENTICATE SCRAM-SHA-256", "S: + (1 octets)", "C: (8 octets)", "S: * OK still here",
             "S: + (9 octets)", "C: (8 octets)", "S: b OK", "C: c NOOP"],
            id="imap-literals-sasl",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pieces", [0, 1, 3])
def test_secrets_and_messages_are_sizes(
    protocol: Protocol, script: Sequence[tuple[str, bytes]], shown: list[str], pieces: int
) -> None:
    assert play(protocol, script, pieces=pieces) == shown
    assert SECRET.decode() not in "".join(shown)


@pytest.mark.parametrize("protocol", [SMTP, POP3, NNTP, IMAP], ids=["smtp", "pop3", "nntp", "imap"])
def test_who_begins_to_look_in_the_middle_of_a_proof_sees_its_size(protocol: Protocol) -> None:
    assert play(protocol, [("C", SECRET), ("C", SECRET)], proved=False) == ["C: (8 octets)"] * 2


def test_long_lines_are_cut_and_what_is_not_ascii_is_escaped() -> None:
    long, escape = play(SMTP, [("C", b"x" * 1002), ("S", b"250 \x1b[2J\xff\r\n")])
    assert long == "C: " + "x" * 1000 + " (and 2 octets)"
    assert escape == "S: 250 \x1b[2J\\xff"
