"""Queueing a message of this server itself: with the null sender, for one recipient."""

from __future__ import annotations

import secrets

from shared.database.transaction import Transaction
from shared.folders.keep_message import keep_messages
from shared.folders.message import NewMessage
from shared.outbound.departure import Departure, RemoteRecipient
from shared.outbound.enqueue import enqueue
from shared.outbound.tls_wish import TlsWish


def queue_own(
    tx: Transaction,
    message: NewMessage,
    address: str,
    domain: str,
    queue_id: str | None = None,
    tls: TlsWish = TlsWish.USUAL,
) -> None:
    """Nobody is told what becomes of it. `domain` is that of `address` in A-labels. Announces QueueChanged."""
    octets = message.octets
    assert isinstance(octets, bytes)
    utf8 = not address.rpartition("@")[0].isascii()
    recipient = RemoteRecipient(address, domain, notify="NEVER")  # RFC 3461 §5.2.7 (e)
    departure = Departure(queue_id or secrets.token_hex(7), None, "", [recipient], not octets.isascii(), utf8, tls=tls)
    (message_id,) = keep_messages(tx, [message])
    enqueue(tx, [(message_id, len(octets), departure)])
