"""The realm of `twisted.cred`: a proof of an account gives that account."""

from __future__ import annotations

from collections.abc import Callable

from twisted.cred.portal import IRealm
from zope.interface import implementer
from zope.interface.interface import InterfaceClass

from shared.accounts.account import Account, IAccount, IMember, INewMember
from shared.accounts.full_name import set_full_name
from shared.database.transaction import Transaction


@implementer(INewMember)
class NewMember:
    """An account whose full name is not known: the doors for people ask for it before anything else."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def set_full_name(self, tx: Transaction, full_name: str) -> Account:
        """Keep the name, and return the account as it is then. Raises UnusableFullName, AccountNotFound."""
        return set_full_name(tx, self.account.id, full_name)


@implementer(IRealm)
class AccountRealm:
    """Gives the Account itself as the avatar for IAccount; the checkers have read it already, with the credentials.

    Doors for people ask for IMember and INewMember, and get the account where its full name is known, else a NewMember.
    """

    def requestAvatar(
        self, avatarId: Account, mind: object, *interfaces: InterfaceClass
    ) -> tuple[InterfaceClass, Account | NewMember, Callable[[], None]]:
        if IAccount in interfaces:
            return IAccount, avatarId, _nothing_to_release
        if avatarId.full_name is None and INewMember in interfaces:
            return INewMember, NewMember(avatarId), _nothing_to_release
        if avatarId.full_name is not None and IMember in interfaces:
            return IMember, avatarId, _nothing_to_release
        raise NotImplementedError("only IAccount, IMember and INewMember are given here")


def _nothing_to_release() -> None:
    """An avatar is a value: logging out leaves nothing behind."""
