"""The client's SSH transport: conch's, with narrowed algorithms, and the host's key checked."""

from __future__ import annotations

from typing import Any

from twisted.conch.ssh.service import SSHService
from twisted.conch.ssh.transport import SSHClientTransport
from twisted.internet.defer import Deferred, fail, succeed
from twisted.logger import Logger
from twisted.python.failure import Failure

from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.operators.ssh_client.known_hosts import TrustedKeys
from shared.command_line.terminal.printable import printable

HOST_KEYS = [
    b"ssh-ed25519", b"ecdsa-sha2-nistp256", b"ecdsa-sha2-nistp384", b"ecdsa-sha2-nistp521", b"rsa-sha2-512",
    b"rsa-sha2-256",
]  # fmt: skip
_OF_RSA = {b"rsa-sha2-512": b"ssh-rsa", b"rsa-sha2-256": b"ssh-rsa"}


class ClientTransport(SSHClientTransport):
    """One connection. `secure` fires when it is encrypted, `ended` when it is over; both may fail with SshFailed."""

    _log = Logger()
    ourVersionString = b"SSH-2.0-Agora"
    supportedCiphers = [b"aes256-ctr", b"aes192-ctr", b"aes128-ctr"]  # noqa: RUF012  # conch's attributes
    supportedMACs = [b"hmac-sha2-512", b"hmac-sha2-256"]  # noqa: RUF012
    supportedCompressions = [b"none"]  # noqa: RUF012
    supportedKeyExchanges = [  # noqa: RUF012
        each for each in SSHClientTransport.supportedKeyExchanges if not each.endswith(b"sha1")
    ]
    transport: Any

    def __init__(self, trusted: TrustedKeys) -> None:
        self._trusted = trusted
        kinds = trusted.kinds()
        # First those of which a key is known, so that nobody is asked about another one.
        self.supportedPublicKeys = sorted(HOST_KEYS, key=lambda each: _OF_RSA.get(each, each) not in kinds)
        self.secure: Deferred[None] = Deferred()
        self.ended: Deferred[None] = Deferred()
        self.why: SshFailed | None = None

    def verifyHostKey(self, hostKey: bytes, fingerprint: bytes) -> Deferred[None]:
        """Whether it is the host that was meant."""
        try:
            self._trusted.check(hostKey)
        except SshFailed as failed:
            self.why = failed
            return fail(failed)
        return succeed(None)

    def connectionSecure(self) -> None:
        """The first key exchange is over."""
        if not self.secure.called:
            self.secure.callback(None)

    def start(self, service: SSHService) -> None:
        """Ask for the service; it is set once the server agrees (RFC 4253 §10)."""
        self.requestService(service)

    def sendDisconnect(self, reason: int, desc: bytes) -> None:
        """Say why it ends, without the traceback that conch puts into it."""
        super().sendDisconnect(reason, b"host key not accepted" if self.why is not None else desc)

    def receiveError(self, reasonCode: int, description: bytes) -> None:
        """The server says why it closes."""
        words = printable(description[:200].decode("utf-8", "replace"))
        self.why = self.why or SshFailed(f"the server has closed the connection: {words}")

    def connectionLost(self, reason: Failure | None = None) -> None:
        """It is over."""
        if self.service is not None:
            self.service.serviceStopped()
        why = self.why or SshFailed("the server has closed the connection")
        for each in (self.secure, self.ended):
            if not each.called:
                each.errback(why)
