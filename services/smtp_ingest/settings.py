"""The settings of mail coming in."""

from __future__ import annotations

from datetime import timedelta

from pydantic import Field

from services.smtp_ingest.author import FromPolicy
from shared.conversation.intake import FILE_OCTETS, MEMORY_OCTETS
from shared.doors import default_endpoints
from shared.runtime.setting_kinds import Duration, Endpoints, Octets
from shared.runtime.settings import ServiceSettings


class SmtpSettings(ServiceSettings):
    """What an operator may change about mail coming in."""

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
        description="What becomes of a submitted message whose From is not an address of the account: `check` refuses "
        "it, `add-sender` puts a Sender with the account's address on top, `free` leaves it.",
    )
    message_octets: Octets = Field(
        default=50 << 20,
        ge=64 << 10,
        description="The largest message that is taken in.",
    )
    spool_memory_octets: Octets = Field(
        default=MEMORY_OCTETS,
        ge=0,
        description="How much of messages under way each process keeps in memory; what is above waits in files. "
        "One address may have a quarter.",
    )
    spool_file_octets: Octets = Field(
        default=FILE_OCTETS,
        ge=64 << 20,
        description="How much of messages under way each process keeps in temporary files (TMPDIR); a message for "
        "which there is no room is refused for the time being. One address may have a quarter.",
    )
    smtp_recipients: int = Field(
        default=1000,
        ge=100,
        description="How many recipients one message may have; at least 100 (RFC 5321 §4.5.3.1.8).",
    )
    smtp_idle_limit: Duration = Field(
        default=timedelta(minutes=5),
        gt=timedelta(0),
        description="A client that is silent, or busy with one line, for so long is let go; RFC 5321 says 5 minutes.",
    )
    smtp_errors: int = Field(
        default=100,
        ge=1,
        description="How many refusals a client is given before it is let go.",
    )
    smtp_connections: int = Field(
        default=6000,
        ge=1,
        description="How many clients each process and door serves at once.",
    )
    smtp_connections_per_address: int = Field(
        default=100,
        ge=1,
        description="How many of them may come from one address other than this machine's own; LMTP has no such limit.",
    )
