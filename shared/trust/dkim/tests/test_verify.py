"""DKIM signatures that pass, and those that do not; RFC 6376, RFC 8301, RFC 8463."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from shared.outbound.dkim.keys import PrivateKey
from shared.testing.fastest import processor_seconds
from shared.trust.dkim.examine import read_all, verify_all
from shared.trust.dkim.signed_message import MOST_HEADER_OCTETS
from shared.trust.dkim.verify import MOST_SIGNATURES
from shared.trust.tests.signing import (
    ED25519_KEY,
    LETTER,
    NAMES,
    RSA_KEY,
    key_record,
    message_of,
    signed,
    weak_key_record,
)
from shared.trust.verdict import FAIL, NEUTRAL, PASS, PERMERROR, POLICY, TEMPERROR, DkimVerdict

NOW = 1_800_000_000
# RFC 8463 appendix A, with both signatures.
OF_THE_RFC = b"""DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=brisbane; t=1528637909; h=from : to :
 subject : date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus
 Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;
 d=football.example.com; i=@football.example.com;
 q=dns/txt; s=test; t=1528637909; h=from : to : subject :
 date : message-id : from : subject : date;
 bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;
 b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3
 DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz
 dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=
From: Joe SixPack <joe@football.example.com>
To: Suzie Q <suzie@shopping.example.net>
Subject: Is dinner ready?
Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)
Message-ID: <20030712040037.46341.5F8J@football.example.com>

Hi.

We lost the game.  Are you hungry yet?

Joe.
""".replace(b"\n", b"\r\n")
KEYS_OF_THE_RFC = {
    "brisbane._domainkey.football.example.com": [b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    "test._domainkey.football.example.com": [
        b"v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWR"
        b"iGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutAC"
        b"DfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3"
        b"Ip3G+2kryOTIKT+l/K4w3QIDAQAB"
    ],
}


def verdicts(octets: bytes, records: list[bytes] | None, now: float = NOW) -> list[DkimVerdict]:
    message = message_of(octets)
    read = read_all(message)
    return list(verify_all(message, read, dict.fromkeys(read.key_names, records), now).dkim)


def verdict(octets: bytes, *records: bytes, now: float = NOW) -> tuple[str, str]:
    (only,) = verdicts(octets, list(records), now)
    return only.result, only.reason


def test_both_signatures_of_the_rfc_pass() -> None:
    message = message_of(OF_THE_RFC)
    both = verify_all(message, read_all(message), KEYS_OF_THE_RFC, NOW).dkim
    assert [(each.result, each.algorithm, each.domain) for each in both] == [
        (PASS, "ed25519-sha256", "football.example.com"),
        (PASS, "rsa-sha256", "football.example.com"),
    ]


@pytest.mark.parametrize("key", [RSA_KEY, ED25519_KEY], ids=["rsa", "ed25519"])
@pytest.mark.parametrize("form", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed", "simple"])
def test_every_form_passes_and_what_is_changed_fails(form: str, key: PrivateKey) -> None:
    octets = signed(LETTER, key, form=form)
    record = key_record(key)
    assert verdict(octets, record) == (PASS, "")
    assert verdict(octets + b"more\r\n", record) == (FAIL, "the body has changed")
    assert verdict(octets + b"\r\n\r\n", record) == (PASS, "")  # empty lines at the end do not count
    for changed in (octets.replace(b"alice", b"mallo"), octets.replace(b"\r\n\r\n", b"\r\nFrom: m@x.test\r\n\r\n", 1)):
        assert verdict(changed, record) == (FAIL, "the signature is not of this message")
    loose = octets.replace(b"Subject:  tea \t and", b"SUBJECT: tea and")
    assert (verdict(loose, record)[0] == PASS) is form.startswith("relaxed")


def test_a_signature_over_a_part_of_the_body_only_proves_nothing() -> None:
    size = len(b"At four?\r\n\r\nYes.\r\n")  # in relaxed form
    octets = signed(LETTER, tags=f"l={size};")
    assert verdict(octets, key_record()) == (PASS, "")
    assert verdict(octets + b"Buy!\r\n", key_record()) == (POLICY, "the end of the body is not signed")
    longer = signed(LETTER, tags=f"l={size + 1};")
    assert verdict(longer, key_record()) == (FAIL, "the body is shorter than what was signed")


def test_an_expired_signature_fails() -> None:
    octets = signed(LETTER, tags=f"t=1; x={NOW};")
    assert verdict(octets, key_record()) == (PASS, "")
    assert verdict(octets, key_record(), now=NOW + 1) == (FAIL, "the signature has expired")


@pytest.mark.parametrize(
    ("record", "result", "reason"),
    [
        (weak_key_record(512), FAIL, "the key has 512 bits"),
        (weak_key_record(1023), FAIL, "the key has 1023 bits"),
        (weak_key_record(8192), FAIL, "the key has 8192 bits"),
        (b"v=DKIM1; p=", FAIL, "the key is revoked"),
        (b"v=DKIM1; p=AAAA", FAIL, "the key cannot be read"),
        (b"v=DKIM1; p=!", FAIL, "the key cannot be read"),
        (key_record(ED25519_KEY), FAIL, "the key is of another kind"),
        (key_record(tags="h=sha1; "), FAIL, "the key is not for SHA-256"),
        (key_record(tags="s=tlsrpt; "), FAIL, "the key is not for mail"),
        (key_record(tags="h=sha1:sha256; s=*; t=y:s; n=x; "), PASS, ""),
        (key_record().replace(b"v=DKIM1; k=rsa; ", b""), PASS, ""),
        (b"something else", FAIL, "no key"),
        (b"v=DKIM2; p=AAAA", FAIL, "no key"),
        (b";" * 10_000, FAIL, "no key"),
        (key_record(rsa.generate_private_key(65_537, 1024)), FAIL, "the signature is not of this message"),
    ],
    ids=lambda value: value if isinstance(value, str) else "record",
)
def test_keys_that_are_no_good_fail(record: bytes, result: str, reason: str) -> None:
    assert verdict(signed(LETTER), record) == (result, reason)


def test_a_key_in_the_form_of_pkcs_1_is_read() -> None:
    octets = RSA_KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    assert verdict(signed(LETTER), b"p=" + base64.b64encode(octets)) == (PASS, "")


def test_no_record_is_an_error_for_good_and_no_answer_is_none() -> None:
    assert verdict(signed(LETTER)) == (PERMERROR, "no key")
    (only,) = verdicts(signed(LETTER), None)
    assert (only.result, only.reason) == (TEMPERROR, "the key could not be looked up")


def test_a_subdomain_signs_only_with_a_key_that_allows_it() -> None:
    octets = signed(LETTER, tags="i=a@sub.x.test;")
    assert verdict(octets, key_record()) == (PASS, "")
    assert verdict(octets, key_record(tags="t=s; ")) == (FAIL, "the key is not for subdomains")


GOOD = b"v=1; a=rsa-sha256; d=x.test; s=s; h=from; bh=AAAA; b=AAAA"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "v= is not 1"),
        (b";;;", "not a list of tags"),
        (b"\xff\x00=\xff", "not a list of tags"),
        (b"=", "not a list of tags"),
        (b"v=1", "a= is unknown, or is of SHA-1"),
        (GOOD.replace(b"v=1", b"v=2"), "v= is not 1"),
        (GOOD + b"; v=1", "v= is there twice"),
        (GOOD.replace(b"rsa-sha256", b"rsa-sha1"), "a= is unknown, or is of SHA-1"),
        (GOOD.replace(b"rsa-sha256", b"\xff"), "a= is unknown, or is of SHA-1"),
        (GOOD.replace(b"d=x.test", b"d="), "d= is missing"),
        (GOOD.replace(b"d=x.test", b"d=x..test"), "d= or s= is no name"),
        (GOOD.replace(b"d=x.test", b"d=" + b"x." * 200 + b"test"), "d= or s= is no name"),
        (GOOD.replace(b"s=s", b's=";\r\n'), "not a list of tags"),
        (GOOD.replace(b"s=s", b"s=\xc3\xa4"), "d= or s= is no name"),
        (GOOD.replace(b"h=from", b"h=to"), "From is not signed"),
        (GOOD.replace(b"h=from", b"h=from" + b":to" * 100), "too many signed fields"),
        (GOOD.replace(b"bh=AAAA", b"bh=A"), "bh= is not base64"),
        (GOOD.replace(b" b=AAAA", b" b=\xff\xff\xff\xff"), "b= is not base64"),
        (GOOD.replace(b" b=AAAA", b" b="), "b= is missing"),
        (GOOD + b"; c=plain/simple", "c= is unknown"),
        (GOOD + b"; q=http", "q= is unknown"),
        (GOOD + b"; l=-1", "l= is no number"),
        (GOOD + b"; l=" + b"9" * 77, "l= is no number"),
        (GOOD + b"; t=5; x=5", "x= is before t="),
        (GOOD + b"; i=@y.test", "i= is not of d="),
        (GOOD + b"; i=@notx.test", "i= is not of d="),
        (GOOD + b"; z=1" + b"".join(b"; y%d=1" % n for n in range(50)), "too many tags"),
    ],
    ids=lambda value: value if isinstance(value, str) else "value",
)
def test_a_malformed_signature_says_so_and_leaves_the_others_alone(value: bytes, reason: str) -> None:
    octets = b"DKIM-Signature: " + value.replace(b"\r\n", b"\r\n ") + b"\r\n" + signed(LETTER)
    bad, good = verdicts(octets, [key_record()])
    assert (bad.result, bad.reason) == (NEUTRAL, reason)
    assert good.result == PASS


def test_of_a_hundred_signatures_the_topmost_are_verified() -> None:
    octets = LETTER
    for _ in range(3):
        octets = signed(octets)
    top = octets.removesuffix(LETTER)
    found = verdicts(top * 33 + signed(LETTER), [key_record()])
    assert len(found) == MOST_SIGNATURES
    assert {each.result for each in found} == {PASS}


def test_a_header_of_a_megabyte_is_not_verified() -> None:
    octets = b"X: " + b"y" * MOST_HEADER_OCTETS + b"\r\n" + signed(LETTER)
    assert verdict(octets, key_record()) == (POLICY, "the header is too large")


BLANKS = b" " * 200_000


@pytest.mark.parametrize(
    "octets",
    [
        b"DKIM-Signature: " + BLANKS + b"x\r\n" + signed(LETTER),
        b"DKIM-Signature: " + GOOD + b";" + BLANKS + b"b\r\n" + signed(LETTER),
        b"DKIM-Signature: "
        + GOOD.replace(b"h=from", b"h=from:" + b":x" * 90)
        + b"\r\n"
        + b"x1:\r\n" * 40_000
        + signed(LETTER),
        b"Subject: a\r\n" + BLANKS + b"\r\n" + signed(LETTER, names="from:subject"),
        b"ARC-Seal: " + b"i=1;" * 50_000 + b"\r\n" + signed(LETTER),
        signed(LETTER + BLANKS * 5 + b"x\r\n"),
        signed(LETTER + b"\r\n" * 500_000 + b"x\r\n", form="simple/simple"),
        signed(LETTER + b"x" * 1_000_000 + b"\r\n"),
    ],
    ids=[
        "blanks",
        "blanks-in-tags",
        "many-fields",
        "blanks-signed",
        "seal",
        "body-of-blanks",
        "empty-lines",
        "one-line",
    ],
)
def test_nothing_takes_more_than_linear_time(octets: bytes) -> None:
    """dkimpy, which takes quadratic time, would be busy for hours with some of these."""
    assert verdicts(octets, [key_record()])[-1].result == PASS
    assert processor_seconds(lambda: verdicts(octets, [key_record()])) < 2


def test_names_that_are_there_once_are_signed_once() -> None:
    octets = signed(LETTER, names=NAMES + ":x-none:subject:subject")
    assert verdict(octets, key_record()) == (PASS, "")
    assert verdict(octets.replace(b"\r\nDate:", b"\r\nSubject: more\r\nDate:"), key_record())[0] == FAIL
