"""The signature of what a hub sends: HMAC of the body with the secret that it was told (WebSub §8)."""

from __future__ import annotations

import hmac

# sha1 is what most hubs use; for a keyed hash its collisions are no weakness (RFC 6194 §3.3).
METHODS = frozenset({"sha1", "sha256", "sha384", "sha512"})


def is_signed(field: str, secret: str, body: bytes) -> bool:
    """Whether `field` (X-Hub-Signature) is the signature of `body`."""
    method, _, signature = field.partition("=")
    method = method.strip().lower()
    if method not in METHODS:
        return False
    expected = hmac.new(secret.encode(), body, method).hexdigest()
    return hmac.compare_digest(expected.encode(), signature.strip().lower().encode("utf-8", "replace"))
