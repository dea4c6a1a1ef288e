"""The policies of rooms: readers, posters, and the flag of LIST ACTIVE."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.accounts.account import Account, Role
from shared.folders.folder import FolderId
from shared.rooms.errors import MayNotPost
from shared.rooms.policy import Verdict, flag, may_read, verdict
from shared.rooms.reader import STRANGER, Reader
from shared.rooms.room import Posters, Readers, Room


def room(reading: str = "everyone", posting: str = "everyone", *, moderated: bool = False, fed: bool = False) -> Room:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Room(FolderId(7), "a.b", "", Readers(reading), Posters(posting), moderated, fed, None, created)


def account(role: Role) -> Account:
    return Account(1, "alice", role, True, None)


GUEST, MEMBER, ADMIN = (Reader(account(role)) for role in (Role.GUEST, Role.MEMBER, Role.ADMIN))
MODERATOR = Reader(account(Role.MEMBER), frozenset({7}))
OF_ANOTHER_ROOM = Reader(account(Role.MEMBER), frozenset({8}))
ALL = (STRANGER, GUEST, MEMBER, OF_ANOTHER_ROOM, MODERATOR, ADMIN)


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (room(), "yyyyyy"),
        (room(posting="members"), "nnyyyy"),
        (room(posting="moderators"), "nnnnyy"),
        (room(posting="nobody"), "nnnnnn"),
        (room(moderated=True), "mmmmyy"),
        (room(posting="members", moderated=True), "nnmmyy"),
        (room(fed=True), "nnnnnn"),
    ],
)
def test_flags_are_as_they_are_for_who_asks(given: Room, flags: str) -> None:
    assert "".join(flag(given, reader) for reader in ALL) == flags


def test_rooms_of_members_are_not_there_for_strangers_and_guests() -> None:
    assert [may_read(room("members"), reader) for reader in ALL] == [False, False, True, True, True, True]
    assert all(may_read(room("everyone"), reader) for reader in ALL)


def test_a_refusal_says_why_and_whether_signing_in_helps() -> None:
    refused = verdict(room(posting="members"), STRANGER)
    assert isinstance(refused, MayNotPost)
    assert (str(refused), refused.sign_in_helps) == ("only members post to a.b", True)
    refused = verdict(room(fed=True), ADMIN)
    assert isinstance(refused, MayNotPost)
    assert (str(refused), refused.sign_in_helps) == ("a feed fills a.b; nobody else posts there", False)


def test_what_moderators_post_is_not_held() -> None:
    assert verdict(room(moderated=True), MEMBER) is Verdict.HOLD
    assert verdict(room(moderated=True), MODERATOR) is Verdict.POST
