"""ARC's chains (RFC 8617): whole, broken, and in disorder."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.trust.dkim.arc import MOST_SETS
from shared.trust.dkim.examine import read_all, verify_all
from shared.trust.tests.signing import LETTER, key_record, message_of, sealed, signed
from shared.trust.verdict import FAIL, NONE, PASS, TEMPERROR, ArcVerdict

NOW = 1_800_000_000
ONE = sealed(signed(LETTER), 1, "one.test")
THREE = sealed(sealed(ONE, 2, "two.test"), 3, "three.test")


def verdict(octets: bytes, records: list[bytes] | None = None, *, away: bool = False) -> ArcVerdict:
    message = message_of(octets)
    read = read_all(message)
    found = [key_record()] if records is None else records
    return verify_all(message, read, dict.fromkeys(read.key_names, None if away else found), NOW).arc


def test_a_message_without_a_chain_has_none() -> None:
    assert verdict(signed(LETTER)) == ArcVerdict(NONE)


def test_whole_chains_pass() -> None:
    assert verdict(ONE) == ArcVerdict(PASS, "one.test")
    assert verdict(THREE) == ArcVerdict(PASS, "three.test")
    assert verdict(b"Received: by elsewhere\r\n" + THREE) == ArcVerdict(PASS, "three.test")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda octets: octets.replace(b"four", b"five"), "the body has changed"),
        (lambda octets: octets.replace(b"alice@", b"mallo@"), "the signature is not of this message"),
        (lambda octets: octets.replace(b"one.test; spf=pass", b"one.test; spf=fail"), "the signature is not of this"),
        (lambda octets: octets.replace(b"i=2; a=rsa-sha256; cv=pass", b"i=2; a=rsa-sha256; cv=none"), "broken before"),
        (lambda octets: octets.replace(b"i=3; a=rsa-sha256; cv=pass", b"i=3; a=rsa-sha256; cv=fail"), "broken before"),
        (lambda octets: octets.replace(b"ARC-Seal: i=2;", b"X-Seal: i=2;"), "the chain has gaps"),
        (lambda octets: octets.replace(b"ARC-Authentication-Results: i=3;", b"X: i=3;"), "the chain has gaps"),
        (lambda octets: octets.replace(b"ARC-Seal: i=2;", b"ARC-Seal: i=x;"), "no number, or is there twice"),
        (lambda octets: octets.replace(b"ARC-Seal: i=2;", b"ARC-Seal: i=3;"), "no number, or is there twice"),
        (lambda octets: octets.replace(b"ARC-Seal: i=2;", b"ARC-Seal: i=2; h=from;"), "a seal has h="),
        (lambda octets: b"ARC-Seal: \xff\r\n" + octets, "not a list of tags"),
        (lambda octets: b"ARC-Seal: i=4;\r\n" * 100 + octets, "the chain is too long"),
        (lambda octets: b"ARC-Seal: i=4; cv=pass\r\n" + octets, "the chain has gaps"),
    ],
    ids=lambda value: value if isinstance(value, str) else "change",
)
def test_broken_chains_fail(change: Callable[[bytes], bytes], reason: str) -> None:
    found = verdict(change(THREE))
    assert found.result == FAIL
    assert reason in found.reason


def test_a_chain_whose_keys_are_gone_fails_and_with_dns_away_it_is_unknown() -> None:
    assert verdict(THREE, []) == ArcVerdict(FAIL, "three.test", "no key")
    assert verdict(THREE, away=True).result == TEMPERROR


def test_a_longer_chain_than_anybody_makes_is_not_followed() -> None:
    octets = LETTER
    for instance in range(1, MOST_SETS + 2):
        if instance == MOST_SETS + 1:
            assert verdict(octets).result == PASS
        octets = sealed(octets, instance, f"n{instance}.test")
    assert verdict(octets).reason == "the chain is too long"
