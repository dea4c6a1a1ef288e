"""Many IMAP sessions at once that sign in and then wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from integration_tests.benchmarks.server import Server

Session = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def open_sessions(server: Server, count: int, commands: Sequence[str], in_flight: int) -> list[Session]:
    """`count` sessions over all accounts, signed in and through `commands`; the last may be IDLE."""
    gate = asyncio.Semaphore(in_flight)
    return list(await asyncio.gather(*[_open(server, number, commands, gate) for number in range(count)]))


async def _open(server: Server, number: int, commands: Sequence[str], gate: asyncio.Semaphore) -> Session:
    async with gate:
        reader, writer = await asyncio.open_connection(server.host, server.imap_port, limit=8192)
        await reader.readline()
        login = f'LOGIN "{server.account(number)}" "{server.password}"'
        for command in (login, *commands):
            writer.write(f"a {command}\r\n".encode())
            while not (line := await reader.readline()).startswith((b"a ", b"+")):
                if not line:
                    raise EOFError(f"{server.name} has closed the connection")
            if not line.startswith((b"a OK", b"+")):
                raise RuntimeError(f"{command.split()[0]}: {line.decode(errors='replace')}")
        return reader, writer


def hang_up(sessions: Sequence[Session]) -> int:
    """Close them all; returns how many were still alive."""
    alive = sum(not reader.at_eof() for reader, _ in sessions)
    for _, writer in sessions:
        writer.transport.abort()
    return alive
