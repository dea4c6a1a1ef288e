"""The tour's station at the web site: a page is written over TLS, read by a stranger, and deleted."""

from __future__ import annotations

import http.client
import time
from base64 import b64encode
from collections.abc import Iterator

from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station, station

TEXT = b"# A tour\n\nTea at four.\n"


def write_a_page(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """PUT a page, GET it, DELETE it."""
    path = f"/Tour/{visitor.name}"
    begun = time.perf_counter()
    _ask(doors, "PUT", path, (201,), visitor, TEXT)
    yield station("web", f"{visitor.name}, over TLS, puts the page {path}: 201, it is on disk", begun)
    begun = time.perf_counter()
    page = _ask(doors, "GET", path, (200, 303))  # 303: the wiki is for members
    yield station("web", f"a browser asks for it: {len(page)} octets of HTML", begun)
    begun = time.perf_counter()
    _ask(doors, "DELETE", path, (200,), visitor)
    yield station("web", "DELETE: 200, its history is kept", begun)


def _ask(
    doors: Doors, method: str, path: str, expected: tuple[int, ...], visitor: Visitor | None = None, body: bytes = b""
) -> bytes:
    """The body of the answer, which must have one of the statuses `expected`."""
    headers = {"Accept": "text/html"}
    if visitor is not None:
        headers["Authorization"] = f"Basic {b64encode(f'{visitor.name}:{visitor.password}'.encode()).decode()}"
    connection = http.client.HTTPSConnection(*doors["web_tls"], timeout=TIMEOUT_SECONDS, context=doors.tls)
    try:
        connection.request(method, path, body or None, headers)
        answer = connection.getresponse()
        octets = answer.read()
    finally:
        connection.close()
    if answer.status not in expected:
        raise NotAsPromised(f"{method} {path} was answered by {answer.status} {answer.reason}")
    return octets
