"""The reply to an error is its own, else that of the nearest kind above it."""

from __future__ import annotations

from datetime import timedelta

from shared.access.errors import TooManyRequests
from shared.accounts.errors import LockedOut
from shared.errors import DomainError, nearest


class Refused(DomainError):
    """A kind."""


class RefusedForNow(Refused):
    """One of that kind."""


def test_the_nearest_reply_is_taken() -> None:
    replies = {Refused: "refused", DomainError: "no"}
    assert nearest(replies, Refused(), None) == "refused"
    assert nearest(replies, RefusedForNow(), None) == "refused"
    assert nearest({**replies, RefusedForNow: "later"}, RefusedForNow(), None) == "later"
    assert nearest(replies, LockedOut(timedelta(0)), None) == "no"
    assert nearest(replies, ZeroDivisionError(), "a bug") == "a bug"


def test_every_error_says_when_to_come_back_if_it_knows() -> None:
    assert DomainError().retry_after is None
    assert LockedOut(timedelta(seconds=5)).retry_after == timedelta(seconds=5)
    assert TooManyRequests(timedelta(seconds=6)).retry_after == timedelta(seconds=6)
