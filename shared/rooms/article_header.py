"""The header of an article that is handed in: read, and refused where it breaks a rule (RFC 5536, RFC 5537 §3.5).

Kinder than the RFCs: raw 8-bit octets are taken anywhere, no blank is asked for behind a colon, and an identifier needs
no "@" (RFC 3977 §3.6), so that what comes by mail needs no other rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
_SINGLE_NAMES = {name.lower(): name for name in _SINGLE}
# Trace of an injection or of a server's own numbering: a proto-article has none (RFC 5537 §3.4.1).
_OURS = (b"Injection-Info", b"Xref")
_BLANKS = (b" ", b"\t")


# One ordinary address, with or without a name; anything else is read by the grammar, in five times the time.
_ORDINARY_FROM = re.compile(rb"[^\x00-\x1f\x7f<>@,:;()\"\\\[\]]*<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>")


class ArticleHeader(NamedTuple):
    """The header of an article; fields that it does not have are None, or empty."""

    octets: bytes  # with its last line's end, without the empty line
    values: Mapping[bytes, bytes]  # of the first field of each name, in lower case, as they stand behind the colon
    identifier: bytes | None  # with its angle brackets
    groups: Sequence[str]  # of Newsgroups, each once
    path: bytes | None
    has_date: bool
    has_injection_date: bool
    approved: bool
    control: bytes | None
    supersedes: bytes | None

    @property
    def fields(self) -> HeaderFields:
        """To look for fields that are rarely asked for, and to take some out."""
        return HeaderFields(self.octets)

    def value(self, name: bytes) -> bytes:
        """What the first field called `name` (in lower case) holds; empty where there is none."""
        return self.values.get(name, b"")


def read_article(octets: bytes | mmap, now: datetime, *, relayed: bool = False) -> ArticleHeader:
    """Check the article and read its header. Raises ArticleUnfit, TooManyRooms.

    `relayed`: it comes from another server (IHAVE), which has put its fields on top already (RFC 5537 §3.6).
    """
    header = _header(octets)
    values = _values(header)
    for name in _REQUIRED:
        if not _value(values, name):
            raise ArticleUnfit(f"there is no {name.decode()}")
    author = _value(values, b"From") or b""
    if not _ORDINARY_FROM.fullmatch(author) and (b"@" not in author or not is_mailbox_list(author, AddressPatience())):
        raise ArticleUnfit("From is no address")
    path = _value(values, b"Path")
    if relayed:
        _check_relayed(values, path)
    else:
        _check_not_injected(values, path)
    return ArticleHeader(
        octets=header,
        values=values,
        identifier=_identifier(values, b"Message-ID"),
        groups=_groups(_value(values, b"Newsgroups")),
        path=path,
        has_date=_has_date(values, b"Date", now),
        has_injection_date=_has_date(values, b"Injection-Date", now),
        approved=b"approved" in values,
        control=_value(values, b"Control"),
        supersedes=_identifier(values, b"Supersedes"),
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


def _values(header: bytes) -> dict[bytes, bytes]:
    """The fields by name, in one pass."""
    values: dict[bytes, bytes] = {}
    folded: dict[bytes, list[bytes]] = {}
    name = b""
    for line in header.split(b"\r\n")[:-1]:
        if len(line) > MOST_LINE_OCTETS:
            raise ArticleUnfit(f"a line of the header is longer than {MOST_LINE_OCTETS} octets")
        if line[:1] in _BLANKS and values:
            if name:
                folded.setdefault(name, [values[name]]).append(line)
            continue
        spelled, colon, value = line.partition(b":")
        if not colon or not _FIELD_NAME.fullmatch(spelled):
            raise ArticleUnfit("a line of the header is no field")
        name = spelled.lower()
        if name not in values:
            values[name] = value
        elif name in _SINGLE_NAMES:
            raise ArticleUnfit(f"there is more than one {_SINGLE_NAMES[name].decode()}")
        else:
            name = b""  # the first one counts
    for name, pieces in folded.items():
        values[name] = b"".join(pieces)
    return values


def _check_relayed(values: Mapping[bytes, bytes], path: bytes | None) -> None:
    for name in (b"Newsgroups", b"Date", b"Message-ID"):
        if not _value(values, name):
            raise ArticleUnfit(f"there is no {name.decode()}")
    if not path:
        raise ArticleUnfit("there is no Path")


def _check_not_injected(values: Mapping[bytes, bytes], path: bytes | None) -> None:
    for name in _OURS:
        if name.lower() in values:
            raise ArticleUnfit(f"{name.decode()} is for the server to write")
    if path is not None and b".POSTED" in path.upper():
        raise ArticleUnfit("Path says that the article was posted elsewhere already")
    if b"injection-date" in values and not (b"date" in values and b"message-id" in values):
        raise ArticleUnfit("Injection-Date without Date and Message-ID is for the server to write")


def _value(values: Mapping[bytes, bytes], name: bytes) -> bytes | None:
    """What the field holds, without blanks around it; None where there is no such field."""
    value = values.get(name.lower())
    return None if value is None else value.strip(b" \t")


def _identifier(values: Mapping[bytes, bytes], name: bytes) -> bytes | None:
    value = _value(values, name)
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


def _has_date(values: Mapping[bytes, bytes], name: bytes, now: datetime) -> bool:
    value = _value(values, name)
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
