"""The settings of sending mail to other servers."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationInfo, field_validator

from shared.outbound.places import BadPlace, read_place, read_route
from shared.runtime.setting_kinds import Duration, ReadableFile, Words
from shared.runtime.settings import ServiceSettings

SYSTEM_FILE = Path("/etc/resolv.conf")


class OutboundSettings(ServiceSettings):
    """The settings that the runner of the queue, submission and the command line share."""

    outbound_direct: bool = Field(
        default=False,
        description="Whether mail for other domains goes to the servers that DNS names for them (MX). Without it, and "
        "without a smart host or a route, submitted mail for other domains is refused.",
    )
    outbound_smart_host: str = Field(
        default="",
        description="`host` or `host:port` of a server that takes all mail for other domains which have no route.",
    )
    outbound_smart_host_user: str = Field(
        default="",
        description="The name that this server signs in with at the smart host; only over verified TLS.",
    )
    outbound_smart_host_password_file: ReadableFile | None = Field(
        default=None,
        description="A file whose first line is the password for the smart host.",
    )
    outbound_routes: Words = Field(
        default=(),
        description="Servers for some domains, whatever DNS says: `example.org=host:port`, separated by blanks; "
        "`.example.org=…` is for the domains below it.",
    )
    outbound_private: bool = Field(
        default=False,
        description="Whether the servers that DNS names may be at addresses of private networks and of this machine. "
        "A smart host and routes may in any case.",
    )
    outbound_port: int = Field(
        default=25,
        ge=1,
        le=65535,
        description="The port of other mail servers where no other is given.",
    )
    outbound_dns_servers: Words = Field(
        default=(),
        description="DNS servers to ask for other mail servers, and for the checks of what they bring, as "
        "`address:port`; without them the system's.",
    )
    outbound_dnssec: Literal["off", "trusted-resolver"] = Field(
        default="off",
        description="`trusted-resolver`: the DNS servers check signatures (DNSSEC) and are on this machine, so that "
        "they are believed when they say so. Then keys of mail servers in DNS count (DANE).",
    )
    outbound_ca_file: ReadableFile | None = Field(
        default=None,
        description="A file with the certificates (PEM) of the authorities that are trusted, in place of the system's, "
        "where the certificate of a mail server, or of the web server with its policy (MTA-STS), is checked.",
    )
    outbound_connections: int = Field(
        default=50,
        ge=1,
        description="How many connections each process has to other servers at once.",
    )
    outbound_connections_per_host: int = Field(
        default=5,
        ge=1,
        description="How many of these lead to the same servers.",
    )
    outbound_first_retry: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="How long after a first attempt the second is made; each further delay is twice as long, up to 4h.",
    )
    outbound_warn_after: Duration = Field(
        default=timedelta(hours=4),
        gt=timedelta(0),
        description="How old a message is when its sender is told that it is delayed.",
    )
    outbound_give_up_after: Duration = Field(
        default=timedelta(days=5),
        gt=timedelta(0),
        description="How old a message is when it is given up, and returned to its sender.",
    )
    outbound_messages_per_hour: int = Field(
        default=200,
        ge=1,
        description="How many messages an account may send to other servers in an hour; the next one puts it on hold.",
    )
    outbound_recipients_per_hour: int = Field(
        default=1000,
        ge=1,
        description="How many recipients these messages may have in all.",
    )

    @field_validator("outbound_dnssec")
    @classmethod
    def _is_here(cls, choice: str, info: ValidationInfo) -> str:
        if choice == "off":
            return choice
        words = info.data.get("outbound_dns_servers") or system_resolvers()
        if not all(ip_address(read_place(word, 53).host).is_loopback for word in words):
            raise ValueError(f"needs DNS servers on this machine, such as 127.0.0.1, and not {' '.join(words)}")
        return choice

    @field_validator("outbound_ca_file")
    @classmethod
    def _holds_certificates(cls, path: Path | None) -> Path | None:
        if path is not None and b"-----BEGIN CERTIFICATE-----" not in path.read_bytes():
            raise ValueError("should name a file with certificates (PEM)")
        return path

    @field_validator("outbound_smart_host")
    @classmethod
    def _a_place(cls, text: str) -> str:
        try:
            if text:
                read_place(text, 25)
        except BadPlace as error:
            raise ValueError("should look like mail.example.org or mail.example.org:587") from error
        return text

    @field_validator("outbound_routes")
    @classmethod
    def _are_routes(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for word in words:
                read_route(word, 25)
        except BadPlace as error:
            raise ValueError("should hold routes such as example.org=mail.example.org:25") from error
        return words

    @field_validator("outbound_dns_servers")
    @classmethod
    def _are_servers(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        try:
            for word in words:
                read_place(word, 53)
        except BadPlace as error:
            raise ValueError("should hold addresses such as 192.0.2.53 or 127.0.0.1:5353") from error
        return words


def system_resolvers(path: Path = SYSTEM_FILE) -> Sequence[str]:
    """The DNS servers of the system; 127.0.0.1 where it names none, as resolvers have it."""
    found: list[str] = []
    with suppress(OSError):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split()
            if words[:1] == ["nameserver"] and len(words) > 1:
                found.append(f"[{words[1].partition('%')[0]}]" if ":" in words[1] else words[1])
    return found or ["127.0.0.1"]
