"""The articles that have come since a moment (NEWNEWS, RFC 3977 §7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

# The clocks of PostgreSQL and of the process that answers DATE may differ, and a commit takes its time. Who is told of
# an article twice knows it by its Message-ID.
OVERLAP = timedelta(seconds=2)
_FIRST = datetime.min.replace(tzinfo=UTC)
# Each room by its index, so that a page costs a page, however much has come since.
_SINCE = """
    SELECT DISTINCT ON (came_at, identifier) came_at, identifier
    FROM unnest(%(rooms)s::bigint[]) AS room CROSS JOIN LATERAL (
        SELECT came_at, identifier FROM article
        WHERE folder_id = room AND cancelled_at IS NULL
          AND came_at >= %(moment)s AND (came_at, identifier) > (%(moment)s, %(identifier)s::bytea)
        ORDER BY came_at, identifier LIMIT %(most)s
    ) AS page ORDER BY came_at, identifier LIMIT %(most)s
"""


class Since(NamedTuple):
    """The point up to which a client knows the news."""

    moment: datetime
    identifier: bytes = b""


class NewArticles(NamedTuple):
    """A page of Message-IDs, and where the next one begins; None when nothing is left."""

    identifiers: Sequence[bytes]
    since: Since | None


def since(moment: datetime) -> Since:
    """Where the first page begins, for all that came at `moment` or later."""
    return Since(max(moment, _FIRST + OVERLAP) - OVERLAP)


def identifiers_since(tx: Transaction, folder_ids: Iterable[int], since: Since, most: int) -> NewArticles:
    """The next `most` Message-IDs of articles in these rooms, in the order in which they came, each once."""
    rows = tx.rows(
        _SINCE,
        {
            "rooms": array_literal(folder_ids),
            "moment": since.moment,
            "identifier": since.identifier,
            "most": most,
        },
    )
    following = Since(*rows[-1]) if len(rows) == most else None
    return NewArticles([identifier for _, identifier in rows], following)
