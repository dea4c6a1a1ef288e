"""The checks of messages on arrival: within a time limit, so many at once, the work on octets in threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from mmap import mmap
from typing import Any, NamedTuple, TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, FirstError, gatherResults, succeed
from twisted.internet.error import TimeoutError as DeadlineOver
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.clock import utc_now
from shared.messages.header_fields import HeaderFields
from shared.outbound.dns_client import NamesAway
from shared.runtime.in_thread import in_thread
from shared.trust.author import author_domain
from shared.trust.conclude import concluded, unknown
from shared.trust.dkim.examine import Signatures, is_signed, none_known, read_all, verify_all
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.dmarc import Published, find_policy
from shared.trust.names import CheckedNames
from shared.trust.organisation import are_suffixes_loaded, load_suffixes
from shared.trust.spf.check_host import SpfClient, check_host
from shared.trust.verdict import TEMPERROR, SpfVerdict, Trust

Result = TypeVar("Result")
Otherwise = TypeVar("Otherwise")
# Of the time limit, for the answers of DNS: what is left is for signatures whose keys have come, while others have not.
LOOK_UPS_SHARE = 0.9
# Signatures of a small message that are verified without a thread, whose wake-ups cost as much as one. Lists and
# providers add up to 4; each takes 0.1 ms with an ordinary key, 0.2 with the slowest.
MOST_AT_ONCE = 4


class Arrival(NamedTuple):
    """A message and its envelope. The octets must stay until the check has ended."""

    address: str  # of the client
    helo: str
    sender: tuple[str, str]  # local part and domain of MAIL FROM; both "" for the null sender
    header: HeaderFields
    octets: bytes | mmap


class Checks:
    """Checks messages; one for a process."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        names: CheckedNames,
        *,
        time_limit: timedelta,
        at_once: int,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`chance` decides for DMARC's pct= (0.0 to below 1.0)."""
        self._reactor = reactor
        self._names = names
        self._seconds = time_limit.total_seconds()
        self._places = DeferredSemaphore(at_once)
        self._chance = chance

    async def check(self, arrival: Arrival) -> Trust:
        """What is known within the time limit; the rest is temperror. Raises nothing but CancelledError."""
        until = self._reactor.seconds() + self._seconds
        if not await self._within(until, self._places.acquire(), lambda: None):
            return unknown(arrival.sender[1], arrival.helo)
        try:
            return await self._checked(arrival, until)
        finally:
            self._places.release()

    async def _checked(self, arrival: Arrival, until: float) -> Trust:
        if not are_suffixes_loaded():
            loading = in_thread(self._reactor, load_suffixes)  # 0.2 s, once in the life of a process
            await self._within(until, loading, lambda: None)
            if not are_suffixes_loaded():
                return unknown(arrival.sender[1], arrival.helo)
        domain = author_domain(arrival.header)
        client = _spf_client(arrival)
        message = SignedMessage(arrival.header, arrival.octets)
        begun: Sequence[Deferred[Any]] = (
            self._within(until, Deferred.fromCoroutine(check_host(self._names, client)), lambda: TEMPERROR),
            self._signatures(message, until),
            self._policy(domain, until),
        )
        try:
            result, signatures, published = await _all(begun)
        finally:
            message.is_abandoned = True
        spf = SpfVerdict(result, client.domain.lower(), of_helo=not arrival.sender[1])
        return concluded(domain, spf, signatures, published, self._chance)

    def _policy(self, domain: str | None, until: float) -> Deferred[Published]:
        if not domain:
            return succeed(Published("", None))
        found = Deferred.fromCoroutine(find_policy(self._names, domain))
        return self._within(until, found, lambda: Published(domain, None, is_away=True))

    def _signatures(self, message: SignedMessage, until: float) -> Deferred[Signatures]:
        if not is_signed(message):
            return succeed(Signatures())
        return self._within(until, Deferred.fromCoroutine(self._verified(message, until)), none_known)

    async def _verified(self, message: SignedMessage, until: float) -> Signatures:
        read = read_all(message) if message.is_small else await in_thread(self._reactor, read_all, message)
        until -= self._seconds * (1 - LOOK_UPS_SHARE)
        names = read.key_names
        keys = await self._keys(names, until)
        if message.is_small and len(names) <= MOST_AT_ONCE:
            return verify_all(message, read, keys, utc_now().timestamp())
        return await in_thread(self._reactor, verify_all, message, read, keys, utc_now().timestamp())

    async def _keys(self, names: Iterable[str], until: float) -> Mapping[str, Sequence[bytes] | None]:
        names = list(dict.fromkeys(names))
        asked = [self._within(until, Deferred.fromCoroutine(self._texts(name)), lambda: None) for name in names]
        return dict(zip(names, await _all(asked), strict=True))

    async def _texts(self, name: str) -> Sequence[bytes] | None:
        try:
            return await self._names.texts(name)
        except NamesAway:
            return None

    def _within(
        self, until: float, work: Deferred[Result], otherwise: Callable[[], Otherwise]
    ) -> Deferred[Result | Otherwise]:
        """What `work` comes to, or `otherwise()` when the time is over; a fault of ours must not cost a message.

        What is there at once, as answers are that are remembered, takes no timer.
        """
        if not work.called:
            work.addTimeout(max(until - self._reactor.seconds(), 0), self._reactor)
        return work.addErrback(self._instead, otherwise)

    def _instead(self, failure: Failure, otherwise: Callable[[], Otherwise]) -> Otherwise:
        if failure.check(CancelledError):
            failure.raiseException()
        if not failure.check(DeadlineOver):
            self._log.failure("a check of a message that came in has failed", failure)
        return otherwise()


async def _all(begun: Sequence[Deferred[Result]]) -> list[Result]:
    """What all of them come to, in order. Raises CancelledError, as they do when this is cancelled."""
    if all(each.called for each in begun):
        return [await each for each in begun]
    try:
        return await gatherResults(begun, consumeErrors=True)
    except FirstError as first:
        first.subFailure.raiseException()


def _spf_client(arrival: Arrival) -> SpfClient:
    """The null sender is postmaster at HELO's name (RFC 7208 §2.4)."""
    local_part, domain = arrival.sender
    if not domain:
        return SpfClient(arrival.address, arrival.helo, "postmaster", arrival.helo)
    return SpfClient(arrival.address, arrival.helo, local_part, domain)
