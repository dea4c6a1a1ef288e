"""`agora proxy rules`: what may be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TextIO

import click

from shared.access.add_rule import add_rule
from shared.access.import_rules import import_rules
from shared.access.list_rules import list_rule_lists, list_rules
from shared.access.remove_rule import remove_rule, remove_rule_list
from shared.access.rule_list import read_rule_list
from shared.access.rules import Kind, Mode
from shared.access.set_mode import set_mode
from shared.accounts.find_account import find_account
from shared.command_line.output import fail, json_option, print_json, show_listing
from shared.command_line.place import Place
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.database.transaction import Transaction
from shared.events.events import AccessChanged

SHOWN = 5  # lines of a list that could not be read: enough to see what is wrong with it
account_option = click.option("--account", metavar="NAME", help="For this account only (default: everybody).")


@click.group()
def rules() -> None:
    """Rules: WHAT is a domain (which covers all below it), an address, a network, or `*` for everything.

    The longest rule that covers a host decides. Of two about the same, an account's own goes before everybody's, and
    allowing before blocking. Changes count at once, without a restart.
    """


@rules.command("list")
@state_option
@click.option("--list", "name_of_list", metavar="LIST", help="Show the rules of this imported list.")
@json_option
def list_all(place: Place, name_of_list: str | None, as_json: bool) -> None:
    """Show the rules made by hand, and the imported lists; or the rules of one list."""
    with plain_errors():
        lines, lists = Store(settings_for(place)).transact(
            lambda tx: (list_rules(tx, name_of_list or ""), [] if name_of_list else list_rule_lists(tx))
        )
    shown = [{"rule": line.kind.value, "what": line.name, "account": line.account} for line in lines]
    imported = [
        {"list": line.list, "rule": line.kind.value, "rules": line.rules, "account": line.account} for line in lists
    ]
    if as_json:
        print_json({"rules": shown, "lists": imported})
        return
    show_listing(shown, as_json=False, nothing="No rules." if name_of_list else "No rules made by hand.")
    if imported:
        click.echo()
        show_listing(imported, as_json=False)


@rules.command()
@state_option
@click.argument("what")
@account_option
def block(place: Place, what: str, account: str | None) -> None:
    """Keep people away from WHAT."""
    _change(place, lambda tx: add_rule(tx, what, Kind.BLOCK, _account_id(tx, account)))
    click.echo(f"{what} is blocked for {account or 'everybody'}.")


@rules.command()
@state_option
@click.argument("what")
@account_option
def allow(place: Place, what: str, account: str | None) -> None:
    """Let people reach WHAT, whatever a shorter rule or an imported list says."""
    _change(place, lambda tx: add_rule(tx, what, Kind.ALLOW, _account_id(tx, account)))
    click.echo(f"{what} is allowed for {account or 'everybody'}.")


@rules.command()
@state_option
@click.argument("what", required=False)
@account_option
@click.option("--list", "name_of_list", metavar="LIST", help="Remove this imported list instead.")
def remove(place: Place, what: str | None, account: str | None, name_of_list: str | None) -> None:
    """Take back the rules about WHAT, or an imported list.

    A list has its rules again when it is imported again: to go on reaching WHAT, allow it.
    """
    if (what is None) == (name_of_list is None):
        fail("say what to remove: a rule, or a list with --list", status=2)
    if name_of_list is not None:
        _change(place, lambda tx: remove_rule_list(tx, name_of_list))
        click.echo(f"The list {name_of_list} is gone.")
    elif what is not None:
        _change(place, lambda tx: remove_rule(tx, what, _account_id(tx, account)))
        click.echo(f"There is no rule about {what} for {account or 'everybody'} any more.")


@rules.command("import")
@state_option
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--list", "name_of_list", metavar="LIST", help="What to call it (default: the file's name).")
@click.option("--allow", "allows", is_flag=True, help="Allow what is in it, instead of blocking it.")
@account_option
@json_option
def import_list(
    place: Place, file: TextIO, name_of_list: str | None, allows: bool, account: str | None, as_json: bool
) -> None:
    """Block what a published list has, in place of what the list of that name had before. `-` reads standard input.

    One domain or network a line, or a hosts file, or dnsmasq's format; comments begin with # or !. Lines that cannot be
    read are passed over, and shown.
    """
    name = name_of_list or ("standard input" if file.name in ("-", "<stdin>") else Path(file.name).name)
    names: set[str] = set()
    unread: list[tuple[int, str]] = []
    for number, text, rule in read_rule_list(file):
        if rule is None:
            unread.append((number, text))
        else:
            names.add(rule)
    if not names:
        fail("there is no rule in that list; nothing is changed")
    kind = Kind.ALLOW if allows else Kind.BLOCK
    _change(place, lambda tx: import_rules(tx, names, kind, name, _account_id(tx, account)))
    if as_json:
        print_json({"list": name, "rule": kind.value, "rules": len(names), "unread": len(unread)})
        return
    click.echo(f"{len(names)} rules of the list {name} {kind.value} for {account or 'everybody'}.")
    for number, text in unread[:SHOWN]:
        click.echo(f"  line {number} is no rule: {text[:100]!r}")
    if len(unread) > SHOWN:
        click.echo(f"  and {len(unread) - SHOWN} more")


@rules.command()
@state_option
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
def mode(place: Place, mode: str) -> None:
    """Choose what may be reached without a rule: everything (open), or nothing (listed).

    For one account only: agora proxy rules block '*' --account NAME
    """
    _change(place, lambda tx: set_mode(tx, Mode(mode)))
    click.echo(
        "Only what a rule allows may be reached." if mode == Mode.LISTED else "All may be reached but what is blocked."
    )


def _account_id(tx: Transaction, name: str | None) -> int | None:
    return None if name is None else find_account(tx, name).id


def _change(place: Place, work: Callable[[Transaction], Sequence[AccessChanged]]) -> None:
    with plain_errors():
        store = Store(settings_for(place))
        store.announce(store.transact(work))
