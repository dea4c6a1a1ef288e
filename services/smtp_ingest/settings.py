"""The settings of the service that takes mail in."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from services.smtp_ingest.policy import FromPolicy, RobotStrangers
from shared.content_check.settings import ContentCheckSettings
from shared.doors import default_endpoints
from shared.outbound.settings import OutboundSettings
from shared.robots.settings import RobotSettings
from shared.rooms.posts.posting_settings import PostingSettings
from shared.runtime.setting_kinds import Duration, Endpoints
from shared.trust.settings import TrustSettings


class SmtpSettings(PostingSettings, OutboundSettings, ContentCheckSettings, TrustSettings, RobotSettings):
    """Settings of the doors by which mail comes in."""

    smtp_endpoints: Endpoints = Field(
        default=default_endpoints("smtp"),
        description="Where other servers bring mail for the local domains.",
    )
    submission_endpoints: Endpoints = Field(
        default=default_endpoints("submission"),
        description="Where members hand in mail, with STARTTLS (RFC 6409).",
    )
    submissions_endpoints: Endpoints = Field(
        default=default_endpoints("submissions"),
        description="Where members hand in mail, over TLS from the first octet (RFC 8314).",
    )
    lmtp_endpoints: Endpoints = Field(
        default=default_endpoints("lmtp"),
        description="Where another mail server of yours hands mail over (RFC 2033). Keep it private.",
    )
    submission_from: FromPolicy = Field(
        default=FromPolicy.ADD_SENDER,
        description="For a submitted message whose From is not an address of the account: `check` refuses "
        "it, `add-sender` puts a Sender with the account's address on top, `free` leaves it.",
    )
    robot_strangers: RobotStrangers = Field(
        default=RobotStrangers.OFF,
        description="Senders elsewhere whom robots answer that only read (search@): `off`, nobody; `proved`, those "
        "whose domain is proved by DKIM or SPF, where their mail is checked and mail to them can be sent.",
    )
    smtp_recipients: int = Field(
        default=1000,
        ge=100,
        description="How many recipients one message may have; at least 100 (RFC 5321 §4.5.3.1.8).",
    )
    room_subscriber_bounces: int = Field(
        default=5,
        ge=1,
        description="On how many days, none of them a week after the one before, mail to an address elsewhere that is "
        "subscribed to a room may be returned; then the subscription ends.",
    )
    smtp_idle_limit: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="A client that is silent, or busy with one line, for this long is disconnected; RFC 5321 "
        "says 5 minutes.",
    )
    smtp_errors: int = Field(
        default=100,
        ge=1,
        description="After this many refusals a client is disconnected.",
    )
    smtp_connections: int = Field(
        default=6000,
        ge=1,
        description="How many clients each process and door serves at once.",
    )
    smtp_connections_per_address: int = Field(
        default=100,
        ge=1,
        description="How many of these connections may come from one address other than this machine's own; "
        "LMTP has no such limit.",
    )
