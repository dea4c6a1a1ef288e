"""The items that FETCH may ask of a message (RFC 3501 §6.4.5, RFC 7162 §3.1.4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Fact(Enum):
    """A data item that needs no argument."""

    UID = b"UID"
    FLAGS = b"FLAGS"
    INTERNALDATE = b"INTERNALDATE"
    SIZE = b"RFC822.SIZE"
    ENVELOPE = b"ENVELOPE"
    BODY = b"BODY"  # BODYSTRUCTURE without extension data
    BODYSTRUCTURE = b"BODYSTRUCTURE"
    MODSEQ = b"MODSEQ"


@dataclass(frozen=True, slots=True)
class Section:
    """A piece of a message's octets.

    `path` leads to a part, () is the message; `what` is "", "HEADER", "TEXT", "MIME", "HEADER.FIELDS" or
    "HEADER.FIELDS.NOT". `label` is how the reply names it: BODY[1.MIME] or RFC822.HEADER.
    """

    label: bytes
    path: tuple[int, ...] = ()
    what: str = ""
    fields: tuple[bytes, ...] = ()
    partial: tuple[int, int] | None = None  # first octet, most octets
    peek: bool = False


FetchItem = Fact | Section
