"""How the queue of mail to other servers stands, for `agora status`."""

from __future__ import annotations

import psycopg2

from shared.administration import queue
from shared.administration.queue import QueueState
from shared.command_line.stack.checks.sending import queue_sentence
from shared.command_line.state_directory import StateDirectory
from shared.command_line.store import Store, settings_for
from shared.errors import DomainError


def queue_now(directory: StateDirectory) -> QueueState | None:
    """None where the store cannot be asked: the stack's own lines say why."""
    try:
        return Store(settings_for(directory), announces=False).read(queue.queue_state)
    except (DomainError, psycopg2.Error, OSError):
        return None


def queue_line(state: QueueState) -> str:
    """In one line, with the accounts that are on hold."""
    if not state.accounts_on_hold:
        return queue_sentence(state)
    return f"{queue_sentence(state)}; on hold: {', '.join(state.accounts_on_hold)}"
