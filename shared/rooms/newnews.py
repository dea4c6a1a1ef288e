"""The articles that have come since a moment (NEWNEWS, RFC 3977 §7.4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.packed import array_literal

# The clocks of PostgreSQL and of the process that answers DATE may differ, and a commit takes its time. Who is told of
# an article twice knows it by its Message-ID.
OVERLAP = timedelta(seconds=2)
_SINCE = """
    SELECT DISTINCT ON (came_at, identifier) came_at, identifier FROM article
    WHERE folder_id = ANY(%s::bigint[]) AND cancelled_at IS NULL AND (came_at, identifier) > (%s, %s::bytea)
    ORDER BY came_at, identifier LIMIT %s
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
    return Since(moment - OVERLAP)


def identifiers_since(tx: Transaction, folder_ids: Iterable[int], since: Since, most: int) -> NewArticles:
    """The next `most` Message-IDs of articles in these rooms, in the order in which they came, each once."""
    rows = tx.rows(_SINCE, (array_literal(folder_ids), since.moment, since.identifier, most))
    following = Since(*rows[-1]) if len(rows) == most else None
    return NewArticles([identifier for _, identifier in rows], following)
