"""A reader: an account or a stranger, as a room's policy sees it."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from shared.accounts.account import Account, Role


@dataclass(frozen=True, slots=True)
class Reader:
    """An account and the rooms that it was made a moderator of; without an account, a stranger."""

    account: Account | None = None
    moderates: Set[int] = frozenset()  # numbers of rooms

    @property
    def is_member(self) -> bool:
        """Signed in, and more than a guest, who reads what is public."""
        return self.account is not None and self.account.role is not Role.GUEST

    @property
    def account_id(self) -> int | None:
        """None for a stranger."""
        return None if self.account is None else self.account.id

    def is_moderator_of(self, room_id: int) -> bool:
        """Admins moderate every room."""
        if self.account is None:
            return False
        return self.account.role is Role.ADMIN or room_id in self.moderates


STRANGER = Reader()
