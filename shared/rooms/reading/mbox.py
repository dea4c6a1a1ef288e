"""A room as one file of the kind mboxrd: which articles are in it, how long each is there, and its octets.

Nothing is kept of it: the file is put together from what the store has of each article, which never changes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies, load_range
from shared.folders.packed import array_literal, signed_64, unsigned_32
from shared.messages.mboxrd import LOOK_AHEAD, LOOK_BEHIND, as_mboxrd, line_before, quoted_piece

PIECE_OCTETS = 1 << 20  # of a message; a longer one is read piece by piece
# What the file has more than the message: the line before it, with a sender of 320 octets (RFC 5321), and line ends.
MOST_AROUND_OCTETS = 360
_ARTICLES = """
    SELECT highest_modseq, uids, message_ids, sizes, times
    FROM folder LEFT JOIN LATERAL (
        SELECT string_agg(int4send(uid), '' ORDER BY uid) AS uids,
               string_agg(int8send(message_id), '' ORDER BY uid) AS message_ids,
               string_agg(int4send(size_octets), '' ORDER BY uid) AS sizes,
               string_agg(int8send(extract(epoch FROM came_at)::bigint), '' ORDER BY uid) AS times
        FROM (
            SELECT uid, message_id, size_octets, came_at FROM article JOIN message ON message.id = article.message_id
            WHERE folder_id = %(folder_id)s AND cancelled_at IS NULL ORDER BY uid DESC LIMIT %(most)s
        ) AS newest
    ) AS articles ON true
    WHERE folder.id = %(folder_id)s
"""
_SIZES = "SELECT id, highest_modseq, octets, messages FROM folder WHERE id = ANY(%s::bigint[])"


class MboxArticle(NamedTuple):
    """An article of the file."""

    message_id: int
    octets: int  # of the message
    came_at: int  # seconds since 1970

    @property
    def pieces(self) -> int:
        """How many pieces it is read in."""
        return max(1, -(-self.octets // PIECE_OCTETS))


class MboxArticles(NamedTuple):
    """The articles of a file, the newest last. `modseq` is another number as soon as one came or went."""

    modseq: int
    uids: array[int]
    message_ids: array[int]
    octets: array[int]
    times: array[int]

    def article(self, at: int) -> MboxArticle:
        """The one at this place."""
        return MboxArticle(self.message_ids[at], self.octets[at], self.times[at])


class RoomSize(NamedTuple):
    """A room's file as it is now: `octets` is the most that it can have."""

    modseq: int
    octets: int


def sizes_of(tx: Transaction, folder_ids: Iterable[int]) -> Mapping[int, RoomSize]:
    """By room; what is gone is left out."""
    rows = tx.rows(_SIZES, (array_literal(folder_ids),))
    return {room: RoomSize(modseq, octets + MOST_AROUND_OCTETS * count) for room, modseq, octets, count in rows}


def mbox_articles(tx: Transaction, folder_id: int, most: int) -> MboxArticles | None:
    """The newest `most` articles that are not cancelled; None if the room is gone."""
    row = tx.row(_ARTICLES, {"folder_id": folder_id, "most": most})
    if row is None:
        return None
    modseq, uids, message_ids, sizes, times = row
    return MboxArticles(modseq, unsigned_32(uids), signed_64(message_ids), unsigned_32(sizes), signed_64(times))


def mbox_lengths(tx: Transaction, articles: Sequence[MboxArticle]) -> Sequence[int]:
    """How many octets each has in the file; 0 for one that is gone. Ask for some megabytes at a time."""
    small = {each.message_id: each for each in articles if each.pieces == 1}
    lengths = {number: len(octets) for number, octets in _small(tx, small)}
    for each in articles:
        if each.pieces > 1:
            lengths[each.message_id] = sum(len(mbox_piece(tx, each, number)) for number in range(each.pieces))
    return [lengths.get(each.message_id, 0) for each in articles]


def mbox_octets(tx: Transaction, articles: Sequence[MboxArticle]) -> bytes:
    """The octets of articles of one piece, one behind the other."""
    rendered = dict(_small(tx, {each.message_id: each for each in articles}))
    return b"".join(rendered.get(each.message_id, b"") for each in articles)


def mbox_piece(tx: Transaction, article: MboxArticle, number: int) -> bytes:
    """The octets in the file of one of its pieces, counted from 0; none if it is gone."""
    start, end = number * PIECE_OCTETS, min((number + 1) * PIECE_OCTETS, article.octets)
    first = max(0, start - LOOK_BEHIND)
    octets = load_range(tx, article.message_id, first, end + LOOK_AHEAD)
    piece = octets[start - first : end - first]
    lines = quoted_piece(octets[: start - first], piece, octets[end - first :])
    if number == 0:
        lines = line_before(piece, _time(article)) + lines
    if number == article.pieces - 1:
        lines += b"\n" if octets.endswith(b"\n") else b"\n\n"
    return lines


def _small(tx: Transaction, articles: Mapping[int, MboxArticle]) -> Iterable[tuple[int, bytes]]:
    for number, octets in load_bodies(tx, list(articles)):
        yield number, as_mboxrd(octets, _time(articles[number]))


def _time(article: MboxArticle) -> datetime:
    return datetime.fromtimestamp(article.came_at, UTC)
