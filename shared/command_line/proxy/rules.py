"""`agora proxy rules`: what may be reached through the proxy."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import TextIO

import click

from shared.access.rules.list_rules import RuleAbout
from shared.access.rules.rules import Mode, RuleKind
from shared.access.rules.unreachable import is_refused_all_the_same
from shared.administration import proxy_rules
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted
from shared.ip_network import Network

SAYS: Mapping[RuleKind, str] = {RuleKind.ALLOW: "allowed", RuleKind.BLOCK: "blocked"}
REFUSED_ALL_THE_SAME = (
    "The proxy refuses {what} all the same: AGORA_HTTP_PROXY_ALLOWED_NETWORKS does not name {what}, or"
    " AGORA_HTTP_PROXY_REFUSED_NETWORKS does."
)
SHOWN = 5  # lines of a list that could not be read: enough to see what is wrong with it
account_option = click.option("--account", metavar="NAME", help="For this account only (default: everybody).")


@click.group()
def rules() -> None:
    """Rules: WHAT is a domain (which covers all below it), an address, a network, or `*` for everything.

    The longest rule that covers a host decides. Of two rules about the same WHAT, an account's own goes before
    everybody's, and one that allows before one that blocks. Changes take effect at once, without a restart.
    """


@rules.command("list")
@state_option
@click.option("--list", "name_of_list", metavar="LIST", help="Show the rules of this imported list.")
@json_option
def list_all(directory: StateDirectory, name_of_list: str | None, as_json: bool) -> None:
    """Show the rules made by hand, and the imported lists; or the rules of one list."""
    with plain_errors():
        lines, lists = Store(settings_for(directory)).transact(proxy_rules.list_all, name_of_list)
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
def block(directory: StateDirectory, what: str, account: str | None) -> None:
    """Block WHAT."""
    _add(directory, what, RuleKind.BLOCK, account)


@rules.command()
@state_option
@click.argument("what")
@account_option
def allow(directory: StateDirectory, what: str, account: str | None) -> None:
    """Allow WHAT, even where a shorter rule or an imported list blocks it.

    Addresses that are not public stay refused unless AGORA_HTTP_PROXY_ALLOWED_NETWORKS names them.
    """
    name = _add(directory, what, RuleKind.ALLOW, account)
    if is_refused_all_the_same(name, *_networks()):
        click.echo(REFUSED_ALL_THE_SAME.format(what=name))


@rules.command()
@state_option
@click.argument("what", required=False)
@account_option
@click.option("--list", "name_of_list", metavar="LIST", help="Remove this imported list instead.")
def remove(directory: StateDirectory, what: str | None, account: str | None, name_of_list: str | None) -> None:
    """Remove the rules about WHAT, or an imported list.

    Importing a list again brings its rules back: to keep WHAT reachable, allow it.
    """
    if (what is None) == (name_of_list is None):
        fail("say what to remove: a rule, or a list with --list", status=2)
    if name_of_list is not None:
        with plain_errors():
            lists = Store(settings_for(directory)).transact(proxy_rules.remove_list, name_of_list)
        click.echo(f"The list {name_of_list} is removed; it had {counted(sum(line.rules for line in lists), 'rule')}.")
    elif what is not None:
        with plain_errors():
            name, before = Store(settings_for(directory)).transact(proxy_rules.remove, what, account)
        click.echo(f"There is no rule about {name} for {account or 'everybody'} any more; {_was(before)}.")


@rules.command("import")
@state_option
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"))
@click.option("--list", "name_of_list", metavar="LIST", help="The name of the list (default: the file's name).")
@click.option("--allow", "allows", is_flag=True, help="Allow what is in it, instead of blocking it.")
@account_option
@json_option
def import_list(
    directory: StateDirectory, file: TextIO, name_of_list: str | None, allows: bool, account: str | None, as_json: bool
) -> None:
    """Block everything in a published list, which replaces the imported list of the same name. `-` is standard input.

    One domain or network a line, or a hosts file, or dnsmasq's format; comments begin with # or !. Lines that cannot be
    read are skipped, and shown.
    """
    name = name_of_list or ("standard input" if file.name in ("-", "<stdin>") else Path(file.name).name)
    names, unread = proxy_rules.read_file(file)
    if not names:
        fail("there is no rule in that list; nothing is changed")
    kind = RuleKind.ALLOW if allows else RuleKind.BLOCK
    with plain_errors():
        before = Store(settings_for(directory)).transact(proxy_rules.import_list, names, kind, name, account)
    if as_json:
        print_json({"list": name, "rule": kind.value, "rules": len(names), "unread": len(unread)})
        return
    click.echo(f"{counted(len(names), 'rule')} of the list {name}: {kind.value} for {account or 'everybody'}.")
    for line in before:
        click.echo(f"  in place of {counted(line.rules, 'rule')}: {line.kind.value} for {line.account or 'everybody'}")
    networks = _networks()
    if kind is RuleKind.ALLOW and (refused := sum(is_refused_all_the_same(each, *networks) for each in names)):
        click.echo(f"  {counted(refused, 'rule')}: {REFUSED_ALL_THE_SAME.format(what='such an address')}")
    for number, text in unread[:SHOWN]:
        click.echo(f"  line {number} is no rule: {text[:100]!r}")
    if len(unread) > SHOWN:
        click.echo(f"  and {len(unread) - SHOWN} more")


@rules.command()
@state_option
@click.argument("mode", type=click.Choice([mode.value for mode in Mode]))
def mode(directory: StateDirectory, mode: str) -> None:
    """Choose what may be reached without a rule: everything (open), or nothing (listed).

    For one account only: agora proxy rules block '*' --account NAME
    """
    with plain_errors():
        before = Store(settings_for(directory)).transact(proxy_rules.choose_mode, Mode(mode))
    now = "Only what a rule allows may be reached" if mode == Mode.LISTED else "All may be reached but what is blocked"
    click.echo(f"{now} ({mode}; before: {before.value}).")


def _add(directory: StateDirectory, what: str, kind: RuleKind, account: str | None) -> str:
    """The name that the rule is kept under, after saying so."""
    with plain_errors():
        name, before = Store(settings_for(directory)).transact(proxy_rules.add, what, kind, account)
    click.echo(f"{name} is {SAYS[kind]} for {account or 'everybody'}; {_was(before)}.")
    return name


def _was(before: Sequence[RuleAbout]) -> str:
    """`it was allowed, and blocked by the list ads.txt`."""
    told = [f"{SAYS[rule.kind]} by the list {rule.list}" if rule.list else SAYS[rule.kind] for rule in before]
    return f"it was {', and '.join(told)}" if told else "there was no rule about it"


def _networks() -> tuple[Sequence[Network], Sequence[Network]]:
    """What the operator allows and refuses, as far as this command's environment has it."""
    texts = (os.environ.get(f"AGORA_HTTP_PROXY_{name}_NETWORKS", "") for name in ("ALLOWED", "REFUSED"))
    try:
        allowed, refused = (tuple(map(ip_network, text.replace(",", " ").split())) for text in texts)
    except ValueError:
        return (), ()  # the proxy itself says what is wrong with its settings
    return allowed, refused
