"""The facts of a header that sorting and threads are made of (RFC 5256 §2 and §3)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from shared.messages.address import AddressPatience, read_addresses
from shared.messages.encoded_words import decode_words
from shared.messages.fields import unfold
from shared.messages.fold import fold, one_blank
from shared.messages.header_fields import HeaderFields

MOST_REFERENCES = 100  # the first and the last of a longer list
_MOST_VALUE_OCTETS = 16 << 10  # of a field; References of a hundred have some 8 KiB
IDENTIFIER = re.compile(rb"<[^<>\s]{1,1000}>")


class ThreadHeader(NamedTuple):
    """Message-IDs are with their angle brackets; "" and None stand for what is not there."""

    subject: str  # decoded
    sent_at: datetime | None  # aware
    identifier: bytes
    references: tuple[bytes, ...]  # the oldest first; of In-Reply-To where there is no References


def read_thread_header(header: bytes) -> ThreadHeader:
    """Never raises."""
    fields = HeaderFields(header)
    identifiers = IDENTIFIER.findall(_value(fields, b"message-id"))
    references = IDENTIFIER.findall(_value(fields, b"references"))
    if not references:
        references = IDENTIFIER.findall(_value(fields, b"in-reply-to"))[:1]
    if len(references) > MOST_REFERENCES:
        references = [references[0], *references[1 - MOST_REFERENCES :]]
    return ThreadHeader(
        subject=decode_words(_value(fields, b"subject")),
        sent_at=read_moment(_value(fields, b"date")),
        identifier=identifiers[0] if identifiers else b"",
        references=tuple(references),
    )


def first_mailbox(header: bytes, name: bytes) -> str:
    """What SORT compares of From, To and Cc: the folded local part of the first address; "" without one."""
    value = _value(HeaderFields(header), name)
    if not value:
        return ""
    for _name, _route, mailbox, host in read_addresses(value, AddressPatience()):
        if mailbox is not None and host is not None:
            return fold(mailbox.decode("utf-8", "replace"))
    return ""


def read_moment(value: bytes) -> datetime | None:
    """The Date field's moment, with its zone; a date without one is taken for UTC. None if it is no date."""
    if not value or len(value) > 200:
        return None
    try:
        moment = parsedate_to_datetime(value.decode("ascii", "replace"))
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _value(fields: HeaderFields, name: bytes) -> bytes:
    field = fields.first(name)
    if field is None:
        return b""
    return one_blank(unfold(fields.value(field)[:_MOST_VALUE_OCTETS]).strip())
