"""A signature as a field has it: DKIM-Signature (RFC 6376 §3.5), and ARC-Message-Signature (RFC 8617 §4.1.2)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from shared.messages.header_fields import Field
from shared.trust.dkim.tags import BadTags, read_tags, without_blanks

RSA, ED25519 = "rsa-sha256", "ed25519-sha256"  # SHA-1 counts for nothing (RFC 8301)
MOST_NAMES = 100  # of signed fields, in h=
_DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.I)
_FORMS = {b"simple": False, b"relaxed": True}
_SIGNATURE = re.compile(rb"((?:\A|;)[ \t\r\n]*b[ \t\r\n]*=)[^;]*")


class Signature(NamedTuple):
    """What a signature says of itself."""

    field: Field
    domain: str
    selector: str
    algorithm: str
    octets: bytes
    text: str  # of it, in base64
    body_digest: bytes = b""
    names: Sequence[bytes] = ()  # of the signed fields, in lower case
    relaxes_header: bool = True
    relaxes_body: bool = True
    limit: int | None = None  # l=: how many octets of the body are signed
    expires: int | None = None  # x=, in seconds since the epoch
    of_part: bool = False  # i= is of a subdomain of d=

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


def read_signature(field: Field, value: bytes, *, of_arc: bool = False) -> Signature:
    """Raises BadTags."""
    tags = read_tags(value)
    if not of_arc and tags.get("v") != b"1":
        raise BadTags("v= is not 1")
    signature = read_seal(field, tags)
    names = without_blanks(_needed(tags, "h")).lower().split(b":")
    if len(names) > MOST_NAMES:
        raise BadTags("too many signed fields")
    if not of_arc and b"from" not in names:
        raise BadTags("From is not signed")
    header_form, _, body_form = tags.get("c", b"simple/simple").lower().partition(b"/")
    body_form = body_form or b"simple"
    if header_form not in _FORMS or body_form not in _FORMS:
        raise BadTags("c= is unknown")
    if b"dns/txt" not in without_blanks(tags.get("q", b"dns/txt")).lower().split(b":"):
        raise BadTags("q= is unknown")
    expires, signed_at = _number(tags, "x"), _number(tags, "t")
    if expires is not None and signed_at is not None and expires <= signed_at:
        raise BadTags("x= is before t=")
    of_part = False
    if not of_arc and "i" in tags:
        identity = tags["i"].rpartition(b"@")[2].decode("ascii", "replace").lower()
        of_part = identity != signature.domain
        if of_part and not identity.endswith("." + signature.domain):
            raise BadTags("i= is not of d=")
    return signature._replace(
        body_digest=_base64(tags, "bh"),
        names=names,
        relaxes_header=_FORMS[header_form],
        relaxes_body=_FORMS[body_form],
        limit=_number(tags, "l"),
        expires=expires,
        of_part=of_part,
    )


def read_seal(field: Field, tags: Mapping[str, bytes]) -> Signature:
    """What any signature has, an ARC-Seal no more (RFC 8617 §4.1.3). Raises BadTags."""
    algorithm = tags.get("a", b"").lower().decode("ascii", "replace")
    if algorithm not in (RSA, ED25519):
        raise BadTags("a= is unknown, or is of SHA-1")
    domain, selector = _needed(tags, "d").decode("ascii", "replace"), _needed(tags, "s").decode("ascii", "replace")
    if _DOMAIN.fullmatch(domain) is None or _DOMAIN.fullmatch(selector) is None:
        raise BadTags("d= or s= is no name")
    octets = _base64(tags, "b")
    text = base64.b64encode(octets).decode()
    return Signature(field, domain.lower(), selector.lower(), algorithm, octets, text)


def unsigned(value: bytes) -> bytes:
    """The field's value as it was signed: with nothing behind `b=`."""
    return _SIGNATURE.sub(rb"\1", value, count=1)


def _needed(tags: Mapping[str, bytes], name: str) -> bytes:
    value = tags.get(name)
    if not value:
        raise BadTags(f"{name}= is missing")
    return value


def _base64(tags: Mapping[str, bytes], name: str) -> bytes:
    try:
        return base64.b64decode(without_blanks(_needed(tags, name)), validate=True)
    except binascii.Error as error:
        raise BadTags(f"{name}= is not base64") from error


def _number(tags: Mapping[str, bytes], name: str) -> int | None:
    value = tags.get(name)
    if value is None:
        return None
    if not value.isdigit() or len(value) > 76:  # RFC 6376 §3.5, l=
        raise BadTags(f"{name}= is no number")
    return int(value)
