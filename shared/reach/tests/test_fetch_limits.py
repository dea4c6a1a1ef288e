"""A server may hang, go on for ever or break off where it likes: each fetch ends in time, with an error of its own."""

from __future__ import annotations

import gzip
import socket
import zlib
from datetime import timedelta

import pytest
from twisted.internet.defer import CancelledError, ensureDeferred

from shared.reach import fetch_errors
from shared.reach.fetch import Fetcher
from shared.reach.fetch_errors import AnswerTooLarge, BrokenAnswer, FetchTimedOut, NotReachable
from shared.reach.inflate import inflate
from shared.reach.names import Names
from shared.reach.tests.fetching import ALLOWED, SHORT, answer, fetch, then_endless, then_silent
from shared.testing.error_replies import errors_of
from shared.testing.eventually import eventually
from shared.testing.origins import Origin, Visit, answering, origin
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.turns import in_turns
from shared.testing.undisturbed import undisturbed
from shared.testing.until import until

HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
MIB = 1 << 20


@pytest.mark.parametrize(
    "told",
    [
        b"",
        b"HTTP/1.1",
        HEAD,
        HEAD + b"X: y\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        HEAD + b"Content-Length: 10\r\n\r\n",
        HEAD + b"Content-Length: 10\r\n\r\nfive!",
        HEAD + b"\r\nuntil it closes, which it does not",
        CHUNKED,
        CHUNKED + b"5\r\nfi",
        CHUNKED + b"5\r\nfive!\r\n0\r\n",
    ],
)
@undisturbed
def test_a_server_that_says_no_more_is_not_waited_for(told: bytes) -> None:
    with origin(then_silent(told), ALLOWED) as web:
        with pytest.raises(FetchTimedOut):
            fetch(f"http://{web.authority}/", timeout=SHORT)
        eventually(lambda: web.heads[1:] == [b"the client hung up"], "nothing is left open")


def test_a_server_that_takes_no_connection_is_not_waited_for() -> None:
    with socket.create_server((ALLOWED, 0), backlog=0) as silent:
        fillers = [socket.socket() for _ in range(2)]
        for each in fillers:  # its queue is full: it answers no SYN
            each.setblocking(False)
            each.connect_ex(silent.getsockname())
        with pytest.raises(FetchTimedOut):
            fetch(f"http://{ALLOWED}:{silent.getsockname()[1]}/", timeout=SHORT)
        for each in fillers:
            each.close()


@undisturbed
def test_a_tls_server_that_does_not_greet_is_not_waited_for() -> None:
    def behave(running: Origin, visit: Visit) -> None:
        visit.read_all()
        running.heads.append(b"the client hung up")

    with origin(behave, ALLOWED) as web:
        with pytest.raises(FetchTimedOut):
            fetch(f"https://{web.authority}/", timeout=SHORT)
        eventually(lambda: web.heads == [b"the client hung up"], "nothing is left open")


def test_a_drop_at_a_time_does_not_make_it_longer() -> None:
    def behave(running: Origin, visit: Visit) -> None:
        visit.read_head()
        visit.send(CHUNKED)
        visit.socket.settimeout(0.05)
        while True:
            visit.send(b"1\r\nx\r\n")
            try:
                visit.read(1)
                return
            except TimeoutError:
                continue

    with origin(behave, ALLOWED) as web, pytest.raises(FetchTimedOut):
        fetch(f"http://{web.authority}/", timeout=SHORT)


@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (HEAD + b"\r\n", b"x" * 65536),
        (CHUNKED, b"10000\r\n" + b"x" * 65536 + b"\r\n"),
        (HEAD + b"Content-Length: 99999999999\r\n\r\n", b"x" * 65536),
        (HEAD, b"X-More: and more\r\n" * 4096),
        (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n" * 4096),
    ],
)
def test_an_endless_answer_is_cut_off(begin: bytes, more: bytes) -> None:
    with origin(then_endless(begin, more), ALLOWED) as web, pytest.raises(AnswerTooLarge):
        fetch(f"http://{web.authority}/", octets=MIB)


def test_a_field_that_is_longer_than_fields_are_is_too_much() -> None:
    for octets in (20_000, 100_000):
        too_long = answering(answer(b"", "X: " + "y" * octets))
        with origin(too_long, ALLOWED) as web, pytest.raises(AnswerTooLarge, match="the head of the answer"):
            fetch(f"http://{web.authority}/")
    with origin(answering(answer(b"", "X: " + "y" * 16_000)), ALLOWED) as web:
        assert len(fetch(f"http://{web.authority}/").headers["x"]) == 16_000


def test_the_limit_is_exact() -> None:
    for octets, coding in ((b"x" * 1000, "identity"), (gzip.compress(b"x" * 1000), "gzip")):
        with origin(answering(answer(octets, f"Content-Encoding: {coding}")), ALLOWED) as web:
            assert len(fetch(f"http://{web.authority}/", octets=1000).body) == 1000
            with pytest.raises(AnswerTooLarge, match="more than 999 octets"):
                fetch(f"http://{web.authority}/", octets=999)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_cut(coding: str) -> None:
    bomb = (gzip if coding == "gzip" else zlib).compress(bytes(50 * MIB), 9)
    assert len(bomb) < MIB
    assert in_turns(lambda turns: inflate(bomb, coding, 60 * MIB, turns))[1] > 500  # the others are served meanwhile
    with origin(answering(answer(bomb, f"Content-Encoding: {coding}")), ALLOWED) as web, pytest.raises(AnswerTooLarge):
        fetch(f"http://{web.authority}/")


@pytest.mark.parametrize(
    "told",
    [
        b"no HTTP at all\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        HEAD + b"Content-Length: ten\r\n\r\n0123456789",
        HEAD + b"Content-Length: 10\r\n\r\nfive!",
        HEAD + b"Transfer-Encoding: rot13\r\n\r\nfive!",
        CHUNKED + b"five\r\nfive!\r\n0\r\n\r\n",
        CHUNKED + b"5\r\nfive! and more\r\n0\r\n\r\n",
        CHUNKED + b"5\r\nfive!\r\n",
        CHUNKED + b"5" * 5000,
        CHUNKED + b"-5\r\nfive!\r\n0\r\n\r\n",
        answer(b"no gzip", "Content-Encoding: gzip"),
        answer(b"\x1f\x8b", "Content-Encoding: gzip"),
        answer(gzip.compress(b"five!", mtime=0)[:-3], "Content-Encoding: gzip"),
        answer(zlib.compress(b"five!")[:-3], "Content-Encoding: deflate"),
        answer(b"five!", "Content-Encoding: br"),
        answer(gzip.compress(b"", mtime=0) * 65, "Content-Encoding: gzip"),
        answer(gzip.compress(gzip.compress(b"five!", mtime=0), mtime=0), "Content-Encoding: gzip, gzip"),
    ],
)
def test_what_is_broken_is_no_document(told: bytes) -> None:
    with origin(answering(told), ALLOWED) as web, pytest.raises(BrokenAnswer):
        fetch(f"http://{web.authority}/")


def test_a_server_that_hangs_up_before_it_answers() -> None:
    def reset(running: Origin, visit: Visit) -> None:
        visit.read_head()
        visit.reset()

    for behave in (answering(b""), reset):
        with origin(behave, ALLOWED) as web, pytest.raises(NotReachable):
            fetch(f"http://{web.authority}/")


def test_who_cancels_leaves_nothing_behind() -> None:
    with origin(then_silent(HEAD), ALLOWED) as web:

        async def begin() -> None:
            fetching = ensureDeferred(Fetcher(running_reactor()).fetch(f"http://{web.authority}/", private=True))
            fetching.addErrback(lambda failure: failure.trap(CancelledError))
            await until(lambda: bool(web.heads))
            fetching.cancel()
            await fetching

        wait_for(begin)
        eventually(lambda: web.heads[1:] == [b"the client hung up"], "nothing is left open")


def test_a_name_that_nobody_knows_in_time() -> None:
    async def work() -> None:
        names = Names(lambda host, answered: None, running_reactor())
        await Fetcher(running_reactor(), names=names).fetch("http://slow.example/", timeout=timedelta(seconds=0.1))

    with pytest.raises(FetchTimedOut):
        wait_for(work)


def test_every_error_is_a_sentence_of_its_own_and_one_of_fetching() -> None:
    errors = errors_of(fetch_errors)
    assert all(issubclass(each, fetch_errors.FetchFailed) for each in errors)
    sentences = [str(each()) for each in errors]
    assert all(sentences)
    assert len(set(sentences)) == len(sentences)
