"""The authentication schemes that sign in a connection and not a request (RFC 4559 §6)."""

from __future__ import annotations

from collections.abc import Iterable

CONNECTION_SCHEMES = frozenset((b"ntlm", b"negotiate", b"kerberos"))


def signs_in_connection(values: Iterable[bytes]) -> bool:
    """Whether credentials or challenges among these field values are of such a scheme."""
    for value in values:
        for part in value.split(b","):
            if (part.split(None, 1) or [b""])[0].lower() in CONNECTION_SCHEMES:
                return True
    return False
