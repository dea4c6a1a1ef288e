from __future__ import annotations

import inspect

import pytest

import shared.access.errors
import shared.accounts.errors
import shared.mail.errors
from shared.accounts.errors import AccountNotFound, LastAdmin, SignInFailed
from shared.command_line.replies import REPLIES, reply_to
from shared.errors import DomainError
from shared.mail.errors import BadAddress

ERRORS = [
    error
    for module in (shared.access.errors, shared.accounts.errors, shared.mail.errors)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, DomainError) and error is not DomainError
]
# Nothing of the command line signs in, delivers mail, opens a maildrop, or goes out through the proxy.
ELSEWHERE = {"MaildropInUse", "RecipientDisabled", "AddressRefused", "HostBlocked", "HostNotListed", "HostUnusable"}


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_an_operator_can_cause_has_a_sentence(error: type[DomainError]) -> None:
    if not issubclass(error, SignInFailed) and error.__name__ not in ELSEWHERE and not error.temporary:
        assert error in REPLIES


def test_the_sentence_names_what_it_is_about() -> None:
    assert reply_to(AccountNotFound("bob")) == "there is no account called bob"
    assert reply_to(LastAdmin()) == "this would leave no enabled admin"
    assert reply_to(BadAddress()) == "this is not an address"


def test_an_error_without_a_sentence_is_told_by_its_name() -> None:
    class FolderIsOnFire(DomainError):
        pass

    assert reply_to(FolderIsOnFire("INBOX")) == "folder is on fire: INBOX"
