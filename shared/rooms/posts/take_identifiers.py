"""Message-IDs are taken, and rooms locked, in one round trip: the beginning of every post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.folder import COLUMNS, Folder, folder_and_rest
from shared.folders.growth import Growth
from shared.folders.packed import array_literal

# Of two transactions with the same identifiers, given in their order, one waits for the other; the rooms come later.
_TAKE = Prepared(
    """
    INSERT INTO identifier (identifier, message_id, account_id, network, door, came_at)
    SELECT decode(identifier, 'hex'), nextval('message_id_seq'), account_id, network, door, statement_timestamp()
    FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::text[]) AS new (identifier, account_id, network, door)
    ON CONFLICT DO NOTHING
"""
)
# A row that this transaction has inserted carries its number; all others were there before. Those of its earlier posts
# have a message already.
_OWN = """
    identifier = decode(hex, 'hex') AND identifier.xmin = pg_current_xact_id()::xid
    AND NOT EXISTS (SELECT FROM message WHERE message.id = identifier.message_id)
"""
_LOCK = Prepared(
    f"""
    SELECT {COLUMNS}, (
        SELECT array_agg((SELECT message_id FROM identifier WHERE {_OWN}) ORDER BY number)
        FROM unnest(%s::text[]) WITH ORDINALITY AS new (hex, number)
    )
    FROM folder WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""
)
_GIVE_BACK = f"DELETE FROM identifier USING unnest(%s::text[]) AS new (hex) WHERE {_OWN}"
_SIGN = "UPDATE identifier SET account_id = %s, network = %s, door = %s WHERE identifier = %s"


class Identified(Protocol):
    """A post, as far as the history of Message-IDs goes."""

    @property
    def identifier(self) -> bytes: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def network(self) -> str | None: ...
    @property
    def door(self) -> str: ...


class Taken(NamedTuple):
    """An identifier that is taken now, with the number of its message; `by` is the first post that has it."""

    message_id: int
    by: Identified


def take_identifiers(
    tx: Transaction, items: Sequence[Identified], rooms: Iterable[int]
) -> tuple[Growth, dict[bytes, Taken]]:
    """Take the identifiers of the items, as far as they are new, and lock the rooms in the order of their numbers.

    Those that are not used in the end must be given back. Where there is none of the rooms, none is taken.
    """
    first: dict[str, Identified] = {}
    for item in items:
        first.setdefault(item.identifier.hex(), item)
    order = sorted(first)
    chosen = [first[each] for each in order]
    literal = _literal(order)
    accounts = ["NULL" if item.account_id is None else str(item.account_id) for item in chosen]
    networks, doors = [item.network for item in chosen], [item.door for item in chosen]
    tx.execute_with_next(_TAKE, (literal, _literal(accounts), networks, doors))
    folders: list[Folder] = []
    message_ids: Sequence[int | None] = ()
    for row in tx.rows(_LOCK, (literal, array_literal(rooms))):
        folder, (message_ids,) = folder_and_rest(row)  # each row has the same ones
        folders.append(folder)
    if not folders:
        give_back(tx, [item.identifier for item in chosen])
        return Growth(tx, (), ()), {}
    taken = {
        item.identifier: Taken(message_id, item)
        for item, message_id in zip(chosen, message_ids, strict=False)
        if message_id is not None
    }
    return Growth(tx, folders, ()), taken


def give_back(tx: Transaction, identifiers: Iterable[bytes]) -> None:
    """Let go of those that this transaction has taken and does not use."""
    tx.execute(_GIVE_BACK, (_literal(each.hex() for each in identifiers),))


def sign(tx: Transaction, post: Identified) -> None:
    """Write down who posted it: another than the first that brought this identifier."""
    tx.execute(_SIGN, (post.account_id, post.network, post.door, post.identifier))


def _literal(texts: Iterable[str]) -> str:
    """An array of what needs no quoting, and is never empty."""
    return "{" + ",".join(texts) + "}"
