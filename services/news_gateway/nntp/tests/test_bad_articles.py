"""Articles that programs send and nobody can read: 441 with a reason, nothing of them is kept, the session goes on."""

from __future__ import annotations

import pytest

from services.news_gateway.nntp.tests.conftest import News
from services.news_gateway.nntp.tests.reader import reading

FROM, SUBJECT, GROUPS = b"From: b@example.test\r\n", b"Subject: x\r\n", b"Newsgroups: local.tea\r\n"
FIT = FROM + SUBJECT + GROUPS
KEPT = ("article", "message", "body", "identifier", "held")
BAD = {
    "no article at all": (b"", b"there is no empty line"),
    "no Newsgroups": (FROM + SUBJECT + b"\r\nbody\r\n", b"there is no Newsgroups"),
    "no Subject": (FROM + GROUPS + b"\r\nbody\r\n", b"there is no Subject"),
    "no From": (SUBJECT + GROUPS + b"\r\nbody\r\n", b"there is no From"),
    "two From": (FIT + FROM + b"\r\nbody\r\n", b"there is more than one From"),
    "two Newsgroups": (FIT + GROUPS + b"\r\nbody\r\n", b"there is more than one Newsgroups"),
    "no date": (FIT + b"Date: yesterday\r\n\r\nbody\r\n", b"Date is no date"),
    "a date in the future": (FIT + b"Date: Thu, 01 Jan 2099 00:00:00 +0000\r\n\r\nbody\r\n", b"Date is more than 24"),
    "NUL": (FIT + b"\r\nbo\0dy\r\n", b"there is a NUL"),
    "bare CR": (FIT + b"\r\nbo\rdy\r\n", b"there is a CR without LF"),
    "forged Approved": (FIT + b"Approved: me@example.test\r\n\r\nbody\r\n", b"only moderators put Approved"),
    "forged Path": (FIT + b"Path: x!.POSTED!y\r\n\r\nbody\r\n", b"Path says that the article was posted"),
    "forged Injection-Info": (FIT + b"Injection-Info: x\r\n\r\nbody\r\n", b"Injection-Info is for the server"),
    "an unknown group beside a known one": (
        FROM + SUBJECT + b"Newsgroups: local.tea,local.nothing\r\n\r\nbody\r\n",
        b"there is no group local.nothing here",
    ),
    "500 groups": (
        FROM + SUBJECT + b"Newsgroups: local.tea" + b"".join(b",\r\n a.g%d" % n for n in range(500)) + b"\r\n\r\nx\r\n",
        b"more than",
    ),
}
ODD = {
    "a date of 1987": FIT + b"Date: Thu, 01 Jan 1987 10:00:00 +0000\r\n\r\nbody\r\n",
    "8-bit octets everywhere": FROM + GROUPS + b"Subject: \xe9\xff\r\n\r\n\xff\xfe\r\n",
    "a line of 1,000,000 octets": FIT + b"\r\n" + b"x" * 1_000_000 + b"\r\n",
    "a Path of its own": FIT + b"Path: elsewhere!not-for-mail\r\n\r\nbody\r\n",
}


def rows(news: News) -> list[int]:
    news.transaction.commit()
    return [news.transaction.value(f"SELECT count(*) FROM {table}") for table in KEPT]


@pytest.mark.parametrize(("octets", "reason"), BAD.values(), ids=BAD.keys())
def test_a_bad_article_is_refused_and_nothing_of_it_is_kept(news: News, octets: bytes, reason: bytes) -> None:
    before = rows(news)
    with reading(news) as reader:
        assert reader.say(b"POST").startswith(b"340 ")
        answer = reader.say(octets + b".")
        assert answer.startswith(b"441 " + reason), answer
        assert len(answer) <= 512
        assert reader.say(b"GROUP local.tea") == b"211 4 1 5 local.tea\r\n"
    assert rows(news) == before


@pytest.mark.parametrize("octets", ODD.values(), ids=ODD.keys())
def test_an_odd_article_is_taken_and_comes_back_as_it_was(news: News, octets: bytes) -> None:
    with reading(news) as reader:
        assert reader.say(b"POST").startswith(b"340 ")
        assert reader.say(octets + b".").startswith(b"240 ")
        reader.say(b"GROUP local.tea")
        assert reader.say(b"ARTICLE 6").startswith(b"220 6 ")
        assert reader.block().partition(b"\r\n\r\n")[2] == octets.partition(b"\r\n\r\n")[2]
