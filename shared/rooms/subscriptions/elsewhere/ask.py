"""Requests of addresses elsewhere: each is asked whether it is its own, and nobody is asked often."""

from __future__ import annotations

import secrets
from datetime import datetime

from shared.database.transaction import Transaction
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.outbound.questions import count_question, lock_questions
from shared.outbound.queue_own import queue_own
from shared.rooms.find_room import find_room_by_id
from shared.rooms.subscriptions.elsewhere.errors import (
    ElsewhereNotFound,
    ElsewhereNotTaken,
)
from shared.rooms.subscriptions.elsewhere.subscribe import TOKEN_OCTETS, subscribe_elsewhere, unsubscribe_elsewhere
from shared.rooms.subscriptions.elsewhere.subscriber import Elsewhere
from shared.rooms.subscriptions.errors import RequestNotFound
from shared.rooms.subscriptions.notices import NEWS, help_text, notice, question
from shared.rooms.subscriptions.subscription import SubscriptionKind

_KINDS = {"subscribe": SubscriptionKind.EACH, "digest": SubscriptionKind.DIGEST}
_FORGET_REQUESTS = "DELETE FROM remote_request WHERE asked_at < now() - interval '3 days'"
# Asked again within an hour, it is the same request, and no second question goes out.
_ASK = """
    INSERT INTO remote_request (folder_id, address, domain, verb, token)
    VALUES (%(room)s, %(address)s, %(domain)s, %(verb)s, %(token)s)
    ON CONFLICT (folder_id, lower(address)) DO UPDATE
        SET verb = excluded.verb, token = excluded.token, asked_at = now()
        WHERE remote_request.asked_at < now() - interval '1 hour'
    RETURNING token
"""
# shared/mail/lookup.py has the same days.
_TAKE = """
    DELETE FROM remote_request WHERE token = %s AND asked_at > now() - interval '3 days'
    RETURNING folder_id, address, domain, verb
"""
_IS_SUBSCRIBED = """
    SELECT EXISTS (SELECT FROM remote_subscriber WHERE folder_id = %(room)s AND lower(address) = lower(%(address)s))
"""


def ask_elsewhere(
    tx: Transaction, room_id: int, asker: Elsewhere, verb: str, network: str, mail_domain: str, now: datetime
) -> None:
    """Ask the address whether the request, which came from `network`, is its own.

    Nothing is sent for a second request within an hour, nor to an address that wants the end of what it does not have,
    which is not told: who is subscribed is nobody else's business. Raises RoomNotFound, ElsewhereNotTaken,
    TooManyQuestions.
    """
    room = find_room_by_id(tx, room_id)
    wanted = {"room": room.folder_id, "verb": verb, "token": secrets.token_hex(TOKEN_OCTETS), **asker._asdict()}
    if verb not in _KINDS:
        if not tx.value(_IS_SUBSCRIBED, wanted):
            return
    elif not room.takes_elsewhere:
        raise ElsewhereNotTaken(room.name)
    lock_questions(tx)
    tx.execute(_FORGET_REQUESTS)
    token = tx.value(_ASK, wanted)
    if token is None:
        return
    count_question(tx, asker.address, network)
    confirm = f"confirm+{token}@{mail_domain}"
    mail = question(room.name, asker.address, NEWS[verb][0], confirm, mail_domain, now)
    queue_own(tx, NewMessage(mail, now, render(mail)), asker.address, asker.domain)


def confirm_elsewhere(tx: Transaction, token: str, mail_domain: str, now: datetime) -> str:
    """Do what was asked for, and send a mail about it; a sentence about it. A token is good for one time.

    Raises RequestNotFound, RoomNotFound, ElsewhereNotTaken, TooManyElsewhere.
    """
    row = tx.row(_TAKE, (token,))
    if row is None:
        raise RequestNotFound(token)
    room_id, address, domain, verb = row
    room, subscriber = find_room_by_id(tx, room_id), Elsewhere(address, domain)
    if verb in _KINDS:
        subscribe_elsewhere(tx, room, subscriber, _KINDS[verb], now)
    else:
        try:
            unsubscribe_elsewhere(tx, room, address)
        except ElsewhereNotFound:
            raise RequestNotFound(token) from None
    subject, sentence = NEWS[verb]
    text = f"{sentence.format(room.name)}\r\n\r\n{help_text(room.name, mail_domain)}"
    mail = notice(room.name, address, subject, text, mail_domain, now)
    queue_own(tx, NewMessage(mail, now, render(mail)), address, domain)
    return sentence.format(room.name).removesuffix(".")
