"""A session of the subsystem sftp: requests in, one answer after the other out.

No more comes than fits: the client's window is opened again as requests are answered. No more is answered than the
client reads.
"""

from __future__ import annotations

import struct

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from services.ssh_admin.session_channel import SessionChannel
from services.ssh_admin.sftp import wire
from services.ssh_admin.sftp.answers import EXTENSIONS, SftpAnswers
from services.ssh_admin.sftp.desk import Desk
from services.ssh_admin.sftp.handles import Handles
from services.ssh_admin.sftp.refusal import FAILURE, MalformedPacket, SftpRefusal, refusal_of
from services.ssh_admin.sftp.wire import MOST_PACKET, Fields
from services.ssh_admin.streams import MOST_UNREAD
from shared.administration.errors import AccountShutOut
from shared.clock import Clock
from shared.errors import DomainError
from shared.give_way import Turns
from shared.runtime.spawn import spawn

_log = Logger()
_LENGTH = struct.Struct(">L")
MALFORMED, LEFT = 1, 0  # exit statuses


class SftpSession:
    """One session: a Running of its channel."""

    def __init__(
        self, channel: SessionChannel, clock: Clock, answers: SftpAnswers, handles: Handles, desk: Desk
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._answers = answers
        self._handles = handles
        self._desk = desk
        self._octets = bytearray()
        self._ungranted = 0  # octets that the client may not send again yet
        self._begun = self._busy = self._ended = self._over = False
        self._readable: Deferred[None] | None = None

    # Running

    def data_received(self, data: bytes) -> None:
        """Requests have come, or parts of them."""
        if self._over:
            return
        self._octets += data
        self._ungranted += len(data)
        self._grant()
        self._go_on()

    def input_ended(self) -> None:
        """The client will send no more."""
        self._ended = True
        self._go_on()

    def resized(self) -> None:
        """There is no terminal."""

    def interrupted(self) -> None:
        """A request is short: nothing is interrupted."""

    def writable(self) -> None:
        """The client has read."""
        waiting, self._readable = self._readable, None
        if waiting is not None:
            waiting.callback(None)

    def lost(self) -> None:
        """Nobody is there any more."""
        self._over = True
        self._octets.clear()
        self.writable()
        if not self._busy:
            self._busy = True
            spawn(self._clear(), "the end of an SFTP session")

    # Requests

    def _grant(self) -> None:
        """Open the window again, unless as much as it has waits here: what waits is at most twice as much."""
        if self._ungranted and len(self._octets) <= MOST_PACKET:
            granted, self._ungranted = self._ungranted, 0
            self._channel.consumed(granted)

    def _go_on(self) -> None:
        if not self._busy:
            self._busy = True
            spawn(self._answer_all(), "an SFTP session")

    async def _answer_all(self) -> None:
        turns = Turns(self._clock)
        try:
            while not self._over and (packet := self._next()) is not None:
                self._grant()
                while self._channel.waiting_octets > MOST_UNREAD and not self._over:
                    self._readable = Deferred()
                    await self._readable
                self._channel.put(await self._answer(packet))
                if turns.is_over:
                    await turns.give_way()
            if self._ended and not self._over:
                self._finish(LEFT)
        except AccountShutOut:
            self._over = True
            self._channel.conn.transport.shut_out()
        except MalformedPacket:
            self._finish(MALFORMED)
        finally:
            if self._over:
                await self._clear()
            self._busy = False

    def _next(self) -> bytes | None:
        """The next packet that is here as a whole. Raises MalformedPacket for one that is too long, or empty."""
        if len(self._octets) < _LENGTH.size:
            return None
        (length,) = _LENGTH.unpack_from(self._octets)
        if not 0 < length <= MOST_PACKET - _LENGTH.size:
            raise MalformedPacket("the packet is too long, or empty")
        end = _LENGTH.size + length
        if len(self._octets) < end:
            return None
        packet = bytes(self._octets[_LENGTH.size : end])
        del self._octets[:end]
        return packet

    async def _answer(self, packet: bytes) -> bytes:
        """Raises MalformedPacket where there is no request that could be answered."""
        kind, fields = packet[0], Fields(packet[1:])
        number = fields.uint32()  # in INIT, the version
        if not self._begun:
            if kind != wire.INIT:
                raise MalformedPacket("INIT is the first packet")
            self._begun = True
            extensions = b"".join(wire.string(name) + wire.string(data) for name, data in EXTENSIONS.items())
            return wire.packet(wire.VERSION_REPLY, _LENGTH.pack(wire.VERSION) + extensions)
        try:
            return await self._answers.answer(kind, number, fields)
        except AccountShutOut:
            raise
        except (SftpRefusal, DomainError) as error:
            refused = error if isinstance(error, SftpRefusal) else refusal_of(error)
            return wire.status(number, refused.code, str(refused))
        except Exception:
            _log.failure("a request of SFTP failed: {kind}", kind=kind)
            return wire.status(number, FAILURE, "internal error, try again")

    def _finish(self, status: int) -> None:
        self._over = True
        self._channel.finish(status)

    async def _clear(self) -> None:
        """What was written and not closed is not kept."""
        for handle in self._handles.take_all():
            if handle.file is not None:
                await handle.file.drop()
        self._desk.clear()
