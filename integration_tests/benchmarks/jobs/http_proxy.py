"""HTTP proxy: small answers, large ones, and tunnels, as a member who signs in with every request."""

from __future__ import annotations

import contextlib
from base64 import b64encode
from collections.abc import Iterator, Sequence

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.http import Client, ask_for, connect
from integration_tests.benchmarks.wire.http_origin import HOST, TUNNEL_PORT, origin

CLIENTS = 32
FEW = 4  # of those that ask for much
SMALL, MEDIUM, LARGE = 1024, 100 * 1024, 10 * 1024 * 1024
SMALL_REQUESTS, MEDIUM_REQUESTS, LARGE_REQUESTS = 40_000, 8_000, 240
WARM_UP = 64  # the first one signs in, which takes a while by design
MILLION = 1e6


def _run(server: Server, scale: float) -> Sequence[Figure]:
    with origin() as port:
        small, waits = _requests(server, port, SMALL, scaled(SMALL_REQUESTS, scale), CLIENTS)
        medium, _ = _requests(server, port, MEDIUM, scaled(MEDIUM_REQUESTS, scale), CLIENTS)
        large, _ = _requests(server, port, LARGE, scaled(LARGE_REQUESTS, scale), FEW)
        tunnel = _tunnels(server, scaled(LARGE_REQUESTS, scale))
    count = len(waits)
    figures = [
        Figure("1 KB", count / small.seconds, "requests/s", more=True),
        Figure("1 KB, p50", percentile(waits, 50) * 1000, "ms", more=False),
        Figure("1 KB, p99", percentile(waits, 99) * 1000, "ms", more=False),
        Figure("100 KB", scaled(MEDIUM_REQUESTS, scale) * MEDIUM / medium.seconds / MILLION, "MB/s", more=True),
        Figure("10 MB", scaled(LARGE_REQUESTS, scale) * LARGE / large.seconds / MILLION, "MB/s", more=True),
        Figure("10 MB through CONNECT", scaled(LARGE_REQUESTS, scale) * LARGE / tunnel.seconds / MILLION, "MB/s", True),
        Figure("generator, 1 KB", small.generator_share * 100, "% of a processor"),
    ]
    if small.server_seconds is not None:
        figures.append(Figure("server's processor, 1 KB", small.server_seconds / count * MILLION, "µs/request"))
    return figures


def _authorization(server: Server) -> bytes:
    credentials = b64encode(f"{server.account(0)}:{server.password}".encode())
    return b"Proxy-Authorization: Basic " + credentials


def _requests(server: Server, port: int, octets: int, count: int, clients: int) -> tuple[Meter, Sequence[float]]:
    site = f"{HOST}:{port}".encode()
    request = b"GET http://%b/%d HTTP/1.1\r\nHost: %b\r\n%b\r\n\r\n" % (site, octets, site, _authorization(server))
    with _connected(server, clients) as asking:
        ask_for(asking, request, min(WARM_UP, count))
        for client in asking:
            client.waits.clear()
        with Meter(server) as meter:
            waits = ask_for(asking, request, count)
    return meter, waits


def _tunnels(server: Server, count: int) -> Meter:
    site = f"{HOST}:{TUNNEL_PORT}".encode()
    with _connected(server, FEW) as asking:
        for client in asking:
            client.socket.sendall(
                b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n\r\n" % (site, site, _authorization(server))
            )
            answer = client.socket.recv(4096)
            if b" 200 " not in answer[:16]:
                raise RuntimeError(answer.decode(errors="replace"))
        with Meter(server) as meter:
            ask_for(asking, b"GET /%d HTTP/1.1\r\nHost: %b\r\n\r\n" % (LARGE, site), count)
    return meter


@contextlib.contextmanager
def _connected(server: Server, clients: int) -> Iterator[list[Client]]:
    with contextlib.ExitStack() as opened:
        yield [
            Client(opened.enter_context(contextlib.closing(connect(server.host, server.proxy_port))))
            for _ in range(clients)
        ]


JOBS = [
    Job(
        "http-proxy",
        f"HTTP proxy: 1 KB and 100 KB over {CLIENTS} connections, 10 MB over {FEW}, plain and through CONNECT",
        _run,
        fits=lambda server: bool(server.proxy_port),
    )
]
