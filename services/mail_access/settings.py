"""The settings of mail access."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from shared.doors import default_endpoints
from shared.rooms.posts.posting_settings import PostingSettings
from shared.runtime.setting_kinds import Duration, Endpoints, Octets


class MailAccessSettings(PostingSettings):
    """Settings of the IMAP and POP3 doors."""

    imap_endpoints: Endpoints = Field(
        default=default_endpoints("imap"),
        description="Where IMAP listens; STARTTLS is offered there.",
    )
    imaps_endpoints: Endpoints = Field(
        default=default_endpoints("imaps"),
        description="Where IMAP listens for TLS from the first octet.",
    )
    pop3_endpoints: Endpoints = Field(
        default=default_endpoints("pop3"),
        description="Where POP3 listens; STLS is offered there.",
    )
    pop3s_endpoints: Endpoints = Field(
        default=default_endpoints("pop3s"),
        description="Where POP3 listens for TLS from the first octet.",
    )
    pop3_connections: int = Field(
        default=5000,
        ge=1,
        description="How many POP3 connections each door of one process serves at a time.",
    )
    pop3_connections_per_address: int = Field(
        default=100,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    pop3_idle_limit: Duration = Field(
        default=timedelta(minutes=10),
        gt=timedelta(0),
        description="A POP3 client that is silent for this long is disconnected; RFC 1939 asks for 10 minutes "
        "at least.",
    )
    pop3_errors: int = Field(
        default=20,
        ge=1,
        description="After this many refusals a POP3 client is disconnected.",
    )
    imap_idle_limit: Duration = Field(
        default=timedelta(minutes=31),
        ge=timedelta(minutes=30),
        description="A member's silent IMAP session ends after this; RFC 3501 asks for 30 minutes at least.",
    )
    imap_sessions_per_account: int = Field(
        default=100,
        ge=1,
        description="How many IMAP sessions one account may have at a time in one process.",
    )
    imap_connections: int = Field(
        default=10_000,
        ge=1,
        description="How many IMAP connections each door of a process serves at a time.",
    )
    imap_connections_per_address: int = Field(
        default=100,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    expunged_kept: Duration = Field(
        default=timedelta(days=30),
        ge=timedelta(0),
        description="How long expunged messages are kept in the store before they are deleted for good.",
    )
    message_cache_octets: Octets = Field(
        default=192 << 20,
        ge=1 << 20,
        description="How many octets of recent messages each process caches, about, so as not to read them "
        "from the store again.",
    )
