"""ARTICLE and BODY mark what members read as seen, unless the account does not want that; nothing else does."""

from __future__ import annotations

from array import array

from services.news_gateway.nntp.tests.conftest import News
from shared.accounts.change_account import set_news_marks
from shared.accounts.find_account import find_account
from shared.folders.flags import SEEN
from shared.rooms.marks.marks_of import marks_of
from shared.testing.eventually import eventually
from shared.testing.player import play
from shared.testing.reactor import wait_for
from shared.testing.transcript import parse

SIGNED_IN = """
S: 200 Agora NNTP ready, posting allowed
C: AUTHINFO USER alice
S~ 381 *
C: AUTHINFO PASS correct horse
S~ 281 *
C: GROUP local.tea
S~ 211 *
"""


def seen(news: News, room: str = "local.tea") -> list[int]:
    """The numbers of the articles that alice has seen."""
    alice = find_account(news.transaction, "alice")
    marks = marks_of(news.transaction, alice.id, news.rooms[room].folder_id)
    news.transaction.commit()
    numbers = array("I", range(1, 10))
    return [number for number, flags in zip(numbers, marks.flags_of(numbers), strict=True) if flags & SEEN]


def say(news: News, *commands: str, signed_in: str = SIGNED_IN) -> None:
    told = signed_in + "".join(f"C: {command}\nS~ 22? *\nS> .\n" for command in commands)
    play(parse(told), "127.0.0.1", news.port)


def test_article_and_body_mark_as_seen(news: News) -> None:
    say(news, "ARTICLE 1", "BODY 4", "ARTICLE <5@example.test>")
    eventually(lambda: seen(news) == [1, 4, 5], "what was read is seen")
    assert seen(news, "local.members") == []


def test_head_over_hdr_and_stat_do_not(news: News) -> None:
    say(news, "HEAD 1", "OVER 1-", "HDR Subject 1-", "HDR X-Kind 1-", "ARTICLE 2")
    eventually(lambda: seen(news) == [2], "the one that was read is seen, and no other")


def test_an_account_may_not_want_that(news: News) -> None:
    set_news_marks(news.transaction, find_account(news.transaction, "alice").id, False)
    news.transaction.commit()
    say(news, "ARTICLE 1", "BODY 4")
    wait_for(news.parts.read_marks.write)
    assert seen(news) == []


def test_a_strangers_reading_marks_nothing(news: News) -> None:
    say(news, "ARTICLE 1", signed_in="S~ 200 *\nC: GROUP local.tea\nS~ 211 *\n")
    wait_for(news.parts.read_marks.write)
    assert seen(news) == []


def test_a_room_that_is_gone_keeps_no_other_from_being_marked(news: News) -> None:
    alice = find_account(news.transaction, "alice").id
    news.transaction.commit()

    async def read_two() -> None:
        news.parts.read_marks.add(alice, -1, 1)
        news.parts.read_marks.add(alice, news.rooms["local.tea"].folder_id, 1)
        await news.parts.read_marks.write()

    wait_for(read_two)
    assert seen(news) == [1]
