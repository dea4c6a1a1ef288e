"""The connection service (RFC 4254): channels within bounds, and nothing forwarded.

Conch grants a client a new window before what it sent was used, and takes any number of channels. Here a window grows
by what was read, and a client that breaks its bounds loses the connection.
"""

from __future__ import annotations

import struct

from twisted.conch.ssh import connection as conch
from twisted.conch.ssh.common import NS, getNS
from twisted.conch.ssh.transport import DISCONNECT_PROTOCOL_ERROR
from twisted.internet.defer import Deferred

from services.ssh_admin.parts import SshParts
from services.ssh_admin.peer import SshPeer
from services.ssh_admin.quiet_log import QuietLogger
from services.ssh_admin.session_channel import SessionChannel

MOST_CHANNELS = 10  # as OpenSSH's MaxSessions
LEAST_PACKET = 1024  # of the client; RFC 4254 §5.1 has no least, every real client takes 32,768
MOST_WINDOW = (1 << 32) - 1  # RFC 4254 §5.2
FORWARDING = {b"direct-tcpip", b"forwarded-tcpip", b"x11", b"auth-agent@openssh.com", b"tun@openssh.com"}


class SshConnection(conch.SSHConnection):
    """The channels of one connection."""

    _log = QuietLogger()
    transport: SshPeer  # type: ignore[assignment]  # a transport of conch with more to it
    channels: dict[int, SessionChannel]

    def __init__(self, parts: SshParts, transport: SshPeer) -> None:
        super().__init__()
        self._parts = parts
        self.transport = transport

    def serviceStarted(self) -> None:
        """Channels may be opened."""

    def serviceStopped(self) -> None:
        """The connection is gone."""
        for channel in list(self.channels.values()):
            channel.closed()
        self.channels.clear()
        self._cleanupGlobalDeferreds()

    def writable(self) -> None:
        """The client has read: go on writing."""
        for channel in list(self.channels.values()):
            channel.go_on()

    def ask_for_a_sign_of_life(self) -> None:
        """Clients refuse this request, which is an answer."""
        asked: Deferred[bytes] = self.sendGlobalRequest(b"keepalive@openssh.com", b"", wantReply=True)
        asked.addBoth(lambda _: self.transport.alive())

    def gotGlobalRequest(self, requestType: bytes, data: bytes) -> int:
        """Refuse it: nothing is forwarded."""
        return 0

    def ssh_CHANNEL_OPEN(self, packet: bytes) -> None:
        """Open a session, if there is a place."""
        kind, rest = getNS(packet)
        sender, window, most = struct.unpack(">3L", rest[:12])
        if kind != b"session":
            known = kind in FORWARDING
            code = conch.OPEN_ADMINISTRATIVELY_PROHIBITED if known else conch.OPEN_UNKNOWN_CHANNEL_TYPE
            self._refuse(sender, code, "nothing is forwarded here" if known else "only sessions are served here")
        elif len(self.channels) >= MOST_CHANNELS:
            self._refuse(sender, conch.OPEN_RESOURCE_SHORTAGE, f"at most {MOST_CHANNELS} sessions on a connection")
        elif most < LEAST_PACKET:
            self._refuse(sender, conch.OPEN_RESOURCE_SHORTAGE, f"packets of {LEAST_PACKET} octets are the least")
        else:
            self._open(sender, SessionChannel(self._parts, self, window, most))

    def _open(self, sender: int, channel: SessionChannel) -> None:
        number = self.localChannelID
        self.localChannelID += 1
        channel.id = number  # type: ignore[assignment]  # conch says None until it is set
        self.channels[number] = channel
        self.channelsToRemoteChannel[channel] = sender
        self.localToRemoteChannel[number] = sender
        self.transport.sendPacket(
            conch.MSG_CHANNEL_OPEN_CONFIRMATION,
            struct.pack(">4L", sender, number, channel.localWindowSize, channel.localMaxPacket),
        )

    def _refuse(self, sender: int, code: int, why: str) -> None:
        self.transport.sendPacket(
            conch.MSG_CHANNEL_OPEN_FAILURE, struct.pack(">2L", sender, code) + NS(why.encode()) + NS(b"")
        )

    def ssh_CHANNEL_DATA(self, packet: bytes) -> None:
        """Data for a session."""
        channel, data = self._data(packet, 4)
        if channel is not None:
            self.transport.active()
            channel.dataReceived(data)

    def ssh_CHANNEL_EXTENDED_DATA(self, packet: bytes) -> None:
        """Clients have no standard error to send; what they send is read and dropped."""
        channel, data = self._data(packet, 8)
        if channel is not None:
            channel.consumed(len(data))

    def _data(self, packet: bytes, at: int) -> tuple[SessionChannel | None, bytes]:
        channel = self.channels[struct.unpack(">L", packet[:4])[0]]
        (octets,) = struct.unpack(">L", packet[at : at + 4])
        data = packet[at + 4 :]
        if octets != len(data) or octets > channel.localWindowLeft or octets > channel.localMaxPacket:
            self.transport.end(DISCONNECT_PROTOCOL_ERROR, "more data than the window has")
            return None, b""
        channel.localWindowLeft -= octets
        return channel, data

    def ssh_CHANNEL_WINDOW_ADJUST(self, packet: bytes) -> None:
        """The client takes so many octets more."""
        number, more = struct.unpack(">2L", packet[:8])
        channel = self.channels[number]
        if channel.remoteWindowLeft + more > MOST_WINDOW:
            self.transport.end(DISCONNECT_PROTOCOL_ERROR, "window too large")
            return
        channel.addWindowBytes(more)
