"""POP3: the whole of a maildrop, one message at a time and pipelined."""

from __future__ import annotations

from collections.abc import Sequence

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.jobs.maildrop import fill_inbox
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.pop3 import Pop3

ACCOUNT = -1  # the last one
MESSAGES = 5000
IN_FLIGHT = 64


def _retrieve(server: Server, in_flight: int) -> tuple[Meter, Meter]:
    with Meter() as opening:
        session = Pop3(server.host, server.pop3_port, server.account(ACCOUNT), server.password)
    with Meter(server) as retrieving:
        octets = session.retrieve_all(in_flight)
    if octets < session.octets:
        raise RuntimeError(f"{server.name} sent {octets} octets of {session.octets}")
    session.quit()
    return opening, retrieving


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(MESSAGES, scale)
    fill_inbox(server, ACCOUNT, count)
    opening, one_by_one = _retrieve(server, 1)
    _, pipelined = _retrieve(server, IN_FLIGHT)
    figures = [
        Figure("RETR one by one", count / one_by_one.seconds, "messages/s", more=True),
        Figure("RETR pipelined", count / pipelined.seconds, "messages/s", more=True),
        Figure("sign-in and STAT", opening.seconds * 1000, "ms", more=False),
        Figure("generator, pipelined", pipelined.generator_share * 100, "% of a processor"),
    ]
    for name, meter in (("one by one", one_by_one), ("pipelined", pipelined)):
        if meter.server_seconds is not None:
            figures.append(Figure(f"server's processor, {name}", meter.server_seconds / count * 1e6, "µs/message"))
    return figures


JOBS = [Job("pop3", f"POP3: RETR of {MESSAGES} messages of 4 KB, one by one and {IN_FLIGHT} in flight", _run)]
