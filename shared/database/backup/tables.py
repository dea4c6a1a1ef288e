"""The tables of the store: their columns, their sequences, and what stands in the way of filling them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from psycopg2 import sql

OF_YOYO = "%yoyo%"  # its tables say which migrations were applied; a backup has that in its head

# What PostgreSQL computes by itself cannot be copied in.
_TABLES = """
    SELECT relname, pg_table_size(pg_class.oid),
        (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute
         WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped AND attgenerated = '')
    FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpersistence = 'p'
        AND relname NOT LIKE %s
    ORDER BY relname
"""
_SEQUENCES = """
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND relname NOT LIKE %s
    ORDER BY relname
"""
# Foreign keys first: those that they refer to cannot go before them.
_CONSTRAINTS = """
    SELECT relname, conname, pg_get_constraintdef(pg_constraint.oid)
    FROM pg_constraint JOIN pg_class ON pg_class.oid = conrelid
    WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'p', 'u', 'x') AND relname NOT LIKE %s
        AND NOT (contype = 'p' AND relname = %s)
    ORDER BY contype <> 'f', relname, conname
"""
_INDEXES = """
    SELECT index.relname, pg_get_indexdef(indexrelid) FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
    JOIN pg_class AS indexed ON indexed.oid = indrelid
    WHERE index.relnamespace = 'public'::regnamespace AND indexed.relname NOT LIKE %s
        AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u', 'x'))
    ORDER BY index.relname
"""


class Table(NamedTuple):
    """A table, about how large it is, and its columns in order."""

    name: str
    octets: int
    columns: Sequence[str]


def list_tables(cursor: Any) -> Sequence[Table]:
    """All of the store but yoyo's and those that PostgreSQL empties after a crash, by name."""
    cursor.execute(_TABLES, (OF_YOYO,))
    return [Table(name, octets, tuple(columns or ())) for name, octets, columns in cursor.fetchall()]


def read_sequences(cursor: Any) -> Mapping[str, tuple[int, bool]]:
    """The last value of each sequence, and whether it was given already."""
    cursor.execute(_SEQUENCES, (OF_YOYO,))
    found = {}
    for (name,) in cursor.fetchall():
        cursor.execute(sql.SQL("SELECT last_value, is_called FROM {}").format(sql.Identifier(name)))
        found[name] = cursor.fetchone()
    return found


def set_sequences(cursor: Any, sequences: Mapping[str, Sequence[Any]]) -> None:
    """Let each sequence go on behind these values."""
    for name, (last, is_called) in sequences.items():
        cursor.execute("SELECT setval(quote_ident(%s)::regclass, %s, %s)", (name, last, is_called))


class Keys(NamedTuple):
    """Statements that take the keys and indexes away, and statements that make them again, in order."""

    drop: Sequence[sql.Composed]
    make: Sequence[sql.Composed]


def read_keys(cursor: Any, in_order: str) -> Keys:
    """The keys and indexes of all tables. Making an index once takes a fraction of keeping it up row by row.

    The primary key of the table `in_order` is left alone: its rows come in that order, so keeping it up costs next to
    nothing, while making it would read the whole table again.
    """
    cursor.execute(_CONSTRAINTS, (OF_YOYO, in_order))
    constraints = [(sql.Identifier(table), sql.Identifier(name), sql.SQL(text)) for table, name, text in cursor]
    cursor.execute(_INDEXES, (OF_YOYO,))
    indexes = [(sql.Identifier(name), sql.SQL(definition)) for name, definition in cursor]
    drop = [sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, name) for table, name, _ in constraints]
    drop += [sql.SQL("DROP INDEX {}").format(name) for name, _ in indexes]
    make = [sql.Composed([definition]) for _, definition in indexes]
    make += [sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(*each) for each in reversed(constraints)]
    return Keys(drop, make)


def copy_statement(table: str, columns: Sequence[str], direction: str) -> sql.Composed:
    """COPY of these columns; `direction` is what follows, such as `TO STDOUT`."""
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL("COPY {} ({}) {}").format(sql.Identifier(table), names, sql.SQL(direction))
