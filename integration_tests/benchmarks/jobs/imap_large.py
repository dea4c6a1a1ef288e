"""A mailbox of 100,000 messages: the time that SELECT takes, and the cost of a session that has it selected."""

from __future__ import annotations

from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure, median
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import corpus
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.processes import family, memory_octets
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap import Imap

MESSAGES = 100_000
APPENDED = 1000  # the others are copies of these
SESSIONS = 10
TIMES = 5
ACCOUNT = -3
MAILBOX = "Benchmark-Large"


def _connect(server: Server) -> Imap:
    return Imap(server.host, server.imap_port, server.account(ACCOUNT), server.password)


def _fill(server: Server, count: int) -> None:
    with _connect(server) as imap:
        if MAILBOX.encode() in imap.command(f'LIST "" "{MAILBOX}"') and imap.messages(MAILBOX) == count:
            return
        imap.make_anew(MAILBOX)
        imap.fill(MAILBOX, corpus(min(APPENDED, count), 1024))
        imap.command(f"SELECT {MAILBOX}")
        there = min(APPENDED, count)
        while there < count:
            more = min(there, count - there)
            imap.command(f"COPY 1:{more} {MAILBOX}")
            there += more
        imap.command("UNSELECT")


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(MESSAGES, scale, APPENDED)
    _fill(server, count)
    server.start_anew()
    select = f"SELECT {MAILBOX}"
    times = []
    for _ in range(TIMES):
        with _connect(server) as imap, Meter() as selecting:
            imap.command(select)
        times.append(selecting.seconds * 1000)
    figures = [
        Figure("SELECT", median(times), "ms", more=False),
        Figure("SELECT, slowest", max(times), "ms"),
    ]
    if server.roots():
        figures.append(_memory(server, count, select))
    return figures


def _memory(server: Server, count: int, select: str) -> Figure:
    sessions = [_connect(server) for _ in range(SESSIONS + 1)]
    sessions[0].command(select)  # what the first one makes the server keep is not the session's
    before = memory_octets(family(server.roots()))
    for imap in sessions[1:]:
        imap.command(select)
    after = memory_octets(family(server.roots()))
    for imap in sessions:
        imap.close()
    return Figure(
        "memory of a session that has it selected", (after - before) / SESSIONS / count, "octets/message", more=False
    )


JOBS = [Job("imap-large", f"IMAP: SELECT of {MESSAGES:,} messages, and its memory", _run, about_memory=True)]
