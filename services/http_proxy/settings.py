"""The settings of the HTTP proxy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field, field_validator

from services.http_proxy.pac import PLAIN_NAMES
from shared.doors import default_endpoints
from shared.runtime.setting_kinds import Duration, Endpoints, FileOrOff, Networks, Words
from shared.runtime.settings import ServiceSettings


class ProxySettings(ServiceSettings):
    """Settings of the HTTP proxy."""

    http_proxy_endpoints: Endpoints = Field(
        default=default_endpoints("http_proxy"),
        description="Where the proxy listens. Names and passwords come in the clear here: outside this "
        "machine and a network of your own, use the door with TLS.",
    )
    http_proxy_tls_endpoints: Endpoints = Field(
        default=default_endpoints("http_proxy_tls"),
        description="The same over TLS from the first octet (an `HTTPS` proxy in a PAC file).",
    )
    http_proxy_report_endpoints: Endpoints = Field(
        default=default_endpoints("http_proxy_report"),
        description="Where administrators read the proxy's reports, by a browser. Names and passwords come in "
        "the clear: for this machine, or behind a server that speaks TLS.",
    )
    http_proxy_open_networks: Networks = Field(
        default=(),
        description="Addresses and networks whose programs need not sign in. Reports show their requests "
        "without an account.",
    )
    http_proxy_allowed_networks: Networks = Field(
        default=(),
        description="Destinations that may be reached though they are not public: loopback, private, link-local. A "
        "cloud's metadata address must be named by itself.",
    )
    http_proxy_refused_networks: Networks = Field(
        default=(),
        description="Destinations that are never reached, though they are public.",
    )
    http_proxy_connect_ports: Words = Field(
        default=("443", "563", "8443"),
        description="Ports that CONNECT may reach: HTTPS, NNTP over TLS, and HTTPS of administration pages. "
        "More ports make the proxy a way to any service; 25 would make it a way to send spam.",
    )
    http_proxy_direct_domains: Words = Field(
        default=(PLAIN_NAMES,),
        description="Domains that the PAC file lets browsers reach without the proxy; <local> is every name without a "
        "dot.",
    )
    http_proxy_idle_limit: Duration = Field(
        default=timedelta(minutes=2),
        gt=timedelta(0),
        description="A client that sends no request for this long is disconnected.",
    )
    http_proxy_head_limit: Duration = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        description="How long a client may take for the head of one request.",
    )
    http_proxy_silence_limit: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="How long a site may take to begin its answer, and both sides may be silent in the middle of one.",
    )
    http_proxy_tunnel_limit: Duration = Field(
        default=timedelta(hours=1),
        gt=timedelta(0),
        description="A tunnel that carries nothing for this long is closed.",
    )
    http_proxy_connections: int = Field(
        default=10_000,
        ge=1,
        description="How many clients each door of one process serves at the same time.",
    )
    http_proxy_connections_per_address: int = Field(
        default=500,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )

    http_proxy_access_log: FileOrOff = Field(
        default=None,
        description="A file for a line about each request, in Squid's native format, or `off`. It records who "
        "visited what: tell the members about it.",
    )
    http_proxy_access_log_paths: bool = Field(
        default=False,
        description="Whether that line has the path of the URL, and not its host alone. A query is never written.",
    )

    @field_validator("http_proxy_connect_ports")
    @classmethod
    def _are_ports(cls, ports: tuple[str, ...]) -> tuple[str, ...]:
        if not all(port.isdigit() and 0 < int(port) <= 65535 for port in ports):
            raise ValueError("should be port numbers such as 443 8443")
        return ports

    @property
    def connect_ports(self) -> Sequence[int]:
        """The ports that CONNECT may lead to."""
        return [int(port) for port in self.http_proxy_connect_ports]
