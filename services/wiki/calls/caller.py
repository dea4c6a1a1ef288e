"""The caller: on whose behalf a call is made, through which door, and with which parts."""

from __future__ import annotations

from typing import NamedTuple

from services.wiki.calls.parts import CallParts
from shared.accounts.account import Account
from shared.ip_network import network_of
from shared.wiki.page import Author


class Caller(NamedTuple):
    """An account or a stranger, and the address they come from; `door`: the protocol, for the record of a revision."""

    parts: CallParts
    account: Account | None
    host: str
    door: str

    @property
    def author(self) -> Author:
        """The caller as the author of a page: a stranger is shown as a network."""
        return Author(self.account, network_of(self.host) if self.account is None else None)
