"""`agora import`: mail of another system, into the folders of an account."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from shared.accounts.account import Account
from shared.accounts.errors import AccountNotFound
from shared.administration import addresses
from shared.administration.accounts import find_account
from shared.command_line.gathered_store import gathered_store
from shared.command_line.mail.client.imap import imap_session
from shared.command_line.mail.client.read_imap import read_imap
from shared.command_line.mail.fetch import plain_mail_errors
from shared.command_line.mail.place import IMAP, IMAP_TLS, mail_server_options, read_mail_account
from shared.command_line.replies import reply_to
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import plain_errors
from shared.command_line.terminal.output import console, fail, json_option, print_json
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.progress import progress_bar
from shared.database.blocking import BlockingDatabase
from shared.errors import DomainError
from shared.mail.transfer.carried import CarriedMailbox
from shared.mail.transfer.import_mailbox import ImportReport, import_mailbox
from shared.mail.transfer.read_maildir import read_mailbox, read_tree
from shared.mail.transfer.read_mbox import read_mboxes

MOST_SHOWN = 50  # messages that were passed over, on a terminal; --json has all of them


@click.group()
def command() -> None:
    """Bring mail along from another system: maildirs, mbox files, an account at an IMAP server.

    Flags, keywords, times and folders are kept; folders that are missing are made. What is there already, octet for
    octet, is not imported again: a command that was interrupted, or is given once more, goes on where it ended.
    The exit status is 1 when something could not be imported.
    """


@command.command()
@state_option
@click.argument("path", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--user", metavar="NAME", help="The account that gets the mail, where DIR is the maildir of one.")
@json_option
def maildir(directory: StateDirectory, path: Path, user: str | None, as_json: bool) -> None:
    """Import a maildir with its subfolders, a folder of maildirs, or a tree of such folders.

    Subfolders are as Maildir++ has them: .Sub.Folder. A tree has a folder for each address, and needs no --user:
    alice@example.org/Inbox, alice@example.org/Sent.

    A dot in a folder's name divides its levels, and Inbox in any case is INBOX. The time of a file is when its message
    was received.
    """
    with plain_errors():
        if user is not None:
            if (mailbox := read_mailbox(path)) is None:
                fail(f"{path} is no maildir, and has none in it")
            mailboxes: Mapping[str, CarriedMailbox] = {user: mailbox}
        elif not (mailboxes := read_tree(path)):
            fail(f"no folder in {path} has maildirs in it: --user NAME imports a maildir itself")
    run_import(directory, mailboxes, as_json)


@command.command()
@state_option
@click.argument("paths", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--user", metavar="NAME", required=True, help="The account that gets the mail.")
@click.option("--folder", metavar="NAME", help="The folder that gets all of it (default: named as each file is).")
@json_option
def mbox(directory: StateDirectory, paths: tuple[Path, ...], user: str, folder: str | None, as_json: bool) -> None:
    """Import mbox files (mboxrd), or all *.mbox below a directory, which is what `agora export mbox` writes.

    Status, X-Status and X-Keywords at the end of a header are flags, and none of the message. The time in the line
    before a message is when it was received.
    """
    run_import(directory, {user: read_mboxes(paths, folder)}, as_json)


@command.command()
@state_option
@click.argument("host")
@click.argument("remote_user", metavar="USER")
@click.option("--user", metavar="NAME", required=True, help="The account that gets the mail.")
@mail_server_options
@json_option
def imap(
    directory: StateDirectory,
    host: str,
    remote_user: str,
    user: str,
    as_json: bool,
    **place: Any,
) -> None:
    """Import all folders of USER at the IMAP server HOST, whose mail stays as it is."""
    with plain_mail_errors(), imap_session(*read_mail_account(host, remote_user, (IMAP, IMAP_TLS), **place)) as session:
        run_import(directory, {user: read_imap(session)}, as_json)


def run_import(directory: StateDirectory, mailboxes: Mapping[str, CarriedMailbox], as_json: bool) -> None:
    """Import each for the account of that name or address, and end the command with its report."""
    report = ImportReport()
    with plain_errors(), gathered_store(directory) as (store, _settings):
        accounts = {name: _account(store, name) for name in mailboxes}
        for name, mailbox in mailboxes.items():
            with progress_bar(f"Import for {name}") as move:
                import_mailbox(store, accounts[name], mailbox, report, lambda _folder, done, total: move(done, total))
    _show(report, as_json)
    if report.skipped:
        raise SystemExit(1)


def _account(store: BlockingDatabase, name: str) -> Account:
    """The account that signs in so, or that mail for the address reaches. Raises AccountNotFound."""
    try:
        return store.read(find_account, name)
    except AccountNotFound:
        reached = [line.account for line in store.read(addresses.list_all) if line.address == name.lower()]
        if not reached:
            fail(f"{name} is neither an account nor an address of one: nothing is imported")
        return store.read(find_account, reached[0])


def _show(report: ImportReport, as_json: bool) -> None:
    reasons = [
        (each.where, reply_to(each.reason) if isinstance(each.reason, DomainError) else each.reason)
        for each in report.skipped
    ]
    if as_json:
        print_json(
            {
                "imported": report.imported,
                "already_there": report.already_there,
                "folders": report.folders,
                "skipped": [{"where": where, "reason": reason} for where, reason in reasons],
            }
        )
        return
    click.echo(
        f"{report.imported} messages imported into {len(report.folders)} folders; {report.already_there} were there "
        f"already; {len(reasons)} passed over."
    )
    errors = console(to_stderr=True)
    for where, reason in reasons[:MOST_SHOWN]:
        errors.print(printable(f"{where}: {reason}"), soft_wrap=True)
    if len(reasons) > MOST_SHOWN:
        errors.print(f"… and {len(reasons) - MOST_SHOWN} more: --json shows all of them")
