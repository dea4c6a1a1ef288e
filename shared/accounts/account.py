"""An account: somebody who may sign in and own folders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from zope.interface import Attribute, Interface, implementer


class Role(StrEnum):
    """What an account may do beyond its own mail, from least to most."""

    GUEST = "guest"  # reads what is public
    MEMBER = "member"
    MODERATOR = "moderator"
    ADMIN = "admin"  # also receives mail for postmaster and abuse (RFC 2142)


class IAccount(Interface):  # type: ignore[misc]  # zope.interface has no types
    """The avatar that signing in gives (`twisted.cred`): whoever holds one has proved to be that account."""

    id = Attribute("The number that everything the account owns refers to.")
    name = Attribute("The lower-case name it signs in with, and the local part of its first address.")
    role = Attribute("A `Role`.")
    enabled = Attribute("False: keeps everything, may not sign in.")
    quota_octets = Attribute("How much mail it may keep; None: no limit.")
    news_marks = Attribute("Whether what it reads by NNTP is marked as seen.")


class IMember(IAccount):
    """The avatar of an account that has told its full name."""

    full_name = Attribute("How others see its owner.")


class INewMember(Interface):  # type: ignore[misc]
    """The avatar of an account that has not told its full name yet: it can do that, and nothing else."""

    set_full_name = Attribute("Called with a transaction and the name, keeps it. Raises UnusableFullName.")


@implementer(IAccount)
@dataclass(frozen=True, slots=True)
class Account:
    """An account as it stood when it was read."""

    id: int
    name: str
    role: Role
    enabled: bool
    quota_octets: int | None
    news_marks: bool = True
    full_name: str | None = None  # None: its owner has not told it yet

    @property
    def shown_name(self) -> str:
        """What others see: the full name, or the name of the account."""
        return self.full_name or self.name


# The columns of an Account in its own order: `SELECT {COLUMNS} FROM account`, then `account_of(row)`.
NAMES = tuple(field.name for field in fields(Account))
COLUMNS = ", ".join(f"account.{name}" for name in NAMES)
_COUNT = len(NAMES)


def account_of(row: Sequence[Any]) -> Account:
    """The account in a row of `COLUMNS`."""
    number, name, role, *rest = row
    return Account(number, name, Role(role), *rest)


def account_and_rest(row: Sequence[Any]) -> tuple[Account, Sequence[Any]]:
    """The account in a row that begins with `COLUMNS`, and what follows them: to be unpacked."""
    return account_of(row[:_COUNT]), row[_COUNT:]
