"""Every error of the domain that a request can meet has a status, and temporary ones a status that passes."""

from __future__ import annotations

import inspect
from datetime import timedelta
from types import ModuleType

import pytest

import services.http_proxy.errors
import shared.access.errors
import shared.accounts.errors
import shared.database.errors
from services.http_proxy import replies
from shared.accounts.errors import LockedOut
from shared.errors import DomainError

MODULES = (services.http_proxy.errors, shared.access.errors, shared.accounts.errors, shared.database.errors)
# Facts of administration and of other doors: nothing that a request does can bring them about.
ELSEWHERE = {
    "AccountExists", "AccountNotFound", "AppPasswordNotFound", "LastAdmin", "LimitNotFound", "OverLimit",
    "RuleListNotFound", "RuleNotFound", "RuleUnusable", "SignInFailed", "UnknownProtocol", "UnusableName",
    "UnusablePassword", "WeakPassword",
}  # fmt: skip


def errors_of(module: ModuleType) -> list[type[DomainError]]:
    return [
        each
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, DomainError) and each.__module__ == module.__name__
    ]


@pytest.mark.parametrize("error", [each for module in MODULES for each in errors_of(module)])
def test_error_has_a_reply_unless_it_belongs_elsewhere(error: type[DomainError]) -> None:
    known = any(kind in replies.REPLIES for kind in error.__mro__)
    assert known != (error.__name__ in ELSEWHERE)


@pytest.mark.parametrize("error", replies.REPLIES)
def test_temporary_errors_have_a_status_that_passes(error: type[DomainError]) -> None:
    if error.temporary:
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
