"""A connection for the jobs of one lane: made, used for as long as jobs come, and given up."""

from __future__ import annotations

from typing import Any, NamedTuple

from twisted.logger import Logger

from shared.outbound.connect import OpenServer, RouteClosed, ServerConnector
from shared.outbound.lane import Job, Lane
from shared.outbound.outcome import AttemptOutcome, Fate
from shared.outbound.remote_reply import ServerFault
from shared.outbound.remote_server import RemoteServer
from shared.outbound.settler import Settler
from shared.outbound.signed_source import MessageUnsendable, SignedSources
from shared.outbound.source import MessageSource
from shared.outbound.transmit import Transmission


class _Sending(NamedTuple):
    """A job with its message at hand."""

    job: Job
    source: MessageSource
    transmission: Transmission


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
                    sending = await self._prepared(job, opened)
                    while sending is not None:
                        sending = await self._send(sending, opened)
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

    async def _prepared(self, job: Job, opened: OpenServer) -> _Sending | None:
        """None where the message cannot be sent: its recipients have that outcome."""
        try:
            source = await self._sources.open(job.recipients[0])
        except MessageUnsendable as error:
            unsendable = error
        except Exception:  # a bug: the message must not be held for ever because of it
            self._log.failure("{id} could not be opened", id=job.message.queue_id)
            unsendable = MessageUnsendable("4.3.0", "internal error")
        else:
            stages = self._connector.stages
            sending = Transmission(opened.server, opened.host, opened.extensions, job.recipients, stages)
            return _Sending(job, source, sending)
        fate = Fate.FAILED if unsendable.is_permanent else Fate.DEFERRED
        text = str(unsendable)
        self._settler.begin([AttemptOutcome(each, fate, unsendable.status, text) for each in job.recipients], 0)
        return None

    async def _next(self, opened: OpenServer) -> _Sending | None:
        """A job that waits, if its commands may be sent ahead."""
        if not (opened.extensions.pipelining and self.lane.sends_ahead and self.lane.has_work):
            return None
        job = self.lane.take()
        return None if job is None else await self._prepared(job, opened)

    async def _send(self, sending: _Sending, opened: OpenServer) -> _Sending | None:
        """Send a message. The next one is prepared meanwhile, and asked for with its end; gives that one if it is left
        to be sent.
        """
        job, source, transmission = sending
        began = self._reactor.seconds()
        following: _Sending | None = None
        try:
            transmission.ask()
            following = await self._next(opened)
            ahead = following.transmission if following is not None and following.transmission.is_one_group else None
            await transmission.run(source, ahead)
        except Exception:  # a bug: the message must not be lost because of it, nor held for ever
            self._log.failure("{id} could not be sent", id=job.message.queue_id)
            opened.server.end(ServerFault("internal error", "4.3.0"))
            transmission.break_off(ServerFault("internal error", "4.3.0"))
        if following is not None and not self._goes_on(following.transmission, opened.server):
            self.lane.put_back(following.job)  # its message was not sent
            following = None
        was_not_heard = transmission.fault is not None and not transmission.has_begun
        if was_not_heard and transmission.is_ahead:
            self.lane.sends_ahead = False
        if was_not_heard and not self._is_new and not job.is_second_try:
            job.is_second_try = True  # the server has closed a connection that was idle: that is no attempt
            self.lane.put_back(job)
        else:
            if transmission.again:
                self.lane.add(transmission.again)
            self._settler.begin(transmission.outcomes, self._reactor.seconds() - began)
        return following

    def _goes_on(self, following: Transmission, server: RemoteServer) -> bool:
        """Whether the connection can be used for the message that was prepared."""
        if self.lane.is_closed:
            if following.is_ahead:
                server.end(ServerFault("this server shuts down"))  # it may wait for a message, not for QUIT
            return False
        return not server.has_ended if following.is_ahead else server.is_usable
