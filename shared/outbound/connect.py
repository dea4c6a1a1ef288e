"""Connecting to the first server of a route that takes mail now."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, NamedTuple

from shared.errors import DomainError
from shared.outbound.dane.tlsa import TlsaRecord
from shared.outbound.dns_client import NamesAway
from shared.outbound.greet import Extensions, LeadsBack, ServerTlsFailed, greet
from shared.outbound.places import ServerPlace
from shared.outbound.remote_reply import ServerFault
from shared.outbound.remote_server import RemoteServer
from shared.outbound.remote_tls import RemoteTls, TlsNeed
from shared.outbound.routes import Route
from shared.outbound.smart_host import SmartHostDoor, SmartHostSignIn
from shared.outbound.stages import Stages
from shared.reach.connector import Connector
from shared.reach.destinations import DestinationPolicy
from shared.reach.errors import DestinationRefused, HostNotFound
from shared.reach.fetch import EVERYWHERE
from shared.reach.names import Names, Resolve

Keys = Callable[[str, int], Awaitable[Sequence[TlsaRecord]]]


class RouteClosed(Exception):
    """No server of a route could be used: for good, or now. `host` said it, or "" where none did."""

    def __init__(self, status: str, text: str, host: str, code: int | None) -> None:
        super().__init__(text)
        self.status = status
        self.host = host
        self.code = code

    @property
    def is_permanent(self) -> bool:
        return self.status.startswith("5")


class OpenServer(NamedTuple):
    """A server that is ready for MAIL."""

    server: RemoteServer
    host: str
    extensions: Extensions


class ServerConnector:
    """Connects for a process."""

    def __init__(
        self,
        reactor: Any,
        hostname: str,
        resolve: Resolve,
        *,
        private: bool = False,
        own_ports: Collection[int] = (),
        credentials: Callable[[], SmartHostSignIn] | None = None,
        stages: Stages | None = None,
        tls: RemoteTls | None = None,
        keys: Keys | None = None,
    ) -> None:
        """`resolve` gives the addresses of hosts. Those of this machine are never connected to at `own_ports`.

        `keys` gives what DNS has of a server's keys (DANE), and is asked where the server's name can be trusted.
        `private`: servers that DNS names may be at addresses that are not public.
        """
        self.stages = stages or Stages()
        self._reactor = reactor
        self._hostname = hostname
        self._smart_host = None if credentials is None else SmartHostDoor(reactor, credentials)
        self._tls = tls or RemoteTls()
        self._keys = keys
        self._own_ports = frozenset(own_ports)
        names = Names(resolve, reactor)
        everywhere = DestinationPolicy(EVERYWHERE).permits
        self._chosen = Connector(reactor, everywhere, names=names, forbids=self._own)
        permits = everywhere if private else DestinationPolicy().permits
        self._named = Connector(reactor, permits, names=names, forbids=self._own)

    async def connect(self, route: Route) -> OpenServer:
        """Try the servers of the route in its order. Raises RouteClosed."""
        closed: RouteClosed | None = None
        for place in route.places:
            try:
                return await self._ready(route, place)
            except (ServerFault, DomainError) as error:
                fault = _closed(error, place.host)
                if closed is None or closed.is_permanent:  # one that may work later keeps the message in the queue
                    closed = fault
                if isinstance(error, LeadsBack):
                    break
        assert closed is not None, "a route has a server"
        raise closed

    async def _ready(self, route: Route, place: ServerPlace) -> OpenServer:
        keys = await self._keys_of(route, place)
        try:
            return await self._greeted(route, place, self._tls, keys)
        except ServerTlsFailed:
            if route.signs_in or route.need is not TlsNeed.OFFERED or keys:
                raise
        return await self._greeted(route, place, None)  # as to a server that has no TLS

    async def _keys_of(self, route: Route, place: ServerPlace) -> Sequence[TlsaRecord]:
        """Raises ServerFault: a server whose keys are kept from us is not used (RFC 7672 §2.1.2)."""
        if self._keys is None or not route.is_secure:
            return ()
        try:
            return await self._keys(place.host, place.port)
        except NamesAway as error:
            raise ServerFault(f"the keys of {place.host} in DNS (DANE) cannot be looked up", "4.7.5") from error

    async def _greeted(
        self, route: Route, place: ServerPlace, tls: RemoteTls | None, keys: Sequence[TlsaRecord] = ()
    ) -> OpenServer:
        connector = self._chosen if route.chosen else self._named
        server = await connector.connect(
            place.host,
            place.port,
            lambda address: RemoteServer(self._reactor, address),
            client=route.key,
            within=self.stages.connect,
        )
        try:
            extensions = await greet(
                server,
                self._hostname,
                place.host,
                self.stages,
                tls=tls,
                need=route.need,
                keys=keys,
                signing_in=self._smart_host if route.signs_in else None,
            )
        except OSError as error:  # the password's file
            server.end(ServerFault("the conversation has ended"))
            raise ServerFault(f"the password for {place.host} cannot be read: {error.strerror}", "4.3.5") from error
        except BaseException:
            server.end(ServerFault("the conversation has ended"))
            raise
        return OpenServer(server, place.host, extensions)

    def _own(self, address: str, port: int) -> DomainError | None:
        return DestinationRefused() if port in self._own_ports and is_of_this_machine(address) else None


def is_of_this_machine(address: str) -> bool:
    """Whether the address is an interface's here: only such a one can be bound."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True


def _closed(error: ServerFault | DomainError, host: str) -> RouteClosed:
    if isinstance(error, ServerFault):
        return RouteClosed(error.status, str(error), host, error.code)
    if isinstance(error, HostNotFound):
        return RouteClosed("5.4.4", f"the mail server {host} has no address", "", None)
    if isinstance(error, DestinationRefused):
        text = f"the mail server {host} is at an address that is not public, or this one"
        return RouteClosed("5.4.4", text, "", None)
    return RouteClosed("4.4.1", f"{host} does not accept a connection now ({type(error).__name__})", "", None)
