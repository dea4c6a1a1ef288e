"""The settings of those who ask feeds."""

from __future__ import annotations

from pydantic import Field

from shared.runtime.settings import ServiceSettings


class FeedSettings(ServiceSettings):
    """The settings that the poller and the command line share."""

    feeds_private: bool = Field(
        default=False,
        description="Whether feeds may be at addresses of private networks and of this machine, and at any port.",
    )
