"""The events that concern mail coming in: an account that changed, or a domain, may have other addresses now."""

from __future__ import annotations

from shared.accounts.channel import ACCOUNTS
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.mail.resolve import Resolver


def forget_changed_accounts(bus: Bus, resolver: Resolver) -> None:
    """Let `resolver` ask the store again after every change to an account or the domains, while the process lives."""
    bus.watch(ACCOUNTS, EVERYTHING, lambda account_id: resolver.forget())
