"""The settings of the web service."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from shared.doors import default_endpoints
from shared.outbound.mta_sts.settings import StsSettings
from shared.robots.settings import RobotSettings
from shared.rooms.posts.posting_settings import PostingSettings
from shared.runtime.setting_kinds import Duration, Endpoints, FileOrOff, Networks, Octets, Words
from shared.runtime.site_settings import SiteSettings

_ORIGIN = re.compile(r"\*|https?://[a-z0-9.-]+(:[0-9]{1,5})?|https?://\[[0-9a-f:]+\](:[0-9]{1,5})?")


def _to_origins(words: tuple[str, ...]) -> tuple[str, ...]:
    origins = tuple(word.lower() for word in words)
    if wrong := [origin for origin in origins if not _ORIGIN.fullmatch(origin)]:
        raise ValueError(f"{wrong[0]!r} is no origin such as https://app.example.org")
    return origins


Origins = Annotated[Words, AfterValidator(_to_origins)]


class WikiSettings(PostingSettings, StsSettings, SiteSettings, RobotSettings):
    """Settings of the doors of the web and of Perspective Broker, plain and over TLS."""

    web_endpoints: Endpoints = Field(
        default=default_endpoints("web"),
        description="Where the web site listens in the clear.",
    )
    web_tls_endpoints: Endpoints = Field(
        default=default_endpoints("web_tls"),
        description="Where the web site listens for TLS from the first octet (HTTPS).",
    )
    pb_endpoints: Endpoints = Field(
        default=default_endpoints("pb"),
        description="Where Perspective Broker (twisted.spread) listens in the clear.",
    )
    pb_tls_endpoints: Endpoints = Field(
        default=default_endpoints("pb_tls"),
        description="Where Perspective Broker listens for TLS from the first octet.",
    )
    pb_connections: int = Field(
        default=1000,
        ge=1,
        description="How many connections each door of Perspective Broker of one process serves at a time.",
    )
    pb_connections_per_address: int = Field(
        default=50,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    pb_connections_per_account: int = Field(
        default=50,
        ge=1,
        description="How many connections of Perspective Broker one account may have in each process.",
    )
    rest_requests: int = Field(
        default=1200,
        ge=1,
        description="How many requests of REST in a minute each process takes from one account, or from one network of "
        "strangers.",
    )
    site_name: str = Field(
        default="Agora",
        min_length=1,
        max_length=100,
        description="What the site is called, at the top of every page.",
    )
    wiki_read: Literal["everyone", "members"] = Field(
        default="everyone",
        description="Who reads the wiki: everyone, or members.",
    )
    wiki_write: Literal["everyone", "members"] = Field(
        default="members",
        description="Who writes the wiki: everyone (strangers are shown as their network), or members.",
    )
    wiki_changes: Literal["on", "off"] = Field(
        default="on",
        description="Whether each change of a page is a message in the room agora.wiki.changes, in which replies are "
        "comments on pages.",
    )
    web_connections: int = Field(
        default=5000,
        ge=1,
        description="How many connections each web door of one process serves at a time.",
    )
    web_connections_per_address: int = Field(
        default=200,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    web_request_limit: Duration = Field(
        default=timedelta(seconds=30),
        gt=timedelta(0),
        description="How long a client may take from one response to the end of its next request's head, and be "
        "silent in the middle of a body.",
    )
    web_body_octets: Octets = Field(
        default=32 << 20,
        ge=64 << 10,
        description="The largest body of a request: a page of 10 MiB in a form is up to three times as long.",
    )
    web_cors_origins: Origins = Field(
        default=(),
        description="The origins, such as https://app.example.org, whose pages may ask /api by scripts (CORS), or `*` "
        "for every origin; `off`: none. Scripts sign in by Authorization; cookies are never their credentials.",
    )
    web_session_limit: Duration = Field(
        default=timedelta(hours=12),
        gt=timedelta(minutes=1),
        description="A browser that is not used for this long is signed out.",
    )
    web_session_kept: Duration = Field(
        default=timedelta(days=30),
        gt=timedelta(minutes=1),
        description="The same where somebody chose to stay signed in.",
    )
    web_plain_sign_in_networks: Networks = Field(
        default=(ip_network("127.0.0.0/8"), ip_network("::1/128")),
        description="Addresses and networks that may sign in at the door without TLS, where passwords come in the "
        "clear. A server that speaks TLS before this one belongs here.",
    )
    web_access_log: FileOrOff = Field(
        default=None,
        description="A file for a line about each request in the Combined Log Format, or `off`.",
    )
    web_cache_octets: Octets = Field(
        default=64 << 20,
        ge=1 << 20,
        description="How many octets of pages, as they are sent, each process caches, about.",
    )

    @property
    def has_changes_room(self) -> bool:
        """Whether changes of pages are posted."""
        return self.wiki_changes == "on"
