"""Writing what is searched of articles, some at a time: whoever searches, and the web service now and then, does it."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.rooms.reading.article_line import ArticleLine, read_line
from shared.rooms.search.article_words import article_text
from shared.search_words import search_text, words_vector

STEP = 50  # articles in one transaction, as long as they are small
STEP_OCTETS = 1 << 20  # of their bodies: some 30 ms
LARGEST_OCTETS = 512 << 10  # of a larger article subject and author are found alone
MOST_BEHIND = 1_000  # rooms
NOT_SEARCHED = "wiki"  # the door of messages about changes of pages: the pages themselves are found

_BEHIND = Prepared("""
    SELECT room.folder_id FROM room JOIN folder ON folder.id = room.folder_id
        LEFT JOIN article_text_reach USING (folder_id)
    WHERE folder.uidnext - 1 > coalesce(reached, 0) ORDER BY 1 LIMIT %s::integer
""")
_CREATE = "INSERT INTO article_text_reach (folder_id) VALUES (%s) ON CONFLICT DO NOTHING"
_LOCK = "SELECT reached FROM article_text_reach WHERE folder_id = %s FOR NO KEY UPDATE SKIP LOCKED"
_LAST = "SELECT uidnext - 1 FROM folder WHERE id = %s"
_NEW = """
    SELECT overview, article.message_id, door IS NOT DISTINCT FROM %s
    FROM article LEFT JOIN identifier USING (identifier)
    WHERE folder_id = %s AND uid > %s AND uid <= %s ORDER BY uid LIMIT %s
"""
_WRITE = """
    INSERT INTO article_text (folder_id, uid, words, grams) VALUES (%s, %s, %s::tsvector, %s::text[])
    ON CONFLICT DO NOTHING
"""
_REACHED = "UPDATE article_text_reach SET reached = %s WHERE folder_id = %s"
# Articles that were deleted for good are found no more; what is left of them goes when their room is looked at.
_TIDY = """
    DELETE FROM article_text AS its WHERE folder_id = %(folder_id)s AND uid < coalesce(
        (SELECT min(uid) FROM article WHERE article.folder_id = %(folder_id)s), 2147483647)
"""


def rooms_behind(tx: Transaction) -> Sequence[int]:
    """The rooms that have articles which are not searched yet."""
    return [folder_id for (folder_id,) in tx.rows(_BEHIND, (MOST_BEHIND,))]


def index_articles(tx: Transaction, folder_id: int) -> bool:
    """Write the next articles of the room; whether none is left, or another process is writing them.

    Articles are numbered under the lock of their room, so that none comes later below a number that is seen here.
    """
    tx.execute_with_next(_CREATE, (folder_id,))
    reached = tx.value(_LOCK, (folder_id,))
    last = tx.value(_LAST, (folder_id,))
    if reached is None or last is None or reached >= last:
        return True
    rows = tx.rows(_NEW, (NOT_SEARCHED, folder_id, reached, last, STEP))
    lines = [read_line(overview, number) for overview, number, _ in rows]
    passed_over = {number for _, number, is_passed_over in rows if is_passed_over}
    taken: list[ArticleLine] = []
    octets = 0
    for line in lines:
        octets += min(line.size_octets, LARGEST_OCTETS)
        if taken and octets > STEP_OCTETS:
            break
        taken.append(line)
    searched = [line for line in taken if line.message_id not in passed_over]
    small = [line.message_id for line in searched if line.size_octets <= LARGEST_OCTETS]
    bodies = dict(load_bodies(tx, small)) if small else {}
    for line in searched:
        body = bodies.get(line.message_id)
        text = article_text(body) if body is not None else f"{line.subject}\n{line.author.name}"
        found = search_text(text)
        tx.execute_with_next(_WRITE, (folder_id, line.uid, words_vector(found.words), list(found.grams)))
    is_done = len(taken) == len(lines) < STEP
    if is_done:
        tx.execute_with_next(_TIDY, {"folder_id": folder_id})
    tx.execute(_REACHED, (last if is_done else taken[-1].uid, folder_id))
    return is_done
