"""Queueing: messages for elsewhere are kept in the commit that keeps all others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from shared.database.prepared import Prepared
from shared.database.transaction import Transaction
from shared.errors import DomainError
from shared.folders.append import Append, Appended
from shared.folders.append_named import NamedAppend, append_named
from shared.folders.keep_message import keep_messages
from shared.folders.key_messages import key_messages, key_new_messages
from shared.outbound.channel import QueueChanged
from shared.outbound.departure import Departing, Departure
from shared.outbound.errors import SendingHeld
from shared.outbound.tally import Caps, charge

Item = Append | NamedAppend | Departing

_INSERT = Prepared(
    """
    INSERT INTO outbound
        (queue_id, message_id, account_id, sender, size_octets, eight_bit, utf8, envelope_id, returns_all, tls)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::integer[], %s::boolean[],
                         %s::boolean[], %s::text[], %s::boolean[], %s::text[])
    RETURNING id, queue_id
"""
)
_INSERT_RECIPIENTS = Prepared(
    """
    INSERT INTO outbound_recipient (outbound_id, address, domain, notify, original, own_sender, fields)
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
"""
)


def append_and_queue(caps: Caps) -> Callable[[Transaction, Sequence[Item]], Sequence[Appended | DomainError]]:
    """What keeps a gathering of messages: as append_named(), and those that depart are queued, too.

    An account that sends more than `caps` allow is put on hold, and its item has SendingHeld.
    """

    def keep(tx: Transaction, items: Sequence[Item]) -> Sequence[Appended | DomainError]:
        if not any(isinstance(item, Departing) for item in items):
            return append_named(tx, items)  # type: ignore[arg-type]
        return _keep_and_queue(tx, items, caps)

    return keep


def _keep_and_queue(tx: Transaction, items: Sequence[Item], caps: Caps) -> Sequence[Appended | DomainError]:
    """The accounts' rows are locked before any folder, in every process."""
    charged = charge(tx, [item.departure for item in items if isinstance(item, Departing)], caps)
    refused = {id(departure) for departure in charged.refused}
    results: list[Appended | DomainError | None] = [None] * len(items)
    appends: list[Append | NamedAppend] = list(charged.notices)
    places: list[int] = [-1] * len(appends)
    alone: list[int] = []  # items without a folder here
    for place, item in enumerate(items):
        if not isinstance(item, Departing):
            appends.append(item)
            places.append(place)
        elif id(item.departure) in refused:
            results[place] = SendingHeld()
        elif item.append.folders:
            appends.append(item.append)
            places.append(place)
        else:
            alone.append(place)
    for place, result in zip(places, append_named(tx, appends) if appends else (), strict=True):
        if place >= 0:
            results[place] = result
    for place, message_id in zip(alone, keep_messages(tx, [items[place].message for place in alone]), strict=True):
        results[place] = Appended(message_id, ())
    leaving = [
        (item, result.message_id)
        for item, result in zip(items, results, strict=True)
        if isinstance(item, Departing) and isinstance(result, Appended) and item.departure.recipients
    ]
    _write(tx, [(message_id, len(item.message.octets), item.departure) for item, message_id in leaving])
    key_new_messages(tx, [(message_id, item.message) for item, message_id in leaving])
    notices = [
        notice
        for item, result in zip(items, results, strict=True)
        if isinstance(item, Departing) and isinstance(result, Appended)
        for notice in item.notices
    ]
    if notices:
        append_named(tx, notices)  # one whose mailbox is full is left out
    return [result for result in results if result is not None]


def enqueue(tx: Transaction, queued: Sequence[tuple[int, int, Departure]]) -> None:
    """Queue messages that are kept: each is its number, its size, its envelope. Announces QueueChanged.

    They have their keys for `agora trace` with that: once they are sent they may be purged before these are written.
    """
    if queued:
        _write(tx, queued)
        key_messages(tx, sorted({message_id for message_id, _, _ in queued}))


def _write(tx: Transaction, queued: Sequence[tuple[int, int, Departure]]) -> None:
    if not queued:
        return
    rows = [
        (each.queue_id, message_id, each.account_id, each.sender, octets, each.eight_bit, each.utf8,
         each.envelope_id, each.returns_all, each.tls.value)
        for message_id, octets, each in queued
    ]  # fmt: skip
    numbers = {
        queue_id: number for number, queue_id in tx.rows(_INSERT, [list(column) for column in zip(*rows, strict=True)])
    }
    recipients = [(numbers[each.queue_id], *one) for _, _, each in queued for one in each.recipients]
    tx.execute_with_next(_INSERT_RECIPIENTS, [list(column) for column in zip(*recipients, strict=True)])
    tx.announce(QueueChanged())
