"""A public key of SSH: read from its line, named by its fingerprint, and asked whether a signature is its own.

Kinds: Ed25519 (RFC 8709), RSA of 2048 bits and more with SHA-2 (RFC 8332), ECDSA (RFC 5656), and both kinds of security
keys (OpenSSH's PROTOCOL.u2f). DSA, and RSA with SHA-1, are not taken.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import struct
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.keys import BadKeyError, Key

from shared.accounts.ssh_keys.errors import UnusableSshKey

SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
# Each kind of key, and the signatures that are taken of it.
SIGNATURES: Mapping[str, Sequence[str]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    SK_ED25519: (SK_ED25519,),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    SK_ECDSA: (SK_ECDSA,),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
ALGORITHMS = tuple(algorithm for algorithms in SIGNATURES.values() for algorithm in algorithms)
LEAST_RSA_BITS, MOST_RSA_BITS = 2048, 16_384  # what OpenSSH takes; the largest costs 2 ms to verify
LONGEST_LINE = 8192  # characters; a key of 16,384 bits is 2,800
LONGEST_COMMENT = 200
_USER_PRESENT = 0x01  # a flag of a security key's signature: somebody touched it
_FLAGS_AND_COUNTER = 5


class PublicKey(NamedTuple):
    """One public key. `blob`: RFC 4253 §6.6."""

    kind: str
    blob: bytes
    comment: str
    fingerprint: str


def parse_public_key(line: str) -> PublicKey:
    """The key in a line of a `.pub` file: kind, base64, and maybe a comment. Raises UnusableSshKey."""
    words = line.strip().split(None, 2)
    if len(line) > LONGEST_LINE or len(words) < 2:
        raise UnusableSshKey("it is not the line of a .pub file")
    kind, encoded, comment = words[0], words[1], words[2] if len(words) > 2 else ""
    if "PRIVATE" in line:
        raise UnusableSshKey("it is a private key; the file that ends in .pub has the public one")
    if kind not in SIGNATURES:
        raise UnusableSshKey(f"its kind is none of {', '.join(SIGNATURES)}")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise UnusableSshKey("it is not the line of a .pub file") from None
    _load(kind, blob)
    return PublicKey(kind, blob, comment[:LONGEST_COMMENT], fingerprint_of(blob))


def fingerprint_of(blob: bytes) -> str:
    """As `ssh-keygen -l` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).rstrip(b"=").decode()


def signature_fits(blob: bytes, algorithm: str, signature: bytes, signed: bytes) -> bool:
    """Whether `signature` is that of the key over `signed`, by `algorithm`, which must be one of ALGORITHMS.

    A security key must have been touched. What cannot be parsed fits nothing.
    """
    try:
        kind = getNS(blob)[0].decode("ascii")
        named = getNS(signature)[0].decode("ascii")
        if named != algorithm or algorithm not in SIGNATURES.get(kind, ()):
            return False
        key = _load(kind, blob)
        return bool(key.verify(signature, _as_security_key_signs(key, signature, signed)))
    except (UnusableSshKey, InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, IndexError, struct.error):
        return False


def _as_security_key_signs(key: Key, signature: bytes, signed: bytes) -> bytes:
    """What a security key signs in place of `signed` (PROTOCOL.u2f); `signed` itself for other keys."""
    if not key.isSecurityKey():
        return signed
    trailing = getNS(signature, 2)[2]
    if len(trailing) != _FLAGS_AND_COUNTER or not trailing[0] & _USER_PRESENT:
        raise ValueError("not touched")
    return hashlib.sha256(key.application).digest() + trailing + hashlib.sha256(signed).digest()


def _load(kind: str, blob: bytes) -> Key:
    try:
        if getNS(blob)[0] != kind.encode():
            raise UnusableSshKey("its octets are of another kind than it says")
        key: Key = Key.fromString(blob, type="BLOB")
    except (BadKeyError, UnsupportedAlgorithm, ValueError, TypeError, IndexError, struct.error):
        raise UnusableSshKey("its octets are no key") from None
    if kind == "ssh-rsa" and not LEAST_RSA_BITS <= key.size() <= MOST_RSA_BITS:
        raise UnusableSshKey(f"an RSA key needs {LEAST_RSA_BITS} to {MOST_RSA_BITS} bits")
    return key
