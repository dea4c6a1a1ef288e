"""The items of a feed, sorted into new ones and those that came before."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from shared.feeds.feed import Item
from shared.feeds.sort_items import MOST_EDITIONS, KnownItem, Sorted, digest_of, likeness_of, sort_items

NOW = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
BEFORE = NOW - timedelta(days=9)
ITEM = Item("g", "https://h.example/1", "Title", "", "<p>text</p>", "", BEFORE, None)


def known(identity: str, item: Item, edition: int = 1) -> dict[str, KnownItem]:
    return {identity: KnownItem(identity, digest_of(item), edition, BEFORE, b"<a@h>")}


def only(items: list[Sorted]) -> Sorted:
    [found] = items
    return found


def test_an_item_that_never_came_is_new() -> None:
    found = only(sort_items([ITEM], ["i"], {}, {}, NOW))
    assert (found.is_new, found.is_edited, found.edition, found.first_seen) == (True, False, 1, NOW)


def test_an_item_that_came_is_not() -> None:
    found = only(sort_items([ITEM], ["i"], known("i", ITEM), {}, NOW))
    assert (found.is_new, found.is_edited, found.edition, found.first_seen) == (False, False, 1, BEFORE)


def test_an_item_that_is_dated_anew_at_each_fetch_is_not_edited() -> None:
    moved = replace(ITEM, published=NOW, updated=NOW)
    found = only(sort_items([moved], ["i"], known("i", ITEM), {}, NOW))
    assert (found.is_new, found.is_edited) == (False, False)


def test_an_item_with_another_text_is_edited() -> None:
    edited = replace(ITEM, html="<p>better text</p>")
    found = only(sort_items([edited], ["i"], known("i", ITEM), {}, NOW))
    assert (found.is_new, found.is_edited, found.edition, found.digest) == (False, True, 2, digest_of(edited))


def test_an_item_that_never_stays_the_same_is_edited_so_often_and_no_more() -> None:
    edited = replace(ITEM, html="<p>counter</p>")
    found = only(sort_items([edited], ["i"], known("i", ITEM, MOST_EDITIONS), {}, NOW))
    assert (found.is_edited, found.edition, found.digest) == (False, MOST_EDITIONS, digest_of(ITEM))


def test_an_item_whose_guid_alone_has_changed_is_the_same() -> None:
    alike = {likeness_of(ITEM): KnownItem("old", digest_of(ITEM), 1, BEFORE, b"<a@h>")}
    found = only(sort_items([ITEM], ["new"], {}, alike, NOW))
    assert (found.is_new, found.is_edited, found.first_seen) == (False, False, BEFORE)


def test_two_items_of_one_title_and_date_are_two_while_both_are_there() -> None:
    other = replace(ITEM, guid="h")
    alike = {likeness_of(ITEM): KnownItem("one", digest_of(ITEM), 1, BEFORE, b"<a@h>")}
    found = sort_items([ITEM, other], ["one", "two"], known("one", ITEM), alike, NOW)
    assert {each.identity: each.is_new for each in found} == {"one": False, "two": True}


def test_items_come_the_oldest_first_and_those_without_a_date_last() -> None:
    older, dateless = replace(ITEM, published=BEFORE - timedelta(days=1)), replace(ITEM, published=None)
    found = sort_items([dateless, ITEM, older], ["c", "b", "a"], {}, {}, NOW)
    assert [each.identity for each in found] == ["a", "b", "c"]


def test_an_item_that_stands_twice_in_a_feed_is_one() -> None:
    assert len(sort_items([ITEM, ITEM], ["i", "i"], {}, {}, NOW)) == 1
