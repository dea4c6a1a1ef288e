"""The addresses of a host's name, asked for once by all who want them at the same time, and remembered for a minute."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from twisted.python.failure import Failure
from zope.interface import implementer

from services.http_proxy.errors import HostNotFound, NamesUnavailable
from shared.clock import Call, Clock

# The system's resolver does not tell how long its answer is good for. A minute is what browsers keep one.
KEPT_SECONDS = 60.0
REFUSAL_KEPT_SECONDS = 5.0  # a name may come to be at any moment
MOST_KEPT = 10_000  # names, about 4 MB
LONGEST_LOOK_UP_SECONDS = 10.0  # the system's resolver asks two servers for 5 s each


class Names:
    """Looks names up with `resolver` (a reactor's `nameResolver`)."""

    def __init__(self, resolver: Any, clock: Clock) -> None:
        self._resolver: IHostnameResolver = resolver
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, tuple[str, ...]]] = OrderedDict()
        self._asked: dict[str, list[Deferred[tuple[str, ...]]]] = {}

    async def addresses(self, host: str) -> Sequence[str]:
        """The addresses of `host`, in the order to try them. Raises HostNotFound, NamesUnavailable."""
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        kept = self._kept.get(host)
        if kept is not None and kept[0] > self._clock.seconds():
            found = kept[1]
        else:
            found = await self._ask(host)
        if not found:
            raise HostNotFound
        return found

    def _ask(self, host: str) -> Deferred[tuple[str, ...]]:
        waiting: Deferred[tuple[str, ...]] = Deferred()
        asking = self._asked.get(host)
        if asking is not None:
            asking.append(waiting)
            return waiting
        self._asked[host] = [waiting]
        _Question(self, host).ask(self._resolver, self._clock)
        return waiting

    def answered(self, host: str, addresses: tuple[str, ...]) -> None:
        """Remember the answer, tell it to all who wait for it."""
        kept_for = KEPT_SECONDS if addresses else REFUSAL_KEPT_SECONDS
        self._kept[host] = (self._clock.seconds() + kept_for, addresses)
        self._kept.move_to_end(host)
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        for waiting in self._asked.pop(host, ()):
            waiting.callback(addresses)

    def failed(self, host: str) -> None:
        """Nobody knows; an answer that came before, if there was one, is better than none."""
        kept = self._kept.get(host)
        for waiting in self._asked.pop(host, ()):
            if kept is not None and kept[1]:
                waiting.callback(kept[1])
            else:
                waiting.errback(Failure(NamesUnavailable()))


@implementer(IResolutionReceiver)
class _Question:
    """One look-up under way."""

    def __init__(self, names: Names, host: str) -> None:
        self._names = names
        self._host = host
        self._addresses: list[str] = []
        self._over = False
        self._limit: Call | None = None

    def ask(self, resolver: Any, clock: Clock) -> None:
        self._limit = clock.callLater(LONGEST_LOOK_UP_SECONDS, self._give_up)
        resolver.resolveHostName(self, self._host)

    def resolutionBegan(self, resolution: Any) -> None:
        """Nothing follows from that."""

    def addressResolved(self, address: Any) -> None:
        """One of its addresses; the same one comes once for each kind of socket."""
        if address.host not in self._addresses:
            self._addresses.append(address.host)

    def resolutionComplete(self) -> None:
        """That was all."""
        if self._end():
            self._names.answered(self._host, tuple(self._addresses))

    def _give_up(self) -> None:
        if self._end():
            self._names.failed(self._host)

    def _end(self) -> bool:
        was_over, self._over = self._over, True
        if self._limit is not None and self._limit.active():
            self._limit.cancel()
        return not was_over
