"""The asking of DNS servers: records of one kind of one name, for all that a process wants to know of other domains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.names import dns
from twisted.names.client import DNSClientFactory, Resolver
from twisted.names.error import DNSNameError

from shared.outbound.places import ServerPlace

SYSTEM_FILE = "/etc/resolv.conf"
# Seconds of waiting for each try; the sum is less than what a look-up of addresses may take (shared/reach/names.py).
TRIES_SECONDS = (2, 3, 4)
# Of an answer by TCP. One of 16 KiB takes some 10 ms to be read, and all TXT records of the largest companies have half
# of that; the longest of names make each record cost 0.1 ms.
MOST_ANSWER_OCTETS = 16 << 10
MOST_ANSWER_RECORDS = 200
MOST_DATAGRAM_OCTETS = 512  # RFC 1035 §4.2.1, without EDNS
_HEADER_OCTETS = 12
MOST_ALIASES = 8  # CNAMEs one behind the other; BIND follows 11 with the name itself


class NamesAway(Exception):
    """No DNS server has answered, or none could."""


class NameMissing(Exception):
    """There is no such name in DNS."""


class _AnswerTooLarge(Exception):
    """An answer has more octets or records than are read."""


class DnsClient:
    """Asks DNS; one for a process."""

    def __init__(
        self,
        reactor: Any,
        servers: Sequence[ServerPlace] = (),
        *,
        tries: Sequence[int] = TRIES_SECONDS,
        resolver: type[BoundedResolver] | None = None,
    ) -> None:
        """`servers` are asked in place of those of the system; by a `resolver` that may know whether they checked."""
        given = [(server.host, server.port) for server in servers]
        self._made: Any = None  # when it is first asked: reading the system's file leaves lines in the log
        self._make = partial(
            resolver or BoundedResolver,
            resolv=None if given else SYSTEM_FILE,
            servers=given or None,
            timeout=tries,
            reactor=reactor,
        )

    @property
    def _resolver(self) -> Any:
        if self._made is None:
            self._made = self._make()
        return self._made

    async def records(self, name: str, kind: int) -> Sequence[Any]:
        """The records (`RRHeader`) of that kind (`dns.TXT`, …) of `name` or of what it is an alias of.

        What the answer has for other names does not count. Raises NamesAway, NameMissing. A caller may be cancelled:
        the question goes on, for others may wait for the same answer.
        """
        records, _ = await self.checked_records(name, kind)
        return records

    async def checked_records(self, name: str, kind: int) -> tuple[Sequence[Any], bool]:
        """The same, and whether a resolver that is trusted has checked the answer (DNSSEC)."""
        try:
            asked = _apart(self._resolver._lookup(name, dns.IN, kind, None))
            answers, _, _, *checked = await asked
        except CancelledError:
            raise
        except DNSNameError as error:
            raise NameMissing(name) from error
        except Exception as error:  # time-outs, errors of the servers, answers that cannot be read
            raise NamesAway(f"{type(error).__name__}: {error}"[:200]) from error
        return _of_name(answers, name, kind), any(checked)


def _apart(asked: Deferred[Any]) -> Deferred[Any]:
    """A Deferred that may be cancelled alone."""
    mine: Deferred[Any] = Deferred()

    def answered(result: Any) -> None:
        if not mine.called:
            mine.callback(result)

    asked.addBoth(answered)
    return mine


def _of_name(answers: Sequence[Any], name: str, kind: int) -> Sequence[Any]:
    wanted = name.lower().rstrip(".").encode("ascii", "replace")
    for _ in range(MOST_ALIASES):
        named = [each for each in answers if each.name.name.lower().rstrip(b".") == wanted]
        found = [each for each in named if each.type == kind]
        aliases = [each for each in named if each.type == dns.CNAME]
        if found or not aliases:
            return found
        wanted = aliases[0].payload.name.name.lower().rstrip(b".")
    return ()


class BoundedResolver(Resolver):
    """Reads no answer that is larger than the bounds above."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.factory = _BoundedFactory(self)
        self.factory.noisy = False

    def _connectedProtocol(self, interface: str = "") -> Any:
        protocol = super()._connectedProtocol(interface)
        received = protocol.datagramReceived
        protocol.datagramReceived = lambda data, address: received(_shortened(data), address)
        return protocol


def _shortened(datagram: bytes) -> bytes:
    """A larger datagram than there may be counts as cut: it is asked for again, by TCP (RFC 1035 §4.2.1).

    Twisted would take the records that were not cut off for all.
    """
    if len(datagram) <= MOST_DATAGRAM_OCTETS:
        return datagram
    flags = bytes([datagram[2] | 0x02, datagram[3]])
    return datagram[:2] + flags + datagram[4:6] + bytes(6) + datagram[_HEADER_OCTETS:MOST_DATAGRAM_OCTETS]


class _BoundedStream(dns.DNSProtocol):
    """DNS by TCP, with a bound of what is read."""

    def stringReceived(self, data: bytes) -> None:
        records = sum(int.from_bytes(data[at : at + 2], "big") for at in (6, 8, 10))  # RFC 1035 §4.1.1
        if len(data) <= MOST_ANSWER_OCTETS and records <= MOST_ANSWER_RECORDS:
            super().stringReceived(data)
            return
        waiting = self.liveMessages.pop(int.from_bytes(data[:2], "big"), None)
        if waiting is not None:
            answer, time_limit = waiting
            time_limit.cancel()  # type: ignore[misc]
            answer.errback(_AnswerTooLarge(f"{len(data)} octets, {records} records"))


class _BoundedFactory(DNSClientFactory):
    def buildProtocol(self, addr: object) -> _BoundedStream:
        made = _BoundedStream(self.controller)
        made.factory = self
        return made
