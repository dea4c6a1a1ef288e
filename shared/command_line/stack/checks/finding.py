"""A finding of a check: a fact, its grade, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Grade(StrEnum):
    FINE = "fine"
    WARNING = "warning"  # works, and the operator should know
    WRONG = "wrong"  # does not work


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about this installation; `advice` is what to do about it, empty where nothing is to be done."""

    subject: str
    grade: Grade
    fact: str
    advice: str = ""


def fine(subject: str, fact: str) -> Finding:
    return Finding(subject, Grade.FINE, fact)


def warning(subject: str, fact: str, advice: str) -> Finding:
    return Finding(subject, Grade.WARNING, fact, advice)


def wrong(subject: str, fact: str, advice: str) -> Finding:
    return Finding(subject, Grade.WRONG, fact, advice)
