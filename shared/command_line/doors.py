"""The doors of the local stack: which service opens them, their ports, and how ports are chosen."""

from __future__ import annotations

import contextlib
import random
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
# Below the range that outgoing connections take theirs from (32768 on, ip_local_port_range), so that none can slip in
# between choosing a port and listening on it.
FREE_PORTS = range(20_000, 32_000)


@dataclass(frozen=True, slots=True)
class DoorPort:
    """A door as an operator sees it. The port is a setting, `AGORA_SMTP_PORT`."""

    name: str
    title: str
    port: int  # the protocol's own + 2000; the proxy's is what proxies have
    service: str

    @property
    def setting(self) -> str:
        return f"AGORA_{self.name.upper()}_PORT"

    @property
    def endpoints_setting(self) -> str:
        """What the service reads: Twisted endpoint descriptions. Set by hand, it goes before the port."""
        return f"AGORA_{self.name.upper()}_ENDPOINTS"


DOORS = (
    DoorPort("smtp", "SMTP", 2025, "smtp_ingest"),
    DoorPort("submission", "submission (STARTTLS)", 2587, "smtp_ingest"),
    DoorPort("submissions", "submission (TLS)", 2465, "smtp_ingest"),
    DoorPort("lmtp", "LMTP", 2024, "smtp_ingest"),
    DoorPort("imap", "IMAP", 2143, "mail_access"),
    DoorPort("imaps", "IMAP (TLS)", 2993, "mail_access"),
    DoorPort("pop3", "POP3", 2110, "mail_access"),
    DoorPort("pop3s", "POP3 (TLS)", 2995, "mail_access"),
    DoorPort("http_proxy", "HTTP proxy", 3128, "http_proxy"),
    DoorPort("http_proxy_tls", "HTTP proxy (TLS)", 3129, "http_proxy"),
)


class PortSettingWrong(Exception):
    """A port setting is no port number."""


TCP_PORT = re.compile(r"\btcp6?:(?:port=)?(\d+)")


def settled_ports(environment: Mapping[str, str], earlier: Mapping[str, int], free: bool) -> dict[str, int]:
    """Every door's port: its setting, else what this stack had before, else a free one or the default.

    Raises PortSettingWrong.
    """
    settled: dict[str, int] = {}
    for door in DOORS:
        if by_hand := TCP_PORT.search(environment.get(door.endpoints_setting, "")):
            settled[door.name] = int(by_hand[1])
        elif environment.get(door.setting):
            settled[door.name] = _port_number(door.setting, environment[door.setting])
        elif door.name in earlier:
            settled[door.name] = earlier[door.name]
        elif not free:
            settled[door.name] = door.port
    unsettled = [door.name for door in DOORS if door.name not in settled]
    return settled | dict(zip(unsettled, free_ports(len(unsettled), settled.values()), strict=True))


def _port_number(setting: str, text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise PortSettingWrong(f"{setting}={text} is no port number")
    return int(text)


def free_ports(count: int, besides: Iterable[int] = ()) -> list[int]:
    """`count` ports on the loopback address that nobody listens on now."""
    taken = set(besides)
    found: list[int] = []
    while len(found) < count:
        port = random.choice(FREE_PORTS)
        if port not in taken and is_free(port):
            taken.add(port)
            found.append(port)
    return found


def is_free(port: int) -> bool:
    """Whether a server could listen on the loopback address at `port`."""
    with contextlib.closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # what closed connections left is in nobody's way
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)
        except OSError:
            return False
    return True


def door_environment(environment: Mapping[str, str], ports: Mapping[str, int]) -> dict[str, str]:
    """What tells the services to listen on `ports`, each on the loopback address unless set by hand."""
    return {
        door.endpoints_setting: environment.get(door.endpoints_setting)
        or f"tcp:{ports[door.name]}:interface={LOOPBACK}"
        for door in DOORS
    }
