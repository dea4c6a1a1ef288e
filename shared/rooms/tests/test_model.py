"""Random posts, crossposts, duplicates, cancels, their undoing, purges and lost transactions, against plain Python."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

import pytest

from shared.database.transaction import Transaction
from shared.folders.bodies import load_bodies
from shared.folders.open_folder import open_folder
from shared.folders.purge import forget_vanished
from shared.messages.overview import overview_fields
from shared.rooms.cancels.cancel import cancel_everywhere, cancellable
from shared.rooms.cancels.undo_cancel import undo_everywhere
from shared.rooms.errors import ArticleNotFound, DuplicateArticle
from shared.rooms.posts.post import Post, Posted, post_articles
from shared.rooms.reader import Reader
from shared.rooms.reading import articles
from shared.rooms.reading.water import water_of
from shared.rooms.room import Room, Water
from shared.rooms.tests.build import a_post, a_reader, an_article, an_open_room

STEPS = 120


@dataclass
class ModelRoom:
    """Numbers and identifiers; `gone` are cancelled and may come back."""

    next: int = 1
    there: dict[int, bytes] = field(default_factory=dict)
    gone: dict[int, bytes] = field(default_factory=dict)


class Walk:
    """One random walk: the store and the model do the same."""

    def __init__(self, tx: Transaction, random: Random) -> None:
        self.tx, self.random = tx, random
        self.rooms = [an_open_room(tx, f"a.r{number}") for number in range(3)]
        self.models: dict[int, ModelRoom] = {room.folder_id: ModelRoom() for room in self.rooms}
        self.author: Reader = a_reader(tx)
        self.seen: list[bytes] = []
        self.used: set[tuple[int, int]] = set()  # every number that was ever given
        tx.commit()

    def posts(self) -> list[Post]:
        made = []
        for _ in range(self.random.choice([1, 1, 2, 9])):
            rooms = self.random.sample(self.rooms, self.random.choice([1, 1, 2, 3]))
            old = self.seen and self.random.random() < 0.2
            identifier = self.random.choice(self.seen).decode() if old else ""
            octets = an_article(self.random.choice(["tea", "tea\r\n\tat four", "wool"]), identifier=identifier)
            made.append(a_post(*rooms, octets=octets, account_id=self.author.account_id))
        return made

    def post(self) -> None:
        posts = self.posts()
        if self.random.random() < 0.3 and self.seen:
            posts[0] = self.superseding(posts[0])
        if self.random.random() < 0.3:  # killed before the commit
            post_articles(self.tx, posts)
            self.tx.rollback()
        results = post_articles(self.tx, posts)
        self.tx.commit()
        for post, result in zip(posts, results, strict=True):
            if post.identifier in self.seen:
                assert isinstance(result, DuplicateArticle)
                continue
            assert isinstance(result, Posted), result
            self.seen.append(post.identifier)
            for place in result.places:
                model = self.models[place.folder_id]
                assert place.uid == model.next
                assert (place.folder_id, place.uid) not in self.used
                self.used.add((place.folder_id, place.uid))
                model.there[place.uid] = post.identifier
                model.next += 1
        for post, result in zip(posts, results, strict=True):
            if isinstance(result, Posted):
                self.took_away(post.superseded)
        if self.random.random() < 0.3:  # the answer was lost, and everybody posts again
            assert all(isinstance(each, DuplicateArticle) for each in post_articles(self.tx, posts))
            self.tx.commit()

    def superseding(self, post: Post) -> Post:
        try:
            old = cancellable(self.tx, self.random.choice(self.seen), self.author)
        except ArticleNotFound:
            return post
        return post._replace(superseded=old)

    def where(self, identifier: bytes, *, gone: bool = False) -> list[tuple[int, int]]:
        return [
            (room, uid)
            for room, model in self.models.items()
            for uid, each in (model.gone if gone else model.there).items()
            if each == identifier
        ]

    def took_away(self, numbers: Sequence[tuple[int, int]]) -> None:
        for room, uid in numbers:
            self.models[room].gone[uid] = self.models[room].there.pop(uid)

    def cancel(self) -> None:
        identifier = self.random.choice(self.seen or [b"<none@x>"])
        there = self.where(identifier)
        try:
            assert sorted(cancel_everywhere(self.tx, identifier).numbers) == sorted(there)
            self.took_away(there)
        except ArticleNotFound:
            assert not there
        self.tx.commit()

    def undo(self) -> None:
        identifier = self.random.choice(self.seen or [b"<none@x>"])
        gone = self.where(identifier, gone=True)
        try:
            assert sorted(undo_everywhere(self.tx, identifier).numbers) == sorted(gone)
        except ArticleNotFound:
            assert not gone
        for room, uid in gone:
            self.models[room].there[uid] = self.models[room].gone.pop(uid)
        self.tx.commit()

    def purge(self) -> None:
        """As if all that is cancelled were 30 days old."""
        forget_vanished(self.tx, timedelta(0))
        self.tx.execute("DELETE FROM article WHERE cancelled_at IS NOT NULL")
        for model in self.models.values():
            model.gone.clear()
        self.tx.commit()

    def check(self) -> None:
        for room in self.rooms:
            model = self.models[room.folder_id]
            low = min(model.there.keys() | model.gone.keys(), default=model.next)
            assert water_of(self.tx, room.folder_id) == Water(low, model.next - 1, len(model.there))
            snapshot = open_folder(self.tx, room.folder_id)
            assert list(snapshot.uids) == sorted(model.there)
            assert list(articles.numbers(self.tx, room.folder_id, 1, 2**31 - 1, 9999)) == sorted(model.there)
            served = articles.overviews(self.tx, room.folder_id, 1, 2**31 - 1, 9999).octets
            assert served == b"".join(self.rendered(room, snapshot.message_ids, snapshot.uids))

    def rendered(self, room: Room, message_ids: Sequence[int], uids: Sequence[int]) -> list[bytes]:
        """The lines of OVER, made anew from the octets and from all places that the articles ever had."""
        bodies = dict(load_bodies(self.tx, message_ids))
        lines = []
        for message_id, uid in zip(message_ids, uids, strict=True):
            overview = overview_fields(bodies[message_id])
            article = articles.by_number(self.tx, room.folder_id, uid)
            assert article.identifier == overview.identifier == self.models[room.folder_id].there[uid]
            names = {each.name: each.folder_id for each in self.rooms}
            places = [place.rpartition(":") for place in article.xref.decode().split()[1:]]
            assert all((names[name], int(number)) in self.used for name, _, number in places)
            assert (room.name, ":", str(uid)) in places
            lines.append(
                b"%d\t%b\t%b\t%b\t%b\t%b\t%d\t%d\tXref: %b\r\n"
                % (uid, *overview[:5], len(bodies[message_id]), overview.lines, article.xref)
            )
        return lines


@pytest.mark.parametrize("seed", range(4))
def test_no_number_is_given_twice_and_all_is_served_as_it_is(transaction: Transaction, seed: int) -> None:
    walk = Walk(transaction, Random(seed))
    for step in range(STEPS):
        walk.random.choice([walk.post, walk.post, walk.post, walk.cancel, walk.undo, walk.undo])()
        if walk.random.random() < 0.03:
            walk.purge()
        if step % 10 == 9:
            walk.check()
    assert len(walk.used) > STEPS
