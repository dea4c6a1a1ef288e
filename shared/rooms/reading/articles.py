"""Finding articles: by number, by Message-ID, and many at a time, as newsreaders do.

An article that is cancelled is not there.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import NamedTuple

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.packed import array_literal, unsigned_32
from shared.rooms.errors import ArticleNotFound

_COLUMNS = "article.folder_id, uid, article.message_id, identifier, size_octets, overview"
_ARTICLE = "article JOIN message ON message.id = article.message_id"
_BY_NUMBER = Prepared(
    f"SELECT {_COLUMNS} FROM {_ARTICLE} WHERE folder_id = %s AND uid = %s::integer AND cancelled_at IS NULL"
)
_BY_NUMBERS = Prepared(
    f"SELECT {_COLUMNS} FROM {_ARTICLE}"
    " WHERE folder_id = %s AND uid = ANY(%s::integer[]) AND cancelled_at IS NULL ORDER BY uid"
)
_BY_IDENTIFIER = Prepared(
    f"SELECT {_COLUMNS.replace('identifier', 'article.identifier')} FROM identifier"
    " JOIN article ON article.message_id = identifier.message_id JOIN message ON message.id = article.message_id"
    " WHERE identifier.identifier = %s::bytea AND cancelled_at IS NULL ORDER BY folder_id"
)
_KNOWN = Prepared("SELECT EXISTS (SELECT FROM identifier WHERE identifier = %s::bytea)")
_VISIBLE = "FROM article WHERE folder_id = %s AND cancelled_at IS NULL"
_NEXT = Prepared(f"SELECT uid, identifier {_VISIBLE} AND uid > %s::integer ORDER BY folder_id, uid LIMIT 1")
_LAST = Prepared(f"SELECT uid, identifier {_VISIBLE} AND uid < %s::integer ORDER BY folder_id DESC, uid DESC LIMIT 1")
_RANGE = f"{_VISIBLE} AND uid BETWEEN %s::integer AND %s::integer ORDER BY folder_id, uid LIMIT %s::integer"
_NUMBERS = f"SELECT string_agg(int4send(uid), '') FROM (SELECT uid {_RANGE}) AS page"
_OVERVIEWS = f"SELECT string_agg(overview, ''), max(uid) FROM (SELECT uid, overview {_RANGE}) AS page"
_INT4 = Struct(">i")
_LAST_UID = 2**31 - 1  # of the column


class Article(NamedTuple):
    """An article in one of its rooms."""

    folder_id: int
    uid: int  # its number there
    message_id: int  # what shared/folders/bodies.py reads its octets by
    identifier: bytes  # Message-ID with its angle brackets
    size_octets: int
    overview: bytes  # the line of OVER as it is sent, with number and line end

    @property
    def xref(self) -> bytes:
        """The value of Xref, which is not in the octets: the server's name, and room:number of each place."""
        return self.overview.rpartition(b"\tXref: ")[2].removesuffix(b"\r\n")


class Overviews(NamedTuple):
    """A page of lines of OVER, and the last number on it; None when nothing is left."""

    octets: bytes
    last: int | None


def by_number(tx: Transaction, folder_id: int, uid: int) -> Article:
    """Raises ArticleNotFound."""
    row = tx.row(_BY_NUMBER, (folder_id, _in_column(uid)))
    if row is None:
        raise ArticleNotFound
    return Article(*row)


def by_numbers(tx: Transaction, folder_id: int, uids: Iterable[int]) -> Mapping[int, Article]:
    """Those that are there, by number; a few hundred at a time, for all of them are in memory."""
    wanted = array_literal(uid for uid in uids if uid <= _LAST_UID)
    return {row[1]: Article(*row) for row in tx.rows(_BY_NUMBERS, (folder_id, wanted))}


def by_identifier(tx: Transaction, identifier: bytes) -> Sequence[Article]:
    """The article in each of its rooms, in the order of their numbers. Raises ArticleNotFound."""
    rows = tx.rows(_BY_IDENTIFIER, (identifier,))
    if not rows:
        raise ArticleNotFound
    return [Article(*row) for row in rows]


def is_known(tx: Transaction, identifier: bytes) -> bool:
    """Whether an article with this Message-ID has come, be it cancelled by now or expired: a duplicate otherwise."""
    return bool(tx.value(_KNOWN, (identifier,)))


def next_after(tx: Transaction, folder_id: int, uid: int) -> tuple[int, bytes]:
    """Number and Message-ID of the next article. Raises ArticleNotFound."""
    return _neighbour(tx, _NEXT, folder_id, uid)


def last_before(tx: Transaction, folder_id: int, uid: int) -> tuple[int, bytes]:
    """Number and Message-ID of the article before. Raises ArticleNotFound."""
    return _neighbour(tx, _LAST, folder_id, uid)


def numbers(tx: Transaction, folder_id: int, first: int, last: int, most: int) -> array[int]:
    """The first `most` numbers of articles in this range, ascending ('I'): a page of LISTGROUP."""
    ((packed,),) = tx.copy_out(_NUMBERS, (folder_id, _in_column(first), _in_column(last), most))
    return unsigned_32(packed)


def overviews(tx: Transaction, folder_id: int, first: int, last: int, most: int) -> Overviews:
    """The lines of the first `most` articles in this range: a page of OVER.

    The next page begins behind `last`. A line is shorter than 8 KiB, most are 300 octets.
    """
    ((lines, end),) = tx.copy_out(_OVERVIEWS, (folder_id, _in_column(first), _in_column(last), most))
    return Overviews(lines or b"", None if end is None else _INT4.unpack(end)[0])


def _neighbour(tx: Transaction, statement: Prepared, folder_id: int, uid: int) -> tuple[int, bytes]:
    row = tx.row(statement, (folder_id, _in_column(uid)))
    if row is None:
        raise ArticleNotFound
    return row[0], row[1]


def _in_column(uid: int) -> int:
    """Protocols allow for greater numbers than there can be."""
    return min(uid, _LAST_UID)
