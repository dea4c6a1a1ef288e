"""The verifiers kept of a password: an argon2id hash, and a SCRAM verifier of the same password."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from shared.accounts import scram
from shared.accounts.errors import UnusablePassword, WeakPassword
from shared.accounts.saslprep import Prohibited, saslprep
from shared.accounts.weak_passwords import weakness

# A bound for what a stranger makes us hash; RFC 4616 §2 asks for 255 octets at least.
LONGEST_PASSWORD_OCTETS = 1024

# The library's default, RFC 9106 §4's second choice: 64 MiB, 3 passes, 4 lanes.
_HASHER = PasswordHasher()


@dataclass(frozen=True, slots=True)
class Verifiers:
    """Everything that one password leaves in the database."""

    password_hash: str
    scram: scram.ScramVerifier


def derive_verifiers(password: str, *, may_be_weak: bool = False) -> Verifiers:
    """What to keep of `password`. Takes 0.2 s of a processor: do it before the transaction, off the reactor thread.

    Nothing sets a password without it. Raises UnusablePassword, WeakPassword unless `may_be_weak`, with the reason in
    its words.
    """
    try:
        prepared = saslprep(password, stored=True)
    except Prohibited as prohibited:
        raise UnusablePassword(str(prohibited)) from None
    if not prepared:
        raise UnusablePassword("it is empty")
    if len(prepared.encode()) > LONGEST_PASSWORD_OCTETS:
        raise UnusablePassword(f"it is longer than {LONGEST_PASSWORD_OCTETS} octets")
    if not may_be_weak and (reason := weakness(prepared)) is not None:
        raise WeakPassword(reason)
    return Verifiers(_HASHER.hash(prepared), scram.derive(prepared))


def prepare_typed_password(password: str) -> str | None:
    """A password as it was typed, ready to be compared; None if no account can have it."""
    try:
        prepared = saslprep(password, stored=False)
    except Prohibited:
        return None
    return prepared if 0 < len(prepared.encode()) <= LONGEST_PASSWORD_OCTETS else None


def password_fits(password_hash: str, prepared: str) -> bool:
    """Whether the hash was made of this password. As slow as `derive_verifiers`, whatever the answer."""
    try:
        return _HASHER.verify(password_hash, prepared)
    except (VerificationError, InvalidHashError):
        return False


def hash_of_nobody() -> str:
    """A hash that no password fits, which takes as long to find out as a real one."""

    def encoded(octets: int) -> str:
        return base64.b64encode(secrets.token_bytes(octets)).decode().rstrip("=")

    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v=19${cost}${encoded(_HASHER.salt_len)}${encoded(_HASHER.hash_len)}"
