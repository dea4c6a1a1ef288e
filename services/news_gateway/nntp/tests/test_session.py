"""Sessions serve articles byte for byte whatever their size, serve no cancelled ones, and do not end at a fault."""

from __future__ import annotations

import random

import pytest

from services.news_gateway.nntp.article_range import HIGHEST, ArticleRange
from services.news_gateway.nntp.commands.article import WHOLE_OCTETS
from services.news_gateway.nntp.overview_pages import PAGE_OCTETS, overview_pages
from services.news_gateway.nntp.tests.conftest import News, an_article
from services.news_gateway.nntp.tests.reader import reading
from shared.folders.body_steps import STEP_OCTETS
from shared.folders.channel import FolderChanged
from shared.testing.eventually import eventually
from shared.testing.longest_turn import longest_turn
from shared.testing.overtaken import overtaken
from shared.testing.player import play
from shared.testing.reactor import call_in_reactor, wait_for
from shared.testing.store_outage import StoreOutage
from shared.testing.transcript import parse

GREETING = "S: 200 Agora NNTP ready, posting allowed\n"


def big_article(octets: int) -> bytes:
    """Lines of all kinds, some of which begin with dots."""
    made = random.Random(octets)
    lines = [b"." * made.randrange(3) + made.randbytes(30).hex().encode() for _ in range(octets // 60)]
    article = an_article(octets, body=b"\r\n".join(lines) + b"\r\n")
    return article[: octets - 2].rstrip(b"\r\n") + b"\r\n"


@pytest.mark.parametrize("octets", [WHOLE_OCTETS, WHOLE_OCTETS + 2, STEP_OCTETS + 1, 3 * STEP_OCTETS])
def test_large_article_comes_byte_for_byte(news: News, octets: int) -> None:
    article = big_article(octets)
    header, body = (part + b"\r\n" for part in article.split(b"\r\n\r\n", 1))
    news.put(article, rooms=("local.empty",))
    with reading(news) as reader:
        assert reader.say(b"GROUP local.empty").startswith(b"211 1 1 1 ")
        assert reader.say(b"ARTICLE 1").startswith(b"220 1 ")
        assert reader.block() == article
        assert reader.say(b"HEAD 1").startswith(b"221 1 ")
        assert reader.block() == header
        assert reader.say(b"BODY 1").startswith(b"222 1 ")
        assert reader.block() == body.removesuffix(b"\r\n")
        assert reader.say(b"DATE").startswith(b"111 ")


def test_every_article_comes_in_any_order(news: News) -> None:
    articles = [an_article(number, body=b"%d\r\n" % number * (number % 50)) for number in range(1000, 1400)]
    news.put(*articles, rooms=("local.empty",))
    order = [*range(1, 401), *random.Random(1).sample(range(1, 401), 100)]
    with reading(news) as reader:
        reader.say(b"GROUP local.empty")
        for number in order:
            assert reader.say(b"ARTICLE %d" % number).startswith(b"220 %d " % number)
            assert reader.block() == articles[number - 1]


def test_pipelined_articles_come_in_order(news: News) -> None:
    articles = [an_article(number, body=b"%d\r\n" % number * 20) for number in range(1000, 1300)]
    news.put(*articles, rooms=("local.empty",))
    with reading(news) as reader:
        reader.say(b"GROUP local.empty")
        reader.socket.sendall(b"".join(b"ARTICLE %d\r\n" % number for number in range(1, 301)))
        for number in range(1, 301):
            assert reader.file.readline().startswith(b"220 %d " % number)
            assert reader.block() == articles[number - 1]


def test_an_overview_of_many_pages_is_whole(news: News) -> None:
    count = 5000
    news.put(*[an_article(number) for number in range(10_000, 10_000 + count)], rooms=("local.empty",))
    with reading(news) as reader:
        reader.say(b"GROUP local.empty")
        assert reader.say(b"OVER 1-").startswith(b"224 ")
        lines = reader.block().split(b"\r\n")[:-1]
        assert [int(line.split(b"\t")[0]) for line in lines] == list(range(1, count + 1))
        assert reader.say(b"HDR X-Nothing 1-").startswith(b"225 ")
        assert len(reader.block().split(b"\r\n")) == count + 1
        assert reader.say(b"XPAT Subject 1- *7").startswith(b"221 ")
        assert len(reader.block().split(b"\r\n")) == count // 10 + 1
        assert reader.say(b"NEWNEWS local.empty 20000101 000000").startswith(b"230 ")
        assert len(reader.block().split(b"\r\n")) == count + 1
        assert reader.say(b"LISTGROUP").startswith(b"211 ")
        assert len(reader.block().split(b"\r\n")) == count + 1


@pytest.mark.parametrize("command", [b"HDR X-Nothing 1-", b"XPAT X-Kind 1- green"])
@pytest.mark.parametrize("behind", range(1, 5))
def test_fields_of_later_articles_come_if_one_is_cancelled_meanwhile(
    news: News, monkeypatch: pytest.MonkeyPatch, command: bytes, behind: int
) -> None:
    count = 300
    made = [an_article(number, X_Kind="green") for number in range(10_000, 10_000 + count)]
    news.put(*made, rooms=("local.empty",))
    with reading(news) as reader:
        reader.say(b"GROUP local.empty")
        reading_it = overtaken(behind, lambda: news.cancel("local.empty", 2))
        monkeypatch.setattr("shared.database.attempt.Transaction", reading_it)
        assert reader.say(command).startswith(b"22")
        answered = [int(line.split(b" ")[0]) for line in reader.block().split(b"\r\n")[:-1]]
    assert set(range(1, count + 1)) - set(answered) <= {2}


def test_a_pattern_made_to_be_slow_keeps_nobody_waiting(news: News) -> None:
    news.put(*[an_article(number, Subject="a" * 990) for number in range(20_000, 20_600)], rooms=("local.empty",))
    with reading(news) as slow, reading(news) as other, longest_turn() as measured:
        slow.say(b"GROUP local.empty")
        patterns = (b"*" + b"a" * 400 + b"b*", b"*[a-z]" * 80 + b"b*")
        slow.socket.sendall(b"".join(b"XPAT Subject 1- %b\r\n" % each for each in patterns))
        for _ in range(20):
            assert other.say(b"DATE").startswith(b"111 ")
        for _ in patterns:
            assert slow.file.readline().startswith(b"221 ")
            assert slow.block() == b""
    assert measured.seconds < 1


def test_what_is_cancelled_meanwhile_is_gone(news: News) -> None:
    with reading(news) as reader:
        reader.say(b"GROUP local.tea")
        assert reader.say(b"STAT 1").startswith(b"223 1 ")  # those that follow are looked up, too
        news.cancel("local.tea", 2)
        call_in_reactor(news.parts.bus.announce, [FolderChanged(news.rooms["local.tea"].folder_id, 99)])
        eventually(lambda: reader.say(b"STAT 2").startswith(b"423 "), "the article is gone")
        assert reader.say(b"STAT <2@example.test>").startswith(b"430 ")
        assert reader.say(b"STAT 4").startswith(b"223 4 ")


def test_what_is_posted_meanwhile_is_there(news: News) -> None:
    with reading(news) as reader:
        reader.say(b"GROUP local.tea")
        assert reader.say(b"STAT 6").startswith(b"423 ")
        assert reader.say(b"STAT 5").startswith(b"223 5 ")
        news.put(an_article(77))
        assert reader.say(b"STAT 6").startswith(b"223 6 ")
        assert reader.say(b"GROUP local.tea") == b"211 5 1 6 local.tea\r\n"


def test_while_the_store_is_away_the_session_goes_on(news: News, database_url: str, server_url: str) -> None:
    outage = StoreOutage(database_url, server_url)
    told = f"""{GREETING}
C: GROUP local.tea
S: 211 4 1 5 local.tea
E: database goes away
C: STAT 1
S: 403 storage is away, try again
C: OVER 1-
S: 403 storage is away, try again
C: GROUP local.empty
S: 403 storage is away, try again
C: ARTICLE <1@example.test>
S: 403 storage is away, try again
C: LIST
S: 403 storage is away, try again
C: CAPABILITIES
S: 101 capabilities
S> POST
S> .
C: POST
S: 340 send the article
C: From: Bob <bob@example.test>
C: Newsgroups: local.tea
C: Subject: later
C: Message-ID: <later@example.test>
C:
C: later
C: .
S: 403 storage is away, try again
E: database comes back
"""
    events = {"database goes away": outage.begin, "database comes back": outage.end}
    play(parse(told), "127.0.0.1", news.port, events=events)
    with reading(news) as reader:
        eventually(lambda: reader.say(b"GROUP local.tea").startswith(b"211 4 "), "the store is back")


def test_an_article_that_is_too_large_is_read_to_its_end_and_refused(news: News) -> None:
    told = f"""{GREETING}
C: POST
S: 340 send the article
C| From: b@example.test\\r\\nNewsgroups: local.tea\\r\\nSubject: x\\r\\n\\r\\n
C* 20000 0123456789012345678901234567890123456789012345678901234567890123456789\\r\\n
C: .
S: 441 the article is too large
C: DATE
S~ 111 *
C: POST
S: 340 send the article
C| From: b@example.test\\r\\nNewsgroups: local.tea\\r\\nSubject: a long line\\r\\n\\r\\n
C* 900000 x
C| \\r\\n.\\r\\n
S~ 240 *
C: POST
S: 340 send the article
C| From: b@example.test\\r\\nNewsgroups: local.tea\\r\\nX-Long:\\s
C* 900000 x
C| \\r\\nSubject: x\\r\\n\\r\\n.\\r\\n
S~ 441 *
C: GROUP local.tea
S: 211 5 1 6 local.tea
"""
    play(parse(told), "127.0.0.1", news.port)


def test_a_client_that_does_too_much_wrong_is_let_go(news: News) -> None:
    told = GREETING + 19 * "C: XYZZY\nS: 500 unknown command\n" + "C: DATE\nS~ 111 *\n"
    told += 20 * "C: XYZZY\nS: 500 unknown command\n" + "S: 400 too many errors, goodbye\nE: the server closes\n"
    play(parse(told), "127.0.0.1", news.port)


async def _pages(news: News, name: str) -> list[bytes]:
    wanted = ArticleRange(1, HIGHEST)
    return [page async for page in overview_pages(news.parts.database, news.rooms[name].folder_id, wanted)]


@pytest.mark.parametrize(("subject", "most_lines"), [("x" * 990, 512), ("x", 2048)])
def test_a_page_of_overviews_has_a_size_however_long_its_lines(empty: News, subject: str, most_lines: int) -> None:
    """Each client that does not read holds one."""
    empty.make("local.tea")
    articles = [
        an_article(number, Subject=subject, References="<a@x> " * (len(subject) // 6)) for number in range(4000)
    ]
    empty.put(*articles)
    pages = wait_for(lambda: _pages(empty, "local.tea"))
    assert sum(page.count(b"\r\n") for page in pages) == len(articles)
    assert max(map(len, pages[1:])) <= PAGE_OCTETS
    assert max(page.count(b"\n") for page in pages) == most_lines
