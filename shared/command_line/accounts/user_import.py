"""`agora user import`: many accounts at once, from lines of name and password."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import BinaryIO

import click

from shared.accounts.errors import AccountExists
from shared.accounts.names import parse_sign_in_name
from shared.accounts.verifiers import derive_verifiers
from shared.administration import accounts
from shared.command_line.gathered_store import gathered_store
from shared.command_line.replies import reply_to
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import plain_errors
from shared.command_line.terminal.printable import printable
from shared.database.blocking import BlockingDatabase
from shared.errors import DomainError

LONGEST_LINE_OCTETS = 4096


@click.command("import")
@state_option
@click.argument("file", type=click.File("rb"))
@click.option("--replace", is_flag=True, help="Give accounts that are there already the password of their line.")
@click.option("--weak", is_flag=True, help="Accept short and common passwords.")
def import_users(directory: StateDirectory, file: BinaryIO, replace: bool, weak: bool) -> None:
    """Make an account for each line `name:password` or `name@domain:password` of FILE; `-` is the standard input.

    Says for each line what it did. The password of an account that is there is changed with --replace only. Empty lines
    and those that begin with # are passed over. The exit status is 1 when a line could not be used.
    """
    failed = 0
    with plain_errors(), gathered_store(directory) as (store, settings):
        for number, name, password in _lines(file):
            try:
                said = _import(store, settings.mail_domain, name, password, replace, weak)
            except _UnusableLine as reason:
                failed += 1
                said = f"not imported: {reason}"
            except DomainError as error:
                failed += 1
                said = f"not imported: {reply_to(error)}"
            click.echo(f"line {number}: {printable(name)}: {said}")
    if failed:
        raise SystemExit(1)


class _UnusableLine(Exception):
    """Half a sentence says why."""


def _lines(file: BinaryIO) -> Iterator[tuple[int, str, str]]:
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE_OCTETS), b""), 1):
        text = line.rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        if text and not text.startswith("#"):
            name, _, password = text.partition(":")
            yield number, name, password


def _import(store: BlockingDatabase, mail_domain: str, name: str, password: str, replace: bool, weak: bool) -> str:
    meant = parse_sign_in_name(name)
    if meant is None:
        raise _UnusableLine("this is no name")
    if not password:
        raise _UnusableLine("there is no password behind a colon")
    domain = meant.domain or mail_domain
    with contextlib.suppress(AccountExists):
        store.read(accounts.check_new_name, meant.account)
        verifiers = derive_verifiers(password, may_be_weak=weak)
        store.transact(accounts.create_member, meant.account, verifiers, domain)
        return f"made, with the address {meant.account}@{domain}"
    if not replace:
        return "there already, and left as it is"
    store.transact(accounts.set_password, meant.account, derive_verifiers(password, may_be_weak=weak))
    return "there already; its password is that of the line now"
