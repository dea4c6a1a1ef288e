"""Every error that an operator can cause has a sentence, which names what it is about."""

from __future__ import annotations

from shared.access import errors as access
from shared.accounts import errors as accounts
from shared.accounts.errors import AccountNotFound, LastAdmin, SignInFailed
from shared.administration import errors as administration
from shared.command_line.replies import REPLIES, reply_to
from shared.errors import DomainError
from shared.feeds import errors as feeds
from shared.mail import errors as mail
from shared.mail.errors import BadAddress
from shared.rooms import errors as rooms
from shared.rooms.subscriptions import errors as subscriptions
from shared.testing.error_replies import errors_of, without_reply

MODULES = (access, accounts, administration, feeds, mail, rooms, subscriptions)
# Nothing of the command line signs in, delivers mail, opens a maildrop, or goes out through the proxy.
ELSEWHERE = [error for error in errors_of(*MODULES) if issubclass(error, SignInFailed) or error.temporary]
ELSEWHERE += [access.HostBlocked, access.HostNotListed]
ELSEWHERE += [mail.RecipientDisabled, mail.ReportsOnly, mail.ReturnAddressExpired, mail.ReturnAddressForged]
# Nor does it read or post by a room's policy.
ELSEWHERE += [rooms.MayNotRead, rooms.MayNotPost, rooms.ArticleUnfit, rooms.TooManyRooms, rooms.DuplicateArticle]
ELSEWHERE += [rooms.NotTheAuthor, rooms.NotAModerator]
# The poller alone reads feeds, and it loses leases; who adds one does without its title.
ELSEWHERE += [feeds.NotAFeed, feeds.TooMuchWork, feeds.FeedLost]


def test_every_error_an_operator_can_cause_has_a_sentence() -> None:
    assert without_reply(REPLIES, MODULES, ELSEWHERE) == set()


def test_the_sentence_names_what_it_is_about() -> None:
    assert reply_to(AccountNotFound("bob")) == "there is no account called bob"
    assert reply_to(LastAdmin()) == "this would leave no enabled admin"
    assert reply_to(BadAddress()) == "this is not an address"


def test_an_error_without_a_sentence_is_told_by_its_name() -> None:
    class FolderIsOnFire(DomainError):
        pass

    assert reply_to(FolderIsOnFire("INBOX")) == "folder is on fire: INBOX"
