"""An mboxrd gives each message back as it was."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messages.mboxrd import LOOK_AHEAD, LOOK_BEHIND, as_mboxrd, line_before, quoted_piece

NOW = datetime(2024, 7, 1, 10, 0, 0, tzinfo=UTC)
LINES = st.lists(st.sampled_from([b"From x", b">From x", b">>From ", b"From", b" From x", b"", b"x\ry", b"\xff", b"."]))


def read_back(file: bytes) -> list[bytes]:
    """The messages of an mboxrd, as its readers take them."""
    pieces = re.split(rb"(?m)^(?=From )", file)[1:]
    return [re.sub(rb"(?m)^>(>*From )", rb"\1", piece.partition(b"\n")[2].removesuffix(b"\n")) for piece in pieces]


@given(st.lists(LINES, min_size=1, max_size=3))
def test_every_message_is_read_back_as_it_was(messages: list[list[bytes]]) -> None:
    octets = [b"Subject: x\r\n\r\n" + b"".join(line + b"\r\n" for line in lines) for lines in messages]
    file = b"".join(as_mboxrd(each, NOW) for each in octets)
    assert [each.replace(b"\n", b"\r\n") for each in read_back(file)] == octets


@pytest.mark.parametrize(
    ("header", "line"),
    [
        (b"", b"From MAILER-DAEMON Mon Jul  1 10:00:00 2024\n"),
        (b"From: Ann <ann@example.org>\r\n", b"From ann@example.org Mon Jul  1 10:00:00 2024\n"),
        (b'From: "a b"@x\r\n', b"From ab@x Mon Jul  1 10:00:00 2024\n"),
        (b"From: nobody\r\nDate: teatime\r\n", b"From MAILER-DAEMON Mon Jul  1 10:00:00 2024\n"),
        (b"Date: Tue, 16 Jul 2024 01:00:00 +0200\r\n", b"From MAILER-DAEMON Mon Jul 15 23:00:00 2024\n"),
        (b"Date: Fri, 31 Dec 9999 23:59:59 -0200\r\n", b"From MAILER-DAEMON Mon Jul  1 10:00:00 2024\n"),
    ],
)
def test_the_line_before_a_message_has_a_sender_and_a_date(header: bytes, line: bytes) -> None:
    assert as_mboxrd(header + b"\r\nx\r\n", NOW).startswith(line)


@given(LINES, st.integers(1, 40), st.booleans())
def test_pieces_are_the_same_as_the_whole(lines: list[bytes], size: int, ends: bool) -> None:
    message = b"Subject: x\r\n\r\n" + b"\r\n".join(lines) + (b"\r\n" if ends else b"")
    pieces = [
        quoted_piece(message[max(0, at - LOOK_BEHIND) : at], message[at : at + size], message[at + size :][:LOOK_AHEAD])
        for at in range(0, len(message), size)
    ]
    end = b"\n" if message.endswith(b"\n") else b"\n\n"
    assert line_before(message, NOW) + b"".join(pieces) + end == as_mboxrd(message, NOW)


def test_a_line_of_more_marks_than_are_looked_at_is_left_as_it_is() -> None:
    marks = b">" * (LOOK_BEHIND + 1)
    assert quoted_piece(marks[-LOOK_BEHIND:], b"From x\r\n", b"") == b"From x\n"
    assert quoted_piece(marks[: LOOK_BEHIND - 1], b"From x\r\n", b"") == b">From x\n"
