"""The station of the tour at the newsgroups: a newsreader over TLS."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from io import BufferedRWPair

from shared.command_line.quantities import counted
from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station, station


def list_newsgroups(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Sign in and ask for the groups, of which there may be none."""
    begun = time.perf_counter()
    host, port = doors["nntps"]
    with (
        socket.create_connection((host, port), TIMEOUT_SECONDS) as connection,
        doors.tls.wrap_socket(connection, server_hostname=host) as secured,
        secured.makefile("rwb") as session,
    ):
        _expect(session.readline(), b"200 ")
        _ask(session, f"AUTHINFO USER {visitor.name}", b"381 ")
        _ask(session, f"AUTHINFO PASS {visitor.password}", b"281 ")
        _ask(session, "LIST ACTIVE", b"215 ")
        groups = sum(1 for _ in iter(session.readline, b".\r\n"))
        _ask(session, "QUIT", b"205 ")
    yield station(
        "NNTP", f"{visitor.name} signs in over TLS and asks for newsgroups: {counted(groups, 'group')}", begun
    )


def _ask(session: BufferedRWPair, command: str, code: bytes) -> None:
    session.write(f"{command}\r\n".encode())
    session.flush()
    _expect(session.readline(), code)


def _expect(reply: bytes, code: bytes) -> None:
    if not reply.startswith(code):
        raise NotAsPromised(f"NNTP answers {reply.decode(errors='replace').strip()!r}")
