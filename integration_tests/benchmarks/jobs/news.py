"""News: articles posted over one connection and over several, overviews and articles read."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import simple_message
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.nntp import Nntp, post_all

GROUP = "local.bench"  # everybody reads it and posts to it, at a peer, too
ARTICLE_OCTETS = 2048
READ = 3000
ONE_BY_ONE = 3000
IN_FLIGHT = 64
NUMBERED_WITHIN_SECONDS = 60.0


def articles(count: int) -> Callable[[], bytes | None]:
    """Gives that many articles for GROUP, then None."""
    run = f"{time.time_ns():x}"
    numbers = iter(range(count))

    def next_article() -> bytes | None:
        number = next(numbers, None)
        if number is None:
            return None
        message = simple_message(ARTICLE_OCTETS, GROUP, f"{number}.{run}")
        return message.replace(b"To: <%b>" % GROUP.encode(), b"Newsgroups: %b" % GROUP.encode(), 1).replace(
            b"Date: Mon, 6 Jul 2026 08:00:00 +0000\r\n", b"", 1
        )

    return next_article


def _post(server: Server, connections: int, count: int) -> tuple[Meter, list[float], int]:
    """Returns once they are numbered, which a server may do a little after its 240, with the last number."""
    reader = Nntp(server.host, server.nntp_port)
    reader.group(GROUP)
    expected = (reader.last if reader.count else max(reader.last, 0)) + count
    with Meter(server) as posting:
        waits = asyncio.run(post_all(server.host, server.nntp_port, connections, articles(count)))
    deadline = time.perf_counter() + NUMBERED_WITHIN_SECONDS
    while reader.last < expected:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{server.name} has not numbered everything")
        time.sleep(0.05)
        reader.group(GROUP)
    reader.close()
    return posting, waits, expected


def _run_post(server: Server, scale: float, *, connections: int, count: int) -> Sequence[Figure]:
    count = scaled(count, scale, connections)
    posting, waits, _ = _post(server, connections, count)
    figures = [
        Figure("posted", count / posting.seconds, "articles/s", more=True),
        Figure("dot to 240, p50", percentile(waits, 50) * 1000, "ms", more=False),
        Figure("dot to 240, p99", percentile(waits, 99) * 1000, "ms", more=False),
        Figure("generator", posting.generator_share * 100, "% of a processor"),
    ]
    if posting.server_seconds is not None:
        figures.append(Figure("server's processor", posting.server_seconds / count * 1e6, "µs/article"))
    return figures


def _run_read(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(READ, scale, 8)
    _, _, last = _post(server, 8, count)
    first = last - count + 1
    reader = Nntp(server.host, server.nntp_port)
    reader.group(GROUP)
    figures = []
    for state in ("cold", "warm"):
        with Meter(server) as overview:
            lines = reader.lines(f"OVER {first}-{last}", b"224 ")
        if lines != count:
            raise RuntimeError(f"{server.name} has {lines} lines for {count} articles")
        with Meter(server) as pipelined:
            reader.articles(first, last, IN_FLIGHT)
        figures += [
            Figure(f"OVER, {state}", count / overview.seconds, "articles/s", more=True),
            Figure(f"ARTICLE pipelined, {state}", count / pipelined.seconds, "articles/s", more=True),
        ]
    some = min(ONE_BY_ONE, count)
    with Meter(server) as one_by_one:
        reader.articles(last - some + 1, last, 1)
    figures.append(Figure("ARTICLE one by one", some / one_by_one.seconds, "articles/s", more=True))
    figures.append(Figure("generator, pipelined", pipelined.generator_share * 100, "% of a processor"))
    for name, meter, number in (("pipelined", pipelined, count), ("one by one", one_by_one, some)):
        if meter.server_seconds is not None:
            figures.append(Figure(f"server's processor, {name}", meter.server_seconds / number * 1e6, "µs/article"))
    reader.close()
    return figures


def _fits(server: Server) -> bool:
    return bool(server.nntp_port)


def _post_job(connections: int, count: int) -> Job:
    about = f"news: {count} articles of 2 KB posted over {connections} connection{'s' * (connections > 1)}"
    return Job(f"nntp-post-{connections}", about, partial(_run_post, connections=connections, count=count), fits=_fits)


JOBS = [
    _post_job(4, 3000),
    _post_job(1, 1000),
    Job(
        "nntp-read",
        f"news: OVER and ARTICLE of {READ} articles, {IN_FLIGHT} in flight and one by one",
        _run_read,
        _fits,
    ),
]
