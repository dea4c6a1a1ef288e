"""One command at an SSH server, from the connection to its exit status."""

from __future__ import annotations

from typing import Any

import click
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.error import ConnectError, DNSLookupError
from twisted.internet.protocol import Factory

from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.operators.ssh_client.known_hosts import TrustedKeys
from shared.command_line.operators.ssh_client.session import ClientSession, OneSession
from shared.command_line.operators.ssh_client.sign_in import ClientSignIn, SshCredentials
from shared.command_line.operators.ssh_client.transport import ClientTransport
from shared.command_line.terminal.printable import printable

CONNECT_SECONDS = 30


async def run_command(
    reactor: Any, host: str, port: int, trusted: TrustedKeys, credentials: SshCredentials, session: ClientSession
) -> int:
    """Connect, sign in, and run the command of `session`; its exit status. Raises SshFailed."""
    transport = ClientTransport(trusted)
    transport.factory = Factory()  # nothing is asked of it
    endpoint = HostnameEndpoint(reactor, host, port, timeout=CONNECT_SECONDS)
    try:
        await endpoint.connect(_Once(transport))  # type: ignore[arg-type]  # zope's interfaces have no types
    except (ConnectError, DNSLookupError) as error:
        raise SshFailed(f"{host}:{port}: {error}") from None
    transport.ended.addErrback(lambda _: None)
    await transport.secure
    signing_in = ClientSignIn(credentials, _show_banner)
    transport.ended.addBoth(lambda _: _lost(transport, signing_in, session))
    try:
        transport.start(signing_in)
        await signing_in.started
        await signing_in.sign_in()
        transport.setService(OneSession(session))
        return await session.ended
    finally:
        transport.transport.loseConnection()


def _show_banner(text: str) -> None:
    click.echo(printable(text, besides="\n"), err=True)


def _lost(transport: ClientTransport, signing_in: ClientSignIn, session: ClientSession) -> None:
    why = transport.why or SshFailed("the server has closed the connection")
    signing_in.lost(why)
    session.lost(why)


class _Once(Factory[Any]):
    """Gives the one connection its protocol."""

    noisy = False

    def __init__(self, protocol: ClientTransport) -> None:
        self._protocol = protocol

    def buildProtocol(self, addr: object) -> ClientTransport:
        return self._protocol
