"""Events of one turn become one message."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from shared.events.gathered_news import GatheredNews, parse_accounts, parse_folders

positions = st.integers(1, 2**62)


@given(st.lists(st.tuples(st.integers(1, 9) | positions, positions)), st.lists(positions))
def test_of_a_folder_the_newest_position_arrives(folders: list[tuple[int, int]], accounts: list[int]) -> None:
    clock = Clock()
    published: list[tuple[bytes, bytes]] = []
    news = GatheredNews(clock, lambda *message: published.append(message))
    for folder, modseq in folders:
        news.add_folder(folder, modseq)
    for account in accounts:
        news.add_account(account)
    assert not published
    clock.advance(0)
    newest: dict[int, int] = {}
    for folder, modseq in folders:
        newest[folder] = max(modseq, newest.get(folder, 0))
    assert len(published) == (1 if folders or accounts else 0)
    for folder_message, account_message in published:
        assert dict(parse_folders(folder_message)) == newest
        assert list(parse_accounts(account_message)) == sorted(set(accounts))


@given(st.binary())
def test_any_message_can_be_read(message: bytes) -> None:
    list(parse_folders(message))
    list(parse_accounts(message))


def test_what_another_release_says_is_passed_over() -> None:
    assert list(parse_folders(b"1 2,3,x y,4 5 6,7 8")) == [(1, 2), (7, 8)]
    assert list(parse_accounts(b"1,,x,2")) == [1, 2]
