"""Messages as lines of an mbox file of the kind mboxrd, in which no message is changed for good (RFC 4155, appendix A).

Lines end with LF. Each line of a message that would begin the next one, whether or not it is quoted already, has one
more `>`, which a reader takes off again.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from shared.messages.address import MISSING_DOMAIN, MISSING_MAILBOX, read_addresses
from shared.messages.fields import read_fields

_BEGINS_MESSAGE = re.compile(rb"^(>*From )", re.MULTILINE)
LOOK_BEHIND, LOOK_AHEAD = 4096, 5  # octets
_NOT_IN_SENDER = re.compile(rb"[^!-~]+")
_UNKNOWN_SENDER = b"MAILER-DAEMON"  # what others write where there is none


def as_mboxrd(message: bytes, otherwise: datetime, *, is_its_time: bool = False, status: bytes = b"") -> bytes:
    """`message` with the line before it and the empty line behind it. `otherwise` is its time if it has no Date.

    `is_its_time`: even if it has one. `status`: lines that are put behind its header.
    """
    lines = message.replace(b"\r\n", b"\n")
    before = line_before(lines, otherwise, is_its_time=is_its_time)
    if status:
        end = 0 if lines.startswith(b"\n") else lines.find(b"\n\n") + 1 or len(lines)
        missing = b"\n" if end and not lines.endswith(b"\n", 0, end) else b""
        lines = lines[:end] + missing + status + lines[end:]
    body = _BEGINS_MESSAGE.sub(rb">\1", lines)
    if not body.endswith(b"\n"):
        body += b"\n"
    return b"%b%b\n" % (before, body)


def line_before(beginning: bytes, otherwise: datetime, *, is_its_time: bool = False) -> bytes:
    """The line before a message that begins so: all of its header should be there, with either kind of line ends."""
    lines = beginning.replace(b"\r\n", b"\n")
    end = lines.find(b"\n\n")
    fields = read_fields(lines if end < 0 else lines[: end + 1])
    date = ((None if is_its_time else _date(fields.get(b"date", b""))) or otherwise).astimezone(UTC)
    written = f"{date:%a %b} {date.day:2d} {date:%H:%M:%S} {date.year:04d}"  # as asctime does
    return b"From %b %b\n" % (_sender(fields.get(b"from", b"")), written.encode())


def quoted_piece(before: bytes, piece: bytes, after: bytes) -> bytes:
    """A piece of a message's lines as they are in the file; all pieces together are as as_mboxrd() writes them.

    `before` ends where `piece` begins, `after` begins where it ends: LOOK_BEHIND and LOOK_AHEAD octets of the message,
    fewer at its beginning and end. Only a line that begins with LOOK_BEHIND times `>` has none more.
    """
    lines = _without_returns(piece, after)
    if b"From " not in before[-LOOK_AHEAD:] + piece + after:
        return lines
    start = _without_returns(before, piece)
    text = start + lines + after
    quoted, at = [], len(start)
    for found in _BEGINS_MESSAGE.finditer(text):
        place = found.end() - len(b"From ")  # a `>` more is the same at each place before it
        begins_line = found.start() > 0 or len(before) < LOOK_BEHIND
        if begins_line and len(start) <= place < len(start) + len(lines):
            quoted += [text[at:place], b">"]
            at = place
    return b"".join((*quoted, text[at : len(start) + len(lines)]))


def _without_returns(octets: bytes, following: bytes) -> bytes:
    lines = octets.replace(b"\r\n", b"\n")
    return lines[:-1] if octets.endswith(b"\r") and following.startswith(b"\n") else lines


def _sender(value: bytes) -> bytes:
    for _, _, mailbox, host in read_addresses(value):
        if mailbox and host and mailbox != MISSING_MAILBOX and host != MISSING_DOMAIN:
            return _NOT_IN_SENDER.sub(b"", b"%b@%b" % (mailbox, host)) or _UNKNOWN_SENDER
    return _UNKNOWN_SENDER


def _date(value: bytes) -> datetime | None:
    try:
        date = parsedate_to_datetime(value.decode("ascii", "replace"))
        return (date if date.tzinfo is not None else date.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
