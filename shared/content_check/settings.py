"""The settings of the check of contents."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum

from pydantic import Field, field_validator

from shared.reach.fetch_errors import AddressUnusable
from shared.reach.web_address import parse_web_address
from shared.runtime.setting_kinds import Duration, Octets
from shared.runtime.settings import ServiceSettings


class Unchecked(StrEnum):
    """What becomes of a message about which there is no verdict."""

    ACCEPT = "accept"
    DEFER = "defer"


class ContentCheckSettings(ServiceSettings):
    """Settings of the program that judges messages from strangers."""

    content_check: str = Field(
        default="",
        description="The address of a program that judges messages of clients which have not signed in, by rspamd's "
        "protocol: http://127.0.0.1:11333/checkv2. Empty: no message is judged.",
    )
    content_check_time_limit: Duration = Field(
        default=timedelta(seconds=20),
        gt=timedelta(0),
        le=timedelta(minutes=5),
        description="How long a message waits for its verdict. Senders wait for 10 minutes.",
    )
    content_check_failure: Unchecked = Field(
        default=Unchecked.ACCEPT,
        description="What becomes of a message without a verdict: `accept` takes it with a field X-Content-Check that "
        "says why, `defer` answers 451.",
    )
    content_check_octets: Octets = Field(
        default=4 << 20,
        ge=1024,
        description="The largest message that is judged; larger ones have no verdict.",
    )
    content_check_at_once: int = Field(
        default=16,
        ge=1,
        description="How many messages each process has judged at once; the others wait.",
    )

    @field_validator("content_check")
    @classmethod
    def _an_address(cls, text: str) -> str:
        try:
            if text:
                parse_web_address(text)
        except AddressUnusable as error:
            raise ValueError("should look like http://127.0.0.1:11333/checkv2") from error
        return text
