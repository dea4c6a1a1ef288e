"""The queue of mail to other servers: listed, tried, held, released, dropped."""

from __future__ import annotations

from shared.outbound.change_queue import Released, drop_queued, hold_queued, release_queued, retry_queued
from shared.outbound.list_queue import QueueLine, QueueRecipient, QueueState, list_queue, queue_state, show_queued

__all__ = [
    "QueueLine",
    "QueueRecipient",
    "QueueState",
    "Released",
    "drop_queued",
    "hold_queued",
    "list_queue",
    "queue_state",
    "release_queued",
    "retry_queued",
    "show_queued",
]
