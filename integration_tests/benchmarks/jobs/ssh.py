"""Commands over SSH: signing in by key, a command over an open connection, idle shells."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from integration_tests.benchmarks.figures import Figure, median, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.processes import family, memory_octets
from integration_tests.benchmarks.server import Server

if TYPE_CHECKING:
    import asyncssh  # of the development packages, without which `agora bench --help` has to do

SIGN_INS = 50
COMMANDS = 200
CONNECTIONS, SHELLS = 8, 5  # shells of each; all of an account are 10 at most
SETTLING_SECONDS = 1.0


async def _measure(server: Server, scale: float) -> Sequence[Figure]:
    import asyncssh

    assert server.admit_key is not None  # see `fits`
    key = asyncssh.generate_private_key("ssh-ed25519")
    for number in range(CONNECTIONS):
        server.admit_key(server.account(number), key.export_public_key().decode())
    signing_in = [await _sign_in(server, key) for _ in range(scaled(SIGN_INS, scale, 5))]
    async with _connect(server, key, 0) as connection:
        own = [await _command(connection, "whoami") for _ in range(scaled(COMMANDS, scale, 10))]
        listing = f"user ssh-key list {server.account(0)} --json"
        listed = [await _command(connection, listing) for _ in range(scaled(COMMANDS, scale, 10))]
    figures = [
        Figure("sign-in by key, median", median(signing_in) * 1e3, "ms", more=False),
        Figure("whoami over an open connection, median", median(own) * 1e3, "ms", more=False),
        Figure("a list from the store, median", median(listed) * 1e3, "ms", more=False),
        Figure("the same, 95 of 100 within", percentile(listed, 95) * 1e3, "ms", more=False),
    ]
    if server.roots():
        fresh, typed = await _idle(server, key)
        figures.append(Figure("memory of an idle shell", fresh / 1024, "KB", more=False))
        figures.append(Figure("the same after a command was typed", typed / 1024, "KB", more=False))
    return figures


async def _idle(server: Server, key: asyncssh.SSHKey) -> tuple[float, float]:
    """Octets of a shell that was opened, and of one at which a command was typed."""
    connections = [await _connect(server, key, number) for number in range(CONNECTIONS)]
    await _open_shell(connections[0])  # what a process loads when it is first used is not a shell's memory
    await asyncio.sleep(SETTLING_SECONDS)
    before = memory_octets(family(server.roots()))
    opened = [await _open_shell(connection) for connection in connections for _ in range(SHELLS)]
    await asyncio.sleep(SETTLING_SECONDS)
    fresh = memory_octets(family(server.roots())) - before
    for shell in opened:
        shell.stdin.write("whoami\r")
        await shell.stdout.readuntil(" (member) ")
        await shell.stdout.readuntil("$")
    await asyncio.sleep(SETTLING_SECONDS)
    typed = memory_octets(family(server.roots())) - before
    for connection in connections:
        connection.close()
        await connection.wait_closed()
    return fresh / len(opened), typed / len(opened)


def _connect(
    server: Server, key: asyncssh.SSHKey, number: int
) -> asyncssh.misc._ACMWrapper[asyncssh.SSHClientConnection]:
    import asyncssh

    return asyncssh.connect(
        server.host, server.ssh_port, username=server.account(number), client_keys=[key], known_hosts=None, config=None
    )


async def _sign_in(server: Server, key: asyncssh.SSHKey) -> float:
    begun = time.perf_counter()
    connection = await _connect(server, key, 0)
    took = time.perf_counter() - begun
    connection.close()
    await connection.wait_closed()
    return took


async def _command(connection: asyncssh.SSHClientConnection, line: str) -> float:
    begun = time.perf_counter()
    await connection.run(line, check=True)
    return time.perf_counter() - begun


async def _open_shell(connection: asyncssh.SSHClientConnection) -> asyncssh.SSHClientProcess[str]:
    shell = await connection.create_process(term_type="xterm")
    if (await shell.stdout.readuntil(("$", "full name?"))).endswith("?"):  # asked for once
        shell.stdin.write("A Member\r")
        await shell.stdout.readuntil("$")
    return shell


def _run(server: Server, scale: float) -> Sequence[Figure]:
    return asyncio.run(_measure(server, scale))


JOBS = [
    Job(
        "ssh",
        f"SSH: {SIGN_INS} sign-ins by key, {COMMANDS} commands over one connection, {CONNECTIONS * SHELLS} idle shells",
        _run,
        fits=lambda server: server.admit_key is not None,
    )
]
