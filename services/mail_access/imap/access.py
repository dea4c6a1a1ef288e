"""The rights in a mailbox (RFC 4314), of an account's own and of a room: how they are shown and changed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple, Protocol

from services.mail_access.imap import rights
from services.mail_access.imap.own_mailbox import OwnMailbox
from services.mail_access.imap.parts import ImapParts
from services.mail_access.imap.response import Refused, no
from services.mail_access.imap.room_mailbox import RoomMailbox
from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.accounts.find_account import find_account
from shared.database.transaction import Transaction
from shared.folders.name import INBOX
from shared.folders.store_flags import Action
from shared.rooms.change_room import change_room
from shared.rooms.errors import ModeratorNotFound
from shared.rooms.find_room import find_room, lock_room
from shared.rooms.moderators import add_moderator, delete_moderator, list_moderators
from shared.rooms.room import Posters, Readers, Room

_NO_ADMINISTRATION = no(b"you do not administer this mailbox", code=b"NOPERM")


class Grantable(NamedTuple):
    """RFC 4314 §3.7: what somebody has in any case, and what may be granted besides, letters that go together."""

    always: str
    optional: Sequence[str] = ()


class MailboxAccess(Protocol):
    """What the commands of RFC 4314 ask of a mailbox. Each raises FolderNotFound, or Refused to who has no right."""

    async def mine(self) -> str:
        """The account's own rights."""

    async def entries(self) -> Sequence[tuple[str, str]]:
        """Everybody's, by identifier."""

    async def grantable(self, identifier: str) -> Grantable:
        """What can be granted."""

    async def grant(self, identifier: str, action: Action, letters: str) -> None:
        """Change somebody's rights."""


class OwnAccess:
    """A mailbox of the account's own has no other readers."""

    def __init__(self, parts: ImapParts, account: Account, mailbox: OwnMailbox) -> None:
        self._parts, self._account, self._mailbox = parts, account, mailbox

    async def mine(self) -> str:
        folder = await self._parts.database.read(self._mailbox.status)
        return rights.ALL.replace("x", "") if folder.name == INBOX else rights.ALL

    async def entries(self) -> Sequence[tuple[str, str]]:
        return [(self._account.name, await self.mine())]

    async def grantable(self, identifier: str) -> Grantable:
        mine = await self.mine()
        return Grantable(mine if identifier.lower() == self._account.name else "")

    async def grant(self, identifier: str, action: Action, letters: str) -> None:
        await self.mine()
        raise Refused(no(b"mailboxes of your own are not shared", code=b"CANNOT"))


class RoomAccess:
    """A room's rights are its policy and its moderators; who moderates it may change both."""

    def __init__(self, parts: ImapParts, account: Account, mailbox: RoomMailbox) -> None:
        self._parts, self._account, self._mailbox = parts, account, mailbox

    async def mine(self) -> str:
        return rights.rights_of(self._mailbox.room, self._mailbox.reader)

    async def entries(self) -> Sequence[tuple[str, str]]:
        """As they are in the store: this process may hear a moment later of what it has changed itself."""
        self._check()
        return await self._parts.database.read_snapshot(_entries, self._mailbox.room.name)

    async def grantable(self, identifier: str) -> Grantable:
        self._check()
        room = self._mailbox.room
        if identifier == rights.ANYONE:
            return Grantable("", (rights.READ, rights.POST))
        if identifier == rights.MEMBERS:
            return Grantable(rights.READ, (rights.POST,))
        if identifier == rights.ADMINS:
            return Grantable(rights.moderators(room))
        return Grantable(rights.members(room), (rights.MODERATE,))

    async def grant(self, identifier: str, action: Action, letters: str) -> None:
        self._check()
        await self._parts.database.transact(_grant, self._mailbox.room.name, identifier, action, letters)

    def _check(self) -> None:
        if not self._mailbox.may_expunge:
            raise Refused(_NO_ADMINISTRATION)


def _entries(tx: Transaction, name: str) -> Sequence[tuple[str, str]]:
    room = find_room(tx, name)
    return rights.list_of(room, [account.name for account in list_moderators(tx, room)])


def _grant(tx: Transaction, name: str, identifier: str, action: Action, letters: str) -> None:
    """The nearest policy, or Refused where there is none: the rights must mean what they say."""
    room = lock_room(tx, name)
    if identifier in (rights.ANYONE, rights.MEMBERS):
        before = rights.anyones(room) if identifier == rights.ANYONE else rights.members(room)
        change_room(tx, room, _policy(room, identifier, _after(before, action, letters)))
        return
    if identifier.startswith(("$", "-")):
        raise Refused(no(b"that identifier's rights are fixed", code=b"CANNOT"))
    try:
        account = find_account(tx, identifier)
    except AccountNotFound:
        raise Refused(no(b"there is no such account", code=b"CANNOT")) from None
    is_moderator = account.id in {each.id for each in list_moderators(tx, room)}
    before = rights.moderators(room) if is_moderator else rights.members(room)
    after = _after(before, action, letters)
    wanted = set(after) & set(rights.MODERATE)
    if wanted and not is_moderator:
        add_moderator(tx, room, account)
    if not wanted and is_moderator:
        with suppress(ModeratorNotFound):  # the account has been deleted meanwhile
            delete_moderator(tx, room, account)


def _after(before: str, action: Action, letters: str) -> str:
    letters = rights.together(letters)
    if action == "remove":
        return "".join(each for each in before if each not in letters)
    return letters if action == "replace" else before + letters


def _policy(room: Room, identifier: str, wanted: str) -> dict[str, object]:
    reads, posts = bool(set(rights.READ) & set(wanted)), bool(set(rights.POST) & set(wanted))
    if not set(wanted) <= set(rights.READ + rights.POST) or (posts and (room.fed or not reads)):
        raise Refused(no(b"a room has no such policy", code=b"CANNOT"))
    if identifier == rights.ANYONE:
        posting = Posters.EVERYONE if posts else Posters.MEMBERS if room.posting is Posters.EVERYONE else room.posting
        return {"reading": Readers.EVERYONE if reads else Readers.MEMBERS, "posting": posting}
    if not reads or (not posts and room.posting is Posters.EVERYONE):
        raise Refused(no(b"members may do what anyone may, and may read", code=b"CANNOT"))
    if posts:
        return {"posting": room.posting if room.posting is Posters.EVERYONE else Posters.MEMBERS}
    return {"posting": Posters.MODERATORS if room.posting is Posters.MEMBERS else room.posting}
