"""ARC sets of what is forwarded, verified by the code that checks what comes in."""

from __future__ import annotations

import pytest

from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.arc_set import arc_set
from shared.outbound.dkim.canonical import BodyHash
from shared.outbound.dkim.keys import ED25519, RSA, OpenDomainKey
from shared.trust.dkim.arc import Chain, read_chain, verify_chain
from shared.trust.tests.signing import ED25519_KEY, LETTER, RSA_KEY, key_record, message_of, sealed, signed
from shared.trust.verdict import ArcVerdict

NOW = 1_772_368_215
HOST = "mail.here.test"
KEYS = [OpenDomainKey("here.test", "s", RSA, RSA_KEY)]
RECORDS = {f"s._domainkey.{domain}": [key_record()] for domain in ("here.test", "next.test", "one.test", "two.test")}
FOUND = b"Authentication-Results: mail.here.test;\r\n\tspf=pass smtp.mailfrom=x.test;\r\n\tarc=none\r\n"


def put_on(octets: bytes, host: str = HOST, keys: list[OpenDomainKey] = KEYS) -> bytes:
    """The message with a set on top, if there can be one."""
    head, _, body = octets.partition(b"\r\n\r\n")
    digest = BodyHash()
    digest.feed(body)
    return arc_set(keys, HeaderFields(head + b"\r\n"), host, digest.digest(), NOW) + octets


def verified(octets: bytes) -> ArcVerdict:
    message = message_of(octets)
    chain = read_chain(message)
    return verify_chain(message, chain, RECORDS, NOW) if isinstance(chain, Chain) else chain


def test_first_set_holds() -> None:
    octets = put_on(FOUND + LETTER)
    assert octets.startswith(b"ARC-Seal: i=1; a=rsa-sha256; ")
    assert b"\r\nARC-Authentication-Results: i=1; mail.here.test;\r\n\tspf=pass smtp.mailfrom=x.test;" in octets
    assert verified(octets)[:2] == ("pass", "here.test")
    assert verified(octets.replace(b"four", b"five"))[0] == "fail"


@pytest.mark.parametrize("others", [1, 2], ids=["one", "two"])
def test_set_goes_on_top_of_those_of_others(others: int) -> None:
    octets = signed(LETTER)
    for number, domain in enumerate(("one.test", "two.test")[:others], 1):
        octets = sealed(octets, number, domain)
    octets = put_on(FOUND.replace(b"arc=none", b"arc=pass header.d=one.test") + octets)
    assert octets.startswith(f"ARC-Seal: i={others + 1}; ".encode())
    assert verified(octets)[:2] == ("pass", "here.test")


def test_next_server_of_ours_goes_on() -> None:
    octets = put_on(FOUND + LETTER)
    found = FOUND.replace(b"mail.here.test", b"mail.next.test").replace(b"arc=none", b"arc=pass header.d=here.test")
    keys = [OpenDomainKey("next.test", "s", RSA, RSA_KEY)]
    octets = put_on(found + b"Delivered-To: a@next.test\r\n" + octets, "mail.next.test", keys)
    assert verified(octets)[:2] == ("pass", "next.test")


@pytest.mark.parametrize(
    ("found", "keys"),
    [
        (b"", KEYS),
        (FOUND.replace(b"here.test", b"evil.test"), KEYS),
        (FOUND.replace(b"arc=none", b"arc=fail"), KEYS),
        (FOUND.replace(b"arc=none", b"arc=pass"), KEYS),
        (FOUND.replace(b"arc=none", b"dmarc=none"), KEYS),
        (FOUND + b"ARC-Seal: i=1; cv=none\r\n", KEYS),
        (FOUND + b"ARC-Seal: x\r\n" * 60, KEYS),
        (FOUND, [OpenDomainKey("here.test", "s", ED25519, ED25519_KEY)]),
        (FOUND, []),
    ],
    ids=["unchecked", "others", "broken", "lost", "unsaid", "gap", "many", "no RSA", "no key"],
)
def test_nothing_is_sealed_that_was_not_checked_and_whole(found: bytes, keys: list[OpenDomainKey]) -> None:
    octets = found + LETTER
    assert put_on(octets, keys=keys) == octets
