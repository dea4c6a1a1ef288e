"""`agora mail mx` shows a domain's mail servers as DNS has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner
from twisted.internet.defer import Deferred, fail, succeed
from twisted.names import dns, error
from twisted.names.server import DNSServerFactory

from shared.command_line.root import agora
from shared.testing.reactor import run_in_reactor, running_reactor

RECORDS = {
    ("two.test", dns.MX): [dns.Record_MX(20, "second.test"), dns.Record_MX(10, "first.test")],
    ("first.test", dns.A): [dns.Record_A("192.0.2.1")],
    ("first.test", dns.AAAA): [dns.Record_AAAA("2001:db8::1")],
    ("second.test", dns.A): [dns.Record_A("192.0.2.2")],
    ("null.test", dns.MX): [dns.Record_MX(0, "")],
    ("bare.test", dns.A): [dns.Record_A("192.0.2.3")],
}


class Zone:
    """Answers from RECORDS; other names of `.test` do not exist."""

    def query(self, query: Any, timeout: Any = None) -> Deferred[Any]:
        name = query.name.name.decode()
        found: Any = RECORDS.get((name, query.type), ())
        if not found and not any(each == name for each, _ in RECORDS):
            return fail(error.DomainError())
        return succeed(([dns.RRHeader(name, query.type, payload=each, ttl=60) for each in found], [], []))


@pytest.fixture
def server() -> Iterator[str]:
    reactor = running_reactor()
    ports: list[Any] = []

    async def listen() -> None:
        protocol = dns.DNSDatagramProtocol(DNSServerFactory(clients=[Zone()]))
        ports.append(reactor.listenUDP(0, protocol, interface="127.0.0.1"))

    async def close() -> None:
        await ports[0].stopListening()

    run_in_reactor(listen)()
    yield f"127.0.0.1:{ports[0].getHost().port}"
    run_in_reactor(close)()


@pytest.mark.parametrize(
    ("domain", "shown", "status"),
    [
        ("two.test", "   10 first.test  2001:db8::1 192.0.2.1\n   20 second.test  192.0.2.2\n", 0),
        ("null.test", "null.test takes no mail (null MX).\n", 0),
        ("bare.test", "    0 bare.test  192.0.2.3\n", 0),
        ("nowhere.test", "agora: nowhere.test does not exist\n", 1),
    ],
)
def test_hosts_are_shown_in_the_order_in_which_they_are_tried(
    server: str, domain: str, shown: str, status: int
) -> None:
    done = CliRunner().invoke(agora, ["mail", "mx", f"a@{domain}", "--dns", server])
    assert (done.output, done.exit_code) == (shown, status)


def test_what_is_no_domain_is_refused() -> None:
    assert CliRunner().invoke(agora, ["mail", "mx", "a@b c"]).exit_code == 2
