"""Mail in by SMTP: the time until the last 250, and until IMAP's STATUS shows all of it."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import simple_message
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.imap import Imap
from integration_tests.benchmarks.wire.smtp import Envelope, send_all

LOOK_AGAIN_SECONDS = 0.01
LONGEST_SECONDS = 300.0


class _Mail:
    """Messages for all accounts in turn, and who has to have how many of them."""

    def __init__(self, server: Server, count: int, octets: int) -> None:
        self._server, self._octets, self._left = server, octets, count
        self._run = f"{time.time_ns():x}"
        self.expected: Counter[str] = Counter()

    def next_message(self) -> Envelope | None:
        if not self._left:
            return None
        self._left -= 1
        account, address = self._server.account(self._left), self._server.address(self._left)
        self.expected[account] += 1
        return address, simple_message(self._octets, address, f"{self._left}.{self._run}")


def take_in(server: Server, scale: float, *, connections: int, count: int, octets: int) -> Sequence[Figure]:
    """Send so many messages over so many connections."""
    count = scaled(count, scale, connections)
    mail = _Mail(server, count, octets)
    accounts = [server.account(number) for number in range(min(count, server.accounts))]
    watching = {name: Imap(server.host, server.imap_port, name, server.password) for name in accounts}
    before = {name: imap.messages() for name, imap in watching.items()}
    with Meter(server) as accepting:
        waits = asyncio.run(send_all(server.host, server.smtp_port, connections, mail.next_message))
    began = time.perf_counter() - accepting.seconds
    for name, imap in watching.items():
        while imap.messages() < before[name] + mail.expected[name]:
            if time.perf_counter() - began > LONGEST_SECONDS:
                raise TimeoutError(f"{server.name} has not delivered everything after {LONGEST_SECONDS:.0f} s")
            time.sleep(LOOK_AGAIN_SECONDS)
    seconds = time.perf_counter() - began
    for imap in watching.values():
        imap.close()
    figures = [
        Figure("visible", count / seconds, "messages/s", more=True),
        Figure("accepted", count / accepting.seconds, "messages/s", more=True),
        Figure("DATA to 250, p50", percentile(waits, 50) * 1000, "ms", more=False),
        Figure("DATA to 250, p99", percentile(waits, 99) * 1000, "ms", more=False),
        Figure("generator", accepting.generator_share * 100, "% of a processor"),
    ]
    if accepting.server_seconds is not None:
        figures.append(Figure("server's processor", accepting.server_seconds / count * 1e6, "µs/message"))
    return figures


def _job(connections: int, count: int, octets: int) -> Job:
    size = f"{octets // 1024} KB"
    about = f"mail in over SMTP: {count} messages of {size} over {connections} connection{'s' * (connections > 1)}"
    name = f"smtp-{connections}" if octets < 10_000 else f"smtp-{connections}-large"
    return Job(name, about, partial(take_in, connections=connections, count=count, octets=octets))


JOBS = [_job(20, 5000, 4096), _job(1, 1000, 4096), _job(64, 6400, 4096), _job(20, 500, 100 * 1024)]
