"""The tour's station at the SSH door: a command, by the client of `agora ssh`."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator, Sequence

from shared.command_line.in_reactor import in_reactor
from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.operators.ssh_client.run_command import run_command
from shared.command_line.operators.ssh_client.session import ClientSession
from shared.command_line.operators.ssh_client.sign_in import SshCredentials
from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station, station

MOST_OCTETS = 255  # of the line with the version (RFC 4253 §4.2)


class AnyKey:
    """Trusts every key: the tour sends a password that is good for a minute."""

    def kinds(self) -> Sequence[bytes]:
        """None is known."""
        return ()

    def check(self, blob: bytes) -> None:
        """It is trusted."""


def run_a_command(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Sign in by password, and ask who that was; not with an account that is not the tour's own."""
    host, port = doors["ssh"]
    if not visitor.room:
        yield _greeted(host, port)
        return
    begun = time.perf_counter()
    session = ClientSession("whoami")
    credentials = SshCredentials(visitor.name, (), visitor.password, None)
    try:
        status = in_reactor(lambda reactor: run_command(reactor, host, port, AnyKey(), credentials, session))
    except SshFailed as failed:
        raise NotAsPromised(f"SSH: {failed}") from None
    told = session.output.decode("utf-8", "replace").strip()
    if status or not told.startswith(visitor.name):
        raise NotAsPromised(f"whoami over SSH ended with {status}: {told}")
    yield station("SSH", f"{visitor.name} signs in and runs whoami: {told}", begun)


def _greeted(host: str, port: int) -> Station:
    begun = time.perf_counter()
    with socket.create_connection((host, port), timeout=TIMEOUT_SECONDS) as connection:
        version = connection.recv(MOST_OCTETS).partition(b"\r\n")[0]
    if not version.startswith(b"SSH-2.0-"):
        raise NotAsPromised(f"SSH was answered with {version!r}")
    return station("SSH", f"a client connects: {version.decode('ascii', 'replace')}", begun)
