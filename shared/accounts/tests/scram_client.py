"""A SCRAM-SHA-256 client for the tests, written from RFC 5802 alone; it shares nothing with the server's half."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, hashlib.sha256).digest()


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))


class ScramClient:
    def __init__(
        self, name: str, password: str, nonce: bytes = b"fyko+d2lbbFgONRv9qkxdawL", gs2: bytes = b"n,,"
    ) -> None:
        self.gs2 = gs2
        self.nonce = nonce
        self.password = password.encode()
        self.bare = b"n=" + name.replace("=", "=3D").replace(",", "=2C").encode() + b",r=" + nonce
        self.expected_signature = b""

    def first(self) -> bytes:
        return self.gs2 + self.bare

    def final(self, server_first: bytes) -> bytes:
        fields = dict(field.split(b"=", 1) for field in server_first.split(b","))
        assert fields[b"r"].startswith(self.nonce)
        assert len(fields[b"r"]) > len(self.nonce)
        salted = hashlib.pbkdf2_hmac("sha256", self.password, b64decode(fields[b"s"]), int(fields[b"i"]))
        client_key = _hmac(salted, b"Client Key")
        without_proof = b"c=" + b64encode(self.gs2) + b",r=" + fields[b"r"]
        auth_message = self.bare + b"," + server_first + b"," + without_proof
        proof = _xor(client_key, _hmac(hashlib.sha256(client_key).digest(), auth_message))
        self.expected_signature = b"v=" + b64encode(_hmac(_hmac(salted, b"Server Key"), auth_message))
        return without_proof + b",p=" + b64encode(proof)
