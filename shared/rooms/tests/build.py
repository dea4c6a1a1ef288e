"""Rooms and readers that tests begin with."""

from __future__ import annotations

from typing import Any

from shared.accounts.account import Role
from shared.database.transaction import Transaction
from shared.rooms.create import create_room
from shared.rooms.find import find_reader
from shared.rooms.moderators import add_moderator
from shared.rooms.reader import Reader
from shared.rooms.room import Posting, Reading, Room
from shared.testing.builders import a_member


def an_open_room(tx: Transaction, name: str = "local.knitting", /, **policy: Any) -> Room:
    """A room that everyone reads and posts to, unless `policy` says otherwise."""
    return create_room(tx, name, **{"reading": Reading.EVERYONE, "posting": Posting.EVERYONE, **policy})


def a_reader(tx: Transaction, name: str | None = None, role: Role = Role.MEMBER) -> Reader:
    """An account with a mailbox, as rooms see it."""
    return find_reader(tx, a_member(tx, name, role))


def a_moderator(tx: Transaction, *rooms: Room, name: str | None = None) -> Reader:
    """A member who was made a moderator of these rooms."""
    account = a_member(tx, name)
    for room in rooms:
        add_moderator(tx, room, account)
    return find_reader(tx, account)
