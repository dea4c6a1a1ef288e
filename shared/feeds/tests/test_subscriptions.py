"""Feeds in the store: adding, finding, changing, and who may ask them at the moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from shared.database.transaction import Transaction
from shared.feeds.add_feed import add_feed, feed_address, name_for
from shared.feeds.change_feed import ask_soon, change_feed, remove_feed
from shared.feeds.claim import claim_due, claim_of_room
from shared.feeds.errors import BadFeedAddress, FeedExists, FeedNotFound
from shared.feeds.list_feeds import find_feed, list_feeds
from shared.feeds.outcome import Answered, NotAnswered, write_outcome
from shared.rooms.create_room import create_room
from shared.rooms.delete_room import delete_room
from shared.rooms.room import Room

URL = "https://allotment.example/feed.xml"
AT_ONCE = datetime(2026, 11, 26, tzinfo=UTC) - timedelta(days=20_000)
SOON = datetime(2026, 11, 26, tzinfo=UTC) + timedelta(days=20_000)


@pytest.fixture
def room(transaction: Transaction) -> Room:
    return create_room(transaction, "rss.allotment", fed=True)


def test_a_feed_is_added_found_and_removed(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL, title="Allotment")
    assert find_feed(transaction, feed.id) == feed
    assert list_feeds(transaction) == [("rss.allotment", feed)]
    with pytest.raises(FeedExists):
        add_feed(transaction, room, URL)
    remove_feed(transaction, feed.id)
    with pytest.raises(FeedNotFound):
        find_feed(transaction, feed.id)
    with pytest.raises(FeedNotFound):
        remove_feed(transaction, feed.id)


def test_a_feed_goes_with_its_room(transaction: Transaction, room: Room) -> None:
    add_feed(transaction, room, URL)
    delete_room(transaction, room)
    assert list_feeds(transaction) == []


@pytest.mark.parametrize(
    "url",
    ["", "ftp://h/x", "file:///etc/passwd", "http://", "https:///x", "http://h:99999/", "http://a b/", "http://[::1/",
     "http://h/\r\nX: y", "http://h/" + "x" * 2000],
)  # fmt: skip
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(BadFeedAddress):
        feed_address(url)


@pytest.mark.parametrize(
    ("title", "url", "taken", "name"),
    [
        ("Allotment News!", URL, [], "rss.allotment-news"),
        ("Crème brûlée", URL, [], "rss.creme-brulee"),
        ("", URL, [], "rss.allotment-example"),
        ("新聞", URL, [], "rss.allotment-example"),
        ("2026", URL, [], "rss.feed-2026"),
        ("Allotment News", URL, ["rss.allotment-news"], "rss.allotment-news-2"),
        ("x" * 60, URL, ["rss." + "x" * 40], "rss." + "x" * 38 + "-2"),
    ],
)
def test_a_room_of_its_own_is_named_after_the_feed(title: str, url: str, taken: list[str], name: str) -> None:
    assert name_for(title, url, taken) == name


def test_a_feed_is_asked_by_one_process_at_a_time(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    first, second = uuid4(), uuid4()
    assert [each.id for each in claim_due(transaction, first, 10)] == [feed.id]
    assert claim_due(transaction, second, 10) == []
    assert claim_of_room(transaction, second, room.folder_id) == []


def test_a_lease_runs_out_and_then_its_holder_writes_nothing(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    first, second = uuid4(), uuid4()
    claim_due(transaction, first, 10)
    transaction.execute("UPDATE feed SET leased_until = now() - interval '1 second'")
    assert [each.id for each in claim_due(transaction, second, 10)] == [feed.id]
    assert not write_outcome(transaction, feed.id, first, Answered("T", URL, "", "", SOON))
    assert write_outcome(transaction, feed.id, second, Answered("T", URL, '"e"', "then", SOON))
    answered = find_feed(transaction, feed.id)
    assert (answered.title, answered.etag, answered.last_modified, answered.next_try_at) == ("T", '"e"', "then", SOON)
    assert claim_due(transaction, first, 10) == []


def test_a_feed_that_moves_to_the_address_of_another_of_its_room_stays_where_it_was(
    transaction: Transaction, room: Room
) -> None:
    moving, other = add_feed(transaction, room, URL.replace("https:", "http:")), add_feed(transaction, room, URL)
    process = uuid4()
    for _ in range(2):
        ask_soon(transaction, moving.id)
        assert claim_due(transaction, process, 10)
        assert write_outcome(transaction, moving.id, process, Answered("T", URL, '"e"', "then", SOON))
        found = find_feed(transaction, moving.id)
        assert (found.url, found.title, found.next_try_at) == (moving.url, "T", SOON)
    assert find_feed(transaction, other.id).url == URL


def test_failures_are_counted_until_all_is_well_again(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    process = uuid4()
    for failures in (1, 2):
        ask_soon(transaction, feed.id)
        assert claim_due(transaction, process, 1)
        write_outcome(transaction, feed.id, process, NotAnswered("the server does not answer", SOON))
        failed = find_feed(transaction, feed.id)
        assert (failed.failures, failed.error) == (failures, "the server does not answer")
        assert failed.failing_since is not None
    ask_soon(transaction, feed.id)
    assert claim_due(transaction, process, 1)
    write_outcome(transaction, feed.id, process, Answered("", URL, "", "", SOON))
    well = find_feed(transaction, feed.id)
    assert (well.failures, well.error, well.failing_since) == (0, "", None)
    assert well.answered_at is not None


def test_a_feed_that_has_stopped_is_not_asked_until_somebody_wants_it(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    process = uuid4()
    claim_due(transaction, process, 1)
    write_outcome(transaction, feed.id, process, NotAnswered("the feed is gone for good", AT_ONCE, stopped=True))
    assert claim_due(transaction, process, 1) == []
    assert claim_of_room(transaction, process, room.folder_id) == []
    ask_soon(transaction, feed.id)
    assert [each.id for each in claim_due(transaction, process, 1)] == [feed.id]


@pytest.mark.parametrize(
    "outcome", [Answered("T", URL, "", "", SOON), NotAnswered("the feed is gone for good", SOON, stopped=True)]
)
def test_a_feed_that_somebody_wants_while_it_is_asked_is_asked_again(
    transaction: Transaction, room: Room, outcome: Answered | NotAnswered
) -> None:
    feed = add_feed(transaction, room, URL)
    process = uuid4()
    claim_due(transaction, process, 1)
    transaction.execute("UPDATE feed SET leased_until = leased_until - interval '1 second'")  # claimed a moment ago
    ask_soon(transaction, feed.id)
    assert claim_due(transaction, process, 1) == []
    assert write_outcome(transaction, feed.id, process, outcome)
    assert [each.id for each in claim_due(transaction, process, 1)] == [feed.id]


def test_another_address_is_asked_at_once_and_without_the_old_ones_validators(
    transaction: Transaction, room: Room
) -> None:
    feed = add_feed(transaction, room, URL)
    process = uuid4()
    claim_due(transaction, process, 1)
    write_outcome(transaction, feed.id, process, Answered("T", URL, '"e"', "then", SOON))
    changed = change_feed(transaction, find_feed(transaction, feed.id), url="https://allotment.example/new.xml")
    assert (changed.url, changed.etag, changed.last_modified) == ("https://allotment.example/new.xml", "", "")
    assert [each.id for each in claim_due(transaction, process, 1)] == [feed.id]


def test_an_interval_is_changed_but_is_five_minutes_at_least(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    assert change_feed(transaction, feed, every=timedelta(hours=6)).every == timedelta(hours=6)
    assert change_feed(transaction, feed, every=timedelta(seconds=1)).every == timedelta(minutes=5)


def test_two_feeds_of_a_room_do_not_get_one_address(transaction: Transaction, room: Room) -> None:
    feed = add_feed(transaction, room, URL)
    add_feed(transaction, room, "https://allotment.example/other.xml")
    with pytest.raises(FeedExists):
        change_feed(transaction, feed, url="https://allotment.example/other.xml")
