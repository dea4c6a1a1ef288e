"""The cost of sessions that only wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.processes import cpu_seconds, family, memory_octets
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap_sessions import hang_up, open_sessions

SESSIONS = 2000
IN_FLIGHT = 32
FIRST_IN_FLIGHT = 4  # what few sessions leave behind to be used again is next to nothing
SETTLING_SECONDS = 3.0
WATCHING_SECONDS = 5.0


async def _measure(server: Server, count: int) -> Sequence[Figure]:
    # The first sign-in of each account and what a process loads when it is first used are not a session's memory.
    hang_up(await open_sessions(server, min(count, server.accounts), ["SELECT INBOX", "IDLE"], FIRST_IN_FLIGHT))
    await asyncio.sleep(SETTLING_SECONDS)
    before = memory_octets(family(server.roots()))
    with Meter(server) as opening:
        sessions = await open_sessions(server, count, ["SELECT INBOX", "IDLE"], IN_FLIGHT)
    await asyncio.sleep(SETTLING_SECONDS)
    processes = family(server.roots())
    after = memory_octets(processes)
    used, began = cpu_seconds(processes), time.perf_counter()
    await asyncio.sleep(WATCHING_SECONDS)
    share = (cpu_seconds(processes) - used) / (time.perf_counter() - began)
    alive = hang_up(sessions)
    if alive < count:
        raise RuntimeError(f"{server.name} has let go of {count - alive} of {count} sessions")
    return [
        Figure("memory, all processes", (after - before) / count / 1024, "KB/session", more=False),
        Figure("memory in all", after / 1e6, "MB"),
        Figure("processes", len(processes), ""),
        Figure("server's processor while all wait", share * 100, "% of a processor"),
        Figure("LOGIN, SELECT, IDLE", count / opening.seconds, "sign-ins/s", more=True),
    ]


def _run(server: Server, scale: float) -> Sequence[Figure]:
    if not server.roots():
        return []
    server.start_anew()
    return asyncio.run(_measure(server, scaled(SESSIONS, scale, 100)))


JOBS = [
    Job(
        "idle",
        f"IMAP: memory of {SESSIONS} sessions in IDLE, every process of the server counted",
        _run,
        about_memory=True,
    )
]
