"""The policy of the wiki: who reads, writes and deletes pages."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, NamedTuple

from shared.accounts.account import Account, Role
from shared.wiki.errors import MayNotReadPages, MayNotWrite
from shared.wiki.page import Author

Everybody = Literal["everyone", "members"]


class Writers(StrEnum):
    """Who may write a page."""

    EVERYONE = "everyone"
    MEMBERS = "members"
    MODERATORS = "moderators"
    ADMINS = "admins"


class WikiPolicy(NamedTuple):
    """What the operator has set for the whole wiki."""

    reading: Everybody = "everyone"
    writing: Everybody = "members"


_RANK = {Role.GUEST: 0, Role.MEMBER: 1, Role.MODERATOR: 2, Role.ADMIN: 3}
_NEEDED_RANK = {Writers.MEMBERS: 1, Writers.MODERATORS: 2, Writers.ADMINS: 3}


def is_member(account: Account | None) -> bool:
    """Signed in, and more than a guest, who reads what is public."""
    return account is not None and account.role is not Role.GUEST


def is_moderator(account: Account | None) -> bool:
    """Moderators and admins."""
    return account is not None and account.role in (Role.MODERATOR, Role.ADMIN)


def may_read_pages(policy: WikiPolicy, account: Account | None) -> bool:
    return policy.reading == "everyone" or is_member(account)


def check_reading(policy: WikiPolicy, account: Account | None) -> None:
    """Raises MayNotReadPages."""
    if not may_read_pages(policy, account):
        raise MayNotReadPages


def check_writing(policy: WikiPolicy, author: Author, writers: str | None = None) -> None:
    """`writers` are the page's own. Raises MayNotWrite."""
    needed = Writers(writers or policy.writing)
    if needed is Writers.EVERYONE:
        return
    account = author.account
    if account is not None and _RANK[account.role] >= _NEEDED_RANK[needed]:
        return
    what = "the wiki" if writers is None else "this page"
    raise MayNotWrite(f"only {needed.value} write {what}", sign_in_helps=account is None)


def may_write(policy: WikiPolicy, author: Author, writers: str | None = None) -> bool:
    try:
        check_writing(policy, author, writers)
    except MayNotWrite:
        return False
    return True
