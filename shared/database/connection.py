"""One connection to PostgreSQL, set up as everything here expects it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import psycopg2
import psycopg2.extensions

from shared.database.limits import StoreLimits
from shared.database.prepared import Prepared


def _bytes_from_text(value: Any, _cursor: object) -> bytes | None:
    return None if value is None else bytes.fromhex(value[2:])  # '\x…', bytea_output is hex


BYTEA_OID, BYTEA_ARRAY_OID = 17, 1001  # pg_type.dat
BYTES = psycopg2.extensions.new_type((BYTEA_OID,), "BYTES", _bytes_from_text)
BYTES_ARRAY = psycopg2.extensions.new_array_type((BYTEA_ARRAY_OID,), "BYTES[]", BYTES)


class StoreConnection(psycopg2.extensions.connection):
    """Knows when the statement under way began, for the watch over silent servers."""

    epoch: int = 0  # the pool's when this was opened
    busy_since: float | None = None  # time.monotonic()
    prepared: set[Prepared]  # known to the server

    def is_clean(self) -> bool:
        """No transaction, no statement, not lost: fit for the next operation."""
        idle = psycopg2.extensions.TRANSACTION_STATUS_IDLE
        return not self.closed and self.info.transaction_status == idle


def open_connection(url: str, limits: StoreLimits, name: str) -> StoreConnection:
    """Connect; the connection is in autocommit mode, and read-only unless a transaction says READ WRITE.

    Raises psycopg2.OperationalError.
    """
    connection: StoreConnection = psycopg2.connect(
        url,
        connection_factory=StoreConnection,
        application_name=name,
        client_encoding="UTF8",
        options=_with_own_options(url, limits),
        connect_timeout=max(2, round(limits.connect.total_seconds())),  # libpq takes 1 for 2
        # A peer that vanished is noticed after 25 s when nothing is under way, after 30 s when something is.
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        tcp_user_timeout=_milliseconds(timedelta(seconds=30)),
    )
    connection.prepared = set()
    connection.autocommit = True
    psycopg2.extensions.register_type(BYTES, connection)
    psycopg2.extensions.register_type(BYTES_ARRAY, connection)
    return connection


def _with_own_options(url: str, limits: StoreLimits) -> str:
    """The session's settings, sent along with the connection request; those in `url` come first."""
    settings = {
        "statement_timeout": _milliseconds(limits.statement),
        "lock_timeout": _milliseconds(limits.lock),
        "idle_in_transaction_session_timeout": _milliseconds(limits.idle_in_transaction),
        "synchronous_commit": "on",  # what was answered is on disk, however the server is set
        "default_transaction_read_only": "on",
        "timezone": "UTC",
        "bytea_output": "hex",
        "standard_conforming_strings": "on",  # in literals that are written here only the quote is special
        # What is Prepared looks up by key: one plan is good for all values. Its plan may date from when the tables
        # were all but empty, and reading them whole was cheapest; it must not go on doing that when they are full.
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "jit": "off",  # compiling takes longer than our statements, and the costs that the line above makes start it
    }
    given = psycopg2.extensions.parse_dsn(url).get("options", "")
    return " ".join([given, *(f"-c {name}={value}" for name, value in settings.items())]).strip()


def _milliseconds(duration: timedelta) -> int:
    return round(duration.total_seconds() * 1000)
