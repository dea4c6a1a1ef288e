"""Every error of the domain has a reply, and temporary ones say when to try again."""

from __future__ import annotations

import pytest

from services.wiki.site import errors, replies
from shared.accounts import errors as accounts
from shared.accounts.ssh_keys import errors as ssh_keys
from shared.administration import errors as administration
from shared.control import errors as control
from shared.database import errors as database
from shared.errors import DomainError
from shared.feeds import errors as feeds
from shared.rooms import errors as rooms
from shared.rooms.subscriptions import errors as subscriptions
from shared.senders import errors as senders
from shared.testing.error_replies import temporary, without_reply
from shared.wiki import errors as wiki

MODULES = (
    accounts, administration, control, database, errors, feeds, rooms, senders, ssh_keys,
    subscriptions, wiki,
)  # fmt: skip
# StaleEdit is raised as one of its kinds; requests to be confirmed come by mail; the rest is of feeds that are read, of
# commands at the terminal, and of the SSH service.
ELSEWHERE = (
    wiki.StaleEdit, subscriptions.RequestNotFound, feeds.NotAFeed, feeds.TooMuchWork, feeds.FeedLost, feeds.NotAnOpml,
    administration.HostKeysSealed, administration.NoAdmin, administration.NotAMessageId,
)  # fmt: skip


def test_every_error_has_a_reply() -> None:
    assert without_reply(replies.REPLIES, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    assert replies.REPLIES[error].status in (429, 503, 507)


def test_a_bug_tells_nothing() -> None:
    refusal = replies.refusal_of(ZeroDivisionError("secret"))
    assert refusal.status == 500
    assert "secret" not in refusal.sentence
