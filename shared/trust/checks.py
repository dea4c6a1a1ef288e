"""The checks of messages on arrival: within a time limit, so many at once, the work on octets in threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import timedelta
from mmap import mmap
from typing import Any, NamedTuple, TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredSemaphore, gatherResults
from twisted.internet.error import TimeoutError as DeadlineOver
from twisted.logger import Logger

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
# Of the time limit, for the answers of DNS: what is left is for signatures whose keys have come, while others have not.
LOOK_UPS_SHARE = 0.9


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
        if not await self._within(until, self._place(), False):
            return unknown(arrival.sender[1], arrival.helo)
        try:
            return await self._checked(arrival, until)
        finally:
            self._places.release()

    async def _place(self) -> bool:
        await self._places.acquire()
        return True

    async def _checked(self, arrival: Arrival, until: float) -> Trust:
        if not are_suffixes_loaded() and not await self._within(until, self._suffixes(), False):
            return unknown(arrival.sender[1], arrival.helo)
        domain = author_domain(arrival.header)
        client = _spf_client(arrival)
        message = SignedMessage(arrival.header, arrival.octets)
        no_policy = Published(domain or "", None, is_away=True)
        try:
            results: Sequence[Any] = await gatherResults(
                [
                    Deferred.fromCoroutine(each)
                    for each in (
                        self._within(until, check_host(self._names, client), TEMPERROR),
                        self._within(until, self._signatures(message, until), none_known(message)),
                        self._within(until, self._policy(domain), no_policy),
                    )
                ]
            )
        finally:
            message.is_abandoned = True
        result, signatures, published = results
        spf = SpfVerdict(result, client.domain.lower(), of_helo=not arrival.sender[1])
        return concluded(domain, spf, signatures, published, self._chance)

    async def _suffixes(self) -> bool:
        """0.2 s, once in the life of a process."""
        await in_thread(self._reactor, load_suffixes)
        return True

    async def _policy(self, domain: str | None) -> Published:
        return await find_policy(self._names, domain) if domain else Published("", None)

    async def _signatures(self, message: SignedMessage, until: float) -> Signatures:
        if not is_signed(message):
            return Signatures()
        read = await in_thread(self._reactor, read_all, message)
        until -= self._seconds * (1 - LOOK_UPS_SHARE)
        keys = await self._keys(read.key_names, until)
        return await in_thread(self._reactor, verify_all, message, read, keys, utc_now().timestamp())

    async def _keys(self, names: Iterable[str], until: float) -> Mapping[str, Sequence[bytes] | None]:
        names = list(dict.fromkeys(names))
        asked = [Deferred.fromCoroutine(self._within(until, self._texts(name), None)) for name in names]
        return dict(zip(names, await gatherResults(asked), strict=True))

    async def _texts(self, name: str) -> Sequence[bytes] | None:
        try:
            return await self._names.texts(name)
        except NamesAway:
            return None

    async def _within(self, until: float, work: Coroutine[Any, Any, Result], otherwise: Result) -> Result:
        """What `work` returns, or `otherwise` when the time is over; a fault of ours must not cost a message."""
        left = max(until - self._reactor.seconds(), 0)
        try:
            return await Deferred.fromCoroutine(work).addTimeout(left, self._reactor)
        except DeadlineOver:
            return otherwise
        except CancelledError:
            raise
        except Exception:
            self._log.failure("a check of a message that came in has failed")
            return otherwise


def _spf_client(arrival: Arrival) -> SpfClient:
    """The null sender is postmaster at HELO's name (RFC 7208 §2.4)."""
    local_part, domain = arrival.sender
    if not domain:
        return SpfClient(arrival.address, arrival.helo, "postmaster", arrival.helo)
    return SpfClient(arrival.address, arrival.helo, local_part, domain)
