"""The table of IMAP commands: in which state each is allowed, who obeys it, and which updates go around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.mail_access.imap.commands import (
    access,
    append,
    capability,
    close,
    compress,
    copy,
    enable,
    expunge,
    fetch,
    identify,
    idle,
    login,
    logout,
    mailboxes,
    namespace,
    noop,
    search,
    select,
    sort,
    start_tls,
    status,
    store,
    thread,
)
from services.mail_access.imap.commands import (
    list as list_,
)
from services.mail_access.imap.rule import Rule
from services.mail_access.imap.session import ImapSession
from services.mail_access.imap.states import Always, ForMembers, ForStrangers, InMailbox
from services.mail_access.imap.updates import send_no_updates, send_updates, send_updates_unless_fresh
from services.mail_access.imap.values import commands
from services.mail_access.imap.values.commands import Command


def _never(command: Any) -> bool:
    return False


def _by_uid(command: Any) -> bool:
    """For FETCH, STORE, SEARCH, SORT and THREAD: EXPUNGE may follow only their UID forms (RFC 3501 §7.4.1)."""
    return bool(command.uid)


RULES: Mapping[type[Command], Rule[ImapSession]] = {
    commands.Capability: Always(capability.obey),
    commands.Noop: Always(noop.obey_noop, updates=send_updates),
    commands.Logout: Always(logout.obey, updates=send_no_updates, may_expunge=_never),
    commands.Id: Always(identify.obey),
    commands.StartTls: ForStrangers(start_tls.obey),
    commands.Authenticate: ForStrangers(login.obey_authenticate),
    commands.Login: ForStrangers(login.obey_login),
    commands.Enable: ForMembers(enable.obey),
    commands.Compress: ForMembers(compress.obey),
    commands.Namespace: ForMembers(namespace.obey),
    commands.Select: ForMembers(select.obey, updates=send_no_updates, may_expunge=_never),
    commands.Create: ForMembers(mailboxes.obey_create),
    commands.Delete: ForMembers(mailboxes.obey_delete),
    commands.Rename: ForMembers(mailboxes.obey_rename),
    commands.Subscribe: ForMembers(mailboxes.obey_subscribe),
    commands.List: ForMembers(list_.obey),
    commands.Status: ForMembers(status.obey),
    commands.MyRights: ForMembers(access.obey_my_rights),
    commands.GetAcl: ForMembers(access.obey_get_acl),
    commands.ListRights: ForMembers(access.obey_list_rights),
    commands.SetAcl: ForMembers(access.obey_set_acl),
    commands.Append: ForMembers(append.obey, updates=send_no_updates, may_expunge=_never, overlaps=True),
    commands.Check: InMailbox(noop.obey_check, updates=send_updates),
    commands.Close: InMailbox(close.obey_close, updates=send_no_updates, may_expunge=_never),
    commands.Unselect: InMailbox(close.obey_unselect, updates=send_no_updates, may_expunge=_never),
    commands.Expunge: InMailbox(expunge.obey, updates=send_no_updates),
    commands.Search: InMailbox(search.obey, updates=send_updates, may_expunge=_by_uid),
    commands.Sort: InMailbox(sort.obey, updates=send_updates, may_expunge=_by_uid),
    commands.Thread: InMailbox(thread.obey, updates=send_updates, may_expunge=_by_uid),
    commands.Fetch: InMailbox(fetch.obey, updates=send_updates_unless_fresh, may_expunge=_by_uid),
    commands.Store: InMailbox(store.obey, updates=send_no_updates, may_expunge=_by_uid),
    commands.Copy: InMailbox(copy.obey, updates=send_no_updates),
    commands.Idle: ForMembers(idle.obey),
}
