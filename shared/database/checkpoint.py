"""A checkpoint: PostgreSQL writes what is in memory, and lets go of the log that it no longer needs."""

from __future__ import annotations

import psycopg2


def checkpoint(url: str) -> None:
    """Ask for one, and wait for it; quiet if PostgreSQL is away."""
    try:
        connection = psycopg2.connect(url, connect_timeout=5)
    except psycopg2.Error:
        return
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")
    except psycopg2.Error:
        return
    finally:
        connection.close()
