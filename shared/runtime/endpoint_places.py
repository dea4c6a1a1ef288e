"""Hosts and ports in Twisted's endpoint descriptions, for programs that connect there."""

from __future__ import annotations

from collections.abc import Iterable

from shared.doors import LOOPBACK

Place = tuple[str, int]  # host and port, as socket.create_connection takes them
EVERYWHERE = {"", "0.0.0.0"}


def tcp_places(endpoints: str) -> list[Place]:
    """The addresses and ports that a setting `…_ENDPOINTS` opens, "" for all addresses; none for sockets and `off`.

    Ports that the system chooses (tcp:0) are not known before they are open.
    """
    return [place for each in endpoints.split() if (place := _tcp_place(each)) is not None]


def port_of(endpoints: Iterable[str]) -> int | None:
    """The first TCP port that is known before it is open."""
    return next((port for _, port in tcp_places(" ".join(endpoints))), None)


def reached_at(endpoints: str) -> Place | None:
    """Where this machine reaches what the endpoints open; None when no TCP port is known."""
    places = tcp_places(endpoints)
    if not places:
        return None
    host, port = places[0]
    if host == "::":
        return "::1", port
    return (LOOPBACK if host in EVERYWHERE else host), port


def _tcp_place(endpoint: str) -> Place | None:
    kind, *words = endpoint.removeprefix("haproxy:").replace("\\:", "\0").split(":")
    if kind not in ("tcp", "tcp6"):
        return None
    options = dict(word.partition("=")[::2] for word in words if "=" in word)
    port = options.get("port") or (words[0] if words and "=" not in words[0] else "")
    if not port.isdecimal() or int(port) == 0:
        return None
    host = options.get("interface", "").replace("\0", ":")
    return (host or ("::" if kind == "tcp6" else "")), int(port)
