"""The connection that one document is fetched over: its address judged, its certificate verified, its head bounded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.internet.protocol import Protocol
from twisted.internet.ssl import optionsForClientTLS
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.web.client import URI
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from shared.reach.connector import Connector
from shared.reach.web_address import WebAddress

MOST_HEAD_OCTETS = 128 * 1024  # interim responses included; twice what browsers and our proxy take


@implementer(IAgentEndpointFactory)
class WebConnection:
    """Made once for each request: nothing is kept for another."""

    def __init__(self, reactor: Any, connector: Connector, address: WebAddress, trust_root: Any) -> None:
        self.head = _Head()
        self._reactor = reactor
        self._connector = connector
        self._address = address
        self._trust_root = trust_root
        self._transport: Any = None

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        """For the agent, whose `uri` is our address."""
        endpoint: Any = _HostEndpoint(self._connector, self._address, self._connected)
        if self._address.scheme == "https":
            options = optionsForClientTLS(self._address.host, self._trust_root)
            endpoint = wrapClientTLS(options, endpoint, self._reactor)
        bounded: Any = _BoundedHeadEndpoint(endpoint, self.head)
        return bounded  # type: ignore[no-any-return]

    def close(self, *, is_complete: bool) -> None:
        """Drop it at once, so that a server that does not close its side costs nothing."""
        if self._transport is not None:
            if is_complete:
                self._transport.loseConnection()
            else:
                self._transport.abortConnection()

    def _connected(self, transport: Any) -> None:
        self._transport = transport


@implementer(IStreamClientEndpoint)
class _HostEndpoint:
    """Connects to a host by `shared/reach`; `connected` gets the transport, below TLS."""

    def __init__(self, connector: Connector, address: WebAddress, connected: Callable[[Any], None]) -> None:
        self._connector = connector
        self._address = address
        self._connected = connected

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """A Deferred of the protocol."""
        return Deferred.fromCoroutine(self._connect(protocolFactory))

    async def _connect(self, factory: Any) -> Any:
        _, host, port, _ = self._address

        def make(address: str) -> Protocol:
            family = IPv6Address if ":" in address else IPv4Address
            protocol: Protocol = factory.buildProtocol(family("TCP", address, port))
            return protocol

        protocol = await self._connector.connect(host, port, make, client=host)
        self._connected(protocol.transport)
        return protocol


class _Head:
    """The count of octets that came while the head was not complete."""

    octets = 0
    is_over = False
    is_too_large = False
    is_given_up = False  # we hung up, for a fault in it


class _BoundedHead(ProtocolWrapper):
    head: _Head
    transport: Any

    def dataReceived(self, data: bytes) -> None:
        head = self.head
        if not head.is_over:
            if head.octets > MOST_HEAD_OCTETS:
                head.is_too_large = True
                self.transport.abortConnection()
                return
            head.octets += len(data)
        super().dataReceived(data)

    def loseConnection(self) -> None:
        """Twisted's parser hangs up without another word when a line is longer than it takes (16 KiB)."""
        self.head.is_given_up = not self.head.is_over
        super().loseConnection()


@implementer(IStreamClientEndpoint)
class _BoundedHeadEndpoint:
    """Another endpoint, and a bound for what comes before the body."""

    def __init__(self, endpoint: Any, head: _Head) -> None:
        self._endpoint = endpoint
        self._head = head

    def connect(self, protocolFactory: IProtocolFactory) -> Deferred[Any]:
        """A Deferred of the protocol."""
        wrapping = WrappingFactory(protocolFactory)
        wrapping.noisy = False
        wrapping.protocol = _BoundedHead
        connecting: Deferred[Any] = self._endpoint.connect(wrapping)
        return connecting.addCallback(self._unwrap)

    def _unwrap(self, wrapper: _BoundedHead) -> Any:
        wrapper.head = self._head
        return wrapper.wrappedProtocol
