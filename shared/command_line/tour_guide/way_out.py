"""The tour's station at the HTTP proxy: sign-in, and an address that it refuses."""

from __future__ import annotations

import http.client
import time
from base64 import b64encode
from collections.abc import Iterator

from shared.command_line.tour_guide.doors import TIMEOUT_SECONDS, Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station, station

METADATA = "http://169.254.169.254/latest/meta-data/"  # where clouds give a machine its secrets


def go_out(doors: Doors, visitor: Visitor) -> Iterator[Station]:
    """Fetch the PAC file; a request without sign-in is refused; a member does not reach a cloud's metadata."""
    begun = time.perf_counter()
    page = _ask(http.client.HTTPConnection(*doors["http_proxy"], timeout=TIMEOUT_SECONDS), "/proxy.pac", 200)
    yield station("HTTP proxy", f"a browser asks for the PAC file: {len(page)} octets", begun)
    begun = time.perf_counter()
    _ask(http.client.HTTPConnection(*doors["http_proxy"], timeout=TIMEOUT_SECONDS), METADATA, 407)
    yield station("HTTP proxy", "a stranger asks for a page: 407, sign in first", begun)
    begun = time.perf_counter()
    secure = http.client.HTTPSConnection(*doors["http_proxy_tls"], timeout=TIMEOUT_SECONDS, context=doors.tls)
    _ask(secure, METADATA, 403, f"{visitor.name}:{visitor.password}")
    yield station("HTTP proxy", f"{visitor.name}, over TLS, asks for a private address: 403, refused", begun)


def _ask(connection: http.client.HTTPConnection, target: str, expected: int, credentials: str = "") -> bytes:
    """The body of the reply, which must have the status `expected`."""
    headers = {"Proxy-Authorization": f"Basic {b64encode(credentials.encode()).decode()}"} if credentials else {}
    try:
        connection.request("GET", target, headers=headers)
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    if response.status != expected:
        raise NotAsPromised(f"GET {target} was answered by {response.status} {response.reason}")
    return body
