"""The factory of a door's conversations: makes them, counts them, and ends them all."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import Any, Protocol

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from shared.activity.network_lines import NetworkLines
from shared.clock import Call, Clock
from shared.conversation.counts import Counts, Said
from shared.conversation.deadlines import Deadlines
from shared.conversation.ending import Ending
from shared.conversation.intake import Intake
from shared.conversation.limits import Limits
from shared.conversation.peer import Peer
from shared.ip_network import Network

# Of clients of one network that have not signed in and brought no message: two a second, more than a relay is refused.
STRANGERS_LINES_A_MINUTE = 120
REPORT_SECONDS = 10  # a flood of refused connections must not become a flood of log lines


_numbers = itertools.count(1)  # of the connections of a process


class Talk(Protocol):
    """A connection as a door needs it: a `Conversation`, or another protocol that is no sequence of lines.

    The factory sets factory, clock, limits, number and since. The connection asks to be admitted, and to be forgotten
    once it is over; its `deadline` is watched.
    """

    factory: Any
    clock: Clock
    limits: Limits
    number: int  # of all connections of the process
    since: float  # by the clock
    peer: Peer
    deadline: float

    def said(self) -> Said:
        """What went to and fro so far. Where no lines are read, the kernel knows while the connection is open."""

    def shut_down(self) -> None:
        """Finish what is in hand, then close."""

    def cut_off(self) -> None:
        """Close at once."""

    def time_is_up(self) -> None:
        """The deadline has passed."""


class ConversationFactory(Factory):
    """A door: `make` gives each connection its session.

    `tls_options`, a context factory or a callable that gives the newest, makes the door TLS from its first octet (after
    a PROXY header, if any). A connection from `trusted_proxies` (networks as text) must begin with a PROXY header; from
    any other address such a header is a wrong command. The limit for one address (of IPv6: one /64) leaves out this
    machine itself, where it would only hit tests and a neighbouring web mail. `intake` bounds the messages under way;
    the doors of a process share one. Of a door that reads no lines neither lines nor octets are counted here.
    `begins` is called with each conversation that is admitted.
    """

    noisy = False
    log = Logger()

    def __init__(
        self,
        make: Callable[[], Talk],
        *,
        name: str,
        clock: Clock,
        limits: Limits,
        max_connections: int = 10_000,
        max_connections_per_address: int = 100,
        trusted_proxies: Sequence[str] = (),
        tls_options: object = None,
        intake: Intake | None = None,
        reads_lines: bool = True,
        begins: Callable[[Any], object] | None = None,
    ) -> None:
        self.make = make
        self.name = name
        self.clock = clock
        self.limits = limits
        self.counts = Counts(said=Said() if reads_lines else None)
        self._most = max_connections
        self._most_per_address = max_connections_per_address
        self._proxies: Sequence[Network] = [ip_network(each) for each in trusted_proxies]
        self._tls_options = tls_options
        self.intake = Intake() if intake is None else intake
        self.begins = begins
        self._deadlines = Deadlines(clock)
        self._conversations: set[Talk] = set()
        self._admitted: dict[Talk, str] = {}
        self._by_network: Counter[str] = Counter()
        self._leaving = False
        self._cuts: list[Call] = []  # of those who are asked to leave
        self._empty: Deferred[None] | None = None
        self._reported = float("-inf")
        self.stranger_lines = NetworkLines(clock, STRANGERS_LINES_A_MINUTE, f"sessions and refusals at {name}")

    def buildProtocol(self, addr: IAddress | None) -> Any:
        """A conversation for a connection just accepted."""
        conversation = self.make()
        conversation.factory = self
        conversation.clock = self.clock
        conversation.limits = self.limits
        conversation.number = next(_numbers)
        conversation.since = self.clock.seconds()
        self._conversations.add(conversation)
        self._deadlines.add(conversation)
        self.counts.open_now += 1
        return conversation

    # What a conversation asks

    def trusts(self, peer: Peer) -> bool:
        """Whether `peer` is a proxy that is trusted to name its clients."""
        if not self._proxies:
            return False
        address = ip_address(peer.host)
        return any(address in network for network in self._proxies)

    def tls_options(self) -> object:
        """The newest context factory for a door that is TLS from its first octet, else None."""
        return self._tls_options() if callable(self._tls_options) else self._tls_options

    def admit(self, conversation: Talk) -> Ending | None:
        """Admit a connection; or return the ending with which it is refused."""
        if self._leaving:
            return Ending.SHUTDOWN
        peer = conversation.peer
        network = peer.network
        if len(self._admitted) >= self._most or (
            self._by_network[network] >= self._most_per_address and not peer.is_loopback
        ):
            self.counts.refused += 1
            self._report_refusal(peer)
            return Ending.TOO_MANY
        self.counts.accepted += 1
        self._admitted[conversation] = network
        self._by_network[network] += 1
        return None

    def forget(self, conversation: Talk) -> None:
        """Coroutine and connection are both over."""
        if conversation not in self._conversations:
            return
        self._conversations.discard(conversation)
        self._deadlines.discard(conversation)
        self.counts.open_now -= 1
        if self.counts.said is not None:
            self.counts.said = self.counts.said.and_of(conversation)
        network = self._admitted.pop(conversation, None)
        if network is not None:
            self._by_network[network] -= 1
            if not self._by_network[network]:
                del self._by_network[network]
        if self._empty is not None and not self._conversations:
            empty, self._empty = self._empty, None
            empty.callback(None)

    def _report_refusal(self, peer: Peer) -> None:
        now = self.clock.seconds()
        if now - self._reported >= REPORT_SECONDS:
            self._reported = now
            self.log.warn("{door}: too many connections, {peer} refused; {refused} in all so far",
                          door=self.name, peer=peer.host, refused=self.counts.refused)  # fmt: skip

    # What the process asks

    def numbers(self) -> Counts:
        """The counts of this moment, with what the conversations under way have said so far."""
        counts = replace(self.counts)
        if counts.said is not None:
            for conversation in self._conversations:
                counts.said = counts.said.and_of(conversation)
        return counts

    def conversations(self) -> Collection[Any]:
        """The conversations under way."""
        return self._conversations

    def drain(self, grace: timedelta) -> None:
        """Let those who are here finish their command and say farewell; after `grace` cut the rest of them off.

        Clients who come meanwhile are admitted: the door may be open again by then.
        """
        self._ask_to_leave()
        if self._conversations:
            self._cut_later(list(self._conversations), grace)

    def end(self, conversation: Talk, grace: timedelta) -> None:
        """Let one finish its command and say farewell; after `grace` cut it off."""
        conversation.shut_down()
        self._cut_later([conversation], grace)

    async def shut_down(self, grace: timedelta) -> None:
        """Let every conversation finish its command and say farewell; after `grace` cut the rest off.

        Returns when all are gone. A client that still connects gets the same farewell.
        """
        self._leaving = True
        self._cancel_cuts()
        self._ask_to_leave()
        if not self._conversations:
            return
        empty: Deferred[None] = Deferred()
        self._empty = empty
        self._cut_later(self._conversations, grace)
        await empty
        self._cancel_cuts()

    def _ask_to_leave(self) -> None:
        for conversation in list(self._conversations):
            conversation.shut_down()

    def _cut_later(self, leaving: Collection[Talk], grace: timedelta) -> None:
        self._cuts = [cut for cut in self._cuts if cut.active()]
        self._cuts.append(self.clock.callLater(grace.total_seconds(), self._cut_off, leaving))

    def _cut_off(self, leaving: Collection[Talk]) -> None:
        for conversation in self._conversations.intersection(leaving):
            conversation.cut_off()

    def _cancel_cuts(self) -> None:
        for cut in self._cuts:
            if cut.active():
                cut.cancel()
        self._cuts.clear()
