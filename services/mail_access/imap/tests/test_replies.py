"""Every error of the domain has its words, and a temporary one never sounds final."""

from __future__ import annotations

import pytest

from services.mail_access.imap.replies import REPLIES, reply_about_target, reply_to
from shared.accounts import errors as accounts
from shared.conversation import errors as conversation
from shared.database import errors as database
from shared.errors import DomainError
from shared.folders import errors as folders
from shared.rooms import errors as rooms
from shared.testing.error_replies import temporary, without_reply

# What no IMAP command can meet: they are about administration, or about other protocols.
ELSEWHERE = (
    accounts.AccountExists, accounts.UnusableFullName,
    accounts.UnusableName, accounts.UnusablePassword, accounts.WeakPassword,
    accounts.UnknownProtocol, accounts.AppPasswordNotFound, accounts.LastAdmin,
    conversation.BlockTooLarge, conversation.BareLineFeed,
    rooms.RoomExists, rooms.BadRoomName, rooms.RoomAddressTaken, rooms.RoomAddressNotFound, rooms.ModeratorNotFound,
    rooms.NotAModerator, rooms.NotHeld, rooms.AlreadyDecided,
)  # fmt: skip
TEMPORARY = (b"UNAVAILABLE", b"OVERQUOTA")


def test_every_error_has_a_reply_unless_it_belongs_elsewhere() -> None:
    assert without_reply(REPLIES, (accounts, conversation, database, folders, rooms), ELSEWHERE) == set()


@pytest.mark.parametrize("error", temporary(REPLIES), ids=lambda error: error.__name__)
def test_a_temporary_error_gets_a_temporary_reply(error: type[DomainError]) -> None:
    assert REPLIES[error].code in TEMPORARY


def test_an_error_without_words_of_its_own_gets_those_of_its_kind() -> None:
    class LatelyInvented(database.StoreUnavailable):
        pass

    assert reply_to(LatelyInvented()) == REPLIES[database.StoreUnavailable]
    assert reply_to(DomainError()).code == b"SERVERBUG"


def test_creating_a_missing_target_is_proposed() -> None:
    assert reply_about_target(folders.FolderNotFound()).code == b"TRYCREATE"
    assert reply_about_target(folders.QuotaExceeded()).code == b"OVERQUOTA"


def test_whoever_posts_is_told_the_reason_in_one_line() -> None:
    assert reply_to(rooms.MayNotPost("a feed fills local.news")).text == b"a feed fills local.news"
    unfit = reply_to(rooms.ArticleUnfit("no such field: X\r\n* BYE \u00e4" + 500 * "x"))
    assert unfit.text.startswith(b"no such field: X??* BYE ?x")
    assert len(unfit.text) == 400
