"""Mail out: messages handed in for another domain, until the last of them has come to a server that answers at once."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import simple_message
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import SINK_DOMAIN, Server
from integration_tests.benchmarks.wire.mail_sink import Counted, MailSink, mail_sink
from integration_tests.benchmarks.wire.smtp import SENDER, Envelope, open_all, send_by

OCTETS = 4096
MESSAGES = 5000
LONGEST_SECONDS = 300.0


class _Mail:
    """Messages for as many addresses elsewhere."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._run = f"{time.time_ns():x}"

    def next_message(self) -> Envelope | None:
        if not self._left:
            return None
        self._left -= 1
        address = f"u{self._left}@{SINK_DOMAIN}"
        return address, simple_message(OCTETS, address, f"{self._left}.{self._run}")


def _run(server: Server, scale: float, *, connections: int) -> Sequence[Figure]:
    count = scaled(MESSAGES, scale, connections)
    with mail_sink(server.sink_port, count, LONGEST_SECONDS) as sink:
        accepting, whole, counted = asyncio.run(_measured(server, connections, _Mail(count), sink))
    figures = [
        Figure("at the sink", counted.rate, "messages/s", more=True),
        Figure("accepted", count / accepting.seconds, "messages/s", more=True),
    ]
    if whole.server_seconds is not None:
        figures.append(Figure("server's processor", whole.server_seconds / count * 1e6, "µs/message"))
    return figures


async def _measured(server: Server, connections: int, mail: _Mail, sink: MailSink) -> tuple[Meter, Meter, Counted]:
    """From when all have signed in, which is no part of sending."""
    port, sender, sign_in = server.smtp_port, SENDER, ""
    if server.submission_port:
        port, sender = server.submission_port, server.address(0)
        sign_in = "AUTH PLAIN " + base64.b64encode(f"\0{server.account(0)}\0{server.password}".encode()).decode()
    sendings = await open_all(server.host, port, connections, mail.next_message, sender, sign_in)
    with Meter(server) as whole:
        with Meter() as accepting:
            await send_by(sendings)
        counted = sink.counted()
    return accepting, whole, counted


ABOUT = (
    f"mail out: {MESSAGES} messages of {OCTETS // 1024} KB, handed in over 20 connections, to one that answers at once"
)
JOBS = [Job("outbound", ABOUT, partial(_run, connections=20), fits=lambda server: bool(server.sink_port))]
