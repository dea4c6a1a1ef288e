"""The SSH transport of one connection: conch's, with narrowed algorithms, bounds, and an end for what is malformed."""

from __future__ import annotations

import struct
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from twisted.conch.error import ConchError
from twisted.conch.ssh.common import getNS
from twisted.conch.ssh.transport import (
    DISCONNECT_BY_APPLICATION,
    DISCONNECT_PROTOCOL_ERROR,
    DISCONNECT_SERVICE_NOT_AVAILABLE,
    MSG_DISCONNECT,
    MSG_KEXINIT,
    SSHServerTransport,
)
from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from zope.interface import implementer

from services.ssh_admin import algorithms
from services.ssh_admin.connection import SshConnection
from services.ssh_admin.key_exchange import KeyExchangeOrder, OutOfOrder
from services.ssh_admin.parts import SshParts
from services.ssh_admin.quiet_log import QuietLogger
from services.ssh_admin.user_auth import UserAuth
from shared.accounts.account import Account
from shared.activity.events import Session
from shared.activity.record import record
from shared.clock import Call

# A client that has not signed in sends no packet that is longer (RFC 4253 §6.1: 35,000 octets must be taken).
STRANGERS_OCTETS = 35_000
# Of one that has: a window of 64 KiB with its headers, and a chunk that the reactor reads at once.
MEMBERS_OCTETS = 200_000
ABORT_SECONDS = 5.0  # until a client that does not close in its turn is cut off
KEEPALIVE_SECONDS = 60.0  # a client that is gone without a word is noticed after three of these
MOST_UNANSWERED = 3
MALFORMED = (
    struct.error, IndexError, KeyError, ValueError, TypeError, OverflowError, ConchError, UnsupportedAlgorithm,
    InvalidSignature,
)  # fmt: skip


@implementer(IPushProducer)
class SshTransport(SSHServerTransport):
    """One connection. `account` is set once somebody has signed in."""

    _log = QuietLogger()
    transport: Any  # a TCP transport
    ourVersionString = b"SSH-2.0-Agora"
    supportedCiphers = algorithms.CIPHERS
    supportedMACs = algorithms.MACS
    supportedCompressions = algorithms.COMPRESSIONS

    def __init__(self, parts: SshParts, peer_host: str) -> None:
        self.parts = parts
        self.peer_host = peer_host
        self.account: Account | None = None
        self.by_app_password = False  # the account has signed in with one
        self.attempts = 0  # to sign in, that were wrong
        self.offers = 0  # keys that were offered and not taken
        self.commands = 0
        self.supportedKeyExchanges = [*algorithms.KEY_EXCHANGES, algorithms.STRICT_SERVER]
        self.supportedPublicKeys = parts.host_keys.algorithms()
        self.congested = False  # the client reads more slowly than we write
        self._order = KeyExchangeOrder(parts.clock.seconds())
        self._since = parts.clock.seconds()
        self._active_at = self._since
        self._octets = [0, 0]  # in, out
        self._over = False
        self._ending = "client_left"
        self._calls: list[Call] = []
        self._unanswered = 0

    # The connection

    def connectionMade(self) -> None:
        """It is admitted: say our version and our algorithms."""
        self._calls.append(self.parts.clock.callLater(self.parts.grace.total_seconds(), self._grace_is_over))
        self.transport.registerProducer(self, True)
        super().connectionMade()

    def connectionLost(self, reason: Failure | None = None) -> None:
        """It is gone."""
        self._over = True
        self.congested = False
        for call in self._calls:
            if call.active():
                call.cancel()
        if self.service is not None:
            self.service.serviceStopped()
        if self.account is not None:
            self.parts.sessions.leave(self.account.id, self)
            seconds = round(self.parts.clock.seconds() - self._since, 1)
            octets_in, octets_out = self._octets
            name, door = self.account.name, self.parts.door
            record(Session(self._ending, door, self.peer_host, name, seconds, octets_in, octets_out, self.commands))

    def dataReceived(self, data: bytes) -> None:
        """Octets came."""
        if self._over:
            return
        self._octets[0] += len(data)
        try:
            super().dataReceived(data)
        except MALFORMED:
            self.end(DISCONNECT_PROTOCOL_ERROR, "malformed packet")
        except Exception:
            self._log.failure("an SSH connection of {peer} failed", peer=self.peer_host)
            self.end(DISCONNECT_BY_APPLICATION, "internal error")
        if len(self.buf) > (STRANGERS_OCTETS if self.account is None else MEMBERS_OCTETS):
            self.end(DISCONNECT_PROTOCOL_ERROR, "packet too long")

    def getPacket(self) -> bytes | None:
        """The next packet that is here as a whole; none of a connection that is over."""
        packet: bytes | None = None if self._over else super().getPacket()
        return packet

    def pauseProducing(self) -> None:
        """The client does not read fast enough."""
        self.congested = True

    def resumeProducing(self) -> None:
        """It has read."""
        self.congested = False
        if isinstance(self.service, SshConnection):
            self.service.writable()

    def stopProducing(self) -> None:
        """The connection is lost; connectionLost follows."""

    # Key exchange

    def dispatchMessage(self, messageNum: int, payload: bytes) -> None:
        """Give a packet to what handles it, if it may come now."""
        if self._over:
            return
        try:
            self._order.check(messageNum, self.parts.clock.seconds())
        except OutOfOrder as error:
            self.end(DISCONNECT_PROTOCOL_ERROR, str(error))
            return
        super().dispatchMessage(messageNum, payload)
        if messageNum == MSG_KEXINIT and self._order.begun == 1:
            self._look_whether_strict(payload)

    def _look_whether_strict(self, kexinit: bytes) -> None:
        self._order.strict = algorithms.STRICT_CLIENT in getNS(kexinit[16:])[0].split(b",")
        if self._order.strict and self.incomingPacketSequence != 1:
            self.end(DISCONNECT_PROTOCOL_ERROR, "KEXINIT is not the first message")

    def _keySetup(self, sharedSecret: bytes, exchangeHash: bytes) -> None:
        self._order.replied()
        super()._keySetup(sharedSecret, exchangeHash)
        if self._order.strict:
            self.outgoingPacketSequence = 0

    def ssh_NEWKEYS(self, packet: bytes) -> None:
        """The client uses the new keys from here on."""
        self._order.ended()
        if self._order.strict:
            self.incomingPacketSequence = 0
        super().ssh_NEWKEYS(packet)

    def sendExtInfo(self, extensions: object) -> None:
        """Say which signatures are taken of clients; conch would name those of our own keys (RFC 8308 §3.1)."""
        super().sendExtInfo([(b"server-sig-algs", b",".join(self.parts.client_algorithms))])

    # Services

    def ssh_SERVICE_REQUEST(self, packet: bytes) -> None:
        """The client wants to sign in; nothing else can be asked for here (RFC 4253 §10)."""
        name = getNS(packet)[0]
        if name != UserAuth.name or self.service is not None:
            self.end(DISCONNECT_SERVICE_NOT_AVAILABLE, "no such service")
            return
        self.sendPacket(6, struct.pack(">L", len(name)) + name)  # SSH_MSG_SERVICE_ACCEPT
        self.setService(UserAuth())

    def signed_in(self, account: Account) -> None:
        """`account` has proved who it is: from here on channels may be opened."""
        self.account = account
        self._calls[0].cancel()
        self._active_at = self.parts.clock.seconds()
        self._look_again()

    def account_name(self) -> str:
        """The account that has signed in; "" if none has."""
        return "" if self.account is None else self.account.name

    @property
    def is_over(self) -> bool:
        """Whether nothing more is said."""
        return self._over

    def active(self) -> None:
        """The person at the other end did something, or a command wrote something."""
        self._active_at = self.parts.clock.seconds()

    def alive(self) -> None:
        """The client's program has answered."""
        self._unanswered = 0

    # The end

    def shut_out(self) -> None:
        """The account may not be here any more (SignedInSession)."""
        self._ending = "shut_out"
        self.end(DISCONNECT_BY_APPLICATION, "this account may not sign in any more")

    def shut_down(self) -> None:
        """The process ends: commands under way are not finished here, for a shell may stay for hours."""
        self._ending = "shutdown"
        self.end(DISCONNECT_BY_APPLICATION, "the server is shutting down")

    def end(self, code: int, reason: str) -> None:
        """Say why, and close."""
        if self._over:
            return
        self._over = True
        payload = reason.encode()
        self.sendPacket(MSG_DISCONNECT, struct.pack(">LL", code, len(payload)) + payload + struct.pack(">L", 0))
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        self._calls.append(self.parts.clock.callLater(ABORT_SECONDS, self.transport.abortConnection))

    def sendDisconnect(self, reason: int, desc: Any) -> None:
        """Conch's way to say it."""
        self.end(reason, desc if isinstance(desc, str) else desc.decode("ascii", "replace"))

    def receiveError(self, reasonCode: int, description: bytes) -> None:
        """The client closes, in words: nothing is wrong."""
        self._ending = "closed"

    def sendPacket(self, messageType: int, payload: bytes) -> None:
        """Send a packet."""
        if not self._over or messageType == MSG_DISCONNECT:
            self._octets[1] += len(payload) + 1
            super().sendPacket(messageType, payload)

    def _grace_is_over(self) -> None:
        self._ending = "idle"
        self.end(DISCONNECT_BY_APPLICATION, "nobody has signed in for too long")

    def _look_again(self) -> None:
        """Ask whether the client is still there, and end a connection that nobody uses."""
        silent = self.parts.clock.seconds() - self._active_at
        if silent >= self.parts.idle.total_seconds():
            self._ending = "idle"
            self.end(DISCONNECT_BY_APPLICATION, "idle for too long")
        elif self._unanswered >= MOST_UNANSWERED:
            self._over = True
            self.transport.abortConnection()
        else:
            if isinstance(self.service, SshConnection):
                self._unanswered += 1
                self.service.ask_for_a_sign_of_life()
            wait = min(KEEPALIVE_SECONDS, max(self.parts.idle.total_seconds() - silent, 1.0))
            self._calls[:] = [self.parts.clock.callLater(wait, self._look_again)]
