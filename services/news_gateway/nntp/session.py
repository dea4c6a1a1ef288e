"""One NNTP conversation: a stranger or an account, the group that is selected, and the current article."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from services.news_gateway.nntp import replies
from services.news_gateway.nntp.articles_ahead import ArticlesAhead
from services.news_gateway.nntp.errors import BadArguments, NoGroupSelected, SignInFirst
from services.news_gateway.nntp.parts import NntpParts
from services.news_gateway.nntp.selected_group import SelectedGroup
from shared.accounts.account import Account, Role
from shared.accounts.errors import SignInFailed
from shared.conversation.errors import LineTooLong
from shared.conversation.verbs import VerbConversation
from shared.folders.append import Place
from shared.rooms.directory import Rooms
from shared.rooms.errors import MayNotPost, MayNotRead
from shared.rooms.policy import may_read, verdict
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.reading.articles import Article
from shared.rooms.room import Room

Command = Callable[["NntpSession", bytes], Awaitable[None]]


class NntpSession(VerbConversation):
    """A reader's session: strangers read public rooms, members read and post as the rooms' policies say."""

    endings = replies.ENDINGS
    shut_out_words = replies.SHUT_OUT
    error_replies = replies.REPLIES
    unexpected = replies.UNEXPECTED
    unknown_verb = replies.UNKNOWN_COMMAND
    too_many_errors = replies.TOO_MANY_ERRORS

    def __init__(self, parts: NntpParts, commands: Mapping[bytes, Command]) -> None:
        super().__init__(commands, parts.errors)
        self.parts = parts
        self.account: Account | None = None
        self.user: str | None = None  # what AUTHINFO USER said
        self.compressed = False
        self.selected: SelectedGroup | None = None
        self.reader: Reader = STRANGER  # as of the rooms that were looked at last
        self.ahead = ArticlesAhead(parts.database, parts.bodies, parts.bus)
        self._rooms: Rooms | None = None
        self._reads = False  # whether any of those rooms is there for the reader
        self._rooms_to_post_to: Rooms | None = None
        self._may_post = False  # to any of those

    def welcome(self) -> bytes:
        """The greeting: 200, although posting depends on the account. After 201 programs do not offer to post."""
        return replies.READY

    @property
    def verbs(self) -> Mapping[bytes, Command]:
        """The commands that this session knows, for HELP."""
        return self._commands

    def say_error(self, error: Exception) -> None:
        """A refusal such as that of a missing article is no mistake of the client's, and does not count."""
        if isinstance(error, MayNotRead) and self.account is None:
            error = SignInFirst()
        super().say_error(error)
        if isinstance(error, (SignInFailed, LineTooLong, BadArguments)):
            self.errors += 1

    def obeyed(self, succeeded: bool) -> None:
        """Only errors in a row count."""
        if succeeded:
            self.errors = 0

    def refuse(self, reply: bytes) -> None:
        """Send `reply`, and count an error; a client that makes too many is disconnected."""
        self.write(reply)
        self.errors += 1

    # Who the client is

    def sign_in(self, account: Account) -> None:
        """The client is `account` from now on."""
        self.account = account
        self._rooms = self._rooms_to_post_to = None
        self.parts.sessions.admit(account.id, self)

    def account_name(self) -> str:
        """The name of the account that has signed in."""
        return "" if self.account is None else self.account.name

    @property
    def offers_sign_in(self) -> bool:
        """Whether AUTHINFO is possible now (RFC 4643 §2.2; RFC 8054 §2.2.2: no secrets in a compressed stream)."""
        return self.account is None and self.may_sign_in and not self.compressed

    @property
    def offers_tls(self) -> bool:
        """Whether STARTTLS is possible now (RFC 4642 §2.2.2)."""
        return self.tls is None and self.account is None and not self.compressed and self.parts.tls_options is not None

    def finished(self) -> None:
        """The connection is gone."""
        self.ahead.close()
        if self.account is not None:
            self.parts.sessions.leave(self.account.id, self)

    # What the client reads

    def select(self, selected: SelectedGroup) -> None:
        """The group is the one that commands are about."""
        self.selected = selected
        self.ahead.open(selected.folder_id)

    async def rooms(self) -> Rooms:
        """All rooms as they are now, and `reader` with them. Raises SignInFirst if a stranger may read none."""
        rooms = await self.parts.directory.rooms()
        if rooms is not self._rooms:
            self._rooms = rooms
            self.reader = reader = rooms.reader(self.account)
            self._reads = any(may_read(room, reader) for room in rooms.by_name.values())
        if not self._reads and self.account is None:
            raise SignInFirst
        return rooms

    async def room_named(self, word: bytes) -> Room:
        """The room, if it is there for the reader. Raises RoomNotFound, MayNotRead, SignInFirst."""
        name = word.decode("utf-8", "replace")
        await self.parts.directory.rooms(name)
        room = (await self.rooms()).named(name)
        if not may_read(room, self.reader):
            raise MayNotRead
        return room

    async def selected_room(self) -> tuple[SelectedGroup, Room]:
        """The one that is selected, as it is now. Raises NoGroupSelected, MayNotRead, SignInFirst."""
        rooms = await self.rooms()
        selected = self.selected
        if selected is None:
            raise NoGroupSelected
        room = rooms.by_id.get(selected.folder_id)
        if room is None:  # deleted meanwhile
            raise NoGroupSelected
        if not may_read(room, self.reader):
            raise MayNotRead
        return selected, room

    def has_read(self, article: Article) -> None:
        """The article is seen by the account, if it wants that noted; a stranger's reading marks nothing."""
        account = self.account
        if account is not None and account.news_marks:
            self.parts.read_marks.add(account.id, article.folder_id, article.uid)

    # What the client posts

    async def present_reader(self) -> Reader:
        """The client as a reader, with the rooms that the account moderates now."""
        return (await self.parts.directory.rooms()).reader(self.account)

    async def may_post(self) -> bool:
        """Whether there is any room that takes a post of the reader's, though perhaps for its moderators first."""
        rooms = await self.parts.directory.rooms()
        if rooms is not self._rooms_to_post_to:
            self._rooms_to_post_to = rooms
            reader = rooms.reader(self.account)
            self._may_post = any(not isinstance(verdict(room, reader), MayNotPost) for room in rooms.by_name.values())
        return self._may_post

    @property
    def may_relay(self) -> bool:
        """Whether articles are taken from here that another server has injected."""
        return self.account is not None and self.account.role is Role.ADMIN

    def names_of(self, places: Sequence[Place]) -> Sequence[str]:
        """The names of rooms, as far as they are known: nothing is asked, for the article is answered already."""
        known = self.parts.directory.known
        by_id = {} if known is None else known.by_id
        return [by_id[place.folder_id].name for place in places if place.folder_id in by_id]
