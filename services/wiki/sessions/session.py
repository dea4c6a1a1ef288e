"""A session of a browser. Its secret is in the cookie alone; the store has a digest of it."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from shared.accounts.account import Account

SECRET_OCTETS = 24
_SECRET = re.compile(r"[A-Za-z0-9_-]{32}")  # that many octets in base64url
USED_STEP_SECONDS = 300.0  # a session's last use is written so often at most


class WebSession(NamedTuple):
    """One session; `id` is its digest."""

    id: bytes
    account: Account
    csrf: str
    expires_at: datetime
    kept: bool  # the member chose to stay signed in
    used_at: datetime

    def is_token(self, given: str) -> bool:
        """Whether `given` is the token that its forms carry."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self.csrf.encode())


def new_secret() -> str:
    """192 random bits, for a cookie."""
    return secrets.token_urlsafe(SECRET_OCTETS)


def is_secret(text: str) -> bool:
    """Whether this can be the secret of a session at all."""
    return _SECRET.fullmatch(text) is not None


def digest_of(secret: str) -> bytes:
    """What the store keeps; the secret is random, so that one round of a hash is enough."""
    return blake2b(secret.encode(), digest_size=32, person=b"agora session").digest()


def csrf_of(secret: str) -> str:
    """The token of the session's forms; it tells nothing about the secret."""
    return blake2b(secret.encode(), digest_size=18, person=b"agora csrf").hexdigest()
