"""`agora user ssh-key`: the public keys that an account signs in with over SSH."""

from __future__ import annotations

from dataclasses import asdict
from typing import IO

import click

from shared.accounts.ssh_keys.public_key import LONGEST_LINE
from shared.administration import ssh_keys
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.command_line.terminal.printable import printable


@click.group("ssh-key")
def ssh_key() -> None:
    """Public keys of SSH: who has the private key of one signs in without a password."""


@ssh_key.command()
@state_option
@click.argument("name")
@click.argument("file", type=click.File())
@json_option
def add(directory: StateDirectory, name: str, file: IO[str], as_json: bool) -> None:
    """Let NAME sign in with the key in FILE, which is a .pub file, or - for the standard input.

    \b
    For example:  agora user ssh-key add alice ~/.ssh/id_ed25519.pub
    """
    with plain_errors():
        key = Store(settings_for(directory)).transact(ssh_keys.add, name, file.read(LONGEST_LINE + 1))
    if as_json:
        print_json(asdict(key))
        return
    click.echo(f"{name} can sign in with {key.kind} {key.fingerprint}, key {key.id}.")


@ssh_key.command("list")
@state_option
@click.argument("name")
@json_option
def list_all(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show the keys of NAME, with their fingerprints and when each was last used."""
    with plain_errors():
        found = Store(settings_for(directory)).transact(ssh_keys.list_all, name)
    rows = [asdict(each) for each in found]
    if not as_json:
        for row in rows:
            row["comment"] = printable(row["comment"])
    show_listing(rows, as_json, nothing=f"{name} has no SSH keys.")


@ssh_key.command()
@state_option
@click.argument("name")
@click.argument("key")
def delete(directory: StateDirectory, name: str, key: str) -> None:
    """Delete the key KEY of NAME: its number, or its fingerprint SHA256:…"""
    with plain_errors():
        Store(settings_for(directory)).transact(ssh_keys.delete, name, key)
    click.echo(f"{name} cannot sign in with {printable(key)} any more.")
