"""Putting copies into the mailboxes of subscribers, past those that do not take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.errors import FolderNotFound, QuotaExceeded
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.rooms.subscriptions.advance import PassedOver
from shared.rooms.subscriptions.claim import Subscriber
from shared.rooms.subscriptions.sent_trace import SentOf, note_sent

_REASONS = {FolderNotFound: "the account has no INBOX", QuotaExceeded: "the mailbox is full"}


class Outgoing(NamedTuple):
    """Octets for some subscribers, how many posts are in them, and which."""

    octets: bytes
    posts: int
    subscribers: Sequence[Subscriber]
    sent: SentOf


class DeliveredCopies(NamedTuple):
    """How many copies are in mailboxes, and by account what was passed over."""

    copies: int
    passed_over: Mapping[int, PassedOver]


def deliver_copies(tx: Transaction, items: Sequence[Outgoing], now: datetime) -> DeliveredCopies:
    """Each item is one message, with an entry in the INBOX of each of its subscribers who can have one.

    The same few round trips for one subscriber as for a thousand. Announces FolderChanged.
    """
    copies = 0
    passed_over: dict[int, PassedOver] = {}
    appends: list[Append] = []
    takers: list[tuple[Outgoing, Sequence[Subscriber]]] = []
    traced: list[tuple[int, SentOf, int]] = []

    def pass_over(subscriber: Subscriber, posts: int, because: str) -> None:
        before = passed_over.get(subscriber.account_id)
        passed_over[subscriber.account_id] = PassedOver(posts + (before.posts if before else 0), because)

    for item in items:
        inboxes = {each.inbox_id: each for each in item.subscribers if each.inbox_id is not None}
        for each in item.subscribers:
            if each.inbox_id is None:
                pass_over(each, item.posts, each.refusal)
        if inboxes:
            message = NewMessage(item.octets, now, render(item.octets))
            appends.append(Append(message, [AppendTarget(inbox) for inbox in inboxes], one_of_each=[list(inboxes)]))
            takers.append((item, list(inboxes.values())))
    results = append_entries(tx, appends) if appends else ()
    for (item, subscribers), result in zip(takers, results, strict=True):
        places = [result] * len(subscribers) if isinstance(result, DomainError) else result.places
        before = copies
        for each, place in zip(subscribers, places, strict=True):
            if isinstance(place, DomainError):
                pass_over(each, item.posts, _REASONS.get(type(place), type(place).__name__))
            else:
                copies += 1
        if not isinstance(result, DomainError):
            traced.append((result.message_id, item.sent, copies - before))
    note_sent(tx, traced)
    return DeliveredCopies(copies, passed_over)
