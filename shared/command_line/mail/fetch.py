"""`agora mail pop`, `agora mail get`: messages of a server, into an mbox file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click

from shared.command_line.mail.client.imap import imap_session, raw_name
from shared.command_line.mail.client.pop import pop_session
from shared.command_line.mail.place import (
    IMAP,
    IMAP_TLS,
    POP,
    POP_TLS,
    mail_server_options,
    read_mail_account,
)
from shared.command_line.news.client.errors import NewsError
from shared.command_line.news.mbox_file import STDOUT, Existing, open_mbox, refuse_existing
from shared.command_line.terminal.output import console, fail
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.progress import progress_bar
from shared.messages.mboxrd import as_mboxrd


def file_options(function: Any) -> Any:
    """`--append`, `--force`, `--delete`."""
    for option in reversed(
        (
            click.option("--append", is_flag=True, help="Add to a FILE that is there."),
            click.option("--force", is_flag=True, help="Replace a FILE that is there."),
            click.option(
                "--delete", is_flag=True, help="Delete from the server what is in FILE, once it is on the disk."
            ),
        )
    ):
        function = option(function)
    return function


@click.command()
@click.argument("host")
@click.argument("user")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@file_options
@mail_server_options
def pop(
    host: str,
    user: str,
    file: str,
    append: bool,
    force: bool,
    delete: bool,
    **place: Any,
) -> None:
    """Fetch the messages of USER at the POP3 server HOST into the mbox file FILE; `-` is the standard output.

    Nothing is deleted without --delete. Signs in by SASL, APOP or USER, whatever the server has.
    """
    existing = _existing(file, append, force, delete)
    with plain_mail_errors(), pop_session(*read_mail_account(host, user, (POP, POP_TLS), **place)) as session:
        listed = session.list_messages()
        click.echo(f"{len(listed)} messages in INBOX.", err=True)
        with open_mbox(file, existing) as write, downloading(len(listed)) as tell:
            for count, (number, _) in enumerate(listed, 1):
                tell(count)
                write(as_mboxrd(session.retrieve(number), datetime.now(UTC)))
        if delete:
            _sync(file)
            for number, _ in listed:
                session.ask(f"DELE {number}")


@click.command()
@click.argument("host")
@click.argument("user")
@click.argument("folder")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@file_options
@mail_server_options
def get(
    host: str,
    user: str,
    folder: str,
    file: str,
    append: bool,
    force: bool,
    delete: bool,
    **place: Any,
) -> None:
    """Fetch the messages of FOLDER of USER at the IMAP server HOST into the mbox file FILE; `-`: standard output.

    None becomes read by it, and nothing is deleted without --delete. The time in the line before each message is when
    it was received.
    """
    existing = _existing(file, append, force, delete)
    with plain_mail_errors(), imap_session(*read_mail_account(host, user, (IMAP, IMAP_TLS), **place)) as session:
        named = [each.raw for each in session.list_folders() if each.name == folder]
        session.open(named[0] if named else raw_name(folder), read_only=not delete)
        sizes = session.sizes()
        click.echo(f"{len(sizes)} messages in {printable(folder)}.", err=True)
        uids = _fetch_to(file, existing, session.fetch(sizes), len(sizes))
        if delete:
            _sync(file)
            if not session.delete(uids):
                click.echo("They are marked as deleted: this server can only expunge all that are marked.", err=True)


def _fetch_to(file: str, existing: Existing, messages: Iterator[Any], total: int) -> Sequence[int]:
    uids = []
    with open_mbox(file, existing) as write, downloading(total) as tell:
        for count, message in enumerate(messages, 1):
            tell(count)
            write(as_mboxrd(message.octets, message.received_at, is_its_time=True))
            uids.append(message.uid)
    return uids


@contextmanager
def downloading(total: int) -> Iterator[Callable[[int], object]]:
    """Called with the number of each message: a line for each, or a bar on a terminal."""
    if console(to_stderr=True).is_terminal:
        with progress_bar("Downloading messages") as move:
            yield lambda count: move(count, total)
        return
    yield lambda count: click.echo(f"Downloading message {count} of {total}", err=True)


def _existing(file: str, append: bool, force: bool, delete: bool) -> Existing:
    if force and append:
        raise click.UsageError("--force and --append cannot be given together.")
    if delete and file == STDOUT:
        raise click.UsageError("--delete needs a FILE: what goes through a pipe may be lost.")
    existing = Existing.REPLACE if force else Existing.APPEND if append else Existing.REFUSE
    refuse_existing(file, existing)
    return existing


def _sync(file: str) -> None:
    """Return when the file is on the disk."""
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def plain_mail_errors() -> Iterator[None]:
    """An error of the server or on the way to it is one sentence, and exit status 1."""
    try:
        yield
    except NewsError as error:
        fail(str(error))
