"""The numbers of an article that was posted before, in some rooms."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from shared.database.transaction import Transaction
from shared.folders.append import Place
from shared.folders.packed import array_literal

_PLACES = """
    SELECT article.folder_id, folder.uidvalidity, uid
    FROM identifier JOIN article ON article.message_id = identifier.message_id
        JOIN folder ON folder.id = article.folder_id
    WHERE identifier.identifier = %s::bytea AND article.folder_id = ANY(%s::bigint[]) ORDER BY article.folder_id
"""


def posted_numbers(tx: Transaction, identifier: bytes, rooms: Iterable[int]) -> Sequence[Place]:
    """Where the article is, or was until it was cancelled; nowhere while it is held."""
    return [Place(*row) for row in tx.rows(_PLACES, (identifier, array_literal(rooms)))]
