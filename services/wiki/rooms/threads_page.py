"""A room's threads, page by page, those with the newest messages first."""

from __future__ import annotations

from services.wiki.parts import WikiParts
from services.wiki.rooms.here import Here, number_in, room_here
from services.wiki.site.answer import Answer, see_other
from services.wiki.site.render import render
from services.wiki.site.request import WebRequest
from services.wiki.visitor import check_csrf
from shared.database.transaction import Transaction
from shared.folders.flags import SEEN
from shared.rooms.marks.set_marks import set_marks
from shared.rooms.moderation.held import count_held
from shared.rooms.moderators import list_moderators
from shared.rooms.posts.place_in_threads import in_threads_up_to, is_in_threads, place_in_threads
from shared.rooms.reading.articles import numbers
from shared.rooms.reading.list_threads import ThreadPage, list_threads
from shared.rooms.reading.rooms_as_seen import RoomSeen, rooms_as_seen
from shared.rooms.room import Posters, Readers, Room
from shared.runtime.single_flight import SingleFlight
from shared.runtime.spawn import spawn

STEPS_AT_ONCE = 3  # of 1,000 articles: what a request waits for
MARKED_AT_ONCE = 50_000  # articles marked as read by one statement


class ThreadsPages:
    """The pages of all rooms; one for each process, which puts a room's articles into threads once at a time."""

    def __init__(self, parts: WikiParts) -> None:
        self._parts = parts
        self._placing: SingleFlight[int, bool] = SingleFlight()

    async def show(self, parts: WikiParts, request: WebRequest, name: str) -> Answer:
        """Raises RoomNotFound, SignInNeeded."""
        here = await room_here(parts, request, name)
        before = number_in(request.query.get("before"))
        is_complete = await self.place(here.room.folder_id)
        page, seen, moderators, high = await parts.database.read_snapshot(_read, here.room, here.account_id, before)
        waiting = 0
        if here.moderates:
            waiting = await parts.database.read(count_held, here.room.folder_id, here.rooms.by_id, here.reader)
        return render(
            parts,
            here.visitor,
            "rooms/room.html",
            place="rooms",
            here=here,
            page=page,
            seen=seen,
            is_complete=is_complete,
            is_first=before is None,
            moderators=moderators,
            policy=policy_words(here.room),
            mail_address=f"{here.room.name}@{parts.names.mail_domain}",
            cancelled=number_in(request.query.get("cancelled")),
            held="held" in request.query,
            waiting=waiting,
            high=high,
            then_path=here.path,
        )

    async def place(self, folder_id: int) -> bool:
        """Put what is new into threads; whether all is. What takes longer goes on behind the answer."""
        database = self._parts.database
        if await database.read(is_in_threads, folder_id):
            return True
        for _ in range(STEPS_AT_ONCE):
            await self._step(folder_id)
            if await database.read(is_in_threads, folder_id):  # a step that another request began may know of less
                return True
        spawn(self._place_all(folder_id), "putting articles into threads")
        return False

    async def mark_all(self, parts: WikiParts, request: WebRequest, name: str) -> Answer:
        """Mark all messages as read, up to the number that the page knew of."""
        here = await room_here(parts, request, name)
        await check_csrf(here.visitor, request)
        high = number_in((await request.form()).get("high"), 0) or 0
        if here.account_id is not None:
            await self._mark_all(here, here.account_id, high)
            parts.unread.forget(here.account_id)
        return see_other(here.path)

    async def _mark_all(self, here: Here, account_id: int, high: int) -> None:
        first = 1
        while first <= high:
            found = await self._parts.database.read(numbers, here.room.folder_id, first, high, MARKED_AT_ONCE)
            if not found:
                return
            await self._parts.database.transact(set_marks, account_id, here.room.folder_id, found, "add", SEEN)
            first = found[-1] + 1

    async def _place_all(self, folder_id: int) -> None:
        while not await self._step(folder_id):
            pass

    async def _step(self, folder_id: int) -> bool:
        async def step() -> bool:
            return await self._parts.database.transact(place_in_threads, folder_id)

        return await self._placing.ask(folder_id, step)


def policy_words(room: Room) -> str:
    """Who reads and posts, in a sentence."""
    readers = "Everyone reads" if room.reading is Readers.EVERYONE else "Members read"
    if room.fed:
        return f"{readers}, a feed fills it"
    if room.replies_only:
        return f"{readers}, a program fills it, replies are welcome"
    posters = {
        Posters.EVERYONE: "everyone posts",
        Posters.MEMBERS: "members post",
        Posters.MODERATORS: "moderators post",
        Posters.NOBODY: "nobody posts",
    }[room.posting]
    if readers == "Members read" and room.posting is Posters.MEMBERS:
        return "Members read and post"
    return f"{readers}, {posters}"


def _read(
    tx: Transaction, room: Room, account_id: int | None, before: int | None
) -> tuple[ThreadPage, RoomSeen, list[str], int]:
    """The parts of the page belong together only in a snapshot (Database.read_snapshot)."""
    seen = rooms_as_seen(tx, account_id, [room.folder_id]).get(room.folder_id, RoomSeen(0, 0, None, None))
    moderators = [account.name for account in list_moderators(tx, room)]
    return list_threads(tx, room.folder_id, account_id, before), seen, moderators, in_threads_up_to(tx, room.folder_id)
