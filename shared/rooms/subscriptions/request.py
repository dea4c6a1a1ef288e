"""Requests by mail: to be sent a room's posts, to be sent no more, and how to ask for either."""

from __future__ import annotations

import secrets
from datetime import datetime
from enum import StrEnum

from shared.accounts.account import Account
from shared.accounts.find_account import find_account_by_id
from shared.database.transaction import Transaction
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.message import NewMessage
from shared.mail.address import address_of
from shared.mail.errors import BadAddress
from shared.mail.lookup import FolderTarget, look_up
from shared.messages.render import render
from shared.rooms.find_room import find_room_by_id
from shared.rooms.subscriptions.elsewhere.ask import confirm_elsewhere
from shared.rooms.subscriptions.errors import SubscriberNotLocal
from shared.rooms.subscriptions.notices import NEWS, help_text, notice, question
from shared.rooms.subscriptions.subscribe import subscribe
from shared.rooms.subscriptions.subscription import SubscriptionKind
from shared.rooms.subscriptions.unsubscribe import unsubscribe


class RequestVerb(StrEnum):
    """What is asked for, and what stands behind the "+" in the address that it is asked at."""

    SUBSCRIBE = "subscribe"
    DIGEST = "digest"
    UNSUBSCRIBE = "unsubscribe"
    HELP = "help"


_KINDS = {RequestVerb.SUBSCRIBE: SubscriptionKind.EACH, RequestVerb.DIGEST: SubscriptionKind.DIGEST}
# Asked again within an hour, it is the same request, and no second question goes out.
_ASK = """
    INSERT INTO subscription_request (folder_id, account_id, verb, token)
    VALUES (%(room)s, %(account)s, %(verb)s, %(token)s)
    ON CONFLICT (folder_id, account_id) DO UPDATE SET verb = excluded.verb, token = excluded.token, asked_at = now()
        WHERE subscription_request.asked_at < now() - interval '1 hour'
    RETURNING token
"""
# shared/mail/lookup.py has the same days.
_TAKE = """
    DELETE FROM subscription_request WHERE token = %s AND asked_at > now() - interval '3 days'
    RETURNING folder_id, account_id, verb
"""
_INBOX = "SELECT id FROM folder WHERE account_id = %s AND name = 'INBOX'"


def obey_request(
    tx: Transaction, room_id: int, account_id: int, verb: RequestVerb, mail_domain: str, now: datetime
) -> str:
    """Do what the account, which is proved, asks for, and put a mail about it into its INBOX; a sentence about it.

    Raises RoomNotFound, AccountNotFound, MayNotSubscribe, NotSubscribed.
    """
    room, account = find_room_by_id(tx, room_id), find_account_by_id(tx, account_id)
    if verb is RequestVerb.HELP:
        text = help_text(room.name, mail_domain)
        _put_into_inbox(
            tx, account, notice(room.name, f"{account.name}@{mail_domain}", "Help", text, mail_domain, now), now
        )
        return f"see your mailbox for what can be asked of {room.name}"
    if verb is RequestVerb.UNSUBSCRIBE:
        unsubscribe(tx, room, account)
    else:
        subscribe(tx, room, account, _KINDS[verb], now)
    subject, sentence = NEWS[verb.value]
    text = f"{sentence.format(room.name)}\r\n\r\n{help_text(room.name, mail_domain)}"
    _put_into_inbox(
        tx, account, notice(room.name, f"{account.name}@{mail_domain}", subject, text, mail_domain, now), now
    )
    return sentence.format(room.name).removesuffix(".")


def ask_to_confirm(
    tx: Transaction, room_id: int, sender: tuple[str, str], verb: RequestVerb, mail_domain: str, now: datetime
) -> None:
    """Ask the account that has the address `sender`, local part and domain, whether the request is its own.

    Nothing is sent for a second request within an hour. Raises RoomNotFound; SubscriberNotLocal, if no single account
    here has the address.
    """
    room = find_room_by_id(tx, room_id)
    account = _account_of(tx, sender)
    wanted = {"room": room.folder_id, "account": account.id, "verb": verb.value, "token": secrets.token_hex(16)}
    token = tx.value(_ASK, wanted)
    if token is not None:
        mail = question(
            room.name,
            f"{account.name}@{mail_domain}",
            NEWS[verb.value][0],
            f"confirm+{token}@{mail_domain}",
            mail_domain,
            now,
        )
        _put_into_inbox(tx, account, mail, now)


def confirm_request(tx: Transaction, token: str, mail_domain: str, now: datetime) -> str:
    """Do what was asked for; a sentence about it.

    Raises RequestNotFound, and what obey_request() and confirm_elsewhere() do.
    """
    row = tx.row(_TAKE, (token,))
    if row is None:
        return confirm_elsewhere(tx, token, mail_domain, now)
    room_id, account_id, verb = row
    return obey_request(tx, room_id, account_id, RequestVerb(verb), mail_domain, now)


def _account_of(tx: Transaction, sender: tuple[str, str]) -> Account:
    shown = "@".join(sender)
    try:
        (targets,) = look_up(tx, [address_of(*sender)])
    except BadAddress:
        raise SubscriberNotLocal(shown) from None
    accounts = [] if isinstance(targets, Exception) else [each for each in targets if isinstance(each, FolderTarget)]
    if len(accounts) != 1:
        raise SubscriberNotLocal(shown)
    return find_account_by_id(tx, accounts[0].account_id)


def _put_into_inbox(tx: Transaction, account: Account, mail: bytes, now: datetime) -> None:
    """A full mailbox gets none: what was asked for is done all the same."""
    inbox = tx.value(_INBOX, (account.id,))
    if inbox is not None:
        append_entries(tx, [Append(NewMessage(mail, now, render(mail)), [AppendTarget(inbox)])])
