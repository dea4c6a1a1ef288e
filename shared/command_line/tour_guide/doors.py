"""Where the tour goes: the doors of one stack, and a visitor who may enter."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass

TIMEOUT_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Visitor:
    """An account the tour may use; what it does there is one message or two."""

    name: str
    password: str
    address: str


@dataclass(frozen=True, slots=True)
class Doors:
    """Every door by its name, on one host. TLS is verified, against `tls`'s authorities only."""

    host: str
    ports: Mapping[str, int]
    tls: ssl.SSLContext

    def __getitem__(self, door: str) -> tuple[str, int]:
        return self.host, self.ports[door]
