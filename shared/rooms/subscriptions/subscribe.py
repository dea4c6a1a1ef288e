"""Subscribing an account to a room by mail."""

from __future__ import annotations

from datetime import datetime

from shared.accounts.account import Account, Role
from shared.accounts.errors import AccountNotFound
from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.rooms.errors import RoomNotFound
from shared.rooms.room import Room
from shared.rooms.subscriptions.channel import SubscribersChanged
from shared.rooms.subscriptions.digest_time import next_digest
from shared.rooms.subscriptions.errors import MayNotSubscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind

_SUBSCRIBE = """
    INSERT INTO room_subscription (folder_id, account_id, kind, position, digest_at)
    SELECT id, %(account)s, %(kind)s, uidnext - 1, %(digest_at)s FROM folder WHERE id = %(room)s
    ON CONFLICT (folder_id, account_id) DO UPDATE SET kind = excluded.kind, digest_at = excluded.digest_at
"""


def subscribe(tx: Transaction, room: Room, account: Account, kind: SubscriptionKind, now: datetime) -> None:
    """Send the account the posts that come from now on.

    Who is subscribed already is from now on sent them as `kind` says, and misses none. Announces SubscribersChanged.
    Raises MayNotSubscribe; RoomNotFound, AccountNotFound when they went meanwhile.
    """
    if account.role is Role.GUEST:
        raise MayNotSubscribe(account.name)
    digest_at = next_digest(now) if kind is SubscriptionKind.DIGEST else None
    wanted = {"account": account.id, "kind": kind.value, "digest_at": digest_at, "room": room.folder_id}
    with referring(AccountNotFound):
        if not tx.execute(_SUBSCRIBE, wanted):
            raise RoomNotFound(room.name)
    tx.announce(SubscribersChanged())
