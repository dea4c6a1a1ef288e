"""Posting: the outcome of an article that a door hands in."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from twisted.internet.defer import Deferred, DeferredList

from shared.accounts.account import Role
from shared.conversation.spool import Spool
from shared.database.database import Database
from shared.database.errors import CommitUnknown
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.folders.bodies import load_bodies
from shared.messages.overview import overview_fields
from shared.rooms.directory import Directory
from shared.rooms.errors import (
    ArticleNotFound,
    ArticleUnfit,
    DuplicateArticle,
    MayNotPost,
    NotTheAuthor,
    RoomNotFound,
    TooManyPosts,
)
from shared.rooms.moderation.approve import approve
from shared.rooms.moderation.held import list_held
from shared.rooms.posts.post import Posted
from shared.rooms.posts.post_limits import PostLimits
from shared.rooms.posts.posting import Origin, Posting, ServerNames
from shared.rooms.reader import STRANGER
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Posters, Water
from shared.rooms.tests.build import a_moderator, a_reader, an_article, an_open_room
from shared.testing.reactor import running_reactor

NNTP, MAIL, IHAVE = Origin("nntp", "192.0.2.7"), Origin("smtp", "192.0.2.7"), Origin("nntp", "192.0.2.9", relayed=True)


def a_posting(database: Database, bus: Bus) -> Posting:
    names = ServerNames("news.example.org", "example.org")
    return Posting(database, running_reactor(), Directory(database, bus), names, lambda: datetime.now(UTC))


def stored(tx: Transaction, result: Posted) -> bytes:
    return dict(load_bodies(tx, [result.message_id]))[result.message_id]


async def test_an_article_is_kept_as_it_came_with_our_fields_on_top(database: Database, bus: Bus) -> None:
    await database.transact(an_open_room, "a.b")
    came = an_article(identifier="<1@x>", Newsgroups="a.b")
    result = await a_posting(database, bus).post(came, STRANGER, NNTP)
    assert (result.identifier, [place.uid for place in result.places]) == (b"<1@x>", [1])
    octets = await database.read(stored, result)
    assert octets.endswith(came)
    names = [line.partition(b":")[0] for line in octets.removesuffix(came).splitlines() if line[:1] != b"\t"]
    assert names == [b"Path", b"Date", b"Injection-Date", b"Injection-Info"]
    article = await database.read(articles.by_number, result.places[0].folder_id, 1)
    assert article.size_octets == len(octets)


@pytest.mark.parametrize("size", [100, 3 << 20])  # in memory, and in a file
async def test_a_spool_is_posted_like_octets(database: Database, bus: Bus, size: int) -> None:
    room = await database.transact(an_open_room, "a.b")
    came = an_article(body="x" * size + "\r\n")
    spool = Spool()
    spool.append(came[:50])
    spool.append(came[50:])
    result = await a_posting(database, bus).post(spool, STRANGER, MAIL, [room])
    spool.close()
    octets = await database.read(stored, result)
    assert octets.endswith(came)
    assert b"\r\nNewsgroups: a.b\r\n" in octets.removesuffix(came)


@pytest.mark.parametrize(
    ("door", "stays"),
    [
        *((door, False) for door in ("nntp", "imap", "web", "rest", "xmlrpc", "soap", "pb", "feed")),
        *((door, True) for door in ("smtp", "submission", "lmtp")),
    ],
)
async def test_results_in_our_name_are_kept_of_what_came_by_mail_alone(
    database: Database, bus: Bus, door: str, stays: bool
) -> None:
    await database.transact(an_open_room, "a.b")
    await database.transact(an_open_room, "a.mod", moderated=True)
    member = await database.transact(a_reader)
    ours = b"Authentication-Results: news.example.org; dmarc=pass\r\n"
    posting = a_posting(database, bus)
    result = await posting.post(ours + an_article(Newsgroups="a.b"), member, Origin(door, "192.0.2.7"))
    assert (ours in await database.read(stored, result)) is stays
    result = await posting.post(ours + an_article(Newsgroups="a.mod"), member, Origin(door, "192.0.2.7"))
    assert result.held
    assert (ours in await database.read(_octets_held)) is stays


def _octets_held(tx: Transaction) -> bytes:
    return bytes(tx.value("SELECT octets FROM held"))


async def test_refusals_leave_nothing_behind(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    await database.transact(an_open_room, "a.b")
    await database.transact(an_open_room, "a.members", posting=Posters.MEMBERS)
    await database.transact(an_open_room, "a.fed", fed=True)
    member = await database.transact(a_reader)
    for reader, groups, error, words in (
        (STRANGER, "a.none", RoomNotFound, "a.none"),
        (STRANGER, "a.b,a.none", RoomNotFound, "a.none"),
        (STRANGER, "a.b,a.members", MayNotPost, "only members post to a.members"),
        (member, "a.b,a.fed", MayNotPost, "a feed fills a.fed"),
        (member, ",", ArticleUnfit, "Newsgroups"),
    ):
        with pytest.raises(error, match=words):
            await posting.post(an_article(identifier="<1@x>", Newsgroups=groups), reader, NNTP)
    with pytest.raises(ArticleUnfit, match="no Newsgroups"):
        await posting.post(an_article(), STRANGER, NNTP)
    result = await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b,a.members"), member, NNTP)
    assert [place.uid for place in result.places] == [1, 1]


async def test_approved_is_for_moderators(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    moderated = await database.transact(an_open_room, "a.mod", moderated=True)
    await database.transact(an_open_room, "a.b")
    member, moderator = await database.transact(a_reader), await database.transact(a_moderator, moderated)
    for groups in ("a.mod", "a.b", "a.b,a.mod"):
        for reader in (STRANGER, member):
            with pytest.raises(MayNotPost, match="Approved"):
                await posting.post(an_article(Newsgroups=groups, Approved="x@y.z"), reader, NNTP)
    result = await posting.post(an_article(Newsgroups="a.b,a.mod"), moderator, NNTP)
    assert moderator.account is not None
    assert f"\r\nApproved: {moderator.account.name}@example.org\r\n".encode() in await database.read(stored, result)
    result = await posting.post(an_article(Newsgroups="a.b,a.mod", Approved="x@y.z"), moderator, NNTP)
    assert (await database.read(stored, result)).count(b"Approved:") == 1


async def test_what_is_relayed_goes_to_the_rooms_that_are_here(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    room = await database.transact(an_open_room, "a.b")
    await database.transact(an_open_room, "a.mod", moderated=True)
    fields = {"Path": "elsewhere!x", "Date": "Sun, 01 Mar 2026 10:00:00 +0000"}
    result = await posting.post(an_article(Newsgroups="z.z,a.b", **fields), STRANGER, IHAVE)
    assert [place.folder_id for place in result.places] == [room.folder_id]
    with pytest.raises(RoomNotFound):
        await posting.post(an_article(Newsgroups="z.z", **fields), STRANGER, IHAVE)
    with pytest.raises(MayNotPost, match="has no Approved"):
        await posting.post(an_article(Newsgroups="a.mod", **fields), STRANGER, IHAVE)


async def test_many_at_once_share_commits_and_each_is_there_once(database: Database, bus: Bus) -> None:
    await database.transact(an_open_room, "a.b")
    posting = a_posting(database, bus)
    came = [an_article(identifier=f"<{number % 60}@x>", Newsgroups="a.b") for number in range(90)]
    outcomes: Any = await DeferredList(
        [Deferred.fromCoroutine(posting.post(octets, STRANGER, NNTP)) for octets in came], consumeErrors=True
    )
    kept = [result for is_kept, result in outcomes if is_kept]
    assert sorted(result.places[0].uid for result in kept) == list(range(1, 61))
    assert len({result.identifier for result in kept}) == 60
    assert all(result.check(DuplicateArticle) for is_kept, result in outcomes if not is_kept)


class LosingDatabase:
    """Commits, and loses the answer; `before` the commit if so."""

    def __init__(self, database: Database, losses: Sequence[str]) -> None:
        self._database = database
        self._losses = list(losses)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._database, name)

    async def transact(self, operation: Callable[..., Any], *arguments: Any) -> Any:
        loss = self._losses.pop(0) if self._losses else ""
        if loss == "before":
            raise CommitUnknown("lost")
        result = await self._database.transact(operation, *arguments)
        if loss == "after":
            raise CommitUnknown("lost")
        return result


@pytest.mark.parametrize("losses", [["before"], ["after"]])
async def test_a_commit_whose_answer_is_lost_is_found_or_made_again(
    database: Database, bus: Bus, losses: Sequence[str]
) -> None:
    room = await database.transact(an_open_room, "a.b")
    posting = a_posting(LosingDatabase(database, losses), bus)  # type: ignore[arg-type]
    result = await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b"), STRANGER, NNTP)
    assert [(place.folder_id, place.uid) for place in result.places] == [(room.folder_id, 1)]
    with pytest.raises(DuplicateArticle):
        await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b"), STRANGER, NNTP)
    again = await posting.post(an_article(Newsgroups="a.b"), STRANGER, NNTP)
    assert again.places[0].uid == 2


async def test_a_post_to_a_moderated_room_is_held_until_it_is_approved(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    await database.transact(an_open_room, "a.mod", moderated=True)
    await database.transact(an_open_room, "a.b")
    result = await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b,a.mod"), STRANGER, NNTP)
    assert (result.held, result.places) == (True, ())
    (line,) = await database.read(list_held)
    assert line.rooms == ["a.b", "a.mod"]
    decided = await database.transact(approve, line.token, None, "news.example.org", "example.org", datetime.now(UTC))
    assert (decided.outcome, decided.numbers) == ("approved", [1, 1])


@pytest.mark.parametrize("losses", [["before"], ["after"]])
async def test_a_held_post_whose_commit_was_not_answered_is_held_once(
    database: Database, bus: Bus, losses: Sequence[str]
) -> None:
    await database.transact(an_open_room, "a.mod", moderated=True)
    posting = a_posting(LosingDatabase(database, losses), bus)  # type: ignore[arg-type]
    assert (await posting.post(an_article(identifier="<1@x>", Newsgroups="a.mod"), STRANGER, NNTP)).held
    assert len(await database.read(list_held)) == 1
    with pytest.raises(DuplicateArticle):
        await posting.post(an_article(identifier="<1@x>", Newsgroups="a.mod"), STRANGER, NNTP)


async def test_what_a_held_post_supersedes_stays_until_it_is_approved(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    opened = await database.transact(an_open_room, "a.b")
    await database.transact(an_open_room, "a.mod", moderated=True)
    author = await database.transact(a_reader)
    await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b"), author, NNTP)
    newer = an_article(identifier="<2@x>", Newsgroups="a.b,a.mod", Supersedes="<1@x>")
    assert (await posting.post(newer, author, NNTP)).held
    assert await database.read(water_of, opened.folder_id) == Water(1, 1, 1)
    (line,) = await database.read(list_held)
    names = "news.example.org", "example.org"
    assert (await database.transact(approve, line.token, None, *names, datetime.now(UTC))).numbers == [2, 1]
    assert await database.read(water_of, opened.folder_id) == Water(1, 2, 1)


async def test_a_control_message_cancels_and_is_not_kept(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    room = await database.transact(an_open_room, "a.b")
    author, other = await database.transact(a_reader), await database.transact(a_reader)
    await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b"), author, NNTP)
    cancel = an_article(identifier="<2@x>", Newsgroups="a.b", Control="cancel <1@x>")
    for reader in (STRANGER, other):
        with pytest.raises(NotTheAuthor):
            await posting.post(cancel, reader, NNTP)
    result = await posting.post(cancel, author, NNTP)
    assert result.cancelled
    assert await database.read(water_of, room.folder_id) == Water(1, 1, 0)
    with pytest.raises(ArticleNotFound):
        await posting.post(cancel, author, NNTP)
    for control in ("newgroup a.c", "cancel", "cancel 1@x"):
        with pytest.raises(ArticleUnfit, match="control"):
            await posting.post(an_article(Newsgroups="a.b", Control=control), author, NNTP)


async def test_an_author_supersedes_an_article(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    room = await database.transact(an_open_room, "a.b")
    author = await database.transact(a_reader)
    await posting.post(an_article(identifier="<1@x>", Newsgroups="a.b"), author, NNTP)
    newer = an_article(identifier="<2@x>", Newsgroups="a.b", Supersedes="<1@x>")
    with pytest.raises(NotTheAuthor):
        await posting.post(newer, STRANGER, NNTP)
    result = await posting.post(newer, author, NNTP)
    assert result.places[0].uid == 2
    assert await database.read(water_of, room.folder_id) == Water(1, 2, 1)
    result = await posting.post(an_article(Newsgroups="a.b", Supersedes="<1@x>"), STRANGER, NNTP)  # gone already
    assert result.places[0].uid == 3


async def test_what_is_relayed_cancels_and_supersedes_by_its_keys_alone(database: Database, bus: Bus) -> None:
    posting = a_posting(database, bus)
    room = await database.transact(an_open_room, "a.b")
    author, relay = await database.transact(a_reader), await database.transact(a_reader, "root", Role.ADMIN)
    lock = base64.b64encode(hashlib.sha256(b"key").digest()).decode()
    for identifier, fields in (("<1@x>", {}), ("<2@x>", {"Cancel-Lock": f"sha256:{lock}"})):
        await posting.post(an_article(identifier=identifier, Newsgroups="a.b", **fields), author, NNTP)
    came = {"Newsgroups": "a.b", "Path": "elsewhere!x", "Date": "Sun, 01 Mar 2026 10:00:00 +0000"}
    with pytest.raises(NotTheAuthor):
        await posting.post(an_article(Control="cancel <1@x>", Approved="x@y.z", **came), relay, IHAVE)
    await posting.post(an_article(Supersedes="<1@x>", **came), relay, IHAVE)
    assert (await database.read(water_of, room.folder_id)).count == 3
    await posting.post(an_article(Control="cancel <2@x>", Cancel_Key="sha256:key", **came), relay, IHAVE)
    assert (await database.read(water_of, room.folder_id)).count == 2


@pytest.mark.parametrize("edition", ["", ".2"])
async def test_nobody_takes_the_message_id_of_a_feed_s_item(database: Database, bus: Bus, edition: str) -> None:
    await database.transact(an_open_room, "a.b")
    posting, identity = a_posting(database, bus), "0123456789abcdef" * 2 + "01234567" + edition
    with pytest.raises(ArticleUnfit, match="feeds"):
        await posting.post(an_article(identifier=f"<{identity}@example.org>", Newsgroups="a.b"), STRANGER, NNTP)
    for other in (f"<{identity}@x.example>", f"<x{identity}@example.org>", f"<{identity}@example.orgx>"):
        assert (await posting.post(an_article(identifier=other, Newsgroups="a.b"), STRANGER, NNTP)).places


async def test_cancels_are_counted_as_posts_are(database: Database, bus: Bus) -> None:
    await database.transact(an_open_room, "a.b")
    names = ServerNames("news.example.org", "example.org")
    posting = Posting(
        database, running_reactor(), Directory(database, bus), names, lambda: datetime.now(UTC),
        PostLimits(database.clock, of_network=2),
    )  # fmt: skip
    cancel = an_article(Newsgroups="a.b", Control="cancel <1@x>")
    for _ in range(2):
        with pytest.raises(ArticleNotFound):
            await posting.post(cancel, STRANGER, NNTP)
    with pytest.raises(TooManyPosts):
        await posting.post(cancel, STRANGER, NNTP)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"Date": "Sun, 01 Mar 2026\r\n\t10:00:00 +0000", "References": "<a@x>\r\n <b@x>"},
        {"Path": "elsewhere!x", "Subject-Of": "x", "References": " ".join(f"<{'r' * 60}{n}@x>\r\n" for n in range(40))},
        {"X-Long": "word " * 150, "references": "<a@x>", "Received": "from x\r\n\tby y"},
    ],
)
@pytest.mark.parametrize("body", ["", "one\r\n", "two\r\nlines", "x" * 100_000 + "\r\n" * 3])
async def test_the_line_of_over_is_that_of_the_octets(
    database: Database, bus: Bus, fields: dict[str, str], body: str
) -> None:
    await database.transact(an_open_room, "a.b")
    subject = "t\u00e9a " * 300
    came = an_article("\r\n ".join(subject[start : start + 400] for start in range(0, 1200, 400)), body=body,
                      Newsgroups="a.b", **fields)  # fmt: skip
    for content in (came, came.replace(b"Message-ID", b"X-Old-ID")):
        result = await a_posting(database, bus).post(content, STRANGER, NNTP)
        octets = await database.read(stored, result)
        article = await database.read(articles.by_number, result.places[0].folder_id, result.places[0].uid)
        subject_, author, date, identifier, references, size, lines = overview_fields(octets)
        assert article.overview == b"%d\t%b\t%b\t%b\t%b\t%b\t%d\t%d\tXref: news.example.org a.b:%d\r\n" % (
            article.uid, subject_, author, date, identifier, references, size, lines, article.uid,
        )  # fmt: skip
