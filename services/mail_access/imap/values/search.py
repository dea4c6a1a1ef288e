"""The keys of SEARCH (RFC 3501 §6.4.4, RFC 7162 §3.1.5), as a tree of small values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from services.mail_access.imap.values.sequence_set import SequenceSet


class Span(Enum):
    """The comparison of a date: before a day, on it, or since it."""

    BEFORE = "before"
    ON = "on"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class All:
    pass


@dataclass(frozen=True, slots=True)
class HasFlag:
    mask: int


@dataclass(frozen=True, slots=True)
class HasKeyword:
    name: str  # lower case


@dataclass(frozen=True, slots=True)
class InSet:
    numbers: SequenceSet
    uid: bool


@dataclass(frozen=True, slots=True)
class SavedResult:
    """`$`: the messages that the last SEARCH RETURN (SAVE) found (RFC 5182)."""


@dataclass(frozen=True, slots=True)
class LargerThan:
    octets: int


@dataclass(frozen=True, slots=True)
class SmallerThan:
    octets: int


@dataclass(frozen=True, slots=True)
class Received:
    span: Span
    day: date


@dataclass(frozen=True, slots=True)
class Sent:
    span: Span
    day: date


@dataclass(frozen=True, slots=True)
class InHeader:
    """`needle` is folded; an empty one asks only whether the field is there."""

    field: bytes  # lower case
    needle: str


@dataclass(frozen=True, slots=True)
class InBody:
    needle: str


@dataclass(frozen=True, slots=True)
class InText:
    needle: str


@dataclass(frozen=True, slots=True)
class ChangedSince:
    """MODSEQ: the message's modseq is at least this."""

    modseq: int


@dataclass(frozen=True, slots=True)
class Not:
    key: SearchKey


@dataclass(frozen=True, slots=True)
class Or:
    one: SearchKey
    other: SearchKey


@dataclass(frozen=True, slots=True)
class And:
    keys: Sequence[SearchKey]


SearchKey = (
    All | HasFlag | HasKeyword | InSet | SavedResult | LargerThan | SmallerThan | Received | Sent
    | InHeader | InBody | InText | ChangedSince | Not | Or | And
)  # fmt: skip
