"""Comments on pages: replies in the room of the wiki's changes, by the thread of the page."""

from __future__ import annotations

from collections.abc import Sequence

from shared.database.transaction import Transaction
from shared.rooms.posts.place_in_threads import STEP, place_in_threads
from shared.rooms.reading.article_line import ArticleLine, read_line
from shared.wiki.changes_room.post_changes import DOOR
from shared.wiki.changes_room.room import CHANGES
from shared.wiki.channel import PageChanged

MOST_SHOWN = 20  # below a page, the newest; the thread in the room has all of them

_CREATE = """
    INSERT INTO comment_reach (folder_id) SELECT folder_id FROM room WHERE name = %s ON CONFLICT DO NOTHING
"""
_LOCK = """
    SELECT folder_id, reached FROM comment_reach JOIN room USING (folder_id) WHERE name = %s
    FOR NO KEY UPDATE OF comment_reach
"""
# Of those that have their place in a thread: one that came since they got theirs is looked at the next time.
_NEWEST = """
    SELECT max(uid) FROM (
        SELECT uid FROM article
        WHERE folder_id = %(room)s AND uid > %(reached)s
            AND uid <= (SELECT thread_reach.reached FROM thread_reach WHERE thread_reach.folder_id = %(room)s)
        ORDER BY uid LIMIT %(step)s
    ) AS step
"""
_IS_NOTED = """
    SELECT coalesce((SELECT max(uid) FROM article WHERE article.folder_id = room.folder_id), 0) <= coalesce(reached, 0)
        AND NOT EXISTS (SELECT FROM page_thread WHERE counted_at > now() - interval '1 hour')
        AND NOT EXISTS (
            SELECT FROM article
            WHERE article.folder_id = room.folder_id AND cancelled_at > now() - interval '1 hour'
        )
    FROM room LEFT JOIN comment_reach USING (folder_id) WHERE name = %s
"""
_COMMENT = """
    FROM article JOIN identifier ON identifier.identifier = article.identifier AND identifier.door <> %(door)s
        JOIN thread_place USING (folder_id, uid) JOIN page_thread USING (folder_id, thread)
    WHERE folder_id = %(room)s
"""
# Those with new comments; those with one that was cancelled; and for an hour those that were looked at, as what was
# cancelled may come back.
_PAGES = f"""
    SELECT page_id {_COMMENT} AND uid > %(reached)s AND uid <= %(newest)s
    UNION
    SELECT page_id {_COMMENT} AND cancelled_at > now() - interval '1 hour'
    UNION
    SELECT page_id FROM page_thread WHERE folder_id = %(room)s AND counted_at > now() - interval '1 hour'
"""
_REACHED = "UPDATE comment_reach SET reached = %s WHERE folder_id = %s"
_COUNT = f"""
    WITH state AS (
        SELECT wanted.page_id, coalesce((
            SELECT nullif(hashtextextended(string_agg(uid::text, ',' ORDER BY uid), 0), 0)
            FROM (SELECT page_id, uid {_COMMENT} AND cancelled_at IS NULL AND page_id = wanted.page_id) AS its
        ), 0) AS comments_state
        FROM unnest(%(pages)s::bigint[]) AS wanted (page_id)
    )
    UPDATE page SET comments_state = state.comments_state FROM state
    WHERE page.id = page_id AND page.comments_state <> state.comments_state
    RETURNING page.id, name, revision
"""
_COUNTED = "UPDATE page_thread SET counted_at = now() WHERE folder_id = %s AND page_id = ANY(%s)"
_LIST = """
    SELECT overview, article.message_id
    FROM article JOIN identifier ON identifier.identifier = article.identifier AND identifier.door <> %(door)s
        JOIN thread_place USING (folder_id, uid) JOIN page_thread USING (folder_id, thread)
        JOIN room USING (folder_id)
    WHERE room.name = %(name)s AND page_id = %(page)s AND cancelled_at IS NULL ORDER BY uid DESC LIMIT %(most)s
"""
# Those that have their place in the thread; else the first one, which may have come at this moment.
_LAST = """
    SELECT coalesce(
        (
            SELECT max(uid) FROM thread_place JOIN article USING (folder_id, uid)
            WHERE thread_place.folder_id = page_thread.folder_id AND thread = page_thread.thread
                  AND cancelled_at IS NULL
        ),
        (
            SELECT uid FROM identifier JOIN article ON article.message_id = identifier.message_id
            WHERE identifier.identifier = page_thread.identifier AND folder_id = page_thread.folder_id
                  AND cancelled_at IS NULL
        )
    )
    FROM page_thread JOIN room USING (folder_id) WHERE room.name = %s AND page_id = %s
"""


def are_noted(tx: Transaction) -> bool:
    """Whether nothing has come or gone since the last look that a page might not say yet; true without the room."""
    return tx.value(_IS_NOTED, (CHANGES,)) is not False


def note_comments(tx: Transaction) -> bool:
    """Look at what has come to the room since: pages whose comments are others now say so. Whether that was all.

    Announces PageChanged of those.
    """
    tx.execute(_CREATE, (CHANGES,))
    row = tx.row(_LOCK, (CHANGES,))
    if row is None:
        return True
    room, reached = row
    are_all_placed = place_in_threads(tx, room)
    newest = tx.value(_NEWEST, {"room": room, "reached": reached, "step": STEP}) or reached
    asked = {"room": room, "door": DOOR, "reached": reached, "newest": newest}
    pages = [page_id for (page_id,) in tx.rows(_PAGES, asked)]
    if pages:
        changed = tx.rows(_COUNT, {**asked, "pages": pages})
        for _, name, revision in changed:
            tx.announce(PageChanged(name, revision))
        if changed:
            tx.execute_with_next(_COUNTED, (room, [page_id for page_id, *_ in changed]))
    if newest > reached:
        tx.execute(_REACHED, (newest, room))
    return are_all_placed and bool(newest - reached < STEP)


def list_comments(tx: Transaction, page_id: int, most: int = MOST_SHOWN) -> Sequence[ArticleLine]:
    """The newest comments on the page, in the order in which they came."""
    asked = {"name": CHANGES, "page": page_id, "door": DOOR, "most": most}
    return [read_line(overview, message_id) for overview, message_id in reversed(tx.rows(_LIST, asked))]


def newest_message(tx: Transaction, page_id: int) -> int | None:
    """The number of the last message about the page, which a comment answers; None where there is none yet."""
    number: int | None = tx.value(_LAST, (CHANGES, page_id))
    return number
