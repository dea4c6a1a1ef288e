"""A door for any Twisted factory: a web site, Perspective Broker, SSH.

What these know nothing of is before them: the PROXY header of a trusted proxy, TLS from the first octet, limits of
connections in all and for one address, counts, and the end of the process.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHalfCloseableProtocol
from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure
from zope.interface import directlyProvides, implementer, providedBy

from shared.conversation.door_connection import DoorConnection
from shared.conversation.ending import Ending
from shared.conversation.factory import ConversationFactory
from shared.conversation.peer import Peer


class AdmittingFactory(ConversationFactory):
    """Gives the connections that it admits to `inner`; the options are ConversationFactory's."""

    def __init__(self, inner: Factory[Any], **options: Any) -> None:
        super().__init__(lambda: Admitted(inner), reads_lines=False, **options)
        self.inner = inner

    def doStart(self) -> None:
        """It listens."""
        super().doStart()
        self.inner.doStart()

    def doStop(self) -> None:
        """It listens no more."""
        self.inner.doStop()
        super().doStop()


@implementer(IHalfCloseableProtocol)
class Admitted(DoorConnection):
    """One connection; `inner` is its protocol once it is in."""

    def __init__(self, inner: Factory[Any]) -> None:
        super().__init__()
        self._inner_factory = inner
        self.inner: Any = None

    def entered(self, received: bytes) -> None:
        """Let the inner factory serve it."""
        address: Any = (IPv6Address if ":" in self.peer.host else IPv4Address)("TCP", self.peer.host, self.peer.port)
        self.inner = inner = self._inner_factory.buildProtocol(address)
        if inner is None:
            self.cut_off()
            return
        connected = Peer.from_address(self.transport.getPeer())
        inner.makeConnection(self.transport if connected == self.peer else _Told(self.transport, address))
        if received:
            inner.dataReceived(received)

    def turned_away(self, why: Ending) -> None:
        """Close it: the words of the inner protocol for this are unknown."""
        self.cut_off()

    def dataReceived(self, data: bytes) -> None:
        """Something came."""
        if self.inner is not None:
            self.inner.dataReceived(data)
        elif self._admission is not None:
            self._admission.take(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is gone."""
        super().connectionLost(reason)
        inner, self.inner = self.inner, None
        self.factory.forget(self)
        if inner is not None:
            inner.connectionLost(reason)

    def account_name(self) -> str:
        """What the protocol says, if it knows accounts."""
        tell = getattr(self.inner, "account_name", None)
        return "" if tell is None else str(tell())

    def half_closed(self) -> None:
        """Close when what the protocol has written is sent, and its answer, if it says that it is making one."""
        is_answering = getattr(self.inner, "half_closed", None)
        if is_answering is None or not is_answering():
            self.close(hears_out=False)

    def shut_down(self) -> None:
        """Ask the protocol to finish, if it has a `shut_down`; else close when what it has written is sent."""
        finish = getattr(self.inner, "shut_down", None)
        if finish is None:
            self.transport.loseConnection()
        else:
            finish()


class _Told:
    """A transport whose client is the one that the PROXY header tells."""

    def __init__(self, transport: Any, address: Any) -> None:
        self._transport = transport
        self._address = address
        directlyProvides(self, providedBy(transport))

    def getPeer(self) -> Any:
        """The client's address."""
        return self._address

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
