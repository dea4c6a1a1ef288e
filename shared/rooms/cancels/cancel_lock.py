"""Cancel-Lock and Cancel-Key: the author of an article proves to be it without an account (RFC 8315)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from shared.messages.header_fields import HeaderFields

# sha1 is obsolete (RFC 8315 §3.3): what has no other lock is cancelled by an account or a moderator.
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_COMMENT = re.compile(rb"\([^()]*\)")
MOST_ELEMENTS = 20  # of a field; programs write one or two


def elements(fields: HeaderFields, name: bytes) -> Sequence[tuple[bytes, bytes]]:
    """Scheme and code of each element of the field `cancel-lock` or `cancel-key`."""
    found: list[tuple[bytes, bytes]] = []
    for field in fields.find(name):
        for element in _COMMENT.sub(b" ", fields.value(field)).split()[:MOST_ELEMENTS]:
            scheme, colon, code = element.partition(b":")
            if colon and code:
                found.append((scheme.lower(), code))
    return found[:MOST_ELEMENTS]


def opens(keys: Sequence[tuple[bytes, bytes]], locks: Sequence[tuple[bytes, bytes]]) -> bool:
    """Whether one of the keys is that of one of the locks."""
    for scheme, key in keys:
        if scheme in _HASHES:
            made = base64.b64encode(_HASHES[scheme](key).digest())
            if any(lock_scheme == scheme and hmac.compare_digest(made, code) for lock_scheme, code in locks):
                return True
    return False
