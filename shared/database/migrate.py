"""`python -m shared.database.migrate`: bring the schema up to what this release expects.

The migrations are the SQL files in /migrations, applied in the order of their names, each in a transaction of its own.
Several containers may start at once: an advisory lock lets one work, the others wait and then find nothing to do. The
lock belongs to the connection that applies the migrations, so one that is killed in the middle leaves none behind.
"""

from __future__ import annotations

import os
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg2
from yoyo import default_migration_table, read_migrations
from yoyo.backends.core.postgresql import PostgresqlBackend
from yoyo.connections import parse_uri

from shared.database.url import url_with_password

MIGRATIONS = Path(__file__).parents[2] / "migrations"
LOCK = 4_162_073_001  # any number, the same for all who migrate
PATIENCE = timedelta(seconds=60)  # for PostgreSQL to come up beside us


def migrate(url: str, patience: timedelta = PATIENCE) -> list[str]:
    """Apply what is missing and return the names of what was applied.

    Waits for PostgreSQL up to `patience`, then raises psycopg2.OperationalError; a migration that fails raises its
    psycopg2.Error and leaves the ones before it applied, itself not at all.
    """
    connection = _connect(url, patience)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 0; SET statement_timeout = 0")
            cursor.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        return _apply(url, connection)
    finally:
        connection.close()


def _connect(url: str, patience: timedelta) -> Any:
    deadline = time.monotonic() + patience.total_seconds()
    told = False
    while True:
        try:
            return psycopg2.connect(url, connect_timeout=5, application_name="agora migrate")
        except psycopg2.OperationalError as error:
            if time.monotonic() > deadline:
                raise
            if not told:  # a wrong password looks like this, too
                print(f"waiting for PostgreSQL: {str(error).strip()}", file=sys.stderr, flush=True)
                told = True
            time.sleep(0.2)


class _Backend(PostgresqlBackend):  # type: ignore[misc]
    """yoyo on a connection that is already open and holds the lock."""

    def __init__(self, url: str, connection: Any) -> None:
        self._given = connection
        self._is_locked = True  # by the advisory lock; yoyo's own is a row that outlives a killed process
        super().__init__(parse_uri(url), default_migration_table)

    def connect(self, dburi: object) -> Any:
        return self._given


def _apply(url: str, connection: Any) -> list[str]:
    """Not yoyo's apply_migrations: that applies and remembers in two transactions, and passes over broken files."""
    backend = _Backend(url, connection)
    missing = backend.to_apply(read_migrations(str(MIGRATIONS)))
    for migration in missing:
        migration.load()
        if migration.use_transactions:
            with backend.transaction():
                migration.process_steps(backend, "apply")
                backend.mark_one(migration, log=False)
        else:  # "-- transactional: false", for CREATE INDEX CONCURRENTLY
            migration.process_steps(backend, "apply")
            backend.mark_one(migration, log=False)
    return [migration.id for migration in missing]


def main() -> None:
    url = os.environ.get("AGORA_DATABASE_URL")
    if not url:
        sys.exit("AGORA_DATABASE_URL is not set")
    password_file = os.environ.get("AGORA_DATABASE_PASSWORD_FILE")
    applied = migrate(url_with_password(url, Path(password_file) if password_file else None))
    print(f"applied {', '.join(applied)}" if applied else "the schema is up to date")


if __name__ == "__main__":
    main()
