"""`agora room`: rooms, who reads them and who posts to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from shared.administration import rooms
from shared.administration.rooms import RoomLine, RoomShown
from shared.command_line.rooms.marks import marks
from shared.command_line.rooms.posts import approve, cancel, held, reject, undo
from shared.command_line.rooms.subscribers import subscribe, subscribers, unsubscribe
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted
from shared.octets import format_octets
from shared.rooms.room import Posters, Readers
from shared.rooms.subscriptions.subscription import SubscriptionKind

F = TypeVar("F", bound=Callable[..., Any])
READING = click.Choice([each.value for each in Readers])
ELSEWHERE = {"yes": True, "no": False, "as-read": None}
POSTING = click.Choice([each.value for each in Posters])
_DAYS = re.compile(r"([1-9]\d{0,5})d?")
FOREVER = "forever"


class KeepType(click.ParamType[Any]):
    """`90d`, a number of days, or `forever`."""

    name = "days"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> int | str:
        """The number of days, or FOREVER."""
        if not isinstance(value, str):
            return int(value)
        if value.lower() == FOREVER:
            return FOREVER
        match = _DAYS.fullmatch(value.strip().lower())
        if match is None:
            self.fail(f"{value!r} is no time: write 90d, a number of days, or forever", param, context)
        return int(match[1])


@click.group()
def command() -> None:
    """Rooms: shared folders that people post to.

    Each is a newsgroup, a mailbox `Rooms/NAME`, and the address NAME@DOMAIN at once. NAME is written as newsgroups are:
    agora.general.
    """


def _policy_options(function: F) -> F:
    for option in reversed(
        (
            click.option("--description", help="One line, which newsreaders show beside the name."),
            click.option("--read", "reading", type=READING, help="Who may read it (a new room: members)."),
            click.option("--post", "posting", type=POSTING, help="Who may post to it (a new room: members)."),
            click.option(
                "--moderated/--not-moderated", default=None, help="Whether posts wait for a moderator (a new room: no)."
            ),
            click.option(
                "--elsewhere",
                type=click.Choice(list(ELSEWHERE)),
                help="Whether addresses at other servers may subscribe by mail (a new room: if everyone may read it).",
            ),
            click.option(
                "--keep", type=KeepType(), help="How long articles are kept: 90d, or forever (a new room: forever)."
            ),
        )
    ):
        function = option(function)
    return function


def _given(
    description: str | None,
    reading: str | None,
    posting: str | None,
    moderated: bool | None,
    elsewhere: str | None,
    keep: int | str | None,
) -> dict[str, Any]:
    """The fields that options were given for."""
    given: dict[str, Any] = {}
    if description is not None:
        given["description"] = description
    if reading is not None:
        given["reading"] = Readers(reading)
    if posting is not None:
        given["posting"] = Posters(posting)
    if moderated is not None:
        given["moderated"] = moderated
    if elsewhere is not None:
        given["elsewhere"] = ELSEWHERE[elsewhere]
    if keep is not None:
        given["keep_days"] = None if keep == FOREVER else keep
    return given


@command.command()
@state_option
@click.argument("name")
@_policy_options
@click.option("--address", "addresses", multiple=True, help="Another address of the room; may be given several times.")
@json_option
def add(directory: StateDirectory, name: str, addresses: Sequence[str], as_json: bool, **options: Any) -> None:
    """Make the room NAME. Mail for NAME@DOMAIN is for it, and for the last part of NAME where nobody has that address.

    \b
    A room for everybody:  agora room add agora.general --read everyone --post everyone
    """
    with plain_errors():
        shown = Store(settings_for(directory)).transact(rooms.add, name, addresses, _given(**options))
    if as_json:
        print_json(_fields(shown))
        return
    room = shown.room
    click.echo(f"{room.name} is there: read by {room.reading.value}, posted to by {room.posting.value}.")


@command.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show all rooms, and how many articles each has."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(rooms.list_all)
    show_listing([_row(line) for line in lines], as_json, nothing="No rooms.")


@command.command()
@state_option
@click.argument("name")
@json_option
def show(directory: StateDirectory, name: str, as_json: bool) -> None:
    """Show all of the room NAME: policy, addresses, moderators, numbers."""
    with plain_errors():
        shown = Store(settings_for(directory)).transact(rooms.show, name)
    _show(shown, as_json)


@command.command("set")
@state_option
@click.argument("name")
@_policy_options
@click.option("--address", "added", multiple=True, help="An address to add; may be given several times.")
@click.option("--no-address", "removed", multiple=True, help="An address to remove; may be given several times.")
@json_option
def change(
    directory: StateDirectory,
    name: str,
    added: Sequence[str],
    removed: Sequence[str],
    as_json: bool,
    **options: Any,
) -> None:
    """Change what is given about the room NAME."""
    changes = _given(**options)
    if not (changes or added or removed):
        raise click.UsageError("nothing to change is given.")
    with plain_errors():
        shown = Store(settings_for(directory)).transact(rooms.change, name, changes, added, removed)
    _show(shown, as_json)


@command.command()
@state_option
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@json_option
def delete(directory: StateDirectory, name: str, yes: bool, as_json: bool) -> None:
    """Delete the room NAME with all its articles, for good."""
    with plain_errors():
        store = Store(settings_for(directory))
        shown = store.transact(rooms.show, name)
        if not yes and not click.confirm(f"Delete {shown.room.name} and its {counted(shown.water.count, 'article')}?"):
            fail("nothing is deleted")
        store.transact(rooms.delete, name)
    if as_json:
        print_json({"deleted": shown.room.name, "articles": shown.water.count})
        return
    click.echo(f"{shown.room.name} is deleted.")


@command.command()
@state_option
@click.argument("name")
@click.option("--add", "added", metavar="ACCOUNT", multiple=True, help="Make ACCOUNT a moderator.")
@click.option("--remove", "removed", metavar="ACCOUNT", multiple=True, help="ACCOUNT is no moderator any more.")
@json_option
def members(directory: StateDirectory, name: str, added: Sequence[str], removed: Sequence[str], as_json: bool) -> None:
    """Show the moderators of the room NAME, or change them. Admins moderate every room."""
    with plain_errors():
        names = Store(settings_for(directory)).transact(rooms.change_moderators, name, added, removed)
    rows = [{"account": account, "role": "moderator"} for account in names]
    show_listing(rows, as_json, nothing="No moderators but the admins.")


for each in (subscribe, unsubscribe, subscribers, marks, held, approve, reject, cancel, undo):
    command.add_command(each)


def _row(line: RoomLine) -> dict[str, Any]:
    room, water = line
    return {
        "name": room.name,
        "read": room.reading.value,
        "post": room.posting.value,
        "moderated": room.moderated,
        "fed": room.fed,
        "articles": water.count,
        "first": water.low,
        "last": water.high,
        "description": room.description,
    }


def _fields(shown: RoomShown) -> dict[str, Any]:
    return {
        **_row(RoomLine(shown.room, shown.water)),
        "octets": shown.octets,
        "keep_days": shown.room.keep_days,
        "addresses": shown.addresses,
        "moderators": shown.moderators,
        "subscribers_each": shown.subscribers[SubscriptionKind.EACH],
        "subscribers_digest": shown.subscribers[SubscriptionKind.DIGEST],
        "elsewhere": shown.room.takes_elsewhere,
        "subscribers_elsewhere": shown.elsewhere,
        "created_at": shown.room.created_at,
    }


def _show(shown: RoomShown, as_json: bool) -> None:
    fields = _fields(shown)
    if as_json:
        print_json(fields)
        return
    fields["size"] = format_octets(fields.pop("octets"))
    days = fields.pop("keep_days")
    fields["kept"] = "for ever" if days is None else counted(days, "day")
    show_listing([{"": name.replace("_", " "), " ": value} for name, value in fields.items()], False)
