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
_NOT_IN_SENDER = re.compile(rb"[^!-~]+")
_UNKNOWN_SENDER = b"MAILER-DAEMON"  # what others write where there is none


def as_mboxrd(message: bytes, otherwise: datetime) -> bytes:
    """`message` with the line before it and the empty line behind it. `otherwise` is its time if it has no Date."""
    lines = message.replace(b"\r\n", b"\n")
    end = lines.find(b"\n\n")
    fields = read_fields(lines if end < 0 else lines[: end + 1])
    date = (_date(fields.get(b"date", b"")) or otherwise).astimezone(UTC)
    written = f"{date:%a %b} {date.day:2d} {date:%H:%M:%S} {date.year:04d}"  # as asctime does
    body = _BEGINS_MESSAGE.sub(rb">\1", lines)
    if not body.endswith(b"\n"):
        body += b"\n"
    return b"From %b %b\n%b\n" % (_sender(fields.get(b"from", b"")), written.encode(), body)


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
