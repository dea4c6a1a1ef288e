"""The readiness of a service, asked of its private HTTP port, with the reason where it is not ready."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

Where = tuple[str, int]  # host and port, as socket.create_connection takes them
PATIENCE = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Readiness:
    """`text` is the service's own words, a line per dependency."""

    ready: bool
    text: str

    @property
    def condition(self) -> str:
        """`ready` or `not ready`, with every dependency that is not ok and its reason."""
        return ("ready" if self.ready else "not ready") + troubles(self.text)


def ask(where: Where, patience: timedelta = PATIENCE) -> Readiness:
    """Blocks for `patience` at most; a service that does not answer is not ready."""
    host, port = where
    try:
        # By the address: pages of a private port are for those who know it, not for any name that leads there.
        address = str(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
        with contextlib.closing(http.client.HTTPConnection(address, port, timeout=patience.total_seconds())) as asked:
            asked.request("GET", "/readyz")
            response = asked.getresponse()
            page = response.read(65_536).decode(errors="replace").strip()
            return Readiness(response.status == http.client.OK, page)
    except (OSError, http.client.HTTPException) as error:
        return Readiness(False, f"no answer on its health port {host}:{port}: {error}")


def ask_all(health: Mapping[str, Where]) -> dict[str, Readiness]:
    """Every service's answer, by its name."""
    return {name: ask(where) for name, where in health.items()}


def troubles(page: str) -> str:
    """The troubles on a readiness page: every dependency that is not ok, with its reason."""
    try:
        conditions = {name: how for name, how in json.loads(page).items() if isinstance(how, dict)}
    except ValueError:
        return f" ({page})"
    words = [f"{name} {how['state']}: {how['reason']}" for name, how in conditions.items() if how["state"] != "ok"]
    return f" ({'; '.join(words)})" if words else ""
