"""Posting the wiki's changes: each that waits becomes a message, in the commit in which it waits no more."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from twisted.logger import Logger

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.message import NewMessage
from shared.folders.packed import array_literal
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.rooms.article_header import read_article
from shared.rooms.errors import ArticleUnfit
from shared.rooms.posts.article_fields import Injection, put_on_top
from shared.rooms.posts.place_in_threads import thread_number
from shared.rooms.posts.post import Post, post_articles
from shared.rooms.room import Room, for_members
from shared.rooms.search.index_articles import NOT_SEARCHED
from shared.wiki.changes_room.change_message import (
    MOST_COMPARED_OCTETS,
    SAVES,
    ChangeNames,
    PostedChange,
    change_message,
)
from shared.wiki.changes_room.room import changes_room
from shared.wiki.page import FULL_NAME
from shared.wiki.policy import WikiPolicy

log = Logger()
DOOR = NOT_SEARCHED  # of these messages; a comment comes by any other
MOST_CHANGES = 50  # of one transaction
MOST_OCTETS = 8 << 20  # of their texts, before and after; one that is larger goes alone
_ONE_AT_A_TIME = 0x77696B69  # so that the changes of a page are in their order

_IS_WAITING = "SELECT EXISTS (SELECT FROM page_news)"
_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
# A page's numbers are given under the lock of its row, so that none comes later below one that is seen here.
_WAITING = f"""
    SELECT change_id, page_change.page_id, page_change.name, kind, page_change.revision, page_change.author,
           {FULL_NAME}, page_change.account_id IS NOT NULL, comment, changed_at, page_change.octets, before.revision,
           before.octets
    FROM page_news LEFT JOIN page_change ON page_change.id = change_id
        LEFT JOIN account ON account.id = page_change.account_id
        LEFT JOIN LATERAL (
            SELECT revision, octets FROM page_change AS former
            WHERE former.page_id = page_change.page_id AND former.revision < page_change.revision
                  AND former.source IS NOT NULL
            ORDER BY former.revision DESC LIMIT 1
        ) AS before ON page_change.kind IN ('created', 'edited')
    ORDER BY change_id LIMIT %s
"""
_SOURCES = """
    SELECT page_id, revision, source
    FROM unnest(%s::bigint[], %s::integer[]) AS wanted (page_id, revision) JOIN page_change USING (page_id, revision)
    WHERE source IS NOT NULL
"""
_ROOTS = "SELECT page_id, identifier FROM page_thread WHERE folder_id = %s AND page_id = ANY(%s)"
_BEGIN_THREAD = "INSERT INTO page_thread (page_id, folder_id, thread, identifier) VALUES (%s, %s, %s, %s)"
_POSTED = "DELETE FROM page_news WHERE change_id = ANY(%s::bigint[])"
_NEWEST = """
    INSERT INTO page_news (change_id)
    SELECT page_change.id FROM page_change JOIN page ON page.id = page_id AND page.revision = page_change.revision
    WHERE page_id = %s AND source IS NOT NULL ON CONFLICT DO NOTHING
"""
_FORGET = "DELETE FROM page_news"


def is_waiting(tx: Transaction) -> bool:
    """Whether a change is not posted yet."""
    return bool(tx.value(_IS_WAITING))


def forget_changes(tx: Transaction) -> None:
    """Post none of what waits: the operator wants no such room."""
    tx.execute(_FORGET)


def post_newest(tx: Transaction, page_id: int) -> None:
    """Have the newest revision of a page posted, for one that has not changed since there is the room."""
    tx.execute(_NEWEST, (page_id,))


def post_changes(tx: Transaction, names: ChangeNames, policy: WikiPolicy, now: datetime) -> int:
    """Post the next changes; how many. None if none waits, or another process is at it.

    Announces FolderChanged. Raises RoomNotFound if the room goes at this moment.
    """
    if not tx.value(_LOCK, (_ONE_AT_A_TIME,)):
        return 0
    waiting = tx.rows(_WAITING, (MOST_CHANGES,))
    if not waiting:
        return 0
    # A page that was deleted from the store itself took its changes along.
    gone = [change_id for change_id, page_id, *_ in waiting if page_id is None]
    changes = list(_as_many_as_fit(_change(*row) for row in waiting if row[1] is not None))
    if changes:
        room = changes_room(tx, policy)
        posts = _posts(tx, changes, room, names, now)
        for result in post_articles(tx, posts) if posts else ():
            if isinstance(result, DomainError):
                raise result
    tx.execute(_POSTED, ([*gone, *(change.id for change in changes)],))
    return len(gone) + len(changes)


def _change(  # the columns of _WAITING
    change_id: int,
    page_id: int,
    name: str,
    kind: str,
    revision: int,
    author: str,
    full_name: str,
    is_member: bool,
    comment: str,
    changed_at: datetime,
    octets: int,
    before: int | None,
    before_octets: int | None,
) -> PostedChange:
    former = None if before is None or before_octets is None else (before, before_octets)
    return PostedChange(
        change_id, page_id, name, kind, revision, author, full_name, is_member, comment, changed_at, octets, former
    )


def _as_many_as_fit(changes: Iterable[PostedChange]) -> Iterable[PostedChange]:
    octets = 0
    for number, change in enumerate(changes):
        compared = _compared_octets(change)
        octets += compared if compared <= MOST_COMPARED_OCTETS else 0
        if number and octets > MOST_OCTETS:
            return
        yield change


def _compared_octets(change: PostedChange) -> int:
    return change.octets + (change.before[1] if change.before is not None else 0)


def _posts(
    tx: Transaction, changes: Sequence[PostedChange], room: Room, names: ChangeNames, now: datetime
) -> Sequence[Post]:
    roots: dict[int, str] = {
        page_id: bytes(identifier).decode()
        for page_id, identifier in tx.rows(_ROOTS, (room.folder_id, [change.page_id for change in changes]))
    }
    sources = _read_sources(tx, changes)
    posts: list[Post] = []
    for change in changes:
        # Nobody can know it beforehand, and take its place.
        identifier = f"<{change.id}.{secrets.token_hex(8)}@{names.hostname}>"
        root = roots.get(change.page_id)
        if root is None:
            roots[change.page_id] = identifier
            own = identifier.encode()
            tx.execute_with_next(_BEGIN_THREAD, (change.page_id, room.folder_id, thread_number(own), own))
        # The clocks of PostgreSQL and of this process may differ: no article is of the future.
        change = change._replace(changed_at=min(change.changed_at, now))
        octets = change_message(change, _compared(change, sources), identifier, root, names)
        try:
            posts.append(_post(octets, room, names, now))
        except ArticleUnfit:  # a bug of ours; the changes behind it must not wait for ever
            log.failure("the change {number} of {page} could not be posted", number=change.id, page=change.name)
    return posts


def _read_sources(tx: Transaction, changes: Iterable[PostedChange]) -> Mapping[tuple[int, int], str]:
    """The texts before and after, by page and revision; those that are too large to be compared are left out."""
    wanted: set[tuple[int, int]] = set()
    for change in changes:
        if change.kind in SAVES and _compared_octets(change) <= MOST_COMPARED_OCTETS:
            wanted.add((change.page_id, change.revision))
            if change.before is not None:
                wanted.add((change.page_id, change.before[0]))
    if not wanted:
        return {}
    pages, revisions = zip(*wanted, strict=True)
    rows = tx.rows(_SOURCES, (array_literal(pages), array_literal(revisions)))
    return {(page_id, revision): source.decode() for page_id, revision, source in rows}


def _compared(change: PostedChange, sources: Mapping[tuple[int, int], str]) -> tuple[str, str] | None:
    """The texts before and after; None where they are too large."""
    after = sources.get((change.page_id, change.revision))
    if after is None:
        return None
    return "" if change.before is None else sources.get((change.page_id, change.before[0]), ""), after


def _post(octets: bytes, room: Room, names: ChangeNames, now: datetime) -> Post:
    """The article with what every article has on top. It has no account: its author cannot cancel what was done."""
    header = read_article(octets, now)
    top = put_on_top(header, [room.name], Injection(names.hostname, names.mail_domain, "", DOOR, now))
    octets = top.octets + octets[top.replaced :]
    rooms: Mapping[int, str] = {room.folder_id: room.name}
    return Post(
        NewMessage(octets, now, render(octets)), top.identifier, overview_fields(octets), rooms, names.hostname, DOOR,
        for_members=for_members([room]),
    )  # fmt: skip
