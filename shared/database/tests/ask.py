"""Asking a database by a connection of one's own, for tests of what happens to whole stores."""

from __future__ import annotations

from typing import Any

import psycopg2


def ask(url: str, statement: str) -> list[Any]:
    """The rows of one statement, which is committed; none where it gives none."""
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()
