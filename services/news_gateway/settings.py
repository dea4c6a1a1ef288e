"""The settings of the news gateway."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from shared.doors import default_endpoints
from shared.feeds.settings import FeedSettings
from shared.rooms.posts.posting_settings import PostingSettings
from shared.runtime.setting_kinds import Duration, Endpoints, Octets, ReadableFile
from shared.runtime.site_settings import SiteSettings


class NewsGatewaySettings(PostingSettings, FeedSettings, SiteSettings):
    """Settings of the NNTP doors, and of the poller of feeds."""

    nntp_endpoints: Endpoints = Field(
        default=default_endpoints("nntp"),
        description="Where NNTP listens; STARTTLS is offered there.",
    )
    nntps_endpoints: Endpoints = Field(
        default=default_endpoints("nntps"),
        description="Where NNTP listens for TLS from the first octet.",
    )
    websub_endpoints: Endpoints = Field(
        default=(),
        description="Where hubs of feeds call (W3C WebSub), by HTTP: behind a web server that has TLS. Nowhere, unless "
        "it is set, as tcp:2181:interface=127.0.0.1.",
    )
    websub_url: str | None = Field(
        default=None,
        max_length=1000,
        pattern=r"^https?://[!-~]+$",
        examples=["https://example.org/websub"],
        description="The address at which the web reaches AGORA_WEBSUB_ENDPOINTS, such as https://example.org/websub. "
        "With it, feeds that name a hub are pushed by it, besides being polled.",
    )
    nntp_connections: int = Field(
        default=5000,
        ge=1,
        description="How many NNTP connections each door of one process serves at a time.",
    )
    nntp_connections_per_address: int = Field(
        default=100,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own.",
    )
    nntp_idle_limit: Duration = Field(
        default=timedelta(minutes=10),
        ge=timedelta(minutes=3),
        description="An NNTP client that is silent for this long is disconnected; RFC 3977 asks for 3 minutes "
        "at least.",
    )
    nntp_errors: int = Field(
        default=20,
        ge=1,
        description="After this many refusals in a row an NNTP client is disconnected.",
    )
    news_article_octets: Octets = Field(
        default=10 << 20,
        ge=64 << 10,
        description="The largest article that is taken in by NNTP.",
    )
    news_motd_file: ReadableFile | None = Field(
        default=None,
        description="A file whose lines, in UTF-8, LIST MOTD shows to newsreaders; it may change at any time.",
    )
    news_cache_octets: Octets = Field(
        default=64 << 20,
        ge=1 << 20,
        description="How many octets of recent articles each process of the news gateway caches, about, so as not to "
        "read them from the store again.",
    )
