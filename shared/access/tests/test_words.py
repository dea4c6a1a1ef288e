"""Pages pass, and their words are in the store: once, whatever fails, and never at the cost of a response."""

from __future__ import annotations

import gzip
import sys
from dataclasses import fields
from datetime import date, timedelta
from uuid import uuid4

import brotli
import pytest
from prometheus_client import CollectorRegistry, generate_latest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock, deferLater

from shared.access.words.add_words import add_words
from shared.access.words.counts import PageCounts
from shared.access.words.drop_old_words import drop_old_words
from shared.access.words.observer import MOST_PAGE_OCTETS, MOST_QUEUED_OCTETS, Observer
from shared.access.words.pending import BATCH_WORDS, WordBatch
from shared.access.words.report_pages import report_pages
from shared.access.words.words import MOST_OPEN, MOST_OPEN_OF_HOST, MOST_OPEN_WINDOWS, Words
from shared.database.database import Database
from shared.database.errors import StoreUnavailable
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.pages_in_words import pages_in_words
from shared.testing.reactor import running_reactor
from shared.testing.store_outage import StoreOutage

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DAY = date(2026, 11, 22)
PAGE = b"<title>Tea</title><p>Tea and the milk"


def words_on(clock: Clock, database: Database, **options: object) -> Words:
    """One whose days, slices and flushes are the test's to bring about."""
    return Words(database, clock, lambda account_id: account_id == 13, today=lambda: DAY, **options)  # type: ignore[arg-type]


def seen(words: Words, host: str = "h", account_id: int | None = 7, html: bytes = PAGE, coding: bytes = b"") -> None:
    observer = words.observe(account_id, host, b"text/html", coding)
    assert observer is not None
    observer.feed(html)
    observer.end(complete=True)


def stored(tx: Transaction) -> list[tuple[object, ...]]:
    return tx.rows("SELECT account_id, day, word, times, documents FROM word ORDER BY 1, 2, 3")


def read_all(clock: Clock) -> None:
    """Slices come round while there is something to read; well before the first flush."""
    clock.pump([0.01] * 500)


async def flush_again_and_again(words: Words) -> None:
    """Until it works: the database looks every now and then whether the store is back."""
    for _ in range(200):
        try:
            return await words.flush()
        except StoreUnavailable:
            await deferLater(running_reactor(), 0.05)
    raise AssertionError("the store never came back")


TEA_AND_MILK = [(7, DAY, "milk", 1, 1), (7, DAY, "tea", 2, 1)]


async def test_words_of_a_page_are_in_the_store_after_a_flush(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words)
    read_all(clock)
    assert await database.read(stored) == []
    await words.flush()
    assert await database.read(stored) == TEA_AND_MILK


async def test_words_are_flushed_without_being_asked(database: Database) -> None:
    reactor = running_reactor()
    words = Words(database, reactor, lambda account_id: False, today=lambda: DAY, flush_seconds=0.01)
    seen(words)
    for _ in range(1000):
        if await database.read(stored):
            break
        await deferLater(reactor, 0.01)
    assert await database.read(stored) == TEA_AND_MILK
    await words.close()


async def test_two_copies_add_up(database: Database) -> None:
    clock = Clock()
    for copy in (words_on(clock, database), words_on(clock, database)):
        seen(copy)
        seen(copy, account_id=None)
        await copy.close()
    assert await database.read(stored) == [
        (0, DAY, "milk", 2, 2),
        (0, DAY, "tea", 4, 2),
        (7, DAY, "milk", 2, 2),
        (7, DAY, "tea", 4, 2),
    ]


async def test_close_waits_for_a_flush_that_is_under_way(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words)
    read_all(clock)
    under_way = Deferred.fromCoroutine(words.flush())
    seen(words)
    await words.close()
    assert await database.read(stored) == [(7, DAY, "milk", 2, 2), (7, DAY, "tea", 4, 2)]
    await under_way


async def test_many_words_go_in_several_batches(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words, html=b" ".join(b"word%d" % n for n in range(BATCH_WORDS + 500)))
    await words.close()
    assert len(await database.read(stored)) == BATCH_WORDS + 500


async def test_nothing_is_lost_or_counted_twice_while_the_store_is_away(database_url: str, server_url: str) -> None:
    database = Database(running_reactor(), database_url, StoreLimits(patience=timedelta(seconds=0.2)))
    outage = StoreOutage(database_url, server_url)
    clock = Clock()
    words = words_on(clock, database)
    seen(words)
    read_all(clock)
    outage.begin()
    try:
        with pytest.raises(StoreUnavailable):
            await words.flush()
        seen(words)
        read_all(clock)
    finally:
        outage.end()
    await flush_again_and_again(words)
    assert await database.read(stored) == [(7, DAY, "milk", 2, 2), (7, DAY, "tea", 4, 2)]
    await database.close()


async def test_a_batch_that_cannot_be_written_does_not_keep_the_next_ones(database: Database) -> None:
    words = words_on(Clock(), database)
    words.add(8, {"a\0b": 1})  # no page has such a word
    with pytest.raises(ValueError, match="NUL"):
        await words.flush()
    seen(words)
    await words.close()
    assert await database.read(stored) == TEA_AND_MILK


def test_batch_whose_commit_was_not_answered_is_counted_once(transaction: Transaction) -> None:
    copy, batch = uuid4(), WordBatch(DAY, 7, {"milk": (1, 1), "tea": (2, 1)})
    assert add_words(transaction, copy, 1, batch)
    assert not add_words(transaction, copy, 1, batch)
    assert stored(transaction) == TEA_AND_MILK
    assert add_words(transaction, copy, 2, batch)
    assert add_words(transaction, uuid4(), 1, batch)
    assert stored(transaction) == [(7, DAY, "milk", 3, 3), (7, DAY, "tea", 6, 3)]


async def test_what_became_of_pages_is_in_the_store(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words)
    seen(words)
    seen(words, account_id=None)
    assert words.observe(None, "h", b"text/html", b"compress") is None
    assert words.observe(13, "h", b"text/html", b"") is None
    read_all(clock)
    await words.flush()
    assert words.observe(13, "h", b"text/html", b"") is None
    await words.close()
    pages = [await database.read(report_pages, DAY, DAY, account_id) for account_id in (7, 0, 13)]
    assert pages == [{"counted": 2}, {"counted": 1, "other_coding": 1}, {"opted_out": 2}]
    assert await database.read(report_pages, DAY, DAY) == {"counted": 3, "other_coding": 1, "opted_out": 2}


@pytest.mark.parametrize(
    ("pages", "has_words", "told"),
    [
        ({}, True, ""),
        ({}, False, "No words were counted: no web page passed unencrypted."),
        ({"counted": 1}, True, "Words of 1 page were counted."),
        ({"counted": 2, "too_slow": 1}, True, "Words of 2 pages were counted. Not counted: 1 page that did not end."),
        ({"other_coding": 3}, False, "No words were counted: 3 pages in unknown codings."),
        ({"other_coding": 3}, True, "Not counted: 3 pages in unknown codings."),
    ],
)
def test_pages_that_were_not_counted_are_told(pages: dict[str, int], has_words: bool, told: str) -> None:
    assert pages_in_words(pages, has_words) == told


def test_every_outcome_of_a_page_has_its_words() -> None:
    for outcome in fields(PageCounts):
        assert pages_in_words({outcome.name: 2}, has_words=False) != pages_in_words({}, has_words=False)


def test_words_are_forgotten_after_a_time_and_with_their_account(transaction: Transaction) -> None:
    account_id = transaction.value("INSERT INTO account (name, role) VALUES ('ann', 'member') RETURNING id")
    for number, day in enumerate((date(2026, 1, 1), DAY)):
        add_words(transaction, uuid4(), 1, WordBatch(day, account_id, {"tea": (1 + number, 1)}, {"counted": 1}))
        add_words(transaction, uuid4(), 1, WordBatch(day, 0, {"tea": (1, 1)}, {"counted": 1}))
    assert drop_old_words(transaction, DAY, kept=timedelta(days=30)) == 2
    assert drop_old_words(transaction, DAY, kept=timedelta(days=30)) == 0
    assert stored(transaction) == [(0, DAY, "tea", 1, 1), (account_id, DAY, "tea", 2, 1)]
    assert transaction.rows("SELECT account_id, day, pages FROM word_page ORDER BY 1") == [
        (0, DAY, 1),
        (account_id, DAY, 1),
    ]
    transaction.execute("DELETE FROM account")
    assert stored(transaction) == [(0, DAY, "tea", 1, 1)]
    assert transaction.rows("SELECT account_id FROM word_page") == [(0,)]


async def test_page_that_breaks_off_is_not_counted(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    observer = words.observe(7, "h", b"text/html", b"")
    assert observer is not None
    observer.feed(PAGE)
    read_all(clock)
    observer.feed(PAGE)
    observer.end(complete=False)
    observer.end(complete=True)
    await words.close()
    assert await database.read(stored) == []
    assert (words.counts.incomplete, words.counts.counted, words.queued_octets) == (1, 0, 0)


@pytest.mark.parametrize(
    ("account_id", "content_type", "coding", "outcome"),
    [
        (13, b"text/html", b"", "opted_out"),
        (7, b"text/html", b"compress", "other_coding"),
        (7, b"text/plain", b"", None),
        (7, b"image/png", b"", None),
        (7, b"", b"", None),
    ],
)
async def test_what_is_not_observed(
    database: Database, account_id: int, content_type: bytes, coding: bytes, outcome: str | None
) -> None:
    words = words_on(Clock(), database)
    assert words.observe(account_id, "h", content_type, coding) is None
    if outcome:
        assert getattr(words.counts, outcome) == 1


async def test_content_type_is_html_however_it_is_written(database: Database) -> None:
    words = words_on(Clock(), database)
    for content_type in (b"Text/HTML;charset=utf-8", b"text/html ; x=y", b"application/xhtml+xml"):
        assert words.observe(7, "h", content_type, b"") is not None


async def test_bombs_and_broken_pages_are_given_up(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words, html=gzip.compress(b"tea " * (1 << 20)), coding=b"gzip")
    seen(words, html=b"tea" * 10, coding=b"gzip")
    read_all(clock)
    await words.close()
    assert (words.counts.bombs, words.counts.broken, words.counts.counted) == (1, 1, 0)
    assert words.queued_octets == 0


async def test_page_in_a_charset_that_nothing_tells_is_left_out(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    seen(words, html="<html lang=ja><p>tea Москва столица".encode("cp1251"))
    read_all(clock)
    await words.close()
    assert await database.read(stored) == []
    assert (words.counts.other_charset, words.counts.counted, words.queued_octets) == (1, 0, 0)


async def test_pages_beyond_what_is_read_at_once_are_sampled_away(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    observers = [words.observe(7, "flood", b"text/html", b"") for _ in range(MOST_OPEN_OF_HOST + 5)]
    assert observers.count(None) == 5
    others = [words.observe(7, f"h{n}", b"text/html", b"") for n in range(MOST_OPEN)]
    assert others.count(None) == MOST_OPEN_OF_HOST
    assert words.counts.sampled_away == 5 + MOST_OPEN_OF_HOST
    for observer in [*observers, *others]:
        if observer is not None:
            observer.end(complete=True)
    read_all(clock)
    assert words.observe(7, "flood", b"text/html", b"") is not None


async def test_page_that_never_ends_makes_room_after_a_time(database: Database) -> None:
    clock = Clock()
    words = words_on(clock, database)
    endless = [words.observe(7, f"h{n}", b"text/html", b"") for n in range(MOST_OPEN)]
    assert words.observe(7, "h", b"text/html", b"") is None
    clock.advance(61)
    assert words.observe(7, "h", b"text/html", b"") is not None
    assert words.counts.too_slow == 1
    assert endless[0] is not None
    endless[0].feed(PAGE)
    endless[0].end(complete=True)
    assert words.queued_octets == 0


async def test_what_waits_to_be_read_is_bounded(database: Database) -> None:
    clock = Clock()  # stands still, so that nothing is read
    words = words_on(clock, database)
    observers = [words.observe(7, f"h{n}", b"text/html", b"") for n in range(100)]
    for _ in range(20):
        for observer in observers:
            if observer is not None:
                observer.feed(bytes(MOST_PAGE_OCTETS // 16))
    assert words.queued_octets <= MOST_QUEUED_OCTETS + MOST_PAGE_OCTETS
    assert words.counts.sampled_away > 50
    assert words.observe(7, "another", b"text/html", b"") is None


async def test_long_page_counts_up_to_its_limit(database: Database) -> None:
    words = words_on(Clock(), database)
    observer = words.observe(7, "h", b"text/html", b"")
    assert isinstance(observer, Observer)
    observer.feed(b"<p>tea ")
    for _ in range(40):
        observer.feed(b" " * (MOST_PAGE_OCTETS // 32))
    observer.feed(b"coffee")
    observer.end(complete=True)
    await words.close()
    assert await database.read(stored) == [(7, DAY, "tea", 1, 1)]


async def test_prometheus_is_told(database: Database) -> None:
    registry = CollectorRegistry()
    clock = Clock()
    words = words_on(clock, database, metrics=registry)
    seen(words)
    read_all(clock)
    page = generate_latest(registry).decode()
    assert 'agora_proxy_pages_total{outcome="counted"} 1.0' in page
    assert "agora_proxy_words_pending 2.0" in page


@pytest.mark.parametrize(("coding", "html"), [(b"br", brotli.compress(PAGE)), (b"zstd", zstd.compress(PAGE))])
async def test_pages_in_br_and_zstd_are_read(database: Database, coding: bytes, html: bytes) -> None:
    clock = Clock()
    words = words_on(clock, database)
    for _ in range(2 * MOST_OPEN_WINDOWS):
        seen(words, html=html, coding=coding)
        read_all(clock)
    await words.close()
    assert words.counts.counted == 2 * MOST_OPEN_WINDOWS


async def test_few_pages_whose_windows_take_megabytes_are_open_at_once(database: Database) -> None:
    words = words_on(Clock(), database)
    observers = [words.observe(7, "h", b"text/html", b"br") for _ in range(MOST_OPEN_WINDOWS + 1)]
    assert observers[-1] is None
    assert None not in observers[:-1]
    assert words.counts.sampled_away == 1
    assert words.observe(7, "h", b"text/html", b"gzip") is not None
    first = observers[0]
    assert first is not None
    first.drop()
    assert words.observe(7, "h", b"text/html", b"br") is not None
