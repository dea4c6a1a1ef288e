"""The factory of SSH connections: conch's transport asks it for the host keys."""

from __future__ import annotations

from twisted.conch.ssh.keys import Key
from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Factory

from services.ssh_admin.parts import SshParts
from services.ssh_admin.transport import SshTransport


class SshFactory(Factory):
    """Gives each connection its transport; none before the host keys are there."""

    noisy = False
    primes = None  # no key exchange with groups that the server chooses

    def __init__(self, parts: SshParts) -> None:
        self._parts = parts

    @property
    def publicKeys(self) -> dict[bytes, Key]:
        """By kind."""
        return self._parts.host_keys.public

    @property
    def privateKeys(self) -> dict[bytes, Key]:
        """By kind."""
        return self._parts.host_keys.private

    def buildProtocol(self, addr: IAddress | None) -> SshTransport | None:
        """The transport of a connection that was admitted."""
        if not self._parts.host_keys.private:
            return None
        transport = SshTransport(self._parts, str(getattr(addr, "host", "")))
        transport.factory = self  # type: ignore[assignment]  # what the transport asks of conch's factory is here
        return transport
