"""The names of a small world of the tests' own DNS server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from shared.messages.header_fields import HeaderFields
from shared.outbound.dns_client import DnsClient
from shared.outbound.places import ServerPlace
from shared.outbound.tests.dns_server import Records, serving_names
from shared.testing.reactor import running_reactor
from shared.trust.checks import Arrival, Checks
from shared.trust.names import CheckedNames


def names_at(place: ServerPlace) -> CheckedNames:
    reactor = running_reactor()
    return CheckedNames(DnsClient(reactor, [place]), reactor.seconds)


@contextmanager
def world(records: Records) -> Iterator[CheckedNames]:
    with serving_names(records) as place:
        yield names_at(place)


def checks_by(names: CheckedNames, **options: Any) -> Checks:
    return Checks(running_reactor(), names, **{"time_limit": timedelta(seconds=20), "at_once": 10, **options})


def arrival(
    octets: bytes, sender: str = "alice@x.test", address: str = "192.0.2.1", helo: str = "mx.x.test"
) -> Arrival:
    local_part, _, domain = sender.rpartition("@")
    end = octets.index(b"\r\n\r\n") + 2
    return Arrival(address, helo, (local_part, domain), HeaderFields(octets[:end]), octets)
