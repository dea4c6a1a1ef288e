"""The output of commands: tables for people, JSON for programs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NoReturn, TextIO, TypeVar, cast

import click
from rich.console import Console
from rich.table import Table

from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.surroundings import Surroundings, surroundings

PIPED_COLUMNS = 200
_UNPRINTABLE = re.compile("[\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
F = TypeVar("F", bound=Callable[..., Any])


def json_option(function: F) -> F:
    """`--json`, given to the command as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(function)


def show_listing(rows: Sequence[Mapping[str, Any]], as_json: bool, *, nothing: str = "None.") -> None:
    """All rows; the keys of the first are the columns, with `_` shown as a space."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(nothing)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in rows[0]:
        numeric = isinstance(rows[0][column], int) and not isinstance(rows[0][column], bool)
        table.add_column(column.replace("_", " "), justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row.values()))
    console().print(table)


def print_json(value: Any) -> None:
    """Indented, so that people can read it; the names of fields never change."""
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_written)
    # JSON's own escapes for what a terminal might obey, and JSON has left as it is.
    click.echo(_UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text))


def console(*, to_stderr: bool = False) -> Console:
    """Plain text where it is piped; as wide as it wants there, so that no line is cut."""
    if (around := surroundings()) is not None:
        return _console_of(around, to_stderr)
    made = Console(stderr=to_stderr, highlight=False, soft_wrap=False, markup=False, emoji=False)
    return (
        made
        if made.is_terminal
        else Console(stderr=to_stderr, highlight=False, markup=False, emoji=False, width=PIPED_COLUMNS)
    )


def _console_of(around: Surroundings, to_stderr: bool) -> Console:
    return Console(
        file=cast(TextIO, around.stderr if to_stderr else around.styled),
        force_terminal=around.is_terminal,
        color_system="standard" if around.is_terminal else None,
        width=around.columns if around.is_terminal else PIPED_COLUMNS,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )


class CommandFailed(SystemExit):
    """The end of a command that could not do what it was asked for."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(status)
        self.reason = reason


def fail(reason: str, *, status: int = 1) -> NoReturn:
    """One sentence on the standard error, and the exit status."""
    click.echo(f"agora: {reason}", err=True)
    raise CommandFailed(reason, status)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return printable(", ".join(map(str, value))) or "-"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return printable(str(value))


def _written(value: Any) -> str:
    """Values that JSON has no type for. Times are in seconds: nothing here is decided by less."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else str(value)
