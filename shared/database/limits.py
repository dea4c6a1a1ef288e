"""The limits of the store: how long it may take, and how many connections a process has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """Every wait has an end; the defaults suit a service that answers people."""

    connections: int = 8  # per process; a dozen processes stay below PostgreSQL's customary 100
    connect: timedelta = timedelta(seconds=5)
    statement: timedelta = timedelta(seconds=30)  # cancelled by the server
    lock: timedelta = timedelta(seconds=10)  # a folder's row is held for milliseconds
    idle_in_transaction: timedelta = timedelta(seconds=60)  # a stuck process must not keep a folder locked
    silence: timedelta = timedelta(seconds=15)  # beyond `statement`: the server hangs, or the network is gone
    patience: timedelta = timedelta(seconds=5)  # a restart of PostgreSQL is waited out, a longer outage told
    attempts: int = 8  # of one transaction, against deadlocks and serialization failures
