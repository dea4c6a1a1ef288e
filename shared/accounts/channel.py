"""News of accounts, and of the domains of their addresses: `account,account`, by number.

Both have one channel, because a cache of addresses depends on both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from shared.events.channel import EVERYTHING, Channel

NO_ACCOUNT = 0  # no account has this number; it says that the domains changed


def _write(events: Iterable[AccountChanged | DomainsChanged]) -> bytes:
    return b",".join(b"%d" % account_id for account_id in sorted({event.account_id for event in events}))


def _read(message: bytes) -> Iterator[tuple[int, int]]:
    return ((EVERYTHING, int(item)) for item in message.split(b",") if item.isdigit())


ACCOUNTS: Channel[AccountChanged | DomainsChanged] = Channel(
    "accounts", _write, _read
)  # watched as EVERYTHING, told ids


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """An account is new or deleted, or its password, role, addresses or state has changed: cached facts are wrong."""

    channel: ClassVar[Channel[Any]] = ACCOUNTS

    account_id: int


@dataclass(frozen=True, slots=True)
class DomainsChanged:
    """A domain was added or deleted: forget which addresses could not be found."""

    channel: ClassVar[Channel[Any]] = ACCOUNTS

    @property
    def account_id(self) -> int:
        return NO_ACCOUNT
