"""Every error of the domain that a session can meet has a reply, and temporary ones the temporary kind."""

from __future__ import annotations

import pytest

from services.mail_access.pop3 import replies
from shared.accounts import errors as accounts
from shared.conversation import errors as conversation
from shared.database import errors as database
from shared.errors import DomainError
from shared.folders import errors as folders
from shared.mail import errors as mail
from shared.testing.error_replies import temporary, without_reply

MODULES = (accounts, conversation, database, folders, mail)
# Facts of administration and of other doors: POP3 takes in no messages, and knows one folder.
ELSEWHERE = (
    accounts.AccountExists, accounts.AppPasswordNotFound, accounts.LastAdmin, accounts.SignInFailed,
    accounts.UnknownProtocol, accounts.UnusableFullName,
    accounts.UnusableName, accounts.UnusablePassword, accounts.WeakPassword,
    conversation.BareLineFeed, conversation.BlockTooLarge, conversation.SpoolFull, folders.BadFolderName,
    folders.BadKeyword, folders.ChangesForgotten, folders.FolderExists, folders.FolderHasInferiors,
    folders.FolderIsPermanent,
    folders.NameIsShared, folders.MessageTooLarge, folders.QuotaExceeded, folders.TooManyFolders,
    folders.TooManyKeywords, folders.TooManySubscriptions, mail.AddressExists, mail.AddressNotFound, mail.BadAddress,
    mail.DomainInUse, mail.DomainNotLocal, mail.ForwardExists, mail.ForwardNotFound, mail.ForwardsLeadThere,
    mail.RecipientDisabled, mail.ReportsOnly, mail.ReturnAddressExpired, mail.ReturnAddressForged, mail.TargetIsLocal,
    mail.TooManyForwards,
)  # fmt: skip


def test_every_error_has_a_reply_unless_it_belongs_elsewhere() -> None:
    assert without_reply(replies.REPLIES, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    assert replies.REPLIES[error].startswith((b"-ERR [SYS/TEMP]", b"-ERR [IN-USE]"))  # RFC 3206 §4, RFC 2449 §8.1.2


def test_a_bug_tells_nothing_and_may_pass() -> None:
    assert replies.reply_to(ZeroDivisionError("secret")) == b"-ERR [SYS/TEMP] internal error, try again\r\n"
