"""SCRAM-SHA-256, the client's half (RFC 5802, RFC 7677): how this server signs in at another.

Without channel binding, as the server's half. What another server says is not trusted: it must have used our nonce, and
ask for no more work than is bounded here.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import NamedTuple

from shared.accounts.errors import SaslProtocolError
from shared.accounts.saslprep import Prohibited, saslprep
from shared.accounts.scram import BASE64, EXTENSIONS, NONCE, derive_both, masked, server_final

FEWEST_ITERATIONS = 4096  # RFC 7677 §4: a server that asks for fewer makes a password easy to guess
MOST_ITERATIONS = 1_000_000  # 0.3 s of a processor; servers ask for 4,096 to 600,000
_GS2_HEADER = b"n,,"  # no channel binding, no other identity
_NONCE_OCTETS = 18
_SERVER_FIRST = re.compile(
    rb"r=(?P<nonce>" + NONCE + rb"),s=(?P<salt>" + BASE64 + rb"),i=(?P<iterations>[1-9][0-9]{0,9})" + EXTENSIONS
)


class ScramAnswer(NamedTuple):
    """The client's last message, and what the server's last message must be."""

    octets: bytes
    expected: bytes


def client_first(user: str, nonce: bytes | None = None) -> bytes:
    """The message that begins the exchange. `nonce` is for tests."""
    nonce = nonce or base64.b64encode(secrets.token_bytes(_NONCE_OCTETS))
    name = _prepared(user).replace("=", "=3D").replace(",", "=2C").encode()
    return b"%bn=%b,r=%b" % (_GS2_HEADER, name, nonce)


def client_final(password: str, first: bytes, server_first: bytes) -> ScramAnswer:
    """The answer to the server's first message; `first` is what it answers to.

    Slow on purpose: keep it off the reactor thread. Raises SaslProtocolError for a message that is none, that lacks our
    nonce with more behind it, or that asks for too little or too much work.
    """
    bare = first.removeprefix(_GS2_HEADER)
    nonce = bare.rpartition(b",r=")[2]
    match = _SERVER_FIRST.fullmatch(server_first)
    if match is None or not match["nonce"].startswith(nonce) or match["nonce"] == nonce:
        raise SaslProtocolError
    iterations = int(match["iterations"])
    if not FEWEST_ITERATIONS <= iterations <= MOST_ITERATIONS:
        raise SaslProtocolError
    verifier, client_key = derive_both(_prepared(password), _salt(match["salt"]), iterations)
    without_proof = b"c=%b,r=%b" % (base64.b64encode(_GS2_HEADER), match["nonce"])
    auth_message = b",".join([bare, server_first, without_proof])
    proof = base64.b64encode(masked(client_key, verifier, auth_message))
    return ScramAnswer(without_proof + b",p=" + proof, server_final(verifier, auth_message))


def _salt(encoded: bytes) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error:
        raise SaslProtocolError from None


def _prepared(text: str) -> str:
    """As a server has prepared it; what SASLprep forbids is sent as it is, for a server that takes it."""
    try:
        return saslprep(text, stored=False)
    except Prohibited:
        return text
