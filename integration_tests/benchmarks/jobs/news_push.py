"""The time from NNTP's 240 to IMAP's untagged EXISTS in another member's session that has the room open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.jobs.news import GROUP, articles
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.answered_and_told import answered_and_told
from integration_tests.benchmarks.wire.imap import Imap
from integration_tests.benchmarks.wire.nntp import Nntp

POSTS = 200
SESSIONS = 10  # in IDLE with the room open; each is told of every post, and one is watched


def _run(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(POSTS, scale, 10)
    idlers = []
    for number in range(min(SESSIONS, server.accounts)):
        imap = Imap(server.host, server.imap_port, server.account(number), server.password)
        imap.command(f'SELECT "Rooms/{GROUP}"')
        imap.idle()
        idlers.append(imap)
    poster = Nntp(server.host, server.nntp_port)
    next_article = articles(count)
    from_240, from_dot = [], []
    for _ in range(count):
        article = next_article()
        assert article is not None
        poster.say("POST", b"340 ")
        began = time.perf_counter()
        poster.socket.sendall(article + b".\r\n")
        answered, told = answered_and_told(poster.socket, partial(poster.expect, b"240 "), idlers[-1].socket)
        from_240.append((told - answered) * 1000)
        from_dot.append((told - began) * 1000)
    poster.close()
    for imap in idlers:
        imap.close()
    return [
        Figure("240 to EXISTS, p50", percentile(from_240, 50), "ms", more=False),
        Figure("240 to EXISTS, p99", percentile(from_240, 99), "ms", more=False),
        Figure("dot to EXISTS, p50", percentile(from_dot, 50), "ms", more=False),
    ]


def _fits(server: Server) -> bool:
    return bool(server.nntp_port and server.imap_port)


JOBS = [Job("nntp-push", f"news: {POSTS} posts, one after the other, told to {SESSIONS} sessions in IDLE", _run, _fits)]
