"""HTTP proxy: small answers, large ones, and tunnels, as a member who signs in with every request."""

from __future__ import annotations

import sys
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.meter import Meter
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.http import Refused, ask_for, connected, open_tunnel
from integration_tests.benchmarks.wire.http_origin import HOST, TUNNEL_PORT, origin

CLIENTS = 32
FEW = 4  # of those that ask for much
SMALL, MEDIUM, LARGE = 1024, 100 * 1024, 10 * 1024 * 1024
SMALL_REQUESTS, MEDIUM_REQUESTS, LARGE_REQUESTS = 40_000, 8_000, 240
NEW_TUNNELS = 5_000
WARM_UP = 64  # the first one signs in, which takes a while by design
MILLION = 1e6


def _run(server: Server, scale: float) -> Sequence[Figure]:
    figures: list[Figure] = []
    with origin() as port:
        parts: Mapping[str, Callable[[], Sequence[Figure]]] = {
            "1 KB": lambda: _small(server, port, scaled(SMALL_REQUESTS, scale)),
            "100 KB": lambda: [_volume("100 KB", MEDIUM, *_medium(server, port, scaled(MEDIUM_REQUESTS, scale)))],
            "10 MB": lambda: [_volume("10 MB", LARGE, *_large(server, port, scaled(LARGE_REQUESTS, scale)))],
            "10 MB through CONNECT": lambda: [
                _volume("10 MB through CONNECT", LARGE, *_tunnels(server, scaled(LARGE_REQUESTS, scale)))
            ],
            "new tunnels": lambda: _new_tunnels(server, scaled(NEW_TUNNELS, scale)),
        }
        for what, measure in parts.items():
            try:
                figures += measure()
            except (Refused, EOFError, OSError) as error:  # of this figure only: a peer may not allow it
                print(f"{what}: {server.name} does not answer: {error}", file=sys.stderr)
    return figures


def _small(server: Server, port: int, count: int) -> Sequence[Figure]:
    meter, waits = _requests(server, port, SMALL, count, CLIENTS)
    figures = [
        Figure("1 KB", count / meter.seconds, "requests/s", more=True),
        Figure("1 KB, p50", percentile(waits, 50) * 1000, "ms", more=False),
        Figure("1 KB, p99", percentile(waits, 99) * 1000, "ms", more=False),
        Figure("generator, 1 KB", meter.generator_share * 100, "% of a processor"),
    ]
    if meter.server_seconds is not None:
        figures.append(Figure("server's processor, 1 KB", meter.server_seconds / count * MILLION, "µs/request"))
    return figures


def _medium(server: Server, port: int, count: int) -> tuple[int, Meter]:
    return count, _requests(server, port, MEDIUM, count, CLIENTS)[0]


def _large(server: Server, port: int, count: int) -> tuple[int, Meter]:
    return count, _requests(server, port, LARGE, count, FEW)[0]


def _volume(what: str, octets: int, count: int, meter: Meter) -> Figure:
    return Figure(what, count * octets / meter.seconds / MILLION, "MB/s", more=True)


def _authorization(server: Server) -> bytes:
    credentials = b64encode(f"{server.account(0)}:{server.password}".encode())
    return b"Proxy-Authorization: Basic " + credentials


def _requests(server: Server, port: int, octets: int, count: int, clients: int) -> tuple[Meter, Sequence[float]]:
    site = f"{HOST}:{port}".encode()
    request = b"GET http://%b/%d HTTP/1.1\r\nHost: %b\r\n%b\r\n\r\n" % (site, octets, site, _authorization(server))
    with connected(server.host, server.proxy_port, clients) as asking:
        ask_for(asking, request, min(WARM_UP, count))
        for client in asking:
            client.waits.clear()
        with Meter(server) as meter:
            waits = ask_for(asking, request, count)
    return meter, waits


def _tunnels(server: Server, count: int) -> tuple[int, Meter]:
    site = f"{HOST}:{TUNNEL_PORT}".encode()
    with connected(server.host, server.proxy_port, FEW) as asking:
        for client in asking:
            open_tunnel(client, site, _authorization(server))
        with Meter(server) as meter:
            ask_for(asking, b"GET /%d HTTP/1.1\r\nHost: %b\r\n\r\n" % (LARGE, site), count)
    return count, meter


def _new_tunnels(server: Server, count: int) -> Sequence[Figure]:
    """One after the other: a connection to the proxy, CONNECT, and the end of both."""
    site, authorization = f"{HOST}:{TUNNEL_PORT}".encode(), _authorization(server)

    def one() -> None:
        with connected(server.host, server.proxy_port, 1) as (client,):
            open_tunnel(client, site, authorization)

    one()
    with Meter(server) as meter:
        for _ in range(count):
            one()
    figures = [Figure("new tunnels, one at a time", count / meter.seconds, "tunnels/s", more=True)]
    if meter.server_seconds is not None:
        figures.append(Figure("server's processor, new tunnel", meter.server_seconds / count * MILLION, "µs/tunnel"))
    return figures


JOBS = [
    Job(
        "http-proxy",
        f"HTTP proxy: 1 KB and 100 KB over {CLIENTS} connections, 10 MB over {FEW}, plain and by CONNECT; new tunnels",
        _run,
        fits=lambda server: bool(server.proxy_port),
    )
]
