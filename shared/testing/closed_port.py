"""A port that refuses connections for as long as a test needs it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def closed_port(host: str = "127.0.0.1") -> Iterator[int]:
    """A port of `host` at which nobody listens, and which no other program can take meanwhile."""
    with socket.socket() as taken:
        taken.bind((host, 0))
        yield taken.getsockname()[1]
