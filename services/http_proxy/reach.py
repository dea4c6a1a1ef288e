"""A new connection to an origin: its name's addresses, those that may be reached, and the first that accepts.

The address that is judged is the address that is connected to. A name that leads elsewhere the next time it is asked
for (DNS rebinding) is judged by where it leads then.

Callbacks, not coroutines: where the addresses are known and on this machine, all of it is one turn of the reactor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from services.http_proxy.errors import DestinationRefused, HostNotFound, Loop, NamesUnavailable
from services.http_proxy.names import Names, Wait
from services.http_proxy.race import Outcome, Race
from shared.conversation.deadlines import Deadlines
from shared.errors import DomainError

MOST_ADDRESSES = 8  # of one name, so that it cannot make us call on everybody

Permits = Callable[[str], bool]
Refusal = Callable[[str], DomainError | None]


class Reach:
    """Connects to origins."""

    def __init__(self, reactor: Any, names: Names, permits: Permits, is_self: Callable[[str, int], bool]) -> None:
        """`permits` judges an address, `is_self` tells whether it and a port are this stack's own."""
        self.names = names
        self.deadlines = Deadlines(reactor)
        self._reactor = reactor
        self._permits = permits
        self._is_self = is_self

    def connect(
        self, key: bytes, host: str, port: int, client: Hashable, refusal: Refusal, outcome: Outcome
    ) -> OnTheWay:
        """Connect to `host` for `client`; `refusal` may keep this request from an address that others may go to.

        `outcome` gets the connection or the error, maybe before this returns: HostNotFound, NamesUnavailable,
        DestinationRefused, Loop, OriginUnreachable, OriginTooSlow, and what `refusal` gives.
        """
        way = OnTheWay(self, port, refusal, Race(self._reactor, self.deadlines, key, port, outcome), outcome)
        known = self.names.known(host)
        if known is None:
            way.wait_for(self.names.ask(host, client, way.found))
        else:
            way.found(known)
        return way

    def usable(self, found: Sequence[str], port: int, refusal: Refusal) -> Sequence[str] | DomainError:
        """The addresses among these that may be connected to, or why none may."""
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
        if any(self._is_self(address, port) for address in usable):
            return Loop()
        return usable


class OnTheWay:
    """One connection that is being made."""

    __slots__ = ("_outcome", "_port", "_race", "_reach", "_refusal", "_wait")

    def __init__(self, reach: Reach, port: int, refusal: Refusal, race: Race, outcome: Outcome) -> None:
        self._reach = reach
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
            usable = self._reach.usable(addresses, self._port, self._refusal)
        except Exception as error:  # a bug: nobody else's request must wait for it
            usable = error
        if isinstance(usable, Exception):
            self._outcome(usable)
        else:
            self._race.run(interleave(usable))

    @property
    def is_queued(self) -> bool:
        """Whether nothing was done for it yet, because its client has too many names looked up already."""
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
