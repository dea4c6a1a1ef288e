"""The list of doors: every protocol that is served, its default port, and the service that serves it.

A new door is one line here. The services' settings take their default endpoints from it; `agora up`, `status`, `check`
and `tour`, `.env.example` and the integration tests take their lists from it.
"""

from __future__ import annotations

from dataclasses import dataclass

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True)
class DoorPort:
    """A door as an operator sees it. Its port on a local stack is a setting, `AGORA_SMTP_PORT`."""

    name: str
    title: str
    port: int  # the protocol's own + 2000; the proxy's are what proxies have, the report's is none of a protocol's
    service: str
    tls: bool = False  # from the first octet
    greets: bool = True  # the server speaks first; an HTTP server does not

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
    DoorPort("submissions", "submission (TLS)", 2465, "smtp_ingest", tls=True),
    DoorPort("lmtp", "LMTP", 2024, "smtp_ingest"),
    DoorPort("imap", "IMAP", 2143, "mail_access"),
    DoorPort("imaps", "IMAP (TLS)", 2993, "mail_access", tls=True),
    DoorPort("pop3", "POP3", 2110, "mail_access"),
    DoorPort("pop3s", "POP3 (TLS)", 2995, "mail_access", tls=True),
    DoorPort("nntp", "NNTP", 2119, "news_gateway"),
    DoorPort("nntps", "NNTP (TLS)", 2563, "news_gateway", tls=True),
    DoorPort("web", "web", 2080, "wiki", greets=False),
    DoorPort("web_tls", "web (TLS)", 2443, "wiki", tls=True, greets=False),
    DoorPort("pb", "Perspective Broker", 8789, "wiki"),
    DoorPort("pb_tls", "Perspective Broker (TLS)", 8790, "wiki", tls=True),
    DoorPort("ssh", "SSH", 2022, "ssh_admin"),
    DoorPort("http_proxy", "HTTP proxy", 3128, "http_proxy", greets=False),
    DoorPort("http_proxy_tls", "HTTP proxy (TLS)", 3129, "http_proxy", tls=True, greets=False),
    DoorPort("http_proxy_report", "word and usage report", 2180, "http_proxy", greets=False),
)
SERVICES = tuple(dict.fromkeys(door.service for door in DOORS))
_BY_NAME = {door.name: door for door in DOORS}


def find_door(name: str) -> DoorPort:
    """The door called `name`. Raises KeyError."""
    return _BY_NAME[name]


def default_endpoints(name: str) -> tuple[str, ...]:
    """Where the door called `name` listens unless its setting says otherwise: its default port, for this machine."""
    return (loopback_endpoint(find_door(name).port),)


def loopback_endpoint(port: int) -> str:
    """Twisted's description of a port that this machine alone reaches."""
    return f"tcp:{port}:interface={LOOPBACK}"
