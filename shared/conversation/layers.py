"""TLS and compression, begun in the middle of a conversation."""

from __future__ import annotations

from shared.conversation.compression import Deflater, Inflater
from shared.conversation.connection import HANDSHAKE
from shared.conversation.deadlines import NEVER
from shared.conversation.ending import Ended, Ending
from shared.conversation.reading import ReadingConnection


class Layered(ReadingConnection):
    """A connection whose octets may go through TLS, and through DEFLATE."""

    __slots__ = ()

    async def start_tls(self, options: object) -> None:
        """Send what was written, forget what the client sent ahead in the clear (RFC 3207 §6), and shake hands."""
        self._flush()
        self.discard_buffered()
        self._handshaken = False
        if self._reading_paused:
            self._resume_reading()
        self.transport.startTLS(options)
        self.deadline = self.clock.seconds() + self.limits.handshake.total_seconds()
        try:
            while not self._handshaken:
                await self._arrival(HANDSHAKE)
        except Ended as ended:
            raise Ended(Ending.GARBLED) from ended  # no last words: there is no common tongue
        self.deadline = NEVER

    def start_deflate(self) -> None:
        """Compress both ways from here on (RFC 4978): what is written before goes out as it is."""
        self._flush()
        self._deflater = Deflater()
        self._inflater = Inflater()
        if len(self._inbox):  # sent ahead, which the RFC forbids: it cannot be anything but compressed
            self._inflater.add(self._inbox.take(len(self._inbox)))
