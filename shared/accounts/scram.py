"""SCRAM-SHA-256, the server's half (RFC 5802, RFC 7677): the messages and the arithmetic, without any state.

The client's half is in scram_as_client.py.

Channel binding is not offered: certificates are renewed, and TLS ended, in places that this server does not see.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from shared.accounts.errors import SaslProtocolError

# What a stolen database costs its thief per guess, and every client per sign-in. RFC 7677 §4 asks for 4096 at least.
# The most that clients built on Cyrus SASL take is 65536 (MAX_ITERATION_COUNTER in its scram.c): 20 ms on a computer
# of 2020, some 100 on a phone.
ITERATIONS = 65536

SALT_OCTETS = 16
_NONCE_OCTETS = 18  # 24 characters, 144 bits
_LONGEST_CLIENT_NONCE = 256  # so that all messages stay far below the 2048 octets that Cyrus SASL takes

# RFC 5802 §7. saslname: "," and "=" are written =2C and =3D; values are anything but NUL and ",".
_SASLNAME = rb"(?:[^\0,=]|=2C|=3D)+"
EXTENSIONS = rb"(?:,[A-Za-z]=[^\0,]+)*"
NONCE = rb"[\x21-\x2b\x2d-\x7e]+"
BASE64 = rb"[A-Za-z0-9/+=]+"
_CLIENT_FIRST = re.compile(
    rb"(?P<gs2_header>(?P<binding>n|y|p=[A-Za-z0-9.-]+),(?:a=(?P<authzid>" + _SASLNAME + rb"))?,)"
    rb"(?P<bare>n=(?P<name>" + _SASLNAME + rb"),r=(?P<nonce>" + NONCE + rb")" + EXTENSIONS + rb")"
)
_CLIENT_FINAL = re.compile(
    rb"(?P<without_proof>c=(?P<binding>" + BASE64 + rb"),r=(?P<nonce>" + NONCE + rb")" + EXTENSIONS + rb")"
    rb",p=(?P<proof>" + BASE64 + rb")"
)


@dataclass(frozen=True, slots=True)
class ScramVerifier:
    """What the server keeps of a password: enough to check a proof, not enough to make one (RFC 5802 §3)."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes


@dataclass(frozen=True, slots=True)
class ClientFirst:
    gs2_header: bytes
    authzid: str | None
    name: str
    nonce: bytes
    bare: bytes


@dataclass(frozen=True, slots=True)
class ClientFinal:
    without_proof: bytes
    proof: bytes


def derive(prepared_password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> ScramVerifier:
    """The verifier of a password that went through SASLprep. Slow on purpose: keep it off the reactor thread."""
    salt = secrets.token_bytes(SALT_OCTETS) if salt is None else salt
    return derive_both(prepared_password, salt, iterations)[0]


def derive_both(prepared_password: str, salt: bytes, iterations: int) -> tuple[ScramVerifier, bytes]:
    """The verifier, and the client's key, which only who has the password knows (RFC 5802 §3). As slow."""
    salted = hashlib.pbkdf2_hmac("sha256", prepared_password.encode(), salt, iterations)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    return ScramVerifier(salt, iterations, hashlib.sha256(client_key).digest(), server_key), client_key


def verifier_of_nobody(secret: bytes, name: str) -> ScramVerifier:
    """For a name that has no verifier: the same salt every time, as a real account shows it; no proof fits."""
    salt = hmac.digest(secret, b"salt of nobody\0" + name.encode(), "sha256")[:SALT_OCTETS]
    return ScramVerifier(salt, ITERATIONS, secrets.token_bytes(32), secrets.token_bytes(32))


def parse_client_first(message: bytes) -> ClientFirst:
    """Raises SaslProtocolError, also for channel binding (`p`) and mandatory extensions (`m=`), which are not known."""
    match = _CLIENT_FIRST.fullmatch(message)
    if match is None or match["binding"].startswith(b"p") or len(match["nonce"]) > _LONGEST_CLIENT_NONCE:
        raise SaslProtocolError
    authzid = match["authzid"]
    return ClientFirst(
        match["gs2_header"],
        None if authzid is None else _decode_saslname(authzid),
        _decode_saslname(match["name"]),
        match["nonce"],
        match["bare"],
    )


def make_nonce(client_nonce: bytes) -> bytes:
    """The client's nonce and as much of our own (RFC 5802 §5.1, `r=`)."""
    return client_nonce + base64.b64encode(secrets.token_bytes(_NONCE_OCTETS))


def server_first(nonce: bytes, verifier: ScramVerifier) -> bytes:
    """What the client needs to make its proof (RFC 5802 §7, server-first-message)."""
    return b"r=%s,s=%s,i=%d" % (nonce, base64.b64encode(verifier.salt), verifier.iterations)


def parse_client_final(message: bytes, gs2_header: bytes, nonce: bytes) -> ClientFinal:
    """Raises SaslProtocolError unless it goes with the `gs2_header` and whole `nonce` of the same exchange."""
    match = _CLIENT_FINAL.fullmatch(message)
    if match is None or match["nonce"] != nonce or match["binding"] != base64.b64encode(gs2_header):
        raise SaslProtocolError
    try:
        proof = base64.b64decode(match["proof"], validate=True)
    except binascii.Error:
        raise SaslProtocolError from None
    return ClientFinal(match["without_proof"], proof)


def proof_fits(verifier: ScramVerifier, auth_message: bytes, proof: bytes) -> bool:
    """Whether the proof was made by somebody who knows the password (RFC 5802 §3)."""
    if len(proof) != hashlib.sha256().digest_size:
        return False
    client_key = masked(proof, verifier, auth_message)
    return hmac.compare_digest(hashlib.sha256(client_key).digest(), verifier.stored_key)


def masked(octets: bytes, verifier: ScramVerifier, auth_message: bytes) -> bytes:
    """The proof made of the client's key, or the key made of a proof: the two differ by the client's signature."""
    signature = hmac.digest(verifier.stored_key, auth_message, "sha256")
    return bytes(a ^ b for a, b in zip(octets, signature, strict=True))


def server_final(verifier: ScramVerifier, auth_message: bytes) -> bytes:
    """Our own proof, for the client to check (RFC 5802 §7, server-final-message)."""
    return b"v=" + base64.b64encode(hmac.digest(verifier.server_key, auth_message, "sha256"))


def _decode_saslname(encoded: bytes) -> str:
    try:
        return encoded.replace(b"=2C", b",").replace(b"=3D", b"=").decode()
    except UnicodeDecodeError:
        raise SaslProtocolError from None
