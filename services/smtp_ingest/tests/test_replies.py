"""Every error of the domain that a session can meet has a reply, and temporary ones the temporary kind."""

from __future__ import annotations

import pytest

from services.smtp_ingest import replies
from shared.accounts import errors as accounts
from shared.conversation import errors as conversation
from shared.database import errors as database
from shared.errors import DomainError
from shared.folders import errors as folders
from shared.mail import errors as mail
from shared.outbound import errors as outbound
from shared.testing.error_replies import temporary, without_reply

MODULES = (accounts, conversation, database, folders, mail, outbound)
# Facts of administration and of other doors: nothing in an SMTP conversation can bring them about.
ELSEWHERE = (
    accounts.AccountExists, accounts.AccountNotFound, accounts.AppPasswordNotFound, accounts.LastAdmin,
    accounts.SignInFailed, accounts.UnknownProtocol, accounts.UnusableFullName,
    accounts.UnusableName, accounts.UnusablePassword,
    accounts.WeakPassword, folders.BadFolderName, folders.BadKeyword, folders.ChangesForgotten, folders.FolderExists,
    folders.FolderHasInferiors, folders.FolderIsPermanent, folders.MessageNotFound, folders.NameIsShared,
    folders.TooManyFolders,
    folders.TooManyKeywords, folders.TooManySubscriptions, mail.AddressExists, mail.DomainInUse, mail.ForwardExists,
    mail.ForwardNotFound, mail.ForwardsLeadThere, mail.MaildropInUse, mail.TargetIsLocal, mail.TooManyForwards,
    outbound.NotQueued, outbound.TooManyQuestions,
)  # fmt: skip


def test_every_error_has_a_reply_unless_it_belongs_elsewhere() -> None:
    assert without_reply(replies.REPLIES, MODULES, ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(replies.REPLIES))
def test_temporary_errors_have_temporary_replies(error: type[DomainError]) -> None:
    assert 400 <= replies.REPLIES[error].code < 500


@pytest.mark.parametrize("reply", replies.REPLIES.values())
def test_status_is_of_the_codes_class(reply: replies.Reply) -> None:
    assert not reply.status or reply.status[0] == str(reply.code)[0]


def test_a_bug_of_ours_does_not_bounce_mail() -> None:
    assert replies.reply_to(ZeroDivisionError()).code == 451
