"""The realm of `twisted.cred`: a proof of an account gives that account."""

from __future__ import annotations

from collections.abc import Callable

from twisted.cred.portal import IRealm
from zope.interface import implementer
from zope.interface.interface import InterfaceClass

from shared.accounts.account import Account, IAccount


@implementer(IRealm)
class AccountRealm:
    """Gives the Account itself as the avatar for IAccount; the checkers have read it already, with the credentials."""

    def requestAvatar(
        self, avatarId: Account, mind: object, *interfaces: InterfaceClass
    ) -> tuple[InterfaceClass, Account, Callable[[], None]]:
        if IAccount not in interfaces:
            raise NotImplementedError("only IAccount is given here")
        return IAccount, avatarId, _nothing_to_release


def _nothing_to_release() -> None:
    """An avatar is a value: logging out leaves nothing behind."""
