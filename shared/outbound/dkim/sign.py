"""A DKIM-Signature field (RFC 6376 §3.5, RFC 8463) over a header and the hash of a body."""

from __future__ import annotations

import base64
import hashlib
import textwrap
from collections.abc import Sequence

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.canonical import relaxed_field
from shared.outbound.dkim.keys import OpenDomainKey

# RFC 6376 §5.4.1: what people see, and what programs act on. Those of the first line are signed once more than they are
# there, so that nobody adds another.
_ONCE_MORE = (b"from", b"to", b"cc", b"subject", b"date", b"message-id", b"reply-to")
_SIGNED = (
    *_ONCE_MORE, b"sender", b"in-reply-to", b"references", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"list-id", b"list-unsubscribe", b"list-unsubscribe-post", b"list-post",
)  # fmt: skip
MOST_OF_ONE = 20  # fields of one name; a message with more is not one that a person wrote
_WIDTH = 72


def signature_field(key: OpenDomainKey, header: HeaderFields, body_digest: bytes, now: int) -> bytes:
    """The field with its line's end, to be put on top. `now` is in seconds since the epoch."""
    names, signed = signed_fields(header)
    tags = (
        f"v=1; a={key.algorithm}; c=relaxed/relaxed; d={key.domain};\r\n\ts={key.selector}; t={now};\r\n\t"
        f"h={folded(':'.join(names), ':')};\r\n\tbh={base64.b64encode(body_digest).decode()};\r\n\tb="
    )
    text = b"".join(signed) + relaxed_field(b"DKIM-Signature", b" " + tags.encode())[:-2]
    signature = base64.b64encode(sign_text(key, text)).decode()
    return f"DKIM-Signature: {tags}{folded(signature, '')}\r\n".encode()


def signed_fields(header: HeaderFields) -> tuple[Sequence[str], Sequence[bytes]]:
    """The names for h=, and the fields in their order: of each name the last first (RFC 6376 §5.4.2)."""
    names: list[str] = []
    signed: list[bytes] = []
    for name in _SIGNED:
        found = list(header.find(name))[-MOST_OF_ONE:]
        for field in reversed(found):
            names.append(name.decode())
            signed.append(relaxed_field(name, header.value(field)))
        if name in _ONCE_MORE:
            names.append(name.decode())
    return names, signed


def sign_text(key: OpenDomainKey, text: bytes) -> bytes:
    """The signature of `text`, which is in canonical form."""
    if isinstance(key.private, rsa.RSAPrivateKey):
        return key.private.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return key.private.sign(hashlib.sha256(text).digest())  # RFC 8463 §3


def folded(text: str, at: str) -> str:
    """Lines of some 72 characters, divided behind `at`, or anywhere."""
    if not at:
        return "\r\n\t".join(text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH))
    return "\r\n\t".join(each.replace(" ", at) for each in _lines(text.replace(at, " "), at))


def _lines(text: str, at: str) -> list[str]:
    lines = textwrap.wrap(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
    return [line + (at if line is not lines[-1] else "") for line in lines]
