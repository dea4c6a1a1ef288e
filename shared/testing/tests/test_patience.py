"""Patience ends by the time in which the machine works, and not much later by the clock."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from shared.testing import patience
from shared.testing.patience import LONGEST, MOST_AT_ONCE_SECONDS, Patience


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> Callable[[Patience, float], float]:
    """How long patience lasts by a clock that goes on by so many seconds between two questions."""
    now = [1000.0]
    monkeypatch.setattr(patience, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def count(lasting: Patience, seconds: float) -> float:
        began = now[0]
        while not lasting.is_over():
            now[0] += seconds
        return now[0] - began

    return count


def test_it_lasts_as_long_as_it_says(rounds: Callable[[Patience, float], float]) -> None:
    assert rounds(Patience(20.0), 0.25) == 20.0


def test_a_stall_counts_for_half_a_second(rounds: Callable[[Patience, float], float]) -> None:
    assert rounds(Patience(20.0), 1.0) == 20.0 / MOST_AT_ONCE_SECONDS


def test_it_does_not_last_for_ever_where_each_question_takes_long(rounds: Callable[[Patience, float], float]) -> None:
    assert rounds(Patience(20.0), 20.0) == 20.0 * LONGEST
