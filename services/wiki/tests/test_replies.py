"""Every error of the domain has a reply, and temporary ones say when to try again."""

from __future__ import annotations

import pytest

from services.wiki.rooms import live_errors
from services.wiki.site import errors, replies
from shared.accounts import errors as accounts
from shared.database import errors as database
from shared.errors import DomainError
from shared.rooms import errors as rooms
from shared.testing.error_replies import temporary, without_reply
from shared.wiki import errors as wiki

MODULES = (accounts, database, errors, live_errors, rooms, wiki)
ELSEWHERE = (wiki.StaleEdit,)  # it is raised as one of its kinds


def test_every_error_has_a_reply() -> None:
    assert without_reply(replies.REPLIES, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    assert replies.REPLIES[error].status in (429, 503, 507)


def test_a_bug_tells_nothing() -> None:
    refusal = replies.refusal_of(ZeroDivisionError("secret"))
    assert refusal.status == 500
    assert "secret" not in refusal.sentence
