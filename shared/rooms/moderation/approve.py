"""Approving a held post: `Approved:` is put on top, and it gets the next number in each of its rooms."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account_by_id
from shared.database.transaction import Transaction
from shared.folders.message import NewMessage
from shared.messages.overview import overview_fields
from shared.messages.render import render
from shared.rooms.article_header import read_article
from shared.rooms.cancels.cancel import Number, cancellable
from shared.rooms.cancels.cancel_lock import elements
from shared.rooms.errors import ArticleNotFound, ArticleUnfit, DuplicateArticle, NotTheAuthor, RoomNotFound
from shared.rooms.find_room import find_reader
from shared.rooms.moderation.held import Decided, HeldPost, decide, take_held
from shared.rooms.posts.post import Post, post_articles
from shared.rooms.reader import Reader
from shared.rooms.room import for_members


def approve(
    tx: Transaction, token: str, reader: Reader | None, hostname: str, mail_domain: str, now: datetime
) -> Decided:
    """Post it; by the operator for `reader` None. Of two moderators at the same moment one approves it.

    A post that came another way meanwhile is a duplicate, and gets no number. What it supersedes is cancelled now.
    Announces FolderChanged. Raises NotHeld, AlreadyDecided, NotAModerator, RoomNotFound when all its rooms are gone.
    """
    held = take_held(tx, token, reader)
    if not held.rooms:
        raise RoomNotFound(token)
    account = None if reader is None else reader.account
    who = "postmaster" if account is None else account.name
    post = _post(held, f"Approved: {who}@{mail_domain}\r\n".encode() + held.octets, hostname, now)
    (posted,) = post_articles(tx, [post._replace(superseded=_superseded(tx, held, now))])
    rooms = [room.name for room in held.rooms]
    if isinstance(posted, DuplicateArticle):
        decide(tx, held, reader, "duplicate")
        return Decided("duplicate", held.identifier, rooms)
    if isinstance(posted, Exception):
        raise posted
    decide(tx, held, reader, "approved")
    return Decided("approved", held.identifier, rooms, [place.uid for place in posted.places])


def _post(held: HeldPost, octets: bytes, hostname: str, now: datetime) -> Post:
    return Post(
        message=NewMessage(octets, now, render(octets)),
        identifier=held.identifier,
        overview=overview_fields(octets),
        rooms={room.folder_id: room.name for room in held.rooms},
        hostname=hostname,
        door=held.door,
        account_id=held.account_id,
        network=held.network,
        for_members=for_members(held.rooms),
    )


def _superseded(tx: Transaction, held: HeldPost, now: datetime) -> Sequence[Number]:
    """Where the article is now that this one supersedes, as far as its author may cancel it."""
    try:
        header = read_article(held.octets, now, relayed=True)  # our fields are on top of it
        if header.supersedes is None:
            return ()
        account = None if held.account_id is None else find_account_by_id(tx, held.account_id)
        keys = elements(header.fields, b"cancel-key")
        return cancellable(tx, header.supersedes, find_reader(tx, account), keys)
    except (AccountNotFound, ArticleNotFound, ArticleUnfit, NotTheAuthor):
        return ()
