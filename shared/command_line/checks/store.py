"""Whether PostgreSQL and Redis are there, up to date, and keep what they promise."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any

import psycopg2
from yoyo import read_migrations

from shared.command_line.announce import connected, redis_url
from shared.command_line.checks.finding import Finding, fine, warning, wrong
from shared.command_line.quantities import counted
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.migrate import MIGRATIONS
from shared.database.transaction import NO_TRANSACTION, Transaction
from shared.database.url import url_with_password
from shared.events.redis import RedisAway, RedisConnection
from shared.mail.add_missing_addresses import count_without_address
from shared.runtime.settings import ServiceSettings

Hint = Callable[[str], str]
OLDEST_POSTGRES = 150_000  # server_version_num of 15.0: NULLS NOT DISTINCT
SAFE = {"fsync": "on", "full_page_writes": "on"}


def _plain_hint(words: str) -> str:
    return f"`agora {words}`"


def check_store(settings: ServiceSettings, hint: Hint = _plain_hint) -> Sequence[Finding]:
    """PostgreSQL: reachable, new enough, migrated, durable. `hint` writes a command as it is typed here."""
    url = url_with_password(settings.database_url, settings.database_password_file)
    try:
        with contextlib.closing(open_connection(url, StoreLimits(), "agora check")) as connection:
            return _look(Transaction(connection, NO_TRANSACTION), settings.mail_domain, hint)
    except psycopg2.OperationalError as error:
        advice = "Is it running? AGORA_DATABASE_URL and AGORA_DATABASE_PASSWORD_FILE say where and how."
        return [wrong("PostgreSQL", f"does not answer: {str(error).strip()}", advice)]
    except psycopg2.Error as error:
        return [wrong("PostgreSQL", str(error).strip(), f"Run {hint('migrate')}.")]


def _look(tx: Transaction, mail_domain: str, hint: Hint) -> Sequence[Finding]:
    number, version = tx.rows("SELECT current_setting('server_version_num')::int, current_setting('server_version')")[0]
    if number < OLDEST_POSTGRES:
        return [wrong("PostgreSQL", f"version {version} is too old", "Agora needs PostgreSQL 15 or newer.")]
    return [
        fine("PostgreSQL", f"version {version} answers"),
        _schema(tx, hint),
        *_durability(tx),
        _admins(tx, hint),
        _addresses(tx, mail_domain, hint),
    ]


def _schema(tx: Transaction, hint: Hint) -> Finding:
    if tx.value("SELECT to_regclass('_yoyo_migration')") is None:
        return wrong("schema", "there is none", f"Run {hint('migrate')}.")
    applied = {name for (name,) in tx.rows("SELECT migration_id FROM _yoyo_migration")}
    known = {migration.id for migration in read_migrations(str(MIGRATIONS))}
    if missing := sorted(known - applied):
        return wrong("schema", f"not applied: {', '.join(missing)}", f"Run {hint('migrate')}.")
    if newer := sorted(applied - known):
        advice = "This release is older than the database: update it, or restore a backup from before."
        return wrong("schema", f"unknown to this release: {', '.join(newer)}", advice)
    return fine("schema", f"up to date, {counted(len(known), 'migration')}")


def _durability(tx: Transaction) -> Sequence[Finding]:
    """What is acknowledged must be on disk: a server that lies about it loses mail at the next power cut."""
    settings = [(name, tx.value("SELECT current_setting(%s)", (name,))) for name in SAFE]
    findings = [
        wrong("PostgreSQL", f"{name} is {value}", f"Set {name} = {SAFE[name]}: mail that was taken may be lost.")
        for name, value in settings
        if value != SAFE[name]
    ]
    return findings or [fine("PostgreSQL", "commits are on disk before they are acknowledged")]


def _admins(tx: Transaction, hint: Hint) -> Finding:
    count = tx.value("SELECT count(*) FROM account WHERE role = 'admin' AND enabled")
    if not count:
        advice = f"Mail for postmaster has no reader: {hint('user add NAME --role admin')}."
        return warning("accounts", "no admin", advice)
    return fine("accounts", counted(count, "admin"))


def _addresses(tx: Transaction, mail_domain: str, hint: Hint) -> Finding:
    """Accounts that are older than AGORA_MAIL_DOMAIN's value have their addresses in another domain."""
    count = count_without_address(tx, mail_domain)
    if count:
        advice = f"{hint('address add --all')} gives each NAME@{mail_domain}; old addresses go on."
        return warning("addresses", f"{counted(count, 'account')} without an address in {mail_domain}", advice)
    return fine("addresses", f"every account has one in {mail_domain}")


async def check_redis(reactor: Any, settings: ServiceSettings) -> Sequence[Finding]:
    """Whether news travel at once."""
    connection = RedisConnection(reactor, redis_url(settings))
    try:
        await connected(reactor, connection)
        await connection.command("PING")
    except RedisAway as error:
        later = f"new mail shows up to {settings.poll_interval.seconds} s later"
        advice = f"Everything works, but {later}. AGORA_REDIS_URL says where it is."
        return [warning("Redis", f"does not answer: {error}", advice)]
    finally:
        await connection.close()
    return [fine("Redis", "answers")]
