"""The settings of services that take posts: how many somebody may post."""

from __future__ import annotations

from pydantic import Field

from shared.mail.intake_settings import IntakeSettings
from shared.rooms.posts.post_limits import MOST_OF_ACCOUNT, MOST_OF_NETWORK


class PostingSettings(IntakeSettings):
    """The settings that NNTP, SMTP and IMAP's APPEND share for rooms."""

    posts_per_account: int = Field(
        default=MOST_OF_ACCOUNT,
        ge=1,
        description="How many articles an account may post to rooms in an hour, by each process.",
    )
    posts_per_network: int = Field(
        default=MOST_OF_NETWORK,
        ge=1,
        description="How many articles strangers of one network (an address; of IPv6 a /64) may post in an hour, by "
        "each process. This machine's own programs have no such limit.",
    )
