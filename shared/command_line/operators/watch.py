"""`agora watch`: what happens on the stack, as it happens."""

from __future__ import annotations

import json
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import click

from shared.activity.line import value_text
from shared.administration import newest
from shared.command_line.operators.watch_lines import KINDS, WatchFilter, fields_of
from shared.command_line.operators.watched_events import Heard, watched_events
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.quantities import counted
from shared.database.blocking import BlockingDatabase
from shared.doors import DOORS
from shared.events.redis import NOT_YET

LOOK_SECONDS = 1.0  # between two looks for what is new in the store, each of which connects to it
INTERRUPTED = 130  # 128 + SIGINT, as a shell would say it
_REMEMBERED = 2 * newest.OVERLAP + newest.MOST  # numbers that were shown


@click.command()
@state_option
@click.option("--door", type=click.Choice([door.name for door in DOORS]), help="Only what comes by this door.")
@click.option("--account", metavar="NAME", help="Only what this account does.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(list(KINDS)), help="May be given several times.")
@click.option("--json", "as_json", is_flag=True, help="An object on each line, for programs.")
def command(
    directory: StateDirectory, door: str | None, account: str | None, kinds: Sequence[str], as_json: bool
) -> None:
    """Show what happens as it happens, until Ctrl-C: mail, posts, pages saved, sign-ins, errors.

    Who reads too slowly is told how many events were left out.
    """
    wanted = WatchFilter(door, account, frozenset(kinds or KINDS))
    try:
        with plain_errors():
            settings = settings_for(directory)
            looking = NewInStore(Store(settings, announces=False), wanted)
            with watched_events(settings, wanted.takes) as watch:
                show_all(watch.take, looking, as_json)
    except KeyboardInterrupt:  # Ctrl-C is how it ends, and no failure
        pass
    sys.exit(INTERRUPTED)


def show_all(take: Callable[[float], Heard], looking: NewInStore, as_json: bool) -> None:
    """Show what `take` gives, and what is new in the store, until the watch is interrupted."""
    away: str | None = None
    next_look = time.monotonic()
    while not (heard := take(LOOK_SECONDS)).interrupted:
        if heard.away not in (away, NOT_YET):
            away = heard.away
            click.echo(
                f"Redis does not answer, only posts and saves are shown: {away}" if away else "Redis is back.", err=True
            )
        for line in heard.lines:
            _show(line, as_json)
        if time.monotonic() >= next_look:  # not with each event: they come by the thousand
            for line in looking.lines():
                _show(line, as_json)
            next_look = time.monotonic() + LOOK_SECONDS
        if heard.dropped:
            click.echo(f"{counted(heard.dropped, 'event')} left out: this is read too slowly.", err=True)


class NewInStore:
    """Lines of posts and saved pages, as the store has them since this was made."""

    def __init__(self, store: BlockingDatabase, wanted: WatchFilter) -> None:
        self._store = store
        self._wanted = wanted
        self._message, self._change = store.read(newest.newest_numbers)
        self._shown: deque[tuple[str, int, int]] = deque(maxlen=_REMEMBERED)
        posts, changes = self._since()
        self._shown.extend(("post", post.number, post.uid) for post in posts)
        self._shown.extend(("save", change.number, 0) for change in changes)

    def lines(self) -> Iterator[str]:
        """Those since the last time."""
        posts, changes = self._since()
        for post in posts:
            self._message = max(self._message, post.number)
            yield from self._new(("post", post.number, post.uid), _of_post(post))
        for change in changes:
            self._change = max(self._change, change.number)
            yield from self._new(("save", change.number, 0), _of_change(change))

    def _since(self) -> tuple[Sequence[newest.NewPost], Sequence[newest.NewChange]]:
        """Of the kinds that are wanted."""
        kinds = self._wanted.kinds
        message = self._message if "posts" in kinds else None
        change = self._change if "saves" in kinds else None
        if message is None and change is None:
            return (), ()
        return self._store.read(newest.new_since, message, change)

    def _new(self, key: tuple[str, int, int], line: str) -> Iterator[str]:
        if key not in self._shown:
            self._shown.append(key)
            if self._wanted.takes(line):
                yield line


def _of_post(post: newest.NewPost) -> str:
    by = f" account={value_text(post.account)}" if post.account else f" network={value_text(post.network or 'none')}"
    identifier = value_text(post.identifier.decode("utf-8", "replace"))
    door = f" door={post.door}" if post.door else ""
    return f"{post.at.timestamp():.3f} post room={post.room} number={post.uid}{door}{by} message_id={identifier}"


def _of_change(change: newest.NewChange) -> str:
    door = f" door={value_text(change.door)}" if change.door else ""
    return (
        f"{change.at.timestamp():.3f} save page={value_text(change.page)} revision={change.revision} kind={change.kind}"
        f"{door} author={value_text(change.author)}"
    )


def _show(line: str, as_json: bool) -> None:
    time, _, text = line.partition(" ")
    at = datetime.fromtimestamp(float(time), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if as_json:
        click.echo(json.dumps({"time": at, "event": text.partition(" ")[0], **fields_of(text)}))
    else:
        click.echo(printable(f"{at} {text}"))
