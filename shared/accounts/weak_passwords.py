"""Passwords that are guessed within the attempts that lock-out allows: short ones, and the most used ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

FEWEST_CHARACTERS = 8  # NIST SP 800-63B §5.1.1.2 for passwords that people choose
COMMON = Path(__file__).with_name("common_passwords.txt")


def weakness(prepared: str) -> str | None:
    """The reason why a password (after SASLprep) is weak; None when it is not."""
    if len(prepared) < FEWEST_CHARACTERS:
        return f"it has fewer than {FEWEST_CHARACTERS} characters"
    if prepared.lower() in _common():
        return "it is one of the most used passwords"
    return None


@cache  # the one set that every call needs; 11,600 words
def _common() -> frozenset[str]:
    lines = COMMON.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))
