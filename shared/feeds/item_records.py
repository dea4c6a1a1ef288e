"""The records of a feed's items: read before the items are sorted, written with the articles that they become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from shared.database.transaction import Transaction
from shared.feeds.sort_items import KnownItem, Sorted

# An item that fell off the feed may come back; after so long without it, its article's Message-ID alone is remembered.
FORGOTTEN_AFTER = timedelta(days=400)

_COLUMNS = "identity, digest, edition, first_seen, article"
_BY_IDENTITY = f"SELECT {_COLUMNS} FROM feed_item WHERE feed_id = %s AND identity = ANY(%s)"
_BY_LIKENESS = f"SELECT likeness, {_COLUMNS} FROM feed_item WHERE feed_id = %s AND likeness = ANY(%s::bytea[])"
_WRITE = """
    INSERT INTO feed_item (feed_id, identity, likeness, digest, edition, first_seen, last_seen, article)
    SELECT %s, identity, likeness, digest, edition, first_seen, %s, article
    FROM unnest(%s::text[], %s::bytea[], %s::bytea[], %s::integer[], %s::timestamptz[], %s::bytea[])
         AS new (identity, likeness, digest, edition, first_seen, article)
    ON CONFLICT (feed_id, identity) DO UPDATE
        SET likeness = excluded.likeness, digest = excluded.digest, edition = excluded.edition,
            last_seen = excluded.last_seen, article = excluded.article
"""
_FORGET = "DELETE FROM feed_item WHERE feed_id = %s AND last_seen < now() - %s"


def known_items(
    tx: Transaction, feed_id: int, identities: Sequence[str], likenesses: Sequence[bytes]
) -> tuple[Mapping[str, KnownItem], Mapping[bytes, KnownItem]]:
    """Those of these identities, and those of these likenesses, that came before."""
    known = {row[0]: _known(row) for row in tx.rows(_BY_IDENTITY, (feed_id, list(identities)))}
    wanted = [each for each in likenesses if each]
    alike = {row[0]: _known(row[1:]) for row in tx.rows(_BY_LIKENESS, (feed_id, wanted))}
    return known, alike


def write_items(tx: Transaction, feed_id: int, items: Sequence[Sorted]) -> None:
    """Remember these as seen now, and forget those that have not been seen for FORGOTTEN_AFTER."""
    now = tx.value("SELECT now()")
    rows = ((each.identity, each.likeness, each.digest, each.edition, each.first_seen, each.article) for each in items)
    columns = zip(*rows)  # noqa: B905
    if items:
        tx.execute(_WRITE, (feed_id, now, *map(list, columns)))
    tx.execute(_FORGET, (feed_id, FORGOTTEN_AFTER))


def _known(row: Sequence[Any]) -> KnownItem:
    identity, digest, edition, first_seen, article = row
    return KnownItem(identity, digest, edition, first_seen, bytes(article))
