"""Which command is obeyed by what, in which states, and what may be told around it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from services.mail_access.imap.commands import (
    capability,
    close,
    compress,
    copy,
    enable,
    expunge,
    fetch,
    identify,
    idle,
    list,
    login,
    logout,
    mailboxes,
    namespace,
    noop,
    search,
    select,
    start_tls,
    status,
    store,
)
from services.mail_access.imap.looking import do_not_look, look, look_if_news, look_unless_fresh
from services.mail_access.imap.response import Reply
from services.mail_access.imap.session import ImapSession, State
from services.mail_access.imap.values import commands
from services.mail_access.imap.values.commands import Command

ANY = State.STRANGER | State.MEMBER | State.SELECTED
SIGNED_IN = State.MEMBER | State.SELECTED


def _always(command: Any) -> bool:
    return True


def _never(command: Any) -> bool:
    return False


def _by_uid(command: Any) -> bool:
    """No EXPUNGE while message numbers are spoken of (RFC 3501 §7.4.1): the UID commands are others."""
    return bool(command.uid)


@dataclass(frozen=True, slots=True)
class Rule:
    """`look` runs before the command when a mailbox is selected; expunges are told after it where they may."""

    obey: Callable[[ImapSession, Any], Awaitable[Reply]]
    states: State
    look: Callable[[ImapSession, Any], Awaitable[None]] = look_if_news
    may_expunge: Callable[[Any], bool] = _always


RULES: dict[type[Command], Rule] = {
    commands.Capability: Rule(capability.obey, ANY),
    commands.Noop: Rule(noop.obey, ANY, look),
    commands.Logout: Rule(logout.obey, ANY, do_not_look, _never),
    commands.Id: Rule(identify.obey, ANY),
    commands.StartTls: Rule(start_tls.obey, State.STRANGER),
    commands.Authenticate: Rule(login.obey_authenticate, State.STRANGER),
    commands.Login: Rule(login.obey_login, State.STRANGER),
    commands.Enable: Rule(enable.obey, SIGNED_IN),
    commands.Compress: Rule(compress.obey, SIGNED_IN),
    commands.Namespace: Rule(namespace.obey, SIGNED_IN),
    commands.Select: Rule(select.obey, SIGNED_IN, do_not_look, _never),
    commands.Create: Rule(mailboxes.obey_create, SIGNED_IN),
    commands.Delete: Rule(mailboxes.obey_delete, SIGNED_IN),
    commands.Rename: Rule(mailboxes.obey_rename, SIGNED_IN),
    commands.Subscribe: Rule(mailboxes.obey_subscribe, SIGNED_IN),
    commands.List: Rule(list.obey, SIGNED_IN),
    commands.Status: Rule(status.obey, SIGNED_IN),
    commands.Check: Rule(noop.obey, State.SELECTED, look),
    commands.Close: Rule(close.obey_close, State.SELECTED, do_not_look, _never),
    commands.Unselect: Rule(close.obey_unselect, State.SELECTED, do_not_look, _never),
    commands.Expunge: Rule(expunge.obey, State.SELECTED, do_not_look),
    commands.Search: Rule(search.obey, State.SELECTED, look, _by_uid),
    commands.Fetch: Rule(fetch.obey, State.SELECTED, look_unless_fresh, _by_uid),
    commands.Store: Rule(store.obey, State.SELECTED, do_not_look, _by_uid),
    commands.Copy: Rule(copy.obey, State.SELECTED, do_not_look),
    commands.Idle: Rule(idle.obey, SIGNED_IN),
}
