"""`agora room subscribe`, `unsubscribe` and `subscribers`: rooms by mail."""

from __future__ import annotations

import click

from shared.administration import rooms
from shared.command_line.goes_out import NOT_SENT, goes_out
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.rooms.subscriptions.subscription import SubscriptionKind


@click.command()
@state_option
@click.argument("name")
@click.argument("account")
@click.option("--digest", is_flag=True, help="Send one message a day with all posts, not each as it comes.")
@json_option
def subscribe(directory: StateDirectory, name: str, account: str, digest: bool, as_json: bool) -> None:
    """Send the posts of the room NAME to ACCOUNT's mailbox from now on. Again: changes how they are sent.

    ACCOUNT may be an address at another server, which is not asked; who writes to NAME+subscribe@DOMAIN is.
    """
    kind = SubscriptionKind.DIGEST if digest else SubscriptionKind.EACH
    with plain_errors():
        elsewhere = Store(settings_for(directory)).transact(rooms.subscribe, name, account, kind)
    if as_json:
        print_json({"room": name.lower(), "account": account, "kind": kind.value})
        return
    how = "once a day, in a digest" if digest else "as they come"
    click.echo(f"{account} is sent the posts of {name.lower()} by mail, {how}.")
    if elsewhere is not None and not goes_out(elsewhere):
        click.echo(NOT_SENT.format(elsewhere))


@click.command()
@state_option
@click.argument("name")
@click.argument("account")
@json_option
def unsubscribe(directory: StateDirectory, name: str, account: str, as_json: bool) -> None:
    """Send ACCOUNT, or an address at another server, no more posts of the room NAME by mail."""
    with plain_errors():
        Store(settings_for(directory)).transact(rooms.unsubscribe, name, account)
    if as_json:
        print_json({"room": name.lower(), "account": account, "kind": None})
        return
    click.echo(f"{account} is sent no more posts of {name.lower()} by mail.")


@click.command()
@state_option
@click.argument("name")
@json_option
def subscribers(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show who is sent the posts of the room NAME by mail, and what their mailboxes did not take.

    Of addresses at other servers it shows on how many days mail was returned.
    """
    with plain_errors():
        subscriptions, elsewhere = Store(settings_for(directory)).transact(rooms.subscribers, name)
    rows = [
        {
            "account": each.account,
            "kind": each.kind.value,
            "sent_up_to": each.position,
            "since": each.since,
            "passed_over": each.passed_over,
            "last_passed_over": each.passed_over_at,
            "because": each.passed_over_because,
        }
        for each in subscriptions
    ]
    rows += [
        {
            "account": each.address,
            "kind": each.kind.value,
            "sent_up_to": each.position,
            "since": each.since,
            "passed_over": each.bounces,
            "last_passed_over": each.bounced_at,
            "because": "mail was returned" if each.bounces else "",
        }
        for each in elsewhere
    ]
    show_listing(rows, as_json, nothing="Nobody is sent its posts by mail.")
