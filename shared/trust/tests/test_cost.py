"""What the checks of a message cost the reactor: below 5 ms of its thread's processor time."""

from __future__ import annotations

import time
from statistics import median

from shared.outbound.tests.dns_server import Records, a, mx, txt
from shared.trust.tests.signing import ED25519_KEY, LETTER, key_record, sealed, signed
from shared.trust.tests.world import arrival, checks_by, world
from shared.trust.verdict import PASS

MOST_MS = 5
DOMAINS = 40


def of_a_domain(number: int) -> tuple[Records, bytes]:
    """A sender as they are: SPF by its MX, two keys, a policy, and a forwarder that has sealed."""
    domain = f"x{number}.test"
    records: Records = {
        domain: [txt("v=spf1 mx -all"), mx(10, f"mx.{domain}")],
        f"mx.{domain}": [a("192.0.2.1")],
        f"s._domainkey.{domain}": [txt(key_record())],
        f"ed._domainkey.{domain}": [txt(key_record(ED25519_KEY))],
        f"_dmarc.{domain}": [txt("v=DMARC1; p=reject")],
        f"s._domainkey.one{number}.test": [txt(key_record())],
    }
    octets = signed(LETTER.replace(b"x.test", domain.encode()) + b"Some words, in lines.\r\n" * 200, domain=domain)
    return records, sealed(octets, 1, f"one{number}.test")


async def costs(*, again: bool) -> list[float]:
    """Milliseconds of this thread, which is the reactor's, for each message; the DNS server is in it, too."""
    made = [of_a_domain(number) for number in range(DOMAINS)]
    found = []
    with world({name: each for records, _ in made for name, each in records.items()}) as names:
        checks = checks_by(names)
        for repeat in range(2):
            for number, (_, octets) in enumerate(made):
                before = time.thread_time()
                trust = await checks.check(arrival(octets, f"alice@x{number}.test"))
                spent = (time.thread_time() - before) * 1000
                assert (trust.spf.result, trust.dkim[0].result, trust.arc.result) == (PASS, PASS, PASS)
                assert trust.is_proved
                if repeat == again:
                    found.append(spent)
    return found


async def test_checks_of_senders_never_seen_before() -> None:
    found = await costs(again=False)
    print(f"median {median(found):.2f} ms, the tests' own DNS server included")
    assert median(found) < MOST_MS


async def test_checks_of_senders_that_are_known() -> None:
    found = await costs(again=True)
    print(f"median {median(found):.2f} ms")
    assert median(found) < MOST_MS / 4
