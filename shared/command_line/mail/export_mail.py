"""`agora export`: an account's mail, for another system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from shared.administration.accounts import find_account
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.progress import progress_bar
from shared.folders.list_folders import list_folders
from shared.mail.transfer.export_mailbox import Numbered, export_folder
from shared.mail.transfer.write_maildir import MaildirWriter
from shared.mail.transfer.write_mbox import MboxWriter


@click.group()
def command() -> None:
    """Write an account's mail into open formats: folders, flags, keywords, times and subscriptions.

    `agora import` reads them again, and so do Dovecot, mutt and most others. The rooms are not part of it.
    """


@command.command()
@state_option
@click.argument("user")
@click.argument("path", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def maildir(directory: StateDirectory, user: str, path: Path) -> None:
    """Write the mail of the account USER as a Maildir++ into DIR, which is empty or not there yet."""
    _export(directory, user, path, MaildirWriter(path))


@command.command()
@state_option
@click.argument("user")
@click.argument("path", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def mbox(directory: StateDirectory, user: str, path: Path) -> None:
    """Write the mail of the account USER into DIR, which is empty or not there yet: an mboxrd file for each folder."""
    _export(directory, user, path, MboxWriter(path))


def _export(directory: StateDirectory, user: str, path: Path, writer: MaildirWriter | MboxWriter) -> None:
    if path.exists() and any(path.iterdir()):
        fail(f"{path} is not empty")
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = 0

    def counted(messages: Iterator[Numbered]) -> Iterator[Numbered]:
        nonlocal written
        for each in messages:
            yield each
            written += 1

    with plain_errors():
        store = Store(settings_for(directory), announces=False)
        account = store.read(find_account, user)
        listed = store.read(list_folders, account.id)
        folders = [each.folder for each in listed if each.folder is not None and each.folder.selectable]
        total = sum(folder.messages for folder in folders)
        with progress_bar(f"Export of {account.name}") as move:
            for folder in folders:
                writer.write_folder(folder, counted(export_folder(store, folder)))
                move(written, total)
        writer.write_subscriptions([each.name for each in listed if each.subscribed])
    click.echo(f"{written} messages of {len(folders)} folders are in {path}.")
    if writer.keywords_left_out:
        click.echo(f"A maildir has no room for these keywords: {', '.join(sorted(writer.keywords_left_out))}", err=True)
