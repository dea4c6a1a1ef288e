"""Rooms: made, listed, changed and deleted; subscribed to by mail; held posts and cancelled articles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.mail.forwards import is_local
from shared.rooms import addresses, moderators
from shared.rooms.cancels.cancel import Cancelled, cancel_everywhere
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.change_room import change_room
from shared.rooms.create_room import create_room
from shared.rooms.delete_room import delete_room
from shared.rooms.errors import ArticleNotFound
from shared.rooms.find_room import find_room, lock_room
from shared.rooms.list_rooms import list_rooms
from shared.rooms.moderation.approve import approve as approve_held
from shared.rooms.moderation.held import Decided, HeldLine, list_held
from shared.rooms.moderation.reject import reject as reject_held
from shared.rooms.reading.water import water_of, waters_of
from shared.rooms.room import Room, Water
from shared.rooms.subscriptions import subscribe as subscribing
from shared.rooms.subscriptions import unsubscribe as unsubscribing
from shared.rooms.subscriptions.elsewhere.subscribe import subscribe_elsewhere, unsubscribe_elsewhere
from shared.rooms.subscriptions.elsewhere.subscriber import (
    Elsewhere,
    RemoteSubscription,
    count_elsewhere,
    elsewhere,
    list_elsewhere,
)
from shared.rooms.subscriptions.list_subscriptions import count_subscriptions, list_subscriptions
from shared.rooms.subscriptions.subscription import MailSubscription, SubscriptionKind

__all__ = ["find_room"]


class RoomLine(NamedTuple):
    """A room, and the numbers of its articles."""

    room: Room
    water: Water


class RoomShown(NamedTuple):
    """All of a room. `moderators` are the names of its own; admins moderate besides them."""

    room: Room
    water: Water
    octets: int
    addresses: Sequence[str]
    moderators: Sequence[str]
    subscribers: Mapping[SubscriptionKind, int]  # by mail
    elsewhere: int  # addresses at other servers that are subscribed by mail


def add(
    tx: Transaction, name: str, room_addresses: Sequence[str] = (), policy: Mapping[str, Any] | None = None
) -> RoomShown:
    """`policy` has what create_room() takes.

    Raises BadRoomName, RoomExists, BadAddress, DomainNotLocal, RoomAddressTaken.
    """
    room = create_room(tx, name, **(policy or {}))
    for address in room_addresses:
        addresses.add_room_address(tx, room, address)
    return _shown(tx, room)


def list_all(tx: Transaction) -> Sequence[RoomLine]:
    """By name."""
    rooms = list_rooms(tx)
    waters = waters_of(tx, [room.folder_id for room in rooms])
    return [RoomLine(room, waters[room.folder_id]) for room in rooms if room.folder_id in waters]


def show(tx: Transaction, name: str) -> RoomShown:
    """Raises RoomNotFound."""
    return _shown(tx, find_room(tx, name))


def change(
    tx: Transaction, name: str, changes: Mapping[str, Any], added: Sequence[str] = (), removed: Sequence[str] = ()
) -> RoomShown:
    """Change fields (shared/rooms/change_room.py) and addresses.

    Raises RoomNotFound, BadAddress, DomainNotLocal, RoomAddressTaken, RoomAddressNotFound.
    """
    room = change_room(tx, find_room(tx, name), changes)
    for address in removed:
        addresses.delete_room_address(tx, room, address)
    for address in added:
        addresses.add_room_address(tx, room, address)
    return _shown(tx, room)


def delete(tx: Transaction, name: str) -> None:
    """With all its articles. There is no way back but a backup. Raises RoomNotFound."""
    delete_room(tx, find_room(tx, name))


def change_moderators(
    tx: Transaction, name: str, added: Sequence[str] = (), removed: Sequence[str] = ()
) -> Sequence[str]:
    """The moderators' names afterwards. Raises RoomNotFound, AccountNotFound, ModeratorNotFound."""
    room = lock_room(tx, name)
    for account in removed:
        moderators.delete_moderator(tx, room, find_account(tx, account))
    for account in added:
        moderators.add_moderator(tx, room, find_account(tx, account))
    return _names(tx, room)


def subscribe(tx: Transaction, name: str, account: str, kind: SubscriptionKind = SubscriptionKind.EACH) -> str | None:
    """Send the account, or an address elsewhere, the room's posts by mail from now on.

    Returns the domain of an address elsewhere, None for an account. Raises RoomNotFound, AccountNotFound, BadAddress,
    MayNotSubscribe, ElsewhereNotTaken, TooManyElsewhere.
    """
    room, now = find_room(tx, name), datetime.now(UTC)
    subscriber = _subscriber(tx, account)
    if isinstance(subscriber, Account):
        subscribing.subscribe(tx, room, subscriber, kind, now)
        return None
    subscribe_elsewhere(tx, room, subscriber, kind, now)
    return subscriber.domain


def unsubscribe(tx: Transaction, name: str, account: str) -> None:
    """Raises RoomNotFound, AccountNotFound, BadAddress, NotSubscribed, ElsewhereNotFound."""
    room, subscriber = find_room(tx, name), _subscriber(tx, account)
    if isinstance(subscriber, Account):
        unsubscribing.unsubscribe(tx, room, subscriber)
    else:
        unsubscribe_elsewhere(tx, room, subscriber.address)


def subscribers(tx: Transaction, name: str) -> tuple[Sequence[MailSubscription], Sequence[RemoteSubscription]]:
    """The accounts that are sent the room's posts by mail, and the addresses elsewhere. Raises RoomNotFound."""
    room = find_room(tx, name)
    return list_subscriptions(tx, room), list_elsewhere(tx, room)


def held(tx: Transaction) -> Sequence[HeldLine]:
    """The posts that wait for a moderator, the oldest first."""
    return list_held(tx)


def approve(tx: Transaction, token: str, hostname: str, mail_domain: str) -> Decided:
    """Raises NotHeld, AlreadyDecided, RoomNotFound when all its rooms are gone."""
    return approve_held(tx, token, None, hostname, mail_domain, datetime.now(UTC))


def reject(tx: Transaction, token: str, reason: str, mail_domain: str) -> Decided:
    """The author, if they have an account, gets a mail with the reason. Raises NotHeld, AlreadyDecided."""
    return reject_held(tx, token, None, reason, mail_domain, datetime.now(UTC))


def cancel(tx: Transaction, article: str) -> Cancelled:
    """`article` is a Message-ID, or `room:number`. Raises ArticleNotFound, RoomNotFound."""
    return cancel_everywhere(tx, _identifier(tx, article))


def undo(tx: Transaction, article: str) -> Cancelled:
    """Put back what was cancelled, under the numbers that it had; for 30 days. Raises ArticleNotFound, RoomNotFound."""
    return undo_everywhere(tx, _identifier(tx, article))


def _subscriber(tx: Transaction, account: str) -> Account | Elsewhere:
    """Raises AccountNotFound, BadAddress."""
    try:
        return find_account(tx, account)
    except AccountNotFound:
        if "@" not in account:
            raise
        subscriber = elsewhere(account)
        if is_local(tx, subscriber.domain):
            raise
        return subscriber


def _identifier(tx: Transaction, article: str) -> bytes:
    name, _, number = article.rpartition(":")
    if "@" in article or not number.isdecimal():
        return f"<{article.strip().removeprefix('<').removesuffix('>')}>".encode()
    room = find_room(tx, name)
    identifier = tx.value(
        "SELECT identifier FROM article WHERE folder_id = %s AND uid = %s",
        (room.folder_id, min(int(number), 2**31 - 1)),
    )
    if identifier is None:
        raise ArticleNotFound(article)
    return bytes(identifier)


def _shown(tx: Transaction, room: Room) -> RoomShown:
    octets = tx.value("SELECT octets FROM folder WHERE id = %s", (room.folder_id,))
    water = water_of(tx, room.folder_id)
    subscribed = count_subscriptions(tx, room)
    room_addresses, names = addresses.list_room_addresses(tx, room), _names(tx, room)
    return RoomShown(room, water, octets, room_addresses, names, subscribed, count_elsewhere(tx, room))


def _names(tx: Transaction, room: Room) -> Sequence[str]:
    return [account.name for account in moderators.list_moderators(tx, room)]
