"""Signing in again and again over IMAP, as clients do that keep no connection."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap_sessions import hang_up, open_sessions

SIGN_INS = 2000
IN_FLIGHT = 32
ROUND = 100  # connections that are open at the same time


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(SIGN_INS, scale, ROUND)

    async def sign_in(times: int, commands: Sequence[str]) -> None:
        for _ in range(times // ROUND):
            hang_up(await open_sessions(server, ROUND, commands, IN_FLIGHT))

    asyncio.run(sign_in(ROUND, []))  # every account that takes part has signed in before
    with Meter(server) as alone:
        asyncio.run(sign_in(count, []))
    with Meter(server) as selecting:
        asyncio.run(sign_in(count, ["SELECT INBOX", "IDLE"]))
    figures = [
        Figure("LOGIN", count // ROUND * ROUND / alone.seconds, "sign-ins/s", more=True),
        Figure("LOGIN, SELECT, IDLE", count // ROUND * ROUND / selecting.seconds, "sign-ins/s", more=True),
        Figure("generator", alone.generator_share * 100, "% of a processor"),
    ]
    if alone.server_seconds is not None:
        figures.append(Figure("server's processor", alone.server_seconds / count * 1e6, "µs/LOGIN"))
    return figures


JOBS = [Job("sign-in", f"IMAP: {SIGN_INS} sign-ins, {IN_FLIGHT} at once, of accounts that have signed in before", _run)]
