"""A room that was just made is there for newsreaders: programs ask LIST NEWSGROUPS for its description at once."""

from __future__ import annotations

from services.news_gateway.nntp.tests.conftest import News
from services.news_gateway.nntp.tests.reader import reading
from shared.rooms.create_room import create_room
from shared.rooms.room import Posters, Readers, Room
from shared.testing.eventually import eventually
from shared.testing.reactor import wait_for


def test_a_room_just_made_is_in_every_list_of_a_session_that_is_open(news: News) -> None:
    async def make() -> Room:
        return await news.parts.database.transact(
            create_room, "local.new", description="About all", reading=Readers.EVERYONE, posting=Posters.EVERYONE
        )

    with reading(news) as reader:
        assert reader.say(b"GROUP local.new").startswith(b"411 ")
        wait_for(make)
        eventually(lambda: reader.say(b"GROUP local.new") == b"211 0 1 0 local.new\r\n", "the gateway knows the room")
        for command, line in (
            (b"LIST NEWSGROUPS local.new", b"local.new\tAbout all\r\n"),
            (b"LIST ACTIVE local.new", b"local.new 0 1 y\r\n"),
            (b"LIST COUNTS local.new", b"local.new 0 1 0 y\r\n"),
        ):
            assert reader.say(command).startswith(b"215 ")
            assert reader.block() == line
