"""The header of an article that is handed in: read, and refused where it breaks a rule (RFC 5536, RFC 5537 §3.5).

Kinder than the RFCs: raw 8-bit octets are taken anywhere, no blank is asked for behind a colon, and an identifier needs
no "@" (RFC 3977 §3.6), so that what comes by mail needs no other rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from mmap import mmap
from typing import NamedTuple

from shared.messages.address import AddressPatience
from shared.messages.find import find
from shared.messages.header_fields import HeaderFields
from shared.messages.line_ends import is_proper
from shared.messages.mailbox_list import is_mailbox_list
from shared.messages.sent_at import read_sent_at
from shared.rooms.errors import ArticleUnfit, TooManyRooms

MOST_HEADER_OCTETS = 64 << 10  # INN's limit for all of a header is 32 KiB less
MOST_LINE_OCTETS = 998  # of a header (RFC 5322 §2.1.1)
MOST_ROOMS = 20  # each is a lock and two rows of the same commit; more of them are what spammers send
MOST_IDENTIFIER_OCTETS = 250  # RFC 3977 §3.6
MOST_AHEAD = timedelta(hours=24)  # RFC 5537 §3.5
_WESTMOST = timedelta(hours=12)  # the zone that is farthest behind UTC

_IDENTIFIER = re.compile(rb"<[!-;=?-~]{1,248}>")
_GROUP = re.compile(rb"[A-Za-z0-9+_-]+(?:\.[A-Za-z0-9+_-]+)*")
_FIELD_NAME = re.compile(rb"[!-9;-~]+")
_REQUIRED = (b"From", b"Subject")
_SINGLE = (
    *(b"From", b"Subject", b"Newsgroups", b"Date", b"Message-ID", b"Path", b"References", b"Followup-To", b"Control"),
    *(b"Supersedes", b"Approved", b"Sender", b"Reply-To", b"Distribution", b"Expires", b"Organization", b"Summary"),
    *(b"Injection-Date", b"Injection-Info", b"Xref", b"Lines", b"Archive", b"User-Agent", b"In-Reply-To"),
    *(b"MIME-Version", b"Content-Type", b"Content-Transfer-Encoding", b"Cancel-Lock", b"Cancel-Key"),
)
# Trace of an injection or of a server's own numbering: a proto-article has none (RFC 5537 §3.4.1).
_OURS = (b"Injection-Info", b"Xref")
_BLANKS = (b" ", b"\t")


class ArticleHeader(NamedTuple):
    """The header of an article; fields that it does not have are None, or empty."""

    fields: HeaderFields
    identifier: bytes | None  # with its angle brackets
    groups: Sequence[str]  # of Newsgroups, each once
    path: bytes | None
    has_date: bool
    has_injection_date: bool
    approved: bool
    control: bytes | None
    supersedes: bytes | None


def read_article(octets: bytes | mmap, now: datetime, *, relayed: bool = False) -> ArticleHeader:
    """Check the article and read its header. Raises ArticleUnfit, TooManyRooms.

    `relayed`: it comes from another server (IHAVE), which has put its fields on top already (RFC 5537 §3.6).
    """
    header = _header(octets)
    _check_lines(header)
    fields = HeaderFields(header)
    for name in _SINGLE:
        if fields.count(name.lower()) > 1:
            raise ArticleUnfit(f"there is more than one {name.decode()}")
    for name in _REQUIRED:
        if not _value(fields, name):
            raise ArticleUnfit(f"there is no {name.decode()}")
    author = _value(fields, b"From") or b""
    if b"@" not in author or not is_mailbox_list(author, AddressPatience()):
        raise ArticleUnfit("From is no address")
    path = _value(fields, b"Path")
    if relayed:
        _check_relayed(fields, path)
    else:
        _check_not_injected(fields, path)
    return ArticleHeader(
        fields=fields,
        identifier=_identifier(fields, b"Message-ID"),
        groups=_groups(_value(fields, b"Newsgroups")),
        path=path,
        has_date=_has_date(fields, b"Date", now),
        has_injection_date=_has_date(fields, b"Injection-Date", now),
        approved=fields.count(b"approved") > 0,
        control=_value(fields, b"Control"),
        supersedes=_identifier(fields, b"Supersedes"),
    )


def _header(octets: bytes | mmap) -> bytes:
    """The header with its last line's end."""
    end = find(octets, b"\r\n\r\n", 0, min(len(octets), MOST_HEADER_OCTETS + 4))
    if end < 0:
        if len(octets) > MOST_HEADER_OCTETS:
            raise ArticleUnfit(f"the header is longer than {MOST_HEADER_OCTETS >> 10} KiB")
        raise ArticleUnfit("there is no empty line between header and body")
    if not is_proper(octets):
        raise ArticleUnfit("there is a NUL, or a line end that is not CR LF")
    return octets[: end + 2]


def _check_lines(header: bytes) -> None:
    for number, line in enumerate(header.split(b"\r\n")[:-1]):
        if len(line) > MOST_LINE_OCTETS:
            raise ArticleUnfit(f"a line of the header is longer than {MOST_LINE_OCTETS} octets")
        if line[:1] in _BLANKS and number > 0:
            continue
        name, colon, _ = line.partition(b":")
        if not colon or not _FIELD_NAME.fullmatch(name):
            raise ArticleUnfit("a line of the header is no field")


def _check_relayed(fields: HeaderFields, path: bytes | None) -> None:
    for name in (b"Newsgroups", b"Date", b"Message-ID"):
        if not _value(fields, name):
            raise ArticleUnfit(f"there is no {name.decode()}")
    if not path:
        raise ArticleUnfit("there is no Path")


def _check_not_injected(fields: HeaderFields, path: bytes | None) -> None:
    for name in _OURS:
        if fields.count(name.lower()):
            raise ArticleUnfit(f"{name.decode()} is for the server to write")
    if path is not None and b".POSTED" in path.upper():
        raise ArticleUnfit("Path says that the article was posted elsewhere already")
    if fields.count(b"injection-date") and not (fields.count(b"date") and fields.count(b"message-id")):
        raise ArticleUnfit("Injection-Date without Date and Message-ID is for the server to write")


def _value(fields: HeaderFields, name: bytes) -> bytes | None:
    """The field's value on one line; None where there is no such field."""
    field = fields.first(name.lower())
    return None if field is None else fields.value(field).replace(b"\r\n", b"").strip(b" \t")


def _identifier(fields: HeaderFields, name: bytes) -> bytes | None:
    value = _value(fields, name)
    if value is None:
        return None
    if not is_identifier(value):
        raise ArticleUnfit(f"{name.decode()} is not of the form <unique@domain>")
    return value


def is_identifier(value: bytes) -> bool:
    """Whether it may be a Message-ID (RFC 3977 §3.6)."""
    return len(value) <= MOST_IDENTIFIER_OCTETS and _IDENTIFIER.fullmatch(value) is not None


def _groups(value: bytes | None) -> Sequence[str]:
    if not value:
        return ()
    if value.count(b",") >= MOST_ROOMS:
        raise TooManyRooms(f"more than {MOST_ROOMS} newsgroups")
    groups = [group.strip(b" \t") for group in value.split(b",")]
    if not all(map(_GROUP.fullmatch, groups)):
        raise ArticleUnfit("Newsgroups is no list of names with commas between them")
    return list(dict.fromkeys(group.decode() for group in groups))


def _has_date(fields: HeaderFields, name: bytes, now: datetime) -> bool:
    value = _value(fields, name)
    if value is None:
        return False
    wall = read_sent_at(value)
    if wall is None:
        raise ArticleUnfit(f"{name.decode()} is no date")
    if wall.replace(tzinfo=UTC) > now + MOST_AHEAD - _WESTMOST and _moment(value, wall) > now + MOST_AHEAD:
        raise ArticleUnfit(f"{name.decode()} is more than {MOST_AHEAD // timedelta(hours=1)} hours in the future")
    return True


def _moment(value: bytes, wall: datetime) -> datetime:
    """The date with its zone; one whose zone cannot be read is UTC."""
    try:
        moment = parsedate_to_datetime(value.decode("ascii", "replace"))
    except (ValueError, TypeError, IndexError):
        moment = wall
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
