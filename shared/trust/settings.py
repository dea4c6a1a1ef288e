"""The settings of the checks of mail that strangers bring."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from ipaddress import ip_network

from pydantic import Field

from shared.runtime.setting_kinds import Duration, Networks
from shared.runtime.settings import ServiceSettings

OWN = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10")


class Unproved(StrEnum):
    """The treatment of mail whose sender's domain says that it is not its own."""

    UNCHECKED = "unchecked"
    MARK = "mark"
    JUNK = "junk"
    REFUSE = "refuse"


class TrustSettings(ServiceSettings):
    """The settings of the checks of mail that strangers bring."""

    arrival_policy: Unproved = Field(
        default=Unproved.MARK,
        description="For mail from other servers: `mark` checks SPF, DKIM, ARC and DMARC, and writes the results into "
        "the message; `junk` also delivers what fails, and whose domain asks for that or for refusal, into Junk; "
        "`refuse` refuses it where its domain asks for that; `unchecked` checks nothing.",
    )
    arrival_own_networks: Networks = Field(
        default=tuple(ip_network(each) for each in OWN),
        description="Addresses and networks whose mail is not checked; `off`: none.",
    )
    arrival_time_limit: Duration = Field(
        default=timedelta(seconds=5),
        gt=timedelta(0),
        description="How long all checks of a message may take; what is not known then does not count.",
    )
    arrival_checks: int = Field(
        default=100,
        ge=1,
        description="How many messages each process checks at once; others wait, within the time limit.",
    )
