"""All checks of a message together: what is concluded, and within what time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from twisted.internet.protocol import DatagramProtocol
from twisted.internet.task import Clock

from shared.outbound.places import ServerPlace
from shared.outbound.tests.dns_server import Records, a, txt
from shared.testing.reactor import running_reactor
from shared.testing.undisturbed import undisturbed
from shared.testing.until import until
from shared.trust.checks import LOOK_UPS_SHARE, MOST_AT_ONCE, Checks
from shared.trust.dkim.signed_message import SMALL_OCTETS
from shared.trust.results_field import results_field
from shared.trust.tests.signing import LETTER, key_record, sealed, signed
from shared.trust.tests.world import arrival, checks_by, names_at, world
from shared.trust.verdict import (
    NONE,
    PASS,
    QUARANTINE,
    REJECT,
    TEMPERROR,
    ArcVerdict,
    DmarcVerdict,
    SpfVerdict,
    Trust,
)

LONG = LETTER + b"Some words, in lines.\r\n" * (SMALL_OCTETS // 23 + 1)
KEYS: Records = {
    "s._domainkey.x.test": [txt(key_record())],
    "s._domainkey.y.test": [txt(key_record())],
    "s._domainkey.one.test": [txt(key_record())],
}
POLICY: Records = {"x.test": [txt("v=spf1 ip4:192.0.2.1 -all")], "_dmarc.x.test": [txt("v=DMARC1; p=reject")]}
STRANGER = "198.51.100.7"  # whom SPF does not name


class ThreadedClock(Clock):
    """A clock of the test's, and the running reactor's threads."""

    def getThreadPool(self) -> Any:
        return running_reactor().getThreadPool()

    def callFromThread(self, *call: Any) -> None:
        running_reactor().callFromThread(*call)


class _Silent(DatagramProtocol):
    """Answers nothing."""


@contextmanager
def silent_server() -> Iterator[ServerPlace]:
    port = running_reactor().listenUDP(0, _Silent(), interface="127.0.0.1")
    try:
        yield ServerPlace("127.0.0.1", port.getHost().port)
    finally:
        port.stopListening()


async def checked(records: Records, octets: bytes, sender: str = "alice@x.test", address: str = "192.0.2.1") -> Trust:
    with world(records) as names:
        return await checks_by(names).check(arrival(octets, sender, address))


async def test_mail_that_is_in_order_is_proved_and_says_so() -> None:
    trust = await checked({**KEYS, **POLICY}, sealed(signed(LETTER), 1, "one.test"))
    assert (trust.is_proved, trust.domain, trust.asked, trust.word) == (True, "x.test", NONE, "pass")
    assert trust.aligned == ("x.test",)
    field = results_field("mail.example.test", trust)
    signature = trust.dkim[0].signature
    shown = signature if signature.replace("+", "").isalnum() else f'"{signature}"'
    assert field == (
        "Authentication-Results: mail.example.test;\r\n\tspf=pass smtp.mailfrom=x.test;\r\n\t"
        f"dkim=pass header.d=x.test header.s=s header.a=rsa-sha256 header.b={shown};\r\n\t"
        "dmarc=pass (p=reject) header.from=x.test;\r\n\tarc=pass header.d=one.test\r\n"
    )


@pytest.mark.parametrize(
    ("records", "octets", "sender", "address", "proved", "asked", "word"),
    [
        ({**KEYS, **POLICY}, signed(LETTER), "b@y.test", STRANGER, True, NONE, "pass"),  # forwarded: DKIM is enough
        (POLICY, LETTER, "alice@x.test", "192.0.2.1", True, NONE, "pass"),  # SPF is
        ({**KEYS, **POLICY}, signed(LETTER, domain="y.test"), "b@y.test", STRANGER, False, REJECT, "fail"),
        (POLICY, LETTER, "alice@x.test", STRANGER, False, REJECT, "fail"),
        (POLICY, LETTER, "", STRANGER, False, REJECT, "fail"),
        (KEYS, signed(LETTER), "b@y.test", STRANGER, True, NONE, "pass"),  # no policy: aligned all the same
        (KEYS, signed(LETTER, domain="y.test"), "b@y.test", STRANGER, False, NONE, "none"),
        ({"x.test": [txt("v=spf1 -all")]}, LETTER, "alice@x.test", STRANGER, False, REJECT, "fail"),
        ({"x.test": [txt("v=spf1 ~all")]}, LETTER, "alice@x.test", STRANGER, False, NONE, "none"),
        ({}, LETTER, "alice@x.test", STRANGER, False, NONE, "none"),
        ({}, b"From: a@x.test\r\n" + LETTER, "alice@x.test", STRANGER, False, QUARANTINE, "fail"),
        ({"_dmarc.x.test": None, **KEYS}, signed(LETTER), "alice@x.test", STRANGER, True, NONE, "pass"),
        ({**POLICY, "s._domainkey.x.test": None}, signed(LETTER), "b@x.test", STRANGER, False, NONE, "none"),
        ({**POLICY, "x.test": None}, LETTER, "alice@x.test", STRANGER, False, NONE, "none"),
    ],
    ids=[
        "dkim", "spf", "not-aligned", "neither", "null-sender", "no-policy-dkim", "no-policy-not-aligned", "spf-fails",
        "spf-softfails", "nothing", "two-from", "policy-away", "key-away", "spf-away",
    ],
)  # fmt: skip
async def test_conclusions(
    records: Records, octets: bytes, sender: str, address: str, proved: bool, asked: str, word: str
) -> None:
    trust = await checked(records, octets, sender, address)
    assert (trust.is_proved, trust.asked, trust.word) == (proved, asked, word)


async def test_the_null_sender_is_checked_by_the_name_in_helo() -> None:
    trust = await checked({"mx.x.test": [txt("v=spf1 a -all"), a("192.0.2.1")], **POLICY}, LETTER, "")
    assert (trust.spf.result, trust.spf.domain, trust.spf.of_helo, trust.is_proved) == (PASS, "mx.x.test", True, True)


@undisturbed
async def test_silence_of_dns_costs_the_time_limit_and_no_more() -> None:
    with silent_server() as place:
        checks = checks_by(names_at(place), time_limit=timedelta(seconds=0.3))
        began = time.monotonic()
        trust = await checks.check(arrival(signed(LETTER)))
        assert 0.2 < time.monotonic() - began < 8  # a name by itself is given up after 9 s
    assert (trust.spf.result, trust.dkim[0].result, trust.dmarc.result) == (TEMPERROR, TEMPERROR, TEMPERROR)
    assert (trust.asked, trust.word, trust.is_proved) == (NONE, "none", False)


async def test_a_key_that_never_comes_does_not_keep_others_from_being_verified() -> None:
    octets = signed(signed(LETTER), domain="silent.test")
    with world({**KEYS, **POLICY}) as names:
        texts, silent, answered = names.texts, Deferred[object](), set[str]()

        async def some_texts(name: str) -> object:
            found = await silent if name.endswith("silent.test") else await texts(name)
            answered.add(name)
            return found

        names.texts = some_texts  # type: ignore[method-assign,assignment]
        clock = ThreadedClock()
        checks = Checks(clock, names, time_limit=timedelta(seconds=2), at_once=1)
        checking = Deferred.fromCoroutine(checks.check(arrival(octets)))
        await until(lambda: answered >= {"s._domainkey.x.test", "x.test", "_dmarc.x.test"})
        clock.advance(2 * LOOK_UPS_SHARE)  # it does not pass by itself, so that the rest is verified in time
        trust = await checking
    assert [each.result for each in trust.dkim] == [TEMPERROR, PASS]
    assert trust.is_proved


def many_times_signed(times: int) -> bytes:
    octets = LETTER
    for _ in range(times):
        octets = signed(octets)
    return octets


@pytest.mark.parametrize(
    ("octets", "at_once"),
    [
        (LETTER, True),
        (LONG, True),
        (signed(LETTER), True),
        (sealed(signed(LETTER), 1, "one.test"), True),
        (many_times_signed(MOST_AT_ONCE), True),
        (many_times_signed(MOST_AT_ONCE + 1), False),
        (signed(LONG), False),
    ],
    ids=["unsigned", "unsigned-long", "signed", "sealed", "signed-often", "signed-too-often", "signed-long"],
)
async def test_of_a_known_sender_only_much_to_verify_is_waited_for(octets: bytes, at_once: bool) -> None:
    """Nothing of it takes a thread, a timer or a turn of the reactor."""
    with world({**KEYS, **POLICY}) as names:
        checks = checks_by(names)
        first = await checks.check(arrival(octets))
        again = Deferred.fromCoroutine(checks.check(arrival(octets)))
        assert again.called is at_once
        assert await again == first
    assert {each.result for each in first.dkim} <= {PASS}
    assert first.is_proved


async def test_a_fault_of_ours_costs_no_message() -> None:
    with world({}) as names:

        async def fails(name: str) -> object:
            raise RuntimeError("a fault")

        names.texts = fails  # type: ignore[method-assign,assignment]
        trust = await checks_by(names).check(arrival(signed(LETTER)))
    assert (trust.spf.result, trust.dkim[0].result, trust.dmarc.result) == (TEMPERROR, TEMPERROR, TEMPERROR)


async def test_checks_that_are_cancelled_leave_their_places() -> None:
    with silent_server() as place:
        names = names_at(place)
        checks = checks_by(names, at_once=1)
        asking, waiting = (Deferred.fromCoroutine(checks.check(arrival(signed(LETTER)))) for _ in range(2))
        for each in (waiting, asking):
            each.cancel()
            with pytest.raises(CancelledError):
                await each

        async def nothing(name: str) -> object:
            return ()

        names.texts = nothing  # type: ignore[method-assign,assignment]
        assert (await checks.check(arrival(LETTER))).spf.result == NONE


@undisturbed
async def test_so_many_are_checked_at_once_and_the_others_wait_within_the_limit() -> None:
    with silent_server() as place:
        checks = checks_by(names_at(place), time_limit=timedelta(seconds=0.3), at_once=1)
        began = time.monotonic()
        found = await gatherResults([Deferred.fromCoroutine(checks.check(arrival(LETTER))) for _ in range(200)])
        assert time.monotonic() - began < 20  # one after the other they would take a minute
        assert {each.spf.result for each in found} == {TEMPERROR}
    with world(POLICY) as names:  # and the places are free again
        checks = checks_by(names, at_once=2)
        found = await gatherResults([Deferred.fromCoroutine(checks.check(arrival(LETTER))) for _ in range(20)])
        assert {each.spf.result for each in found} == {PASS}


def test_what_a_stranger_wrote_stands_in_the_field_only_as_a_plain_word() -> None:
    trust = Trust(SpfVerdict(NONE, "x y;\r\nz", True), (), ArcVerdict(NONE, "\xff"), DmarcVerdict(NONE, "a b"))
    assert results_field("h", trust) == (
        "Authentication-Results: h;\r\n\tspf=none;\r\n\tdkim=none;\r\n\tdmarc=none;\r\n\tarc=none\r\n"
    )
