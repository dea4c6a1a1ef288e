"""`agora feed`: the feeds that rooms are filled from."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO

import click

from shared.administration import feeds
from shared.administration.feeds import FeedLine
from shared.command_line.replies import reply_to
from shared.command_line.rooms.feed_title import add_in_reactor
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing
from shared.command_line.terminal.quantities import counted
from shared.errors import DomainError
from shared.feeds.add_feed import EVERY
from shared.feeds.opml import MOST_OCTETS, Outline, read_opml, write_opml
from shared.rooms.room import Readers

_INTERVAL = re.compile(r"([1-9]\d{0,4})(m|min|h|d)?")
_UNITS = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


class IntervalType(click.ParamType[Any]):
    """`30m`, `2h`, `1d`, or a number of minutes."""

    name = "interval"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        match = _INTERVAL.fullmatch(value.strip().lower())
        if match is None:
            self.fail(f"{value!r} is no interval: write 30m, 2h, 1d, or a number of minutes", param, context)
        return int(match[1]) * _UNITS[match[2] or "m"]


EVERY_OPTION = click.option("--every", type=IntervalType(), help="How often it is asked: 30m, 2h, 1d.")


@click.group()
def command() -> None:
    """Feeds: RSS, Atom and JSON Feed addresses whose items become articles of a room.

    FEED is a feed's number, its address, or the room that it alone fills.
    """


@command.command()
@state_option
@click.argument("url")
@click.option("--room", help="The room to fill; made if it is not there. Without it: rss.NAME, after the feed's title.")
@click.option(
    "--read",
    "reading",
    type=click.Choice([each.value for each in Readers]),
    default=Readers.MEMBERS.value,
    help="Who may read a room that is made for it (members).",
)
@EVERY_OPTION
@json_option
def add(
    directory: StateDirectory, url: str, room: str | None, reading: str, every: timedelta | None, as_json: bool
) -> None:
    """Fill a room from the feed at URL, from now on."""
    with plain_errors():
        settings = settings_for(directory)
        line = add_in_reactor(settings, url, room, every=every or EVERY, reading=Readers(reading))
    if as_json:
        print_json(_row(line))
        return
    click.echo(f"{line.room} is filled from {line.feed.url}, asked every {_interval(line.feed.every)}.")


@command.command("list")
@state_option
@json_option
def list_all(directory: StateDirectory, as_json: bool) -> None:
    """Show all feeds: how asking them goes, since when they fail, and when they are asked next."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(feeds.list_all)
    show_listing([_row(line) for line in lines], as_json, nothing="No feeds.")


@command.command("set")
@state_option
@click.argument("feed")
@EVERY_OPTION
@click.option("--url", help="Another address for it.")
@json_option
def change(directory: StateDirectory, feed: str, every: timedelta | None, url: str | None, as_json: bool) -> None:
    """Change how FEED is asked; one that had stopped is asked again."""
    if every is None and url is None:
        raise click.UsageError("nothing to change is given.")
    with plain_errors():
        line = Store(settings_for(directory)).transact(feeds.change, feed, every=every, url=url)
    show_listing([_row(line)], as_json)


@command.command()
@state_option
@click.argument("feed", required=False)
@json_option
def refresh(directory: StateDirectory, feed: str | None, as_json: bool) -> None:
    """Have FEED asked now, or all feeds."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(feeds.refresh, feed)
    if as_json:
        print_json([_row(line) for line in lines])
        return
    click.echo(f"{counted(len(lines), 'feed')} will be asked now; `agora feed list` shows how that went.")


@command.command()
@state_option
@click.argument("feed")
@json_option
def remove(directory: StateDirectory, feed: str, as_json: bool) -> None:
    """Ask FEED no more. Its room and the articles in it stay."""
    with plain_errors():
        line = Store(settings_for(directory)).transact(feeds.remove, feed)
    if as_json:
        print_json(_row(line))
        return
    click.echo(f"{line.feed.url} is asked no more; {line.room} keeps its articles.")


@command.command("import")
@state_option
@click.argument("file", type=click.File("rb"))
@json_option
def import_opml(directory: StateDirectory, file: BinaryIO, as_json: bool) -> None:
    """Add all feeds of the OPML document FILE (`-` is the standard input), each to a room of its own."""
    with plain_errors():
        outlines = read_opml(file.read(MOST_OCTETS + 1))
        imported = Store(settings_for(directory)).transact(feeds.add_all, outlines)
    show_listing([_imported(*each) for each in imported], as_json, nothing="No feeds in it.")


@command.command("export")
@state_option
def export_opml(directory: StateDirectory) -> None:
    """Write all feeds as an OPML document to the standard output."""
    with plain_errors():
        lines = Store(settings_for(directory)).transact(feeds.list_all)
    click.echo(write_opml(Outline(line.feed.url, line.feed.title, line.room) for line in lines), nl=False)


def _imported(url: str, outcome: FeedLine | DomainError) -> dict[str, Any]:
    if isinstance(outcome, DomainError):
        return {"room": None, "url": url, "outcome": reply_to(outcome)}
    return {"room": outcome.room, "url": url, "outcome": "added"}


def _row(line: FeedLine) -> dict[str, Any]:
    feed, hub = line.feed, line.hub
    return {
        "id": feed.id,
        "room": line.room,
        "url": feed.url,
        "title": feed.title,
        "every": _interval(feed.every),
        "answered": feed.answered_at,
        "error": feed.error or None,
        "since": feed.failing_since,
        "next_try": None if feed.stopped else max(feed.next_try_at, datetime.now(UTC)),
        "pushed_until": None if hub is None else hub.active_until,
        "hub_error": (hub.error or None) if hub is not None else None,
    }


def _interval(interval: timedelta) -> str:
    """`90 min`, `2 h`."""
    minutes = round(interval.total_seconds() / 60)
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
