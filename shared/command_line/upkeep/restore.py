"""`agora restore`: what `agora backup` wrote, into an empty store."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click
import psycopg2

from shared.administration import host_keys
from shared.administration.errors import HostKeysSealed
from shared.command_line.stack.down import stop
from shared.command_line.stack.up import start_in_background
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.progress import progress_bar
from shared.command_line.upkeep.store_alone import postgres_alone
from shared.database.backup.errors import BackupError
from shared.database.backup.restore_backup import Restored, check_backup, refuse_unless_empty, restore_backup
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.runtime.stack_key import StackKeyUnusable, read_stack_key

HOST_KEYS = "ssh_host_key"


@click.command()
@state_option
@click.argument("file", type=click.File("rb"))
@click.option("--check", is_flag=True, help="Only read FILE to its end, and compare its digests; needs no store.")
@click.option("--new-host-keys", is_flag=True, help="Leave the server's SSH keys out: the next start makes new ones.")
def command(directory: StateDirectory, file: IO[bytes], check: bool, new_host_keys: bool) -> None:
    """Fill an empty store with what `agora backup` wrote to FILE, and bring it up to this release; `-`: standard input.

    Each message is read back and compared with its digest. All of FILE is restored, or nothing is changed; a store that
    has more than a first start leaves there is refused. Mail programs may remember numbers that are younger than
    FILE: those are never given again.

    A stack that runs in the background is stopped for it and started again. Elsewhere stop the services first.
    """
    begun = time.monotonic()
    if check:
        with _plain_errors(file.name), progress_bar("Check", octets=True) as move:
            restored = check_backup(file, move)
        click.echo(f"{file.name} is whole: {restored.messages} messages of {restored.taken_at}, {restored.release}.")
        return
    without = frozenset({HOST_KEYS} if new_host_keys else ())
    with _plain_errors(file.name), _store_alone(directory) as (url, stack_key):
        with progress_bar("Restore", octets=True) as move:
            restored = restore_backup(url, file, move, without=without)
        click.echo(_summary(restored, time.monotonic() - begun))
        _tell_of_sealed_keys(url, stack_key)


def _summary(restored: Restored, seconds: float) -> str:
    return (
        f"Restored and compared: {restored.messages} messages, and everything else of {restored.taken_at} "
        f"({seconds:.1f} s). The accounts and passwords are those of that moment."
    )


@contextlib.contextmanager
def _store_alone(directory: StateDirectory) -> Iterator[tuple[str, Path]]:
    """The URL of the store, while no service of a local stack is connected to it; and the file of the stack's key."""
    if os.environ.get("AGORA_DATABASE_URL"):
        settings = settings_for(directory)
        yield url_with_password(settings.database_url, settings.database_password_file), settings.stack_key_file
        return
    running = directory.running()
    if running is None:
        with postgres_alone(directory) as url:
            yield url, directory.path / "stack-key"
        return
    if not running.detached:
        fail("this stack runs in the foreground of a terminal or of a service manager: stop it there first")
    refuse_unless_empty(running.environment["AGORA_DATABASE_URL"])
    stop(directory)
    try:
        with postgres_alone(directory) as url:
            yield url, directory.path / "stack-key"
    finally:
        status = start_in_background(directory, None)
    if status:
        raise SystemExit(status)


def _tell_of_sealed_keys(url: str, stack_key: Path) -> None:
    """Whether the SSH host keys of the backup can be used here."""
    try:
        BlockingDatabase(url, "agora restore").read(host_keys.open_all, read_stack_key(stack_key))
    except (HostKeysSealed, StackKeyUnusable):
        click.echo(
            f"The SSH host keys in it are sealed with another key than the one in {stack_key}: copy the file from where"
            " the backup was written. Without it SSH stays closed; --new-host-keys would have left them out.",
            err=True,
        )


@contextlib.contextmanager
def _plain_errors(name: str) -> Iterator[None]:
    try:
        yield
    except BackupError as error:
        fail(f"nothing is changed: {name} is not restored: {error}")
    except psycopg2.Error as error:
        fail(f"nothing is changed: {name} is not restored: PostgreSQL: {str(error).strip()}")
