"""Subscribing an address elsewhere to a room, and ending that."""

from __future__ import annotations

import secrets
from datetime import datetime

from shared.database.referred import referring
from shared.database.transaction import Transaction
from shared.rooms.errors import RoomNotFound
from shared.rooms.room import Room
from shared.rooms.subscriptions.channel import SubscribersChanged
from shared.rooms.subscriptions.digest_time import next_digest
from shared.rooms.subscriptions.elsewhere.errors import ElsewhereNotFound, ElsewhereNotTaken, TooManyElsewhere
from shared.rooms.subscriptions.elsewhere.subscriber import Elsewhere
from shared.rooms.subscriptions.subscription import SubscriptionKind

MOST_SUBSCRIBERS = 10_000  # of one room: each post is so many transactions with other servers
TOKEN_OCTETS = 16

_SUBSCRIBE = """
    INSERT INTO remote_subscriber (folder_id, address, domain, kind, position, digest_at, token)
    SELECT id, %(address)s, %(domain)s, %(kind)s, uidnext - 1, %(digest_at)s, %(token)s FROM folder
    WHERE id = %(room)s
    ON CONFLICT (folder_id, lower(address)) DO UPDATE
        SET kind = excluded.kind, digest_at = excluded.digest_at, bounces = 0, bounced_at = NULL
"""
_COUNT = "SELECT count(*) FROM remote_subscriber WHERE folder_id = %s"


def subscribe_elsewhere(
    tx: Transaction, room: Room, subscriber: Elsewhere, kind: SubscriptionKind, now: datetime
) -> None:
    """Send the address the posts that come from now on.

    Who is subscribed already is from now on sent them as `kind` says, and misses none. Announces SubscribersChanged.
    Raises ElsewhereNotTaken, TooManyElsewhere; RoomNotFound when it went meanwhile.
    """
    if not room.takes_elsewhere:
        raise ElsewhereNotTaken(room.name)
    if tx.value(_COUNT, (room.folder_id,)) >= MOST_SUBSCRIBERS:
        raise TooManyElsewhere(room.name)
    wanted = {
        **subscriber._asdict(),
        "kind": kind.value,
        "digest_at": next_digest(now) if kind is SubscriptionKind.DIGEST else None,
        "token": secrets.token_hex(TOKEN_OCTETS),
        "room": room.folder_id,
    }
    with referring(RoomNotFound):
        if not tx.execute(_SUBSCRIBE, wanted):
            raise RoomNotFound(room.name)
    tx.announce(SubscribersChanged())


def unsubscribe_elsewhere(tx: Transaction, room: Room, address: str) -> None:
    """Nothing more is queued for the address. Announces SubscribersChanged. Raises ElsewhereNotFound."""
    if not tx.execute(
        "DELETE FROM remote_subscriber WHERE folder_id = %s AND lower(address) = lower(%s)", (room.folder_id, address)
    ):
        raise ElsewhereNotFound(address)
    tx.announce(SubscribersChanged())


def unsubscribe_by_token(tx: Transaction, token: str) -> str | None:
    """End the subscription that the token is of; the room's name, None where there is none any more.

    Announces SubscribersChanged.
    """
    room: str | None = tx.value(
        "DELETE FROM remote_subscriber USING room WHERE token = %s AND room.folder_id = remote_subscriber.folder_id"
        " RETURNING room.name",
        (token,),
    )
    if room is not None:
        tx.announce(SubscribersChanged())
    return room
