"""Every error that a call may raise has a reply, and what may be over soon says when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.wiki.calls import errors as calls
from services.wiki.calls import replies
from services.wiki.calls.replies import UNEXPECTED, reply_to
from shared.accounts import errors as accounts
from shared.database.errors import StatementTimedOut, StoreFull, StoreUnavailable
from shared.errors import DomainError
from shared.rooms import errors as rooms
from shared.testing.error_replies import errors_of, without_reply
from shared.wiki import errors as wiki

# Of operations that no call makes: changing accounts and rooms, moderating; and conflicts, whose reply has the diff.
ELSEWHERE = {
    *(error for error in errors_of(accounts) if not issubclass(error, accounts.SignInFailed)),
    rooms.RoomExists, rooms.BadRoomName, rooms.RoomAddressTaken, rooms.RoomAddressNotFound, rooms.ModeratorNotFound,
    rooms.NotAModerator, rooms.NotHeld, rooms.AlreadyDecided,
    wiki.TooManyWatches, wiki.StaleEdit, wiki.EditConflict, wiki.RevisionMoved,
} - {accounts.AccountNotFound}  # fmt: skip
KNOWN = {**replies.REPLIES, **replies._WITH_SENTENCE}


def test_every_error_has_a_reply() -> None:
    assert without_reply(KNOWN, [calls, wiki, rooms, accounts], ELSEWHERE) == set()


@pytest.mark.parametrize(
    "error", [StoreUnavailable("secret"), StatementTimedOut("secret"), accounts.LockedOut(timedelta(seconds=7))]
)
def test_what_is_over_soon_says_when(error: DomainError) -> None:
    reply = reply_to(error)
    assert reply.status in (429, 503)
    assert reply.retry_seconds
    assert "secret" not in reply.sentence


def test_a_full_disk_is_no_failure_of_the_client() -> None:
    assert reply_to(StoreFull("secret")).status == 507


def test_an_error_that_nobody_foresaw_says_nothing() -> None:
    class UnforeseenFact(DomainError):
        """Something new."""

    assert reply_to(UnforeseenFact("secret")) is UNEXPECTED


def test_strangers_are_asked_to_sign_in_where_that_helps() -> None:
    assert reply_to(wiki.MayNotWrite("only members write", sign_in_helps=True)).status == 401
    assert reply_to(wiki.MayNotWrite("only members write")).status == 403
    assert reply_to(wiki.MayNotDelete("moderators delete", sign_in_helps=True)).status == 401
