"""The states of a session (RFC 3501 §3) as kinds of rules: each gives its commands what there is in its state."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from services.mail_access.imap.response import Refused, Reply, bad
from services.mail_access.imap.rule import Bound, Rule
from services.mail_access.imap.selected import Selected
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.updates import send_updates_if_news
from shared.accounts.account import Account

Updates = Callable[[ImapSession, Selected], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Always(Rule[ImapSession]):
    """In every state."""

    obey: Callable[[ImapSession, Any], Awaitable[Reply]]
    updates: Updates = field(default=send_updates_if_news, kw_only=True)

    def bind(self, session: ImapSession) -> Bound:
        return partial(self.obey, session)


@dataclass(frozen=True, slots=True)
class ForStrangers(Always):
    """Before sign-in: "Not Authenticated"."""

    def bind(self, session: ImapSession) -> Bound:
        if session.account is not None:
            raise Refused(_wrong_state(session))
        return partial(self.obey, session)


@dataclass(frozen=True, slots=True)
class ForMembers(Rule[ImapSession]):
    """With an account: "Authenticated" and "Selected"."""

    obey: Callable[[ImapSession, Account, Any], Awaitable[Reply | None]]
    updates: Updates = field(default=send_updates_if_news, kw_only=True)

    def bind(self, session: ImapSession) -> Bound:
        if session.account is None:
            raise Refused(_wrong_state(session))
        return partial(self.obey, session, session.account)


@dataclass(frozen=True, slots=True)
class InMailbox(Rule[ImapSession]):
    """With a selected mailbox: "Selected"."""

    obey: Callable[[ImapSession, Account, Selected, Any], Awaitable[Reply]]
    updates: Updates = field(default=send_updates_if_news, kw_only=True)

    def bind(self, session: ImapSession) -> Bound:
        if session.account is None or session.selected is None:
            raise Refused(_wrong_state(session))
        return partial(self.obey, session, session.account, session.selected)


def _wrong_state(session: ImapSession) -> Reply:
    if session.account is None:
        return bad(b"sign in first")
    if session.selected is None:
        return bad(b"not now: you are signed in, and no mailbox is selected")
    return bad(b"not now: you are signed in")
