"""Every error of the domain that a session can meet has a reply, and temporary ones the temporary kind."""

from __future__ import annotations

import inspect
from types import ModuleType

import pytest

import shared.accounts.errors
import shared.conversation.errors
import shared.database.errors
import shared.folders.errors
import shared.mail.errors
from services.smtp_ingest import replies
from shared.errors import DomainError

MODULES = (
    shared.accounts.errors,
    shared.conversation.errors,
    shared.database.errors,
    shared.folders.errors,
    shared.mail.errors,
)
# Facts of administration and of other doors: nothing in an SMTP conversation can bring them about.
ELSEWHERE = {
    "AccountExists", "AccountNotFound", "AddressExists", "AppPasswordNotFound", "BadFolderName", "BadKeyword",
    "ChangesForgotten", "DomainInUse", "FolderExists", "FolderHasInferiors", "FolderIsPermanent", "LastAdmin",
    "MaildropInUse", "MessageNotFound", "SignInFailed", "TooManyFolders", "TooManyKeywords", "TooManySubscriptions",
    "UnknownProtocol", "UnusableName", "UnusablePassword", "WeakPassword",
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
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    reply = replies.REPLIES[error]
    if error.temporary:
        assert 400 <= reply.code < 500
    assert not reply.status or reply.status[0] == str(reply.code)[0]


def test_a_bug_of_ours_does_not_bounce_mail() -> None:
    assert replies.reply_to(ZeroDivisionError()).code == 451
