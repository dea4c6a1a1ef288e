"""Asks a service's private HTTP port whether it is ready, and why not."""

from __future__ import annotations

import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from shared.command_line.doors import LOOPBACK

PATIENCE = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Readiness:
    """`text` is the service's own words, a line per dependency."""

    ready: bool
    text: str


def ask(port: int, patience: timedelta = PATIENCE) -> Readiness:
    """Blocks for `patience` at most; a service that does not answer is not ready."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=patience.total_seconds())
    try:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return Readiness(response.status == http.client.OK, response.read(65_536).decode(errors="replace").strip())
    except (OSError, http.client.HTTPException) as error:
        return Readiness(False, f"no answer on its health port {port}: {error}")
    finally:
        connection.close()


def ask_all(health_ports: Mapping[str, int]) -> dict[str, Readiness]:
    """Every service's answer, by its name."""
    return {name: ask(port) for name, port in health_ports.items()}
