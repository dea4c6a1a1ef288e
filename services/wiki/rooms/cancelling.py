"""Cancelling a message, by its author or a moderator, and undoing that within 30 days."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, article_number, room_here, signed_in
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.database.transaction import Transaction
from shared.rooms.cancels.cancel import Cancelled, cancel_article
from shared.rooms.cancels.undo_cancel import undo_cancel
from shared.rooms.errors import ArticleNotFound
from shared.rooms.reader import Reader

# A cancelled article keeps its row until it can no longer come back.
_IDENTIFIER = "SELECT identifier FROM article WHERE folder_id = %s AND uid = %s"


async def cancel(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """Raises CrossSite, SignInNeeded, RoomNotFound, ArticleNotFound, NotTheAuthor."""
    here = await _here(parts, request, name)
    await parts.database.transact(_cancel, here.room.folder_id, article_number(number), here.reader)
    return see_other(f"{here.path}?cancelled={number}")


async def undo(parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
    """Raises the same."""
    here = await _here(parts, request, name)
    await parts.database.transact(_undo, here.room.folder_id, article_number(number), here.reader)
    return see_other(f"{here.path}/threads/{number}#m{number}")


async def _here(parts: WikiParts, request: WebRequest, name: str) -> Here:
    here = await room_here(parts, request, name)
    await check_csrf(here.visitor, request)
    signed_in(here.visitor)
    return here


def _cancel(tx: Transaction, folder_id: int, number: int, reader: Reader) -> Cancelled:
    return cancel_article(tx, _identifier(tx, folder_id, number), reader)


def _undo(tx: Transaction, folder_id: int, number: int, reader: Reader) -> Cancelled:
    return undo_cancel(tx, _identifier(tx, folder_id, number), reader)


def _identifier(tx: Transaction, folder_id: int, number: int) -> bytes:
    row = tx.row(_IDENTIFIER, (folder_id, number))
    if row is None:
        raise ArticleNotFound
    identifier: bytes = row[0]
    return identifier
