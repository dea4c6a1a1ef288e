"""A client's connection before its first request and after its last; `ClientSide` takes the requests."""

from __future__ import annotations

from services.http_proxy.client_state import ARRIVING, CLOSING, IDLE, ClientState
from services.http_proxy.errors import DoorFull, Leaving
from services.http_proxy.parts import ProxyParts
from services.http_proxy.replies import reply_to, retry_after
from shared.conversation import send_at_once
from shared.conversation.door_connection import DoorConnection
from shared.conversation.ending import Ending
from shared.conversation.peer import Peer
from shared.errors import DomainError


class ClientConnection(DoorConnection):
    """`state` says what becomes of the octets that come; those that come too early are kept in `_ahead`."""

    __slots__ = ("_ahead", "parts", "state")

    def __init__(self, parts: ProxyParts) -> None:
        super().__init__()
        self.parts = parts
        self.state: ClientState = ARRIVING
        self._ahead = b""  # came behind what is being served

    def connectionMade(self) -> None:
        """A client has come."""
        self.transport.registerProducer(self, True)
        super().connectionMade()

    def entered(self, received: bytes) -> None:
        """Requests may come."""
        self.state = IDLE
        self.deadline = self.clock.seconds() + self.parts.patience.idle
        if received:
            self.dataReceived(received)
        else:
            send_at_once.receive(self.transport)

    def turned_away(self, why: Ending) -> None:
        """There is no place: say so."""
        self._refuse(Leaving() if why is Ending.SHUTDOWN else DoorFull())

    def local_authority(self) -> bytes:
        """The address and port of ours that the client has connected to, as a URL has them."""
        here = Peer.from_address(self.transport.getHost())
        return (f"[{here.host}]:{here.port}" if ":" in here.host else f"{here.host}:{here.port}").encode()

    def send(self, octets: bytes) -> None:
        """Send octets of a response."""
        if not self._gone:
            send_at_once.send(self.transport, octets)

    def _refuse(self, error: DomainError) -> None:
        """Answer what is not a request, and close: it is unknown where the next one would begin."""
        reply = reply_to(error)
        self.send(reply.wire(close=True, more=retry_after(error, reply)))
        self._close()

    def _close(self) -> None:
        """Close when all is sent; what the client still sends is read, and ignored."""
        if self.state is not CLOSING:
            self.state = CLOSING
            self._ahead = b""
            self.close(hears_out=True)

    def cut_off(self) -> None:
        """Close at once, without what is not sent yet."""
        self._over = True
        self.state = CLOSING
        super().cut_off()
