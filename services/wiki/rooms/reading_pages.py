"""Pages on which messages are read: a thread page by page, and one message. What is shown is marked as read."""

from __future__ import annotations

from collections.abc import Sequence

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, article_number, number_in, room_here
from services.wiki.rooms.shown_message import MessageLooks, ShownMessage
from services.wiki.rooms.threads_page import ThreadsPages
from services.wiki.site.answer import Answer
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.flags import SEEN
from shared.messages.base_subject import base_subject
from shared.rooms.errors import ArticleNotFound
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.posts.place_in_threads import in_threads_up_to
from shared.rooms.reading.article_line import ArticleLine, read_lines
from shared.rooms.reading.articles import by_number
from shared.rooms.reading.list_threads import ThreadLine, thread_line
from shared.rooms.reading.read_thread import ThreadArticles, page_with, read_thread, thread_of


class ReadingPages:
    """For all rooms; one for each process."""

    def __init__(self, threads: ThreadsPages, looks: MessageLooks) -> None:
        self._threads = threads
        self._looks = looks

    async def thread(self, parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
        """The thread of a message. Raises RoomNotFound, SignInNeeded, ArticleNotFound."""
        here = await room_here(parts, request, name)
        await self._threads.place(here.room.folder_id)
        after = number_in(request.query.get("after"))
        thread, line, page, high = await parts.database.read_snapshot(
            _thread, here.room.folder_id, here.account_id, article_number(number), after
        )
        messages = await self._looks.shown(here.room.folder_id, here.account_id, page.articles)
        answer = render(
            parts,
            here.visitor,
            "rooms/thread.html",
            place="rooms",
            here=here,
            thread=line,
            page=page,
            messages=messages,
            title=base_subject(line.first.subject).text or line.first.subject or "(no subject)",
            first_new=next((each.uid for each in messages if each.is_unread), None),
            number=number,
            high=high,
            thread_id=str(thread),
            then_path=f"{here.path}/threads/{number}",
        )
        await self._mark(parts, request, here, messages)
        return answer

    async def message(self, parts: WikiParts, request: WebRequest, name: str, number: int) -> Answer:
        """One message. Raises RoomNotFound, SignInNeeded, ArticleNotFound."""
        here = await room_here(parts, request, name)
        lines = await parts.database.read(_one, here.room.folder_id, article_number(number))
        messages = await self._looks.shown(here.room.folder_id, here.account_id, lines)
        if not messages:
            raise ArticleNotFound
        answer = render(
            parts,
            here.visitor,
            "rooms/message.html",
            place="rooms",
            here=here,
            message=messages[0],
            number=number,
            then_path=f"{here.path}/{number}",
        )
        await self._mark(parts, request, here, messages)
        return answer

    async def _mark(self, parts: WikiParts, request: WebRequest, here: Here, messages: Sequence[ShownMessage]) -> None:
        """They are seen behind every door. A browser that only looks ahead has not shown them (Sec-Purpose)."""
        unread = [message.uid for message in messages if message.is_unread]
        if not unread or here.account_id is None or request.method == b"HEAD":
            return
        if b"prefetch" in (request.getHeader(b"sec-purpose") or request.getHeader(b"purpose") or b""):
            return
        try:
            await parts.database.transact(set_marks, here.account_id, here.room.folder_id, unread, "add", SEEN)
            parts.unread.forget(here.account_id)
        except DomainError:
            return  # the page is here: they are marked when they are read again


def _thread(
    tx: Transaction, folder_id: int, account_id: int | None, number: int, after: int | None
) -> tuple[int, ThreadLine, ThreadArticles, int]:
    """The parts of the page belong together only in a snapshot (Database.read_snapshot)."""
    thread = thread_of(tx, folder_id, number)
    line = thread_line(tx, folder_id, account_id, thread)
    if line is None:
        raise ArticleNotFound
    if after is None:
        after = page_with(tx, folder_id, thread, number)
    return thread, line, read_thread(tx, folder_id, thread, after), in_threads_up_to(tx, folder_id)


def _one(tx: Transaction, folder_id: int, number: int) -> Sequence[ArticleLine]:
    by_number(tx, folder_id, number)  # one that is cancelled is not there
    return list(read_lines(tx, folder_id, [number]).values())
