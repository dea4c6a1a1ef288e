"""Signatures for tests, in every form that there is: those that this server makes have one form."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.keys import PrivateKey, public_text
from shared.trust.dkim.arc import _sealed_text, _Set  # a seal is made over what is verified
from shared.trust.dkim.examine import read_all, verify_all
from shared.trust.dkim.signature import read_seal, read_signature
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.dkim.tags import read_tags
from shared.trust.verdict import DkimVerdict

RSA_KEY = rsa.generate_private_key(65_537, 2048)
ED25519_KEY = ed25519.Ed25519PrivateKey.generate()
LETTER = (
    b"From: Alice <alice@x.test>\r\nTo: bob@y.test\r\nSubject:  tea \t and\r\n  cake\r\n"
    b"Date: Mon, 1 Jul 2024 09:00:00 +0000\r\n\r\n"
    b"At  four? \r\n\r\nYes.\r\n\r\n\r\n"
)
NAMES = "from:to:subject:date:from"
_PLACEHOLDER = b"AAAA"


def key_record(key: PrivateKey = RSA_KEY, tags: str = "") -> bytes:
    """As DNS has it."""
    kind = "rsa" if isinstance(key, rsa.RSAPrivateKey) else "ed25519"
    return f"v=DKIM1; k={kind}; {tags}p={public_text(key)}".encode()


def message_of(octets: bytes) -> SignedMessage:
    end = octets.index(b"\r\n\r\n") + 2
    return SignedMessage(HeaderFields(octets[:end]), octets)


def verdicts_on(octets: bytes, records: Mapping[str, Sequence[bytes]]) -> Sequence[DkimVerdict]:
    """What is found of the signatures of a message, by these records of DNS."""
    message = message_of(octets)
    return verify_all(message, read_all(message), records, time.time()).dkim


def signed(
    octets: bytes,
    key: PrivateKey = RSA_KEY,
    *,
    domain: str = "x.test",
    form: str = "relaxed/relaxed",
    names: str = NAMES,
    tags: str = "",
    field: str = "DKIM-Signature",
) -> bytes:
    """The message with a signature on top."""
    digest, _ = message_of(octets).body_hash(relaxed=form.endswith("/relaxed"))
    algorithm = "rsa-sha256" if isinstance(key, rsa.RSAPrivateKey) else "ed25519-sha256"
    first = "v=1" if field == "DKIM-Signature" else "i=1"
    value = (
        f" {tags if 'i=' in tags and field != 'DKIM-Signature' else f'{first}; {tags}'} a={algorithm}; c={form};"
        f" d={domain}; s=s;\r\n\th={names};\r\n\tbh={base64.b64encode(digest).decode()};\r\n\tb="
    ).encode()
    top = field.encode() + b":" + value
    message = message_of(top + _PLACEHOLDER + b"\r\n" + octets)
    place = message.fields(field.lower().encode())[0]
    signature = read_signature(place, message.header.value(place), of_arc=field != "DKIM-Signature")
    text = message.signed_text(signature, field.encode())
    return top + base64.b64encode(_sign(key, text)) + b"\r\n" + octets


def sealed(octets: bytes, instance: int, domain: str, *, state: str = "", key: PrivateKey = RSA_KEY) -> bytes:
    """The message with one more set of ARC on top, by `domain`."""
    octets = signed(octets, key, domain=domain, tags=f"i={instance};", field="ARC-Message-Signature")
    octets = f"ARC-Authentication-Results: i={instance}; {domain}; spf=pass\r\n".encode() + octets
    state = state or ("none" if instance == 1 else "pass")
    top = f"ARC-Seal: i={instance}; a=rsa-sha256; cv={state}; d={domain}; s=s;\r\n\tb=".encode()
    message = message_of(top + _PLACEHOLDER + b"\r\n" + octets)
    sets = []
    for number in range(instance):  # the oldest are the lowest
        place = -1 - number
        results = message.fields(b"arc-authentication-results")[place]
        signature = message.fields(b"arc-message-signature")[place]
        seal = message.fields(b"arc-seal")[place]
        tags = read_tags(message.header.value(seal))
        sets.append(_Set((results, signature, seal), read_seal(seal, tags), b""))
    return top + base64.b64encode(_sign(key, _sealed_text(message, sets))) + b"\r\n" + octets


def _sign(key: PrivateKey, text: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
    return key.sign(hashlib.sha256(text).digest())


def weak_key_record(bits: int = 512) -> bytes:
    """A key that nobody should use any more; signing with it is not needed to see it refused."""
    weak = rsa.RSAPublicNumbers(65_537, (1 << bits) - 159).public_key()
    octets = weak.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; p=" + base64.b64encode(octets)
