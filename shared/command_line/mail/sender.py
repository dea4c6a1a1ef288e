"""`agora sender`: from whom no mail is taken."""

from __future__ import annotations

import click

from shared.access.rules.rules import RuleKind
from shared.administration import senders
from shared.administration.senders import SenderRuleChange
from shared.command_line.proxy.rules import SAYS
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, show_listing


@click.group()
def command() -> None:
    """Senders: WHAT is an address, `@` and a domain (which covers all below it), or a network.

    Mail from what is blocked is refused at MAIL FROM. The longest rule decides: spam@x.test goes before @x.test, and
    192.0.2.7 before 192.0.2.0/24. Where the sender is allowed, or the network, the other's block does not count. Not
    concerned: clients that have signed in, and bounces to one recipient.
    """


@command.command()
@state_option
@click.argument("what")
def block(directory: StateDirectory, what: str) -> None:
    """Take no mail from WHAT."""
    _add(directory, what, RuleKind.BLOCK)


@command.command()
@state_option
@click.argument("what")
def allow(directory: StateDirectory, what: str) -> None:
    """Take mail from WHAT, even where another rule blocks it, or where SPF or DMARC fail.

    The latter holds for a network, and for an address or a domain that MAIL FROM names and that is proved.
    """
    _add(directory, what, RuleKind.ALLOW)


@command.command()
@state_option
@click.argument("what")
def remove(directory: StateDirectory, what: str) -> None:
    """Remove the rule about WHAT."""
    with plain_errors():
        change = Store(settings_for(directory)).transact(senders.remove, what)
    click.echo(f"There is no rule about {change.name} any more; {_was(change)}.")


@command.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show all rules."""
    with plain_errors():
        lines = Store(settings_for(directory)).read(senders.list_all)
    shown = [{"rule": line.kind.value, "what": line.name, "since": line.made_at.isoformat()} for line in lines]
    show_listing(shown, as_json, nothing="No rules about senders.")


def _add(directory: StateDirectory, what: str, kind: RuleKind) -> None:
    with plain_errors():
        change = Store(settings_for(directory)).transact(senders.add, what, kind)
    click.echo(f"Mail from {change.name} is {SAYS[kind]}; {_was(change)}.")


def _was(change: SenderRuleChange) -> str:
    return "there was no rule about it" if change.before is None else f"it was {SAYS[change.before]}"
