"""`agora store`: PostgreSQL alone, and everything it keeps as one file."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NoReturn

import click
import psycopg2

from shared.command_line.stack.leave_root import leave_root
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.upkeep.store_alone import postgres_alone, store_url
from shared.database.archive import (
    ArchiveFailed,
    NotEmpty,
    ProgramMissing,
    check_archive,
    dump,
    has_mail_or_members,
    is_archive,
    load_in_place_of,
    load_into_empty,
)
from shared.database.embedded_server import programs
from shared.database.url import url_with_password
from shared.octets import format_octets


@click.group()
def command() -> None:
    """The store: PostgreSQL alone, for other programs; backups of everything that it keeps."""


@command.command()
@state_option
def up(directory: StateDirectory) -> None:
    """Start PostgreSQL alone, without the services, until Ctrl-C; and show how other programs reach it."""
    leave_root(directory, None)
    with postgres_alone(directory) as url:
        click.echo(f"PostgreSQL is up at {url}\n")
        click.echo(f"  {programs() / 'psql'} '{url}'")
        click.echo(f"  {programs() / 'pg_dump'} --format=custom --file=agora.dump '{url}'\n")
        click.echo("Ctrl-C stops it.")
        ends = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
        signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # not before: PostgreSQL would inherit it
        signal.sigwait(ends)
    click.echo("PostgreSQL is stopped.")


@command.command("dump")
@state_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
def write(directory: StateDirectory, file: Path, force: bool) -> None:
    """Write everything that the store keeps into FILE, for `agora store load`.

    Works whether the stack runs or not; FILE has the state of one moment. It is complete or not there at all, holds all
    mail, and can be read by you alone. Certificates are not in it: they are files.
    """
    if file.exists() and not force:
        fail(f"{file} is there already: choose another name, or --force")
    unfinished = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with (
            os.fdopen(descriptor, "wb") as target,
            _plain_errors(f"{file} is not written"),
            store_url(directory) as url,
        ):
            dump(url, unfinished)
            check_archive(unfinished)
            os.fsync(target.fileno())
        unfinished.rename(file)
    finally:
        unfinished.unlink(missing_ok=True)
    click.echo(f"Everything is in {file}, {format_octets(file.stat().st_size)}.")


@command.command()
@state_option
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Throw away what the store of DIR holds.")
def load(directory: StateDirectory, file: IO[bytes], replace: bool) -> None:
    """Load into the store what `agora store dump` wrote to FILE, and bring it up to this release.

    The stack must be down, and the store empty but for its first administrator, unless --replace is given. All of it is
    loaded, or nothing is changed. Mail programs may remember numbers that are younger than FILE: those are never given
    again.
    """
    if not is_archive(file):
        fail(f"{file.name} is not a backup that `agora store dump` has written")
    if os.environ.get("AGORA_DATABASE_URL"):
        settings = settings_for(directory)
        if replace:
            fail("--replace is for the store of a local stack: empty the database of AGORA_DATABASE_URL by yourself")
        with _plain_errors(f"nothing is changed: {file.name} cannot be loaded"):
            url = url_with_password(settings.database_url, settings.database_password_file)
            load_into_empty(url, file)
    else:
        with _plain_errors(f"nothing is changed: {file.name} cannot be loaded"), postgres_alone(directory) as url:
            if not replace and has_mail_or_members(url):
                fail(f"the store of {directory.path} holds accounts and mail: --replace deletes them")
            load_in_place_of(url, file)
    click.echo(f"Loaded. {directory.hint('up --detach')} starts the stack with it.")


@contextlib.contextmanager
def _plain_errors(fact: str) -> Iterator[None]:
    """`fact`: what it means when PostgreSQL's program fails."""
    try:
        yield
    except NotEmpty:
        fail("the database is not empty")
    except ArchiveFailed as error:
        fail(f"{fact} ({error})")
    except ProgramMissing as missing:
        _tell_what_to_do_without(str(missing))
    except psycopg2.Error as error:
        fail(f"PostgreSQL: {str(error).strip()}")


def _tell_what_to_do_without(program: str) -> NoReturn:
    fail(
        f"{program} is not installed here. It is in the image of PostgreSQL (`docker compose exec postgres {program}`):"
        " see docs/operations.md, Backup"
    )
