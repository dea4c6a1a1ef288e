"""The condition of the store: whether PostgreSQL is new enough, migrated and durable, and what its accounts lack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from yoyo import read_migrations

from shared.database.migrate import MIGRATIONS
from shared.database.transaction import Transaction
from shared.mail.add_missing_addresses import count_without_address

OLDEST_POSTGRES = 150_000  # server_version_num of 15.0: NULLS NOT DISTINCT
# What is acknowledged must be on disk: a server that lies about it loses mail at the next power cut.
SAFE = {"fsync": "on", "full_page_writes": "on"}


class Server(NamedTuple):
    """PostgreSQL itself. `unsafe`: settings that lose acknowledged mail, with their values."""

    version: str
    is_too_old: bool
    unsafe: Mapping[str, str]


class Schema(NamedTuple):
    """The migrations: those of this release, those of them that are missing, and those that it does not know."""

    known: int
    missing: Sequence[str]
    unknown: Sequence[str]


class Accounts(NamedTuple):
    """How many admins may sign in, and how many accounts have no address in the mail domain."""

    admins: int
    without_address: int


def server(tx: Transaction) -> Server:
    """Answers for any PostgreSQL."""
    number, version = tx.rows("SELECT current_setting('server_version_num')::int, current_setting('server_version')")[0]
    settings = {name: tx.value("SELECT current_setting(%s)", (name,)) for name in SAFE}
    return Server(version, number < OLDEST_POSTGRES, {name: is_ for name, is_ in settings.items() if is_ != SAFE[name]})


def schema(tx: Transaction) -> Schema | None:
    """None where nothing was ever migrated."""
    if tx.value("SELECT to_regclass('_yoyo_migration')") is None:
        return None
    applied = {name for (name,) in tx.rows("SELECT migration_id FROM _yoyo_migration")}
    known = {migration.id for migration in read_migrations(str(MIGRATIONS))}
    return Schema(len(known), sorted(known - applied), sorted(applied - known))


def accounts(tx: Transaction, mail_domain: str) -> Accounts:
    """Raises psycopg2.Error where the schema is none of this release, BadAddress for a domain that is none."""
    admins = tx.value("SELECT count(*) FROM account WHERE role = 'admin' AND enabled")
    return Accounts(admins, count_without_address(tx, mail_domain))
