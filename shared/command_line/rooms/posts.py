"""`agora room held`, `approve`, `reject`, `cancel` and `undo`: posts of rooms."""

from __future__ import annotations

import click

from shared.administration import rooms
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted
from shared.rooms.cancels.cancel import Cancelled
from shared.rooms.moderation.held import Decided


@click.command()
@state_option
@json_option
def held(directory: StateDirectory, as_json: bool) -> None:
    """Show the posts that wait for a moderator, with their tokens."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(rooms.held)
    rows = [
        {
            "token": line.token,
            "rooms": line.rooms,
            "subject": _text(line.subject),
            "from": _text(line.author),
            "account": line.account,
            "octets": line.octets,
            "came_at": line.came_at,
        }
        for line in lines
    ]
    show_listing(rows, as_json, nothing="No posts wait.")


@click.command()
@state_option
@click.argument("token")
@json_option
def approve(directory: StateDirectory, token: str, as_json: bool) -> None:
    """Post what waits under TOKEN: it gets `Approved:`, and the next number in each of its rooms."""
    with plain_errors():
        store = Store(settings_for(directory))
        decided = store.transact(rooms.approve, token, store.settings.hostname, store.settings.mail_domain)
    _show_decided(decided, as_json)


@click.command()
@state_option
@click.argument("token")
@click.option("--reason", default="", help="Is sent to the author, if they have an account here.")
@json_option
def reject(directory: StateDirectory, token: str, reason: str, as_json: bool) -> None:
    """Do not post what waits under TOKEN."""
    with plain_errors():
        store = Store(settings_for(directory))
        decided = store.transact(rooms.reject, token, reason, store.settings.mail_domain)
    _show_decided(decided, as_json)


@click.command()
@state_option
@click.argument("article")
@json_option
def cancel(directory: StateDirectory, article: str, as_json: bool) -> None:
    """Cancel ARTICLE, a Message-ID or ROOM:NUMBER, in all its rooms. `agora room undo` puts it back within 30 days."""
    with plain_errors():
        cancelled = Store(settings_for(directory)).transact(rooms.cancel, article)
    _show_cancelled(cancelled, "cancelled", as_json)


@click.command()
@state_option
@click.argument("article")
@json_option
def undo(directory: StateDirectory, article: str, as_json: bool) -> None:
    """Put ARTICLE back, a Message-ID or ROOM:NUMBER that was cancelled, under the numbers that it had."""
    with plain_errors():
        cancelled = Store(settings_for(directory)).transact(rooms.undo, article)
    _show_cancelled(cancelled, "put back", as_json)


def _show_decided(decided: Decided, as_json: bool) -> None:
    places = [f"{room}:{number}" for room, number in zip(decided.rooms, decided.numbers, strict=False)]
    identifier = _text(decided.identifier)
    if as_json:
        print_json({"outcome": decided.outcome, "message_id": identifier, "articles": places})
    elif decided.outcome == "duplicate":
        click.echo(f"{identifier} has come another way meanwhile: it is not posted again.")
    elif places:
        click.echo(f"{identifier} is posted: {', '.join(places)}.")
    else:
        click.echo(f"{identifier} is rejected.")


def _show_cancelled(cancelled: Cancelled, done: str, as_json: bool) -> None:
    identifier = _text(cancelled.identifier)
    if as_json:
        print_json({"message_id": identifier, "rooms": len(cancelled.numbers)})
        return
    click.echo(f"{identifier} is {done} in {counted(len(cancelled.numbers), 'room')}.")


def _text(octets: bytes) -> str:
    """What a stranger wrote, without what a terminal would obey."""
    return "".join(each if each.isprintable() else "?" for each in octets.decode("utf-8", "replace"))
