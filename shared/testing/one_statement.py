"""One statement on a connection of its own, outside a transaction: CREATE DATABASE and its like allow no other way."""

from __future__ import annotations

import psycopg2


def run_statement(url: str, statement: str) -> None:
    """Returns when the statement is done; what it gives is not asked for. Raises psycopg2.Error."""
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()
