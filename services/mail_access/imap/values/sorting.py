"""The values of SORT and THREAD (RFC 5256)."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class SortBy(Enum):
    """What messages are sorted by."""

    ARRIVAL = "ARRIVAL"
    CC = "CC"
    DATE = "DATE"
    FROM = "FROM"
    SIZE = "SIZE"
    SUBJECT = "SUBJECT"
    TO = "TO"


class SortCriterion(NamedTuple):
    by: SortBy
    is_reverse: bool


class ThreadAlgorithm(Enum):
    """How threads are found."""

    ORDEREDSUBJECT = "ORDEREDSUBJECT"
    REFERENCES = "REFERENCES"
