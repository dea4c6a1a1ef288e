"""Posting: the way of articles from every door. They are checked, our fields put on top, and committed with others."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from mmap import mmap
from typing import Any, NamedTuple

from shared.conversation.spool import Spool
from shared.database.database import Database
from shared.database.errors import CommitUnknown
from shared.database.gathering import Gathering
from shared.give_way import Turns
from shared.ip_network import network_of
from shared.mail.intake import FIXED_OCTETS, MessageIntake
from shared.messages.overview import body_lines, overview_of
from shared.rooms.article_header import ArticleHeader, is_identifier, read_article
from shared.rooms.cancels.cancel import Number, cancel_article, cancellable
from shared.rooms.cancels.cancel_lock import elements
from shared.rooms.directory import Directory
from shared.rooms.errors import ArticleNotFound, ArticleUnfit, DuplicateArticle, MayNotPost, NotTheAuthor
from shared.rooms.posts.article_fields import Injection, TopFields, put_on_top
from shared.rooms.posts.hold import hold_post
from shared.rooms.posts.is_reply import answered_by, is_reply
from shared.rooms.posts.judge import judge, rooms_named
from shared.rooms.posts.post import Post, Posted, post_articles
from shared.rooms.posts.post_limits import PostLimits
from shared.rooms.posts.post_values import MAIL_DOORS
from shared.rooms.posts.posted_before import posted_before
from shared.rooms.posts.posted_to import is_posted_to
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import Room, for_members

_EMPTY_LINE = b"\r\n"


class ServerNames(NamedTuple):
    """The names of this server."""

    hostname: str  # in Path, Xref and new Message-IDs
    mail_domain: str


class Origin(NamedTuple):
    """Where an article comes from: a door's name, and the client's address; `relayed` by another server (IHAVE)."""

    door: str
    host: str
    relayed: bool = False

    @property
    def by_mail(self) -> bool:
        """Whether the door has looked at Authentication-Results already: those in our name are ours."""
        return self.door in MAIL_DOORS


class Posting:
    """The posting of a process: articles that come while a commit is under way share the next one."""

    def __init__(
        self,
        database: Database,
        reactor: Any,
        directory: Directory,
        names: ServerNames,
        now: Callable[[], datetime],
        limits: PostLimits | None = None,
    ) -> None:
        """`now` gives aware times."""
        self._database = database
        self._directory = directory
        self._names = names
        self._now = now
        self._limits = limits or PostLimits(database.clock)
        self._intake = MessageIntake(database, reactor)
        # shared/feeds/identity.py: anybody can compute what an item will have, and would take its place
        self._of_feeds = re.compile(rb"<[0-9a-f]{40}(?:\.[0-9]+)?@%b>" % re.escape(names.mail_domain.encode()))
        self._gathering: Gathering[Post, Posted] = Gathering(database, post_articles, weigh=_weigh)

    def coming(self) -> AbstractContextManager[None]:
        """A context: while it lasts, an article is on its way, and may share a commit with others."""
        return self._gathering.coming()

    async def post(
        self, content: bytes | mmap | Spool, reader: Reader, origin: Origin, rooms: Sequence[Room] | None = None
    ) -> Posted:
        """Post an article to `rooms`, or without them to those that its Newsgroups names. Committed when this returns.

        A post to a moderated room by others than its moderators is held. A control message that cancels an article does
        so, and is not kept.

        Raises ArticleUnfit, TooManyRooms, RoomNotFound, MayNotPost, DuplicateArticle, MessageTooLarge, TooManyPosts;
        TooManyHeld; ArticleNotFound and NotTheAuthor of what is to be cancelled or superseded; StoreFull,
        StoreUnavailable, StatementTimedOut, and SpoolFull of a Spool.
        """
        self._database.free_space.check()
        octets = content.octets if isinstance(content, Spool) else content
        now = self._now()
        header = await self._intake.look(octets, read_article, octets, now, relayed=origin.relayed)
        if not origin.relayed:
            if header.identifier is not None and self._of_feeds.fullmatch(header.identifier):
                raise ArticleUnfit("Message-ID is one of those that items of feeds have")
            await self._limits.count(reader, origin.host)
        if header.control is not None:
            return await self._control(header, header.control, _canceller(reader, origin))
        known = await self._directory.rooms(*(header.groups if rooms is None else ()))
        if rooms is None:
            rooms = rooms_named(known, header, relayed=origin.relayed)
        judged = judge(rooms, reader, header, relayed=origin.relayed)
        for room in judged.rooms:
            if room.replies_only:
                await self._check_reply(room, header)
        approved = self._mailbox(reader) if judged.is_approval else None
        superseded = await self._superseded(header, reader, origin)
        post = await self.prepare(content, header, judged.rooms, reader, origin, now, approved, superseded)
        if judged.is_held:
            return await self._hold(post, now)
        return await self.keep(post)

    async def prepare(
        self,
        content: bytes | mmap | Spool,
        header: ArticleHeader,
        rooms: Sequence[Room],
        reader: Reader,
        origin: Origin,
        now: datetime,
        approved: str | None = None,
        superseded: Sequence[Number] = (),
    ) -> Post:
        """The article as it will be kept, whatever the policy of the rooms says. Raises ArticleUnfit, SpoolFull.

        `superseded` is cancelled by the same commit.
        """
        account = reader.account
        name = None if account is None else account.name
        injection = Injection(*self._names, origin.host, name, now, relayed=origin.relayed, by_mail=origin.by_mail)
        top = put_on_top(header, [room.name for room in rooms], injection, approved)
        body_octets = len(content) - len(header.octets) - len(_EMPTY_LINE)
        octets = await self._with_top(content, top)
        lines = await self._intake.look(octets, body_lines, octets, len(octets) - body_octets)
        return Post(
            message=await self._intake.prepare(octets, now),
            identifier=top.identifier,
            overview=overview_of(_as_kept(header, top), len(octets), lines),
            rooms={room.folder_id: room.name for room in rooms},
            hostname=self._names.hostname,
            door=origin.door,
            account_id=reader.account_id,
            network=network_of(origin.host) if origin.host else None,
            superseded=superseded,
            for_members=for_members(rooms),
        )

    async def keep(self, post: Post) -> Posted:
        """Commit what is prepared, with what others have; raises what post_articles() says of it, and the store."""
        try:
            return await self._gathering.submit(post)
        except CommitUnknown:
            pass  # the identifier tells whether it happened: nothing gets a number twice
        try:
            return await self._gathering.submit(post)
        except DuplicateArticle:
            posted = await self._database.read(posted_before, post)
            if posted is None:
                raise
            return posted

    async def _check_reply(self, room: Room, header: ArticleHeader) -> None:
        """Raises MayNotPost."""
        named = answered_by(header)
        if not named or not await self._database.read(is_reply, room.folder_id, named):
            raise MayNotPost(f"{room.name} takes replies only: answer one of its messages")

    async def _hold(self, post: Post, now: datetime) -> Posted:
        try:
            await self._database.transact(hold_post, post, self._names.mail_domain, now)
        except CommitUnknown:  # as in keep()
            try:
                await self._database.transact(hold_post, post, self._names.mail_domain, now)
            except DuplicateArticle:
                if not await self._database.read(is_posted_to, post.identifier, post.rooms.keys()):
                    raise
        return Posted(post.identifier, 0, (), held=True)

    async def close(self) -> None:
        """Refuse new articles, and return when all that were accepted are committed."""
        await self._gathering.close()
        await self._intake.close()

    async def _control(self, header: ArticleHeader, control: bytes, reader: Reader) -> Posted:
        """Cancel what a control message is about (RFC 5537 §5.3); there is no other kind, and none is kept itself."""
        verb, _, identifier = control.partition(b" ")
        if verb.lower() != b"cancel" or not is_identifier(identifier.strip()):
            raise ArticleUnfit("the only control message is cancel, with a Message-ID")
        keys = elements(header.fields, b"cancel-key")
        cancelled = await self._database.transact(cancel_article, identifier.strip(), reader, keys)
        return Posted(header.identifier or cancelled.identifier, 0, (), cancelled=True)

    async def _superseded(self, header: ArticleHeader, reader: Reader, origin: Origin) -> Sequence[Number]:
        """Where the article is that this one supersedes; nowhere if it is gone (RFC 5537 §5.4).

        Raises NotTheAuthor; what another server relays supersedes nothing then.
        """
        if header.supersedes is None:
            return ()
        keys = elements(header.fields, b"cancel-key")
        try:
            return await self._database.read(cancellable, header.supersedes, _canceller(reader, origin), keys)
        except ArticleNotFound:
            return ()
        except NotTheAuthor:
            if origin.relayed:
                return ()
            raise

    async def _with_top(self, content: bytes | mmap | Spool, top: TopFields) -> bytes | mmap:
        if not isinstance(content, Spool):
            return top.octets + content[top.replaced :]
        if not content.replace_start_in_memory(top.replaced, top.octets):
            await content.replace_start(top.replaced, top.octets, Turns(self._database.clock))
        return content.octets

    def _mailbox(self, reader: Reader) -> str:
        assert reader.account is not None
        return f"{reader.account.name}@{self._names.mail_domain}"


def _canceller(reader: Reader, origin: Origin) -> Reader:
    """Who cancels by an article: what another server relays was written by anybody, and has its keys alone."""
    return STRANGER if origin.relayed else reader


def _as_kept(header: ArticleHeader, top: TopFields) -> Callable[[bytes], bytes]:
    """The fields of the article with those that are put on top, as far as its overview has them."""
    added = {b"date": top.date, b"message-id": top.identifier}
    return lambda name: added.get(name) or header.value(name)


def _weigh(post: Post) -> int:
    return FIXED_OCTETS + len(post.message.octets)
