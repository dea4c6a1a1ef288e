"""A connection for the jobs of one lane: made, used for as long as jobs come, and given up."""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger

from shared.outbound.connect import OpenServer, RouteClosed, ServerConnector
from shared.outbound.lane import Job, Lane
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.remote_reply import ServerFault
from shared.outbound.settler import Settler
from shared.outbound.signed_source import MessageUnsendable, SignedSources
from shared.outbound.transmit import Transmission


class LaneConnection:
    """To a server of the lane's route; made anew where the server has closed it and jobs wait."""

    _log = Logger()

    def __init__(
        self, lane: Lane, connector: ServerConnector, sources: SignedSources, settler: Settler, reactor: Any
    ) -> None:
        self.lane = lane
        self._connector = connector
        self._sources = sources
        self._settler = settler
        self._reactor = reactor
        self._opened: OpenServer | None = None
        self._is_new = True  # nothing was sent by it so far

    async def work(self) -> None:
        """Connect, and send the lane's jobs until none comes for a while, or the lane is closed."""
        lane = self.lane
        try:
            while not lane.is_closed:
                # what comes while a connection is being made may go in one transaction with what waits
                opened = await self._open() if self._opened is None else self._opened
                if opened is None:
                    return
                job = lane.take() or await lane.wait(self._connector.stages.idle.total_seconds())
                if job is None or lane.is_closed:
                    return
                if self._is_new or opened.server.is_usable:
                    await self._send(job, opened)
                    self._is_new = False
                else:
                    lane.put_back(job)
                    self._leave()
        finally:
            self._leave()

    def end(self, fault: ServerFault) -> None:
        """Break off what is under way."""
        if self._opened is not None:
            self._opened.server.end(fault)

    async def _open(self) -> OpenServer | None:
        """None where no server of the route can be used: all that waits for it has that outcome."""
        began = self._reactor.seconds()
        self.lane.connecting += 1
        try:
            self._opened, self._is_new = await self._connect(), True
        except RouteClosed as closed:
            fate = Fate.FAILED if closed.is_permanent else Fate.DEFERRED
            waiting = [recipient for job in self.lane.take_all() for recipient in job.recipients]
            outcomes = [
                AttemptOutcome(each, fate, closed.status, str(closed), closed.host, closed.code) for each in waiting
            ]
            self._settler.begin(outcomes, self._reactor.seconds() - began)
        finally:
            self.lane.connecting -= 1
        return self._opened

    async def _connect(self) -> OpenServer:
        try:
            return await self._connector.connect(self.lane.route)
        except RouteClosed:
            raise
        except Exception as error:  # a bug: what waits must not wait for ever
            self._log.failure("no connection was made to {route}", route=self.lane.route)
            raise RouteClosed("4.3.0", "internal error", "", None) from error

    def _leave(self) -> None:
        opened, self._opened = self._opened, None
        if opened is not None:
            opened.server.leave()

    async def _send(self, job: Job, opened: OpenServer) -> None:
        began = self._reactor.seconds()
        try:
            source = await self._sources.open(job.recipients[0])
        except MessageUnsendable as error:
            fate = Fate.FAILED if error.is_permanent else Fate.DEFERRED
            self._settler.begin([AttemptOutcome(each, fate, error.status, str(error)) for each in job.recipients], 0)
            return
        sending = Transmission(opened.server, opened.host, opened.extensions, job.recipients, self._connector.stages)
        try:
            await sending.run(source)
        except Exception:  # a bug: the message must not be lost because of it, nor held for ever
            self._log.failure("{id} could not be sent", id=job.message.queue_id)
            opened.server.end(ServerFault("internal error", "4.3.0"))
            sending.break_off(ServerFault("internal error", "4.3.0"))
        if sending.fault is not None and not self._is_new and not sending.has_begun and not job.is_second_try:
            job.is_second_try = True  # the server has closed a connection that was idle: that is no attempt
            self.lane.put_back(job)
            return
        if sending.again:
            self.lane.add(sending.again)
        self._settler.begin(sending.outcomes, self._reactor.seconds() - began)
