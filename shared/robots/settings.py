"""The settings of robots that are off unless the operator wants them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from shared.reach.fetch_errors import AddressUnusable
from shared.reach.web_address import parse_web_address
from shared.runtime.settings import ServiceSettings

WEB = "web"
WORDS = "{query}"


class RobotUsers(StrEnum):
    """Whose mail a robot answers."""

    OFF = "off"
    MEMBERS = "members"


def _to_search(text: str) -> str:
    if not text:
        return text
    try:
        address = parse_web_address(text.replace(WORDS, "x"))
    except AddressUnusable as error:
        raise ValueError(str(error)) from error
    if address.scheme != "https" or WORDS not in text or WORDS in text.partition("://")[2].partition("/")[0]:
        raise ValueError(f"it is no address such as https://search.example/?q={WORDS}")
    return text


class RobotSettings(ServiceSettings):
    """The robot web@."""

    robot_web: RobotUsers = Field(
        default=RobotUsers.OFF,
        description="Whose mail to web@ is answered with the page of the web that the Subject names: `off`, nobody's, "
        "and the address does not exist; `members`, of those who have signed in. The proxy's rules and limits count.",
    )
    robot_web_search: Annotated[str, AfterValidator(_to_search)] = Field(
        default="",
        description="Where web@ looks for a Subject that is no address, such as `https://search.example/?q={query}`. "
        "Empty: nowhere.",
    )

    @property
    def optional_robots(self) -> Sequence[str]:
        """Those that are on."""
        return (WEB,) if self.robot_web is RobotUsers.MEMBERS else ()
