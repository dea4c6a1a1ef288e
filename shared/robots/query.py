"""A message to a robot as the robot reads it."""

from __future__ import annotations

from typing import NamedTuple

from shared.accounts.account import Account
from shared.messages.encoded_words import decode_words
from shared.messages.fields import unfold
from shared.messages.header_fields import HeaderFields
from shared.messages.people import first_person
from shared.messages.scan import end_of_header
from shared.messages.thread_header import IDENTIFIER
from shared.robots.job import RobotJob

MOST_SUBJECT_CHARACTERS = 500
_MOST_VALUE_OCTETS = 16 << 10  # of a field


class RobotQuery(NamedTuple):
    """Who asks, and what; `account` is None where the sender is not proved: a stranger, then."""

    account: Account | None
    detail: str
    subject: str  # decoded, one line
    identifier: bytes  # its Message-ID; empty where there is none
    reply_to: str  # the address of Reply-To, else that of From, else the envelope's
    base_revision: str  # what X-Base-Revision says; empty where there is none
    octets: bytes


def read_query(job: RobotJob, account: Account | None) -> RobotQuery:
    """Never raises."""
    octets = job.octets
    fields = HeaderFields(octets[: end_of_header(octets, 0, len(octets))])
    subject = " ".join(decode_words(_value(fields, b"subject")[:_MOST_VALUE_OCTETS]).split())
    shown = "".join(letter for letter in subject if letter.isprintable())
    identifier = IDENTIFIER.search(_value(fields, b"message-id"))
    people = (first_person(_value(fields, name)).address for name in (b"reply-to", b"from"))
    return RobotQuery(
        account=account,
        detail=job.detail,
        subject=shown[:MOST_SUBJECT_CHARACTERS],
        identifier=b"" if identifier is None else identifier[0],
        reply_to=next(filter(_is_plain, people), job.sender),
        base_revision=_value(fields, b"x-base-revision").decode("ascii", "replace"),
        octets=octets,
    )


def _value(fields: HeaderFields, name: bytes) -> bytes:
    field = fields.first(name)
    return b"" if field is None else unfold(fields.value(field)[:_MOST_VALUE_OCTETS]).strip()


def _is_plain(address: str) -> bool:
    """Whether it can stand in a header as it is."""
    return bool(address) and address.isascii() and address.isprintable() and not set(' ,;:<>()"\\') & set(address)
