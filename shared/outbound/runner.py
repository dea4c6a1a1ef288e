"""The runner of the queue: it claims what is due, sends it by a bounded number of connections, and settles it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.clock import Call
from shared.database.database import Database
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.outbound.at_hand import AtHand
from shared.outbound.channel import QUEUE
from shared.outbound.claim import LEASE, RENEWALS, QueuedRecipient
from shared.outbound.connect import ServerConnector
from shared.outbound.dkim.signer import Signer
from shared.outbound.in_hand import InHand
from shared.outbound.lane_connection import LaneConnection
from shared.outbound.lanes import Lanes
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.routes import NoRoute, Routes
from shared.outbound.settle import Settling
from shared.outbound.settler import Settler
from shared.outbound.signed_source import SignedSources
from shared.outbound.tls_wish import TlsWish
from shared.runtime.spawn import spawn
from shared.runtime.until_quiet import UntilQuiet

LOOK_EVERY = timedelta(seconds=5)  # for what is due again, and should news be lost; one look at an index
TOGETHER_SECONDS = 0.02  # between claims of what is queued while mail is being sent: a claim takes some 5 ms
IN_HAND_PER_CONNECTION = 10  # recipients that are claimed and not settled: what is left is for other processes


class Runner:
    """One for each process; any number of them share the queue by leases."""

    _log = Logger()

    def __init__(
        self,
        database: Database,
        bus: Bus,
        routes: Routes,
        connector: ServerConnector,
        settling: Settling,
        reactor: Any,
        *,
        signer: Signer | None = None,
        connections: int = 50,
        connections_per_host: int = 5,
        lease: timedelta = LEASE,
    ) -> None:
        self._routes = routes
        self._reactor = reactor
        self._is_closed = False
        at_hand = AtHand()
        self._in_hand = InHand(database, settling.process, connections * IN_HAND_PER_CONNECTION, lease, at_hand)
        self._settler = Settler(database, settling, reactor, self._let_go)
        sources = SignedSources(database, signer, at_hand)
        self._lanes = Lanes(
            lambda lane: LaneConnection(lane, connector, sources, self._settler, reactor),
            reactor,
            most_connections=connections,
            most_of_host=connections_per_host,
        )
        self._look = UntilQuiet(self._claim, "looking for mail that is due")
        self._will_look: Call | None = None
        self._watch = bus.watch(QUEUE, EVERYTHING, lambda _position: self._look_soon())
        self._calls = [
            self._regularly(self._look.look, LOOK_EVERY),
            self._regularly(self._in_hand.renew, lease / RENEWALS),
        ]

    def _regularly(self, call: Callable[[], None], every: timedelta) -> LoopingCall:
        calls = LoopingCall(call)
        calls.clock = self._reactor
        calls.start(every.total_seconds(), now=True)
        return calls

    async def close(self) -> None:
        """Begin nothing more; let what is under way end for some seconds; give the rest back to other processes."""
        self._is_closed = True
        self._watch.stop()
        if self._will_look is not None:
            self._will_look.cancel()
        for calls in self._calls:
            calls.stop()
        self._settler.stop_retrying()
        await self._lanes.close()
        await self._settler.close()
        await self._in_hand.give_back()

    async def _claim(self) -> None:
        if self._is_closed:
            return
        for domain, recipients in (await self._in_hand.claim()).items():
            for wish, those in _by_wish(recipients).items():
                spawn(self._send_to(domain, wish, those), "sending mail")

    async def _send_to(self, domain: str, wish: TlsWish, recipients: Sequence[QueuedRecipient]) -> None:
        try:
            route = await self._routes.find(domain, wish)
        except NoRoute as error:
            fate, status, text = Fate.FAILED if error.is_permanent else Fate.DEFERRED, error.status, str(error)
        except Exception:  # a bug: the messages must not be held for ever because of it
            self._log.failure("there is no route to {domain}", domain=domain)
            fate, status, text = Fate.DEFERRED, "4.3.0", "internal error"
        else:
            self._lanes.add(route, recipients)
            return
        await self._settler.settle([AttemptOutcome(each, fate, status, text) for each in recipients], 0)

    def _look_soon(self) -> None:
        """At once where nothing is in hand; else with what comes meanwhile, so that a claim is not made for each."""
        if not self._in_hand.is_any:
            self._look.look()
        elif self._will_look is None:
            self._will_look = self._reactor.callLater(TOGETHER_SECONDS, self._look_now)

    def _look_now(self) -> None:
        self._will_look = None
        self._look.look()

    def _let_go(self, recipients: Iterable[QueuedRecipient]) -> None:
        self._in_hand.let_go(recipients)
        if self._in_hand.wants_more:
            self._look.look()


def _by_wish(recipients: Sequence[QueuedRecipient]) -> Mapping[TlsWish, Sequence[QueuedRecipient]]:
    groups: dict[TlsWish, list[QueuedRecipient]] = {}
    for each in recipients:
        groups.setdefault(each.message.tls, []).append(each)
    return groups
