"""The newsreader of the command line: what it writes into an mbox, adds to an article, and does without NEWNEWS."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from shared.command_line.newsreader.choose import choose
from shared.command_line.newsreader.compose import ask_for_article, whole_article
from shared.command_line.newsreader.mboxrd import as_mboxrd
from shared.command_line.newsreader.server import NewsServer, Refused

GROUP = "211 3 1 3 local.tea"
OVERVIEW = """224 overview
1\told\ta@b.example\tMon, 01 Jan 2024 10:00:00 +0000\t<1@b.example>\t\t1\t1
2\tnew\ta@b.example\tSat, 01 Jun 2024 10:00:00 +0200\t<2@b.example>\t\t1\t1
3\tno date\ta@b.example\tsoon\t<3@b.example>\t\t1\t1
."""


@contextmanager
def server_that_says(answers: Mapping[str, str]) -> Iterator[NewsServer]:
    """Answers each verb with these lines; others with 500."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rwb") as file:
            file.write(b"200 ready\r\n")
            file.flush()
            for line in file:
                answer = answers.get(line.split()[0].decode(), "500 unknown")
                file.write(answer.replace("\n", "\r\n").encode() + b"\r\n")
                file.flush()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener, NewsServer(*listener.getsockname()) as server:
        yield server
    thread.join(10)


@pytest.mark.parametrize("refusal", ["480 disabled", "500 unknown", "502 no", "503 no"])
def test_where_newnews_is_not_offered_the_dates_of_the_overviews_decide(refusal: str) -> None:
    with server_that_says({"GROUP": GROUP, "NEWNEWS": refusal, "XOVER": OVERVIEW}) as server:
        assert choose(server, "local.tea", None, datetime(2024, 6, 1, 8, tzinfo=UTC)) == ["2"]
        assert choose(server, "local.tea", None, datetime(2024, 6, 1, 9, tzinfo=UTC)) == []


def test_another_refusal_of_newnews_is_told() -> None:
    with (
        server_that_says({"GROUP": GROUP, "NEWNEWS": "403 not now"}) as server,
        pytest.raises(Refused, match="403 not"),
    ):
        choose(server, "local.tea", None, datetime(2024, 6, 1, tzinfo=UTC))


def test_the_last_ones_are_chosen_with_and_without_listgroup() -> None:
    with server_that_says({"GROUP": GROUP, "LISTGROUP": "211 3 1 3 local.tea\n1\n3\n."}) as server:
        assert choose(server, "local.tea", None, None) == ["1", "3"]
        assert choose(server, "local.tea", 1, None) == ["3"]
        assert choose(server, "local.tea", 0, None) == []
    with server_that_says({"GROUP": GROUP}) as server:
        assert choose(server, "local.tea", 2, None) == ["2", "3"]
    with server_that_says({"GROUP": "211 0 5 4 local.tea"}) as server:
        assert choose(server, "local.tea", None, None) == []


def test_lines_that_look_like_a_separator_are_quoted_once_more() -> None:
    lines = [b"Subject: x", b"Date: Mon, 01 Jul 2024 09:00:00 +0200", b"", b"From here", b">From there", b"from x"]
    expected = b"From news Mon Jul  1 07:00:00 2024\n%b\n\n>From here\n>>From there\nfrom x\n\n" % b"\n".join(lines[:2])
    assert as_mboxrd(lines) == expected


@pytest.mark.parametrize("date", [b"", b"Date: soon", b"Date: Fri, 31 Dec 9999 23:59:59 -2359"])
def test_an_article_without_a_date_is_written_all_the_same(date: bytes) -> None:
    assert as_mboxrd([date, b"", b"x"]).startswith(b"From news Thu Jan  1 00:00:00 1970\n")


def test_what_is_missing_is_put_on_top() -> None:
    article, identifier = whole_article(b"From: Ann <ann@b.example>\r\nSubject: x\r\n\r\nbody\r\n", ["a.b", "c.d"])
    assert identifier.endswith("@b.example>")
    added = f"Newsgroups: a.b,c.d\nMessage-ID: {identifier}\n".encode()
    assert article == added + b"From: Ann <ann@b.example>\nSubject: x\n\nbody\n"
    assert whole_article(article, ["e.f"]) == (article, identifier)


def test_an_article_is_asked_for() -> None:
    answers = {"From:": "Grüße <ann@b.example>", "Subject:": "Tee"}
    article = ask_for_article(["a.b"], "ann@b.example", lambda question, default: answers[question], ["Um vier?", "."])
    header, _, body = article.partition(b"\r\n\r\n")
    assert b"Newsgroups: a.b\r\n" in header
    assert b"Subject: Tee\r\n" in header
    assert header.isascii()
    assert body == b"Um vier?\r\n.\r\n"
