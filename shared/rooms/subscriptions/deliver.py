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

_REASONS = {FolderNotFound: "the account has no INBOX", QuotaExceeded: "the mailbox is full"}


class Outgoing(NamedTuple):
    """Octets for some subscribers, and how many posts are in them."""

    octets: bytes
    posts: int
    subscribers: Sequence[Subscriber]


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
    takers: list[tuple[int, Sequence[Subscriber]]] = []  # posts, and who gets them

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
            takers.append((item.posts, list(inboxes.values())))
    results = append_entries(tx, appends) if appends else ()
    for (posts, subscribers), result in zip(takers, results, strict=True):
        places = [result] * len(subscribers) if isinstance(result, DomainError) else result.places
        for each, place in zip(subscribers, places, strict=True):
            if isinstance(place, DomainError):
                pass_over(each, posts, _REASONS.get(type(place), type(place).__name__))
            else:
                copies += 1
    return DeliveredCopies(copies, passed_over)
