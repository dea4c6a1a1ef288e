"""Whether mail for a domain elsewhere is sent, as far as this command can know."""

from __future__ import annotations

from shared.command_line.terminal.surroundings import surroundings
from shared.outbound.routes import Routes
from shared.outbound.settings import OutboundSettings
from shared.runtime.settings import WrongSetting, read_settings

NOT_SENT = (
    "Mail for {} is not sent from here yet: AGORA_OUTBOUND_DIRECT, a smart host or a route says where it goes. Until"
    " then it waits in the queue, or is refused."
)


def goes_out(domain: str) -> bool:
    """By the settings of sending. Inside another service, which may not have them, nothing is said against it."""
    if surroundings() is not None:
        return True
    try:
        return Routes(read_settings(OutboundSettings)).takes(domain)
    except WrongSetting:
        return True
