"""`agora room marks`: what an account has read, flagged and answered in a room."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from shared.administration import room_marks
from shared.administration.room_marks import MARKS, Span, SpansMarked
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json, show_listing

_SPAN = re.compile(r"([1-9]\d{0,9})(-([1-9]\d{0,9})?)?")
_HIGHEST = 2**31 - 1
MOST_SPANS = 1_000  # as many as a command line of some kilobytes has


class NumbersType(click.ParamType[Any]):
    """`7`, `1-5`, `9-`, and several of these with commas between them."""

    name = "numbers"

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Sequence[Span]:
        """The spans."""
        if not isinstance(value, str):
            return list(value)
        words = value.split(",")
        found = [_SPAN.fullmatch(word.strip()) for word in words[:MOST_SPANS]]
        if len(words) > MOST_SPANS or not all(found):
            self.fail(f"{value!r} are no numbers of articles: write 7, 1-5 or 9-, with commas between", param, context)
        return [_span(each) for each in found if each is not None]


def _span(match: re.Match[str]) -> Span:
    first, rest, last = int(match[1]), match[2], match[3]
    return first, int(last) if last else _HIGHEST if rest else first


NUMBERS = NumbersType()


@click.command()
@state_option
@click.argument("name")
@click.argument("account")
@click.option("--seen", type=NUMBERS, help="Mark these articles as read: 1-5,7, or 9- for all from 9 on.")
@click.option("--unseen", type=NUMBERS, help="Mark these as unread.")
@click.option("--flagged", type=NUMBERS, help="Flag these.")
@click.option("--unflagged", type=NUMBERS, help="Take the flag off these.")
@json_option
def marks(
    directory: StateDirectory,
    name: str,
    account: str,
    seen: Sequence[Span] | None,
    unseen: Sequence[Span] | None,
    flagged: Sequence[Span] | None,
    unflagged: Sequence[Span] | None,
    as_json: bool,
) -> None:
    """Show what ACCOUNT has read, flagged and answered in the room NAME, or change it.

    The marks are those of the account's mail program and newsreader, and of the web.
    """
    given = (("seen", seen, True), ("seen", unseen, False), ("flagged", flagged, True), ("flagged", unflagged, False))
    changes = [SpansMarked(mark, spans, put) for mark, spans, put in given if spans]
    with plain_errors():
        shown = Store(settings_for(directory)).transact(room_marks.change, name, account, changes)
    if as_json:
        print_json({"room": shown.room, "account": shown.account, **shown.marks})
        return
    rows = [{"mark": mark, "articles": _text(shown.marks[mark])} for mark in MARKS]
    show_listing(rows, False)


def _text(spans: Sequence[Span]) -> str:
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in spans) or "none"
