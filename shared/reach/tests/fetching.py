"""Fetching from servers on loopback, for the tests of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

from shared.reach.fetch import Fetched, Fetcher
from shared.reach.names import Names
from shared.testing.addresses import Addresses
from shared.testing.origins import Origin, Visit
from shared.testing.reactor import running_reactor, wait_for

ALLOWED = "127.0.0.2"  # the one address that is not refused
NAMES = {"allowed.example": [[ALLOWED]], "inside.example": [["127.0.0.1"]], "both.example": [["127.0.0.1", ALLOWED]]}
SHORT = timedelta(seconds=0.5)


def fetch(url: str, *, trust: Any = None, **options: Any) -> Fetched:
    """What is fetched, by a fetcher that was made for it."""
    reactor = running_reactor()

    async def work() -> Fetched:
        known = Names(Addresses(NAMES), reactor)
        fetcher = Fetcher(reactor, [ip_network(ALLOWED)], names=known, trust_root=trust)
        return await fetcher.fetch(url, **options)

    return wait_for(work)


def answer(body: bytes = b"", *fields: str, status: str = "200 OK") -> bytes:
    """A whole response."""
    head = "".join(f"{field}\r\n" for field in (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields))
    return head.encode() + b"\r\n" + body


def redirect(location: str, status: int = 302) -> bytes:
    """A response that leads on."""
    return answer(b"elsewhere", f"Location: {location}", status=f"{status} Elsewhere")


def by_path(answers: Mapping[str, bytes]) -> Callable[[Origin, Visit], None]:
    """A server that answers by the path."""

    def behave(running: Origin, visit: Visit) -> None:
        head = visit.read_head()
        running.heads.append(head)
        visit.send(answers[head.split(b" ")[1].decode()])
        visit.read_all()

    return behave


def then_silent(*octets: bytes) -> Callable[[Origin, Visit], None]:
    """A server that says so much, and no more until the client hangs up."""

    def behave(running: Origin, visit: Visit) -> None:
        running.heads.append(visit.read_head())
        for each in octets:
            visit.send(each)
        visit.read_all()
        running.heads.append(b"the client hung up")

    return behave


def then_endless(begin: bytes, more: bytes) -> Callable[[Origin, Visit], None]:
    """A server that goes on and on."""

    def behave(running: Origin, visit: Visit) -> None:
        visit.read_head()
        visit.send(begin)
        while True:
            visit.send(more)

    return behave
