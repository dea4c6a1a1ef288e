"""A public key as DNS has it (RFC 6376 §3.6.1, RFC 8463 §4), and what is verified by it."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from shared.bounded_cache import remembers
from shared.trust.dkim.signature import Signature
from shared.trust.dkim.tags import BadTags, read_tags, without_blanks

FEWEST_BITS, MOST_BITS = 1024, 4096  # of RSA: RFC 8301 §3.2; twice the bits take four times as long
PublicKey: TypeAlias = rsa.RSAPublicKey | ed25519.Ed25519PublicKey


class KeyUnusable(Exception):
    """There is a record, and no key in it that a signature could be verified by."""


def read_key(records: Sequence[bytes], signature: Signature) -> PublicKey:
    """The key in the first record that is one. Raises KeyUnusable."""
    kind = signature.algorithm.partition("-")[0]
    for record in records:
        try:
            tags = read_tags(record)
        except BadTags:
            continue
        if tags.get("v", b"DKIM1") != b"DKIM1" or "p" not in tags:
            continue
        if tags.get("k", b"rsa").decode("ascii", "replace") != kind:
            raise KeyUnusable("the key is of another kind")
        if "h" in tags and b"sha256" not in without_blanks(tags["h"]).split(b":"):
            raise KeyUnusable("the key is not for SHA-256")
        if not {b"*", b"email"}.intersection(without_blanks(tags.get("s", b"*")).split(b":")):
            raise KeyUnusable("the key is not for mail")
        if signature.of_part and b"s" in without_blanks(tags.get("t", b"")).split(b":"):
            raise KeyUnusable("the key is not for subdomains")
        text = without_blanks(tags["p"])
        return _ed25519_key(text) if kind == "ed25519" else _rsa_key(text)
    raise KeyUnusable("no key")


# All mail of a provider is signed by the same key: to verify by one that is read anew takes half as long again.
@remembers(most=512, longest_octets=1024)
def _rsa_key(text: bytes) -> PublicKey:
    try:
        key = serialization.load_der_public_key(_octets(text))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable("the key cannot be read") from error
    if not isinstance(key, rsa.RSAPublicKey):
        raise KeyUnusable("the key is of another kind")
    if not FEWEST_BITS <= key.key_size <= MOST_BITS:
        raise KeyUnusable(f"the key has {key.key_size} bits")
    return key


def _ed25519_key(text: bytes) -> PublicKey:
    try:
        return ed25519.Ed25519PublicKey.from_public_bytes(_octets(text))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnusable("the key cannot be read") from error


def _octets(text: bytes) -> bytes:
    if not text:
        raise KeyUnusable("the key is revoked")
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise KeyUnusable("the key cannot be read") from error


def verifies(key: PublicKey, signature: bytes, text: bytes) -> bool:
    """Whether `signature` is the key's, over `text`."""
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, text, padding.PKCS1v15(), hashes.SHA256())
        else:
            key.verify(signature, hashlib.sha256(text).digest())  # RFC 8463 §3
    except InvalidSignature:
        return False
    return True
