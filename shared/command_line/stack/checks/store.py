"""The check of PostgreSQL and Redis: whether they answer, are up to date, and keep what they acknowledge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg2

from shared.administration import store_condition
from shared.administration.store_condition import SAFE, Accounts, Schema, Server
from shared.command_line.announce import connected, redis_url
from shared.command_line.stack.checks.finding import Finding, fine, warning, wrong
from shared.command_line.terminal.quantities import counted
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.events.redis import RedisAway, RedisConnection
from shared.runtime.settings import ServiceSettings

Hint = Callable[[str], str]


def _plain_hint(words: str) -> str:
    return f"`agora {words}`"


def check_store(settings: ServiceSettings, hint: Hint = _plain_hint) -> Sequence[Finding]:
    """PostgreSQL: reachable, new enough, migrated, durable. `hint` writes a command as it is typed here."""
    url = url_with_password(settings.database_url, settings.database_password_file)
    try:
        return _look(BlockingDatabase(url, "agora check"), settings.mail_domain, hint)
    except psycopg2.OperationalError as error:
        advice = "Is it running? AGORA_DATABASE_URL and AGORA_DATABASE_PASSWORD_FILE say where and how."
        return [wrong("PostgreSQL", f"does not answer: {str(error).strip()}", advice)]
    except psycopg2.Error as error:
        return [wrong("PostgreSQL", str(error).strip(), f"Run {hint('migrate')}.")]


def _look(database: BlockingDatabase, mail_domain: str, hint: Hint) -> Sequence[Finding]:
    server = database.read(store_condition.server)
    if server.is_too_old:
        return [wrong("PostgreSQL", f"version {server.version} is too old", "Agora needs PostgreSQL 15 or newer.")]
    return [
        fine("PostgreSQL", f"version {server.version} answers"),
        _schema(database.read(store_condition.schema), hint),
        *_durability(server),
        *_accounts(database.read(store_condition.accounts, mail_domain), mail_domain, hint),
    ]


def _schema(schema: Schema | None, hint: Hint) -> Finding:
    if schema is None:
        return wrong("schema", "there is none", f"Run {hint('migrate')}.")
    if schema.missing:
        return wrong("schema", f"not applied: {', '.join(schema.missing)}", f"Run {hint('migrate')}.")
    if schema.unknown:
        advice = "This release is older than the database: update it, or restore a backup from before."
        return wrong("schema", f"unknown to this release: {', '.join(schema.unknown)}", advice)
    return fine("schema", f"up to date, {counted(schema.known, 'migration')}")


def _durability(server: Server) -> Sequence[Finding]:
    findings = [
        wrong("PostgreSQL", f"{name} is {value}", f"Set {name} = {SAFE[name]}: mail that was taken may be lost.")
        for name, value in server.unsafe.items()
    ]
    return findings or [fine("PostgreSQL", "commits are on disk before they are acknowledged")]


def _accounts(accounts: Accounts, mail_domain: str, hint: Hint) -> Iterator[Finding]:
    """Accounts that are older than AGORA_MAIL_DOMAIN's value have their addresses in another domain."""
    if accounts.admins:
        yield fine("accounts", counted(accounts.admins, "admin"))
    else:
        advice = f"Mail for postmaster has no reader: {hint('user add NAME --role admin')}."
        yield warning("accounts", "no admin", advice)
    if accounts.without_address:
        fact = f"{counted(accounts.without_address, 'account')} without an address in {mail_domain}"
        advice = f"{hint('address add --all')} gives each NAME@{mail_domain}; old addresses go on."
        yield warning("addresses", fact, advice)
    else:
        yield fine("addresses", f"every account has one in {mail_domain}")


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
