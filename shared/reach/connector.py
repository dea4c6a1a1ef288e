"""A connection to a host: its name's addresses, those that may be reached, and the first that accepts.

The address that is judged is the address that is connected to. A name that leads elsewhere the next time it is asked
for (DNS rebinding) is judged by where it leads then.

Callbacks, with a coroutine on top: where the addresses are known and on this machine, all of it is one turn of the
reactor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta
from typing import Any, Generic

from twisted.internet.defer import Deferred

from shared.conversation.deadlines import Deadlines
from shared.errors import DomainError
from shared.reach.destinations import DestinationPolicy
from shared.reach.errors import ConnectTimedOut, DestinationRefused, HostNotFound, NamesUnavailable
from shared.reach.names import Names, Wait
from shared.reach.race import Connected, Outcome, Race
from shared.reach.system_resolver import SystemResolver

MOST_ADDRESSES = 8  # of one name, so that it cannot make us connect to very many hosts
WITHIN = timedelta(seconds=30)  # a name that is answered in its last second (10), and an attempt that is (15)

Permits = Callable[[str], bool]
Refusal = Callable[[str], DomainError | None]
Forbids = Callable[[str, int], DomainError | None]


class Connector:
    """Connects to hosts, by default to those of the public network only."""

    def __init__(
        self,
        reactor: Any,
        permits: Permits | None = None,
        *,
        names: Names | None = None,
        forbids: Forbids = lambda address, port: None,
    ) -> None:
        """`permits` judges an address, as DestinationPolicy does; a host is not connected to at all if `forbids` has
        an error for one of its addresses and the port.
        """
        self.names = names or Names(SystemResolver(reactor), reactor)
        self.deadlines = Deadlines(reactor)
        self._reactor = reactor
        self._permits = permits or DestinationPolicy().permits
        self._forbids = forbids

    async def connect(
        self,
        host: str,
        port: int,
        factory: Callable[[str], Connected],
        *,
        client: Hashable = None,
        within: timedelta = WITHIN,
    ) -> Connected:
        """The protocol that `factory` makes for the address that accepted, connected.

        `client` is for whom: names are looked up for each in turn. Cancelling leaves nothing behind. Raises
        HostNotFound, NamesUnavailable, DestinationRefused, HostUnreachable, ConnectTimedOut.
        """
        done: Deferred[Connected] = Deferred(lambda _: connecting.give_up())

        def tell(reached: Connected | Exception) -> None:
            if isinstance(reached, Exception):
                done.errback(reached)
            else:
                done.callback(reached)

        connecting = self.begin(host, port, client, factory, _no_refusal, tell)
        done.addTimeout(within.total_seconds(), self._reactor, onTimeoutCancel=_timed_out)
        return await done

    def begin(
        self,
        host: str,
        port: int,
        client: Hashable,
        factory: Callable[[str], Connected],
        refusal: Refusal,
        outcome: Outcome[Connected],
    ) -> Connecting[Connected]:
        """Connect to `host` for `client`; `refusal` may keep this connection from an address that others may go to.

        `outcome` gets the protocol or the error, maybe before this returns: those of `connect`, and what `forbids` or
        `refusal` gives.
        """
        race = Race(self._reactor, self.deadlines, port, factory, outcome)
        connecting = Connecting(self, port, refusal, race, outcome)
        known = self.names.known(host)
        if known is None:
            connecting.wait_for(self.names.ask(host, client, connecting.found))
        else:
            connecting.found(known)
        return connecting

    def usable(self, found: Sequence[str], port: int, refusal: Refusal) -> Sequence[str] | DomainError:
        """The addresses among these that may be connected to, or the error if there are none."""
        permitted = [address for address in found if self._permits(address)][:MOST_ADDRESSES]
        if not permitted:
            return DestinationRefused()
        usable = []
        refused: DomainError | None = None
        for address in permitted:
            error = refusal(address)
            if error is None:
                usable.append(address)
            else:
                refused = refused or error
        if not usable:
            return refused or DestinationRefused()
        for address in usable:
            forbidden = self._forbids(address, port)
            if forbidden is not None:
                return forbidden
        return usable


class Connecting(Generic[Connected]):
    """One connection that is being made."""

    __slots__ = ("_connector", "_outcome", "_port", "_race", "_refusal", "_wait")

    def __init__(
        self,
        connector: Connector,
        port: int,
        refusal: Refusal,
        race: Race[Connected],
        outcome: Outcome[Connected],
    ) -> None:
        self._connector = connector
        self._port = port
        self._refusal = refusal
        self._race = race
        self._outcome = outcome
        self._wait: Wait | None = None

    def wait_for(self, wait: Wait) -> None:
        """The name is being looked up."""
        self._wait = wait

    def found(self, addresses: Sequence[str] | None) -> None:
        """The name's addresses: judge them, and try them."""
        self._wait = None
        if not addresses:
            self._outcome(NamesUnavailable() if addresses is None else HostNotFound())
            return
        usable: Sequence[str] | Exception
        try:
            usable = self._connector.usable(addresses, self._port, self._refusal)
        except Exception as error:  # a bug: other requests must not wait because of it
            usable = error
        if isinstance(usable, Exception):
            self._outcome(usable)
        else:
            self._race.run(interleave(usable))

    @property
    def is_queued(self) -> bool:
        """Whether it has not begun yet, because its client has too many look-ups under way."""
        return self._wait is not None and self._wait.is_queued

    def give_up(self) -> None:
        """The client is gone."""
        if self._wait is not None:
            self._wait.give_up()
            self._wait = None
        self._race.give_up()


def interleave(addresses: Sequence[str]) -> list[str]:
    """The addresses with both families in turn, beginning with the first's (RFC 8305 §4)."""
    if len(addresses) == 1:
        return list(addresses)
    is_six = ":" in addresses[0]
    first = [each for each in addresses if (":" in each) is is_six]
    second = [each for each in addresses if (":" in each) is not is_six]
    mixed: list[str] = []
    for place in range(max(len(first), len(second))):
        mixed += first[place : place + 1] + second[place : place + 1]
    return mixed


def _no_refusal(address: str) -> DomainError | None:
    return None


def _timed_out(result: Any, seconds: float) -> Any:
    """The error for the caller: there was no outcome within `seconds`."""
    raise ConnectTimedOut
