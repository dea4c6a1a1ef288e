"""The setting of what this server's domains say of its own TLS."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.runtime.settings import ServiceSettings

OwnMode = Literal["off", "testing", "enforce"]


class StsSettings(ServiceSettings):
    """What the web service and `agora domain dns` share."""

    mail_tls_policy: OwnMode = Field(
        default="off",
        description="The policy of the domains here for those who bring mail (MTA-STS), served at "
        "`https://mta-sts.DOMAIN/.well-known/mta-sts.txt`: only over TLS with a valid certificate (`enforce`), or to "
        "try it out (`testing`).",
    )
