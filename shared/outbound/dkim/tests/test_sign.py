"""Signatures as RFC 8463 has them, and what they cover.

They are verified by shared/trust/dkim, whose own tests hold it to signatures that were made elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.canonical import BodyHash, relaxed_field
from shared.outbound.dkim.keys import ED25519, RSA, OpenDomainKey, make_keys, opened, public_text
from shared.outbound.dkim.sign import signature_field
from shared.runtime.stack_key import StackKey
from shared.trust.tests.signing import key_record, verdicts_on
from shared.trust.verdict import FAIL, PASS

# RFC 8463 appendix A.
HEADER = (
    b"From: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\n"
    b"Subject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n"
    b"Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n"
)
BODY = b"Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n"
BODY_HASH = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8="
PRIVATE = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A="
PUBLIC = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")
FIELD = (
    b" v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n"
    b" q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
    b" subject : date : message-id : from : subject : date;\r\n"
    b" bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="
)
SIGNATURE = "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw=="


def ed25519_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.from_private_bytes(base64.b64decode(PRIVATE))


def body_hash(*pieces: bytes) -> str:
    made = BodyHash()
    for piece in pieces:
        made.feed(piece)
    return base64.b64encode(made.digest()).decode()


def test_canonical_forms_are_those_of_the_rfcs_own_example() -> None:
    header = HeaderFields(HEADER)
    fields = [relaxed_field(name, header.value(header.find(name)[0])) for name in SIGNED]
    text = b"".join(fields) + relaxed_field(b"DKIM-Signature", FIELD)[:-2]
    ed25519_key().public_key().verify(base64.b64decode(SIGNATURE), hashlib.sha256(text).digest())
    assert public_text(ed25519_key()) == PUBLIC
    assert body_hash(BODY) == BODY_HASH


@pytest.mark.parametrize("size", range(1, 12), ids=str)
def test_hash_of_a_body_does_not_depend_on_its_pieces(size: int) -> None:
    body = b"a \t b \r\n\r\n\t\r\n c\r\n" + BODY + b"\r\n\r\n \r\n"
    assert body_hash(*(body[start : start + size] for start in range(0, len(body), size))) == body_hash(body)


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),  # RFC 6376 §3.4.6
        (b"no end", b"no end\r\n"),
        (b"a\r\n\r\n\r\nb\r\n", b"a\r\n\r\n\r\nb\r\n"),
        (b"a\tb c\r\n\td\t\r\n", b"a b c\r\n d\r\n"),
        (b"a  b   c    d\t\te \t \tf \r\n", b"a b c d e f\r\n"),
    ],
    ids=["empty", "empty-lines", "rfc", "no-end", "empty-lines-between", "tabs", "runs"],
)
def test_body_is_relaxed(body: bytes, canonical: bytes) -> None:
    assert body_hash(body) == base64.b64encode(hashlib.sha256(canonical).digest()).decode()


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        (b" a b\r\n", b"x:a b\r\n"),
        (b"\ta\tb\t\r\n", b"x:a b\r\n"),
        (b"  a \t b\r\n\t c  \r\n", b"x:a b c\r\n"),
        (b"\r\n", b"x:\r\n"),
    ],
)
def test_field_is_relaxed(value: bytes, canonical: bytes) -> None:
    assert relaxed_field(b"X ", value) == canonical


@pytest.mark.parametrize("algorithm", [RSA, ED25519])
def test_signature_is_verified_by_its_public_key_and_covers_what_people_see(algorithm: str) -> None:
    private = rsa.generate_private_key(65_537, 2048) if algorithm == RSA else ed25519_key()
    key = OpenDomainKey("football.example.com", "brisbane", algorithm, private)
    digest = base64.b64decode(BODY_HASH)
    field = signature_field(key, HeaderFields(HEADER + b"To: another\r\n"), digest, 1528637909)
    assert max(map(len, field.split(b"\r\n"))) < 100
    records = {"brisbane._domainkey.football.example.com": [key_record(private)]}
    letter = field + HEADER + b"To: another\r\n"
    assert [each.result for each in verdicts_on(letter + b"\r\n" + BODY, records)] == [PASS]
    for changed in (b"From: x@y.test\r\n", b"Subject: another\r\n", b"To: a third\r\n"):
        (verdict,) = verdicts_on(letter + changed + b"\r\n" + BODY, records)
        assert (verdict.result, verdict.reason) == (FAIL, "the signature is not of this message")


def test_keys_are_sealed_and_their_records_are_short_enough() -> None:
    stack_key = StackKey(b"a secret of this stack")
    made = make_keys(stack_key, datetime(2026, 3, 1, tzinfo=UTC))
    assert [(each.selector, each.algorithm) for each in made] == [
        ("20260301-rsa", "rsa-sha256"),
        ("20260301-ed25519", "ed25519-sha256"),
    ]
    keys = opened("example.org", [(each.selector, each.algorithm, each.sealed) for each in made], stack_key)
    assert [public_text(each.private) for each in keys] == [each.public for each in made]
