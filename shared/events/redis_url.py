"""The URL of Redis: a host and port, plain or with TLS, or a socket of this machine.

`redis://[user[:password]@]host[:port][/database]`, `rediss://…`, or `unix:///path[?database=number]`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from twisted.internet.endpoints import HostnameEndpoint, UNIXClientEndpoint, wrapClientTLS
from twisted.internet.ssl import optionsForClientTLS

REDIS_PORT = 6379


@dataclass(frozen=True, slots=True)
class RedisUrl:
    """A socket's path, or a host and port."""

    path: str | None
    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None = field(repr=False)
    database: int

    def endpoint(self, reactor: Any, timeout_seconds: float) -> Any:
        """Where to connect to."""
        if self.path is not None:
            return UNIXClientEndpoint(reactor, self.path, timeout=int(timeout_seconds))
        plain: Any = HostnameEndpoint(reactor, self.host.encode("idna"), self.port, timeout=timeout_seconds)
        if not self.tls:
            return plain
        return wrapClientTLS(optionsForClientTLS(self.host), plain)


def parse_redis_url(url: str) -> RedisUrl:
    """Raises ValueError, whose text does not repeat the password."""
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError(f"a Redis URL begins with redis://, rediss:// or unix://, not {parts.scheme!r}")
    is_socket = parts.scheme == "unix"
    database = parse_qs(parts.query).get("database", ["0"])[0] if is_socket else parts.path.strip("/") or "0"
    if not database.isdigit():
        raise ValueError(f"Redis's databases have numbers, not {database!r}")
    return RedisUrl(
        path=unquote(parts.path) if is_socket else None,
        host=parts.hostname or "localhost",
        port=parts.port or REDIS_PORT,
        tls=parts.scheme == "rediss",
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        database=int(database),
    )
