"""A generated password: one that cannot be guessed, and can be typed from paper."""

from __future__ import annotations

import secrets

# Letters and digits that nobody mistakes for others; 20 of them are 99 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 20


def generate_password() -> str:
    """In groups of five, with hyphens between them."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, LENGTH, 5))
