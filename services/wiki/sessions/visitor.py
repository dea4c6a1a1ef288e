"""The visitor, as a request has one."""

from __future__ import annotations

from typing import NamedTuple

from services.wiki.sessions.session import WebSession
from shared.accounts.account import Account, Role
from shared.ip_network import network_of
from shared.wiki.page import Author

SYSTEM = "system"  # the colours that the reader's own system has


class Visitor(NamedTuple):
    """Who asks. `session` is None for those who sign each request (Basic, bearer), and for strangers."""

    account: Account | None
    host: str
    session: WebSession | None = None
    theme: str = SYSTEM
    unread: int = 0  # messages of rooms, for the header; of sessions that look at pages

    @property
    def author(self) -> Author:
        """The author of pages: strangers are shown as their network."""
        return Author(self.account, network_of(self.host) if self.account is None else None)

    @property
    def csrf(self) -> str:
        """The token that forms carry; empty where none is asked for."""
        return self.session.csrf if self.session is not None else ""

    @property
    def is_member(self) -> bool:
        return self.account is not None and self.account.role is not Role.GUEST

    @property
    def is_admin(self) -> bool:
        return self.account is not None and self.account.role is Role.ADMIN
