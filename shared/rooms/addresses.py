"""The addresses of a room besides its own name, which is one at every domain that mail is kept for."""

from __future__ import annotations

from collections.abc import Sequence

from shared.accounts.channel import DomainsChanged
from shared.database.transaction import Transaction
from shared.mail.address import parse_address
from shared.mail.errors import DomainNotLocal
from shared.mail.lookup import ROLE_ADDRESSES
from shared.rooms.channel import RoomsChanged
from shared.rooms.errors import RoomAddressNotFound, RoomAddressTaken
from shared.rooms.room import Room

_TAKEN = """
    SELECT EXISTS (SELECT FROM address WHERE local_part = %(local_part)s AND domain = %(domain)s)
        OR EXISTS (SELECT FROM forward WHERE local_part = %(local_part)s AND domain = %(domain)s)
        OR EXISTS (SELECT FROM room WHERE name = %(local_part)s AND folder_id <> %(room)s)
        OR EXISTS (SELECT FROM room_address WHERE local_part = %(local_part)s AND domain = %(domain)s)
"""


def add_room_address(tx: Transaction, room: Room, address: str) -> None:
    """Make mail for `address` a post. Raises BadAddress, DomainNotLocal, RoomAddressTaken."""
    parsed = parse_address(address)
    if tx.value("SELECT true FROM domain WHERE name = %s FOR KEY SHARE", (parsed.domain,)) is None:
        raise DomainNotLocal
    if not _add(tx, room, parsed.local_part, parsed.domain):
        raise RoomAddressTaken(address)


def add_short_addresses(tx: Transaction, room: Room) -> None:
    """Give the room the last part of its name as an address, at every domain where that is free."""
    short = room.name.rpartition(".")[2]
    if short != room.name:
        for (domain,) in tx.rows("SELECT name FROM domain ORDER BY name"):
            _add(tx, room, short, domain)


def delete_room_address(tx: Transaction, room: Room, address: str) -> None:
    """Raises BadAddress, RoomAddressNotFound."""
    parsed = parse_address(address)
    if not tx.execute(
        "DELETE FROM room_address WHERE local_part = %s AND domain = %s AND folder_id = %s",
        (parsed.local_part, parsed.domain, room.folder_id),
    ):
        raise RoomAddressNotFound(address)
    _announce(tx)


def list_room_addresses(tx: Transaction, room: Room) -> Sequence[str]:
    """All addresses of the room, its name at every domain first."""
    rows = tx.rows(
        "SELECT %(name)s || '@' || name, 0 AS place FROM domain UNION ALL"
        " SELECT local_part || '@' || domain, 1 FROM room_address WHERE folder_id = %(room)s ORDER BY 2, 1",
        {"name": room.name, "room": room.folder_id},
    )
    return [address for address, _ in rows]


def _add(tx: Transaction, room: Room, local_part: str, domain: str) -> bool:
    wanted = {"local_part": local_part, "domain": domain, "room": room.folder_id}
    if local_part in ROLE_ADDRESSES or tx.value(_TAKEN, wanted):
        return False
    added = tx.execute(
        "INSERT INTO room_address (domain, local_part, folder_id) VALUES (%(domain)s, %(local_part)s, %(room)s)"
        " ON CONFLICT DO NOTHING",
        wanted,
    )
    if added:
        _announce(tx)
    return bool(added)


def _announce(tx: Transaction) -> None:
    """Announce the change to the directories of rooms, and to the caches of addresses."""
    tx.announce(RoomsChanged())
    tx.announce(DomainsChanged())
