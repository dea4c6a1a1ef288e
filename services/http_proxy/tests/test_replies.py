"""Every error of the domain that a request can meet has a status, and temporary ones a status that passes."""

from __future__ import annotations

from datetime import timedelta

import pytest

import services.http_proxy.errors
from services.http_proxy import replies
from shared.access import errors as access
from shared.accounts import errors as accounts
from shared.accounts.errors import LockedOut
from shared.database import errors as database
from shared.errors import DomainError
from shared.reach import errors as reach
from shared.testing.error_replies import temporary, without_reply

MODULES = (services.http_proxy.errors, reach, access, accounts, database)
# Facts of administration and of other doors: nothing that a request does can bring them about.
ELSEWHERE = (
    access.LimitNotFound, access.OverLimit, access.RuleListNotFound, access.RuleNotFound, access.RuleUnusable,
    accounts.AccountExists, accounts.AccountNotFound, accounts.AppPasswordNotFound, accounts.LastAdmin,
    accounts.SignInFailed, accounts.UnknownProtocol, accounts.UnusableFullName,
    accounts.UnusableName, accounts.UnusablePassword,
    accounts.WeakPassword,
)  # fmt: skip


def test_every_error_has_a_reply_unless_it_belongs_elsewhere() -> None:
    assert without_reply(replies.REPLIES, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_a_status_that_passes(error: type[DomainError]) -> None:
    assert replies.REPLIES[error].status in (408, 429, 502, 503, 504)


def test_a_bug_tells_nothing() -> None:
    reply = replies.reply_to(ZeroDivisionError("secret"))
    assert reply.status == 500
    assert b"secret" not in reply.wire(close=True)


def test_when_to_come_back_is_said_in_whole_seconds() -> None:
    error = LockedOut(timedelta(seconds=61.2))
    assert replies.retry_after(error, replies.reply_to(error)) == b"Retry-After: 62\r\n"


def test_the_page_is_as_long_as_it_says() -> None:
    for reply in {*replies.REPLIES.values(), replies.UNEXPECTED, replies.NOT_HERE}:
        head, _, body = reply.wire(close=False).partition(b"\r\n\r\n")
        assert b"Content-Length: %d" % len(body) in head.split(b"\r\n")
        assert reply.wire(close=False, with_body=False) == head + b"\r\n\r\n"
