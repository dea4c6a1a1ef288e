"""App passwords: made by Agora, shown once, good for some protocols only.

A program keeps one instead of its owner's password, and losing it costs only that program. It is 140 random bits, so
one round of SHA-256 keeps it as safe as argon2 keeps a password that somebody thought of.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

# The protocols that clients sign in to; an app password may be made for some of them only.
PROTOCOLS = frozenset({"smtp", "imap", "pop3", "nntp", "web", "pb", "ssh", "proxy"})

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 symbols, 5 bits each; no l, o, 0 or 1 to mistake
_SYMBOLS = 28
_GROUP = 4
_GENERATED = re.compile(f"[{_ALPHABET}]{{{_SYMBOLS}}}")


@dataclass(frozen=True, slots=True)
class AppPassword:
    """An app password, without its secret. `protocols` empty: good for all."""

    id: int
    label: str
    protocols: Sequence[str]
    for_apop: bool
    created_at: datetime


def generate_secret() -> str:
    """A new secret as it is shown: seven groups of four."""
    symbols = "".join(secrets.choice(_ALPHABET) for _ in range(_SYMBOLS))
    return "-".join(symbols[start : start + _GROUP] for start in range(0, _SYMBOLS, _GROUP))


def secret_digest(typed: str) -> str | None:
    """What is kept of a secret, typed with or without its hyphens; None if it cannot be an app password."""
    symbols = typed.replace("-", "").replace(" ", "").lower()
    if not _GENERATED.fullmatch(symbols):
        return None
    return "sha256$" + hashlib.sha256(symbols.encode()).hexdigest()


def pb_response(challenge: bytes, secret: str) -> bytes:
    """Perspective Broker's answer to a challenge (`twisted.spread.pb.respond`): MD5 of the secret's MD5 and it."""
    hashed = hashlib.md5(secret.encode(), usedforsecurity=False).digest()
    return hashlib.md5(hashed + challenge, usedforsecurity=False).digest()


def apop_digest(banner: str, secret: str) -> str:
    """RFC 1939 §7: MD5 of the timestamp, with its angle brackets, and the secret as it was shown."""
    return hashlib.md5((banner + secret).encode(), usedforsecurity=False).hexdigest()
