"""The mail to the administrators about an account that is on hold."""

from __future__ import annotations

import secrets
from datetime import datetime
from email.utils import format_datetime

from shared.database.transaction import Transaction
from shared.folders.append import Append, AppendTarget
from shared.folders.message import NewMessage
from shared.mail.lookup import admin_targets
from shared.messages.render import render


def hold_notice(
    tx: Transaction, account: str, messages: int, recipients: int, mail_domain: str, now: datetime
) -> Append | None:
    """One message for the INBOX of each administrator, over quota, too; None where there is no administrator."""
    inboxes = [target.inbox_id for target in admin_targets(tx)]
    if not inboxes:
        return None
    octets = (
        "Return-Path: <>\r\n"
        f"From: Mail queue <postmaster@{mail_domain}>\r\nTo: Administrators:;\r\nSubject: On hold: {account}\r\n"
        f"Date: {format_datetime(now.replace(microsecond=0))}\r\n"
        f"Message-ID: <{secrets.token_hex(12)}@{mail_domain}>\r\n"
        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        f"The account {account} was about to send more to other servers than one hour allows:\r\n"
        f"{messages} messages, {recipients} recipients.\r\n\r\n"
        "It sends nothing until an administrator releases it, and what it has in the queue waits:\r\n\r\n"
        "    agora queue list --account " + account + "\r\n"
        "    agora queue release " + account + "\r\n\r\n"
        "If somebody else knows its password, change that first: agora user set-password " + account + "\r\n"
    ).encode()
    message = NewMessage(octets, now, render(octets))
    return Append(message, [AppendTarget(inbox) for inbox in inboxes], one_of_each=[inboxes], over_quota=True)
