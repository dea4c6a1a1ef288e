"""Words between page and store: bounded, and the frequent ones stay."""

from __future__ import annotations

from datetime import date

from shared.access.words.pending import BATCH_WORDS, MOST_NOTED, PendingWords

DAY = date(2026, 11, 22)


def drained(pending: PendingWords) -> dict[tuple[int, str], tuple[int, int]]:
    taken = {}
    while batch := pending.take():
        assert len(batch.words) <= BATCH_WORDS
        taken.update({(batch.account_id, word): counted for word, counted in batch.words.items()})
    assert len(pending) == 0
    return taken


def test_words_add_up_by_account() -> None:
    pending = PendingWords()
    pending.add(DAY, 1, {"tea": 2, "milk": 1})
    pending.add(DAY, 1, {"tea": 3})
    pending.add(DAY, 2, {"tea": 1})
    assert len(pending) == 3
    assert drained(pending) == {(1, "tea"): (5, 2), (1, "milk"): (1, 1), (2, "tea"): (1, 1)}


def test_everything_is_taken_once_while_more_comes() -> None:
    pending = PendingWords()
    pending.add(DAY, 1, {f"w{n}": 1 for n in range(2 * BATCH_WORDS + 1)})
    first = pending.take()
    assert first is not None
    pending.add(DAY, 1, dict.fromkeys(first.words, 1))
    assert len(drained(pending)) == 2 * BATCH_WORDS + 1


def test_rare_words_of_who_has_most_make_room() -> None:
    pending = PendingWords(most=1000)
    pending.add(DAY, 2, {"quiet": 1})
    pending.add(DAY, 1, {f"frequent{n}": 5 for n in range(100)})
    for page in range(50):
        pending.add(DAY, 1, {f"rare{page}-{n}": 1 for n in range(200)})
        assert len(pending) <= 1000
    kept = drained(pending)
    assert (2, "quiet") in kept
    assert sum(word.startswith("frequent") for _, word in kept) == 100
    assert pending.left_out > 0


def test_pages_without_words_are_handed_over_too_and_bounded() -> None:
    pending = PendingWords()
    for account_id in range(MOST_NOTED + 5):
        pending.note(DAY, account_id, "incomplete")
    pending.note(DAY, 0, "incomplete")
    assert pending
    assert len(pending) == 0
    noted = {}
    while batch := pending.take():
        noted[batch.account_id] = batch.pages
    assert len(noted) == MOST_NOTED
    assert noted[0] == {"incomplete": 2}
    assert not pending
