"""`agora proxy report`: how much each account used the proxy, and which words passed through it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import click

from shared.access.usage.report_usage import UsageBy
from shared.access.words.report_words import WORD_COLUMNS
from shared.administration import reports
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, show_listing
from shared.csv_report import csv_report
from shared.octets import format_octets
from shared.pages_in_words import pages_in_words

F = TypeVar("F", bound=Callable[..., Any])
Cells = Sequence[Sequence[str | int]]

LONGEST_SPAN_DAYS = 3660
DIRECTIONS = {"octets_in": "sent", "octets_out": "received"}  # for people: from the member's point of view
account_option = click.option("--account", metavar="NAME", help="Of this account only (default: all).")
top_option = click.option("--top", type=click.IntRange(1), default=50, show_default=True, help="At most N lines.")
days_option = click.option(
    "--days",
    type=click.IntRange(1, LONGEST_SPAN_DAYS),
    default=30,
    show_default=True,
    help="The last N days, today included (UTC).",
)
csv_option = click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")


@click.group()
def report() -> None:
    """Reports: for people, with --csv for spreadsheets, with --json for programs."""


@report.command()
@state_option
@click.option(
    "--by",
    type=click.Choice([by.value for by in UsageBy]),
    default=UsageBy.ACCOUNT.value,
    show_default=True,
    help="What each line is about.",
)
@account_option
@days_option
@top_option
@csv_option
@json_option
def usage(
    directory: StateDirectory, by: str, account: str | None, days: int, top: int, as_csv: bool, as_json: bool
) -> None:
    """Requests, and what members sent and received: bodies and tunnels, both from their point of view.

    The octets are octets_in (sent) and octets_out (received) in CSV and JSON.
    """
    with plain_errors():
        store, span = Store(settings_for(directory)), reports.last_days(days)
        lines = store.transact(reports.usage, UsageBy(by), span, account, top)
    _show((by, "requests", "octets_in", "octets_out"), lines, as_csv, as_json, "Nothing passed in that time.")


@report.command()
@state_option
@account_option
@days_option
@top_option
@csv_option
@json_option
def words(directory: StateDirectory, account: str | None, days: int, top: int, as_csv: bool, as_json: bool) -> None:
    """The most frequent words of the web pages that passed unencrypted."""
    with plain_errors():
        store, span = Store(settings_for(directory)), reports.last_days(days)
        lines, pages = store.transact(reports.words, span, account, top)
    told = pages_in_words(pages, has_words=bool(lines))
    _show(WORD_COLUMNS, lines, as_csv, as_json, told)
    if lines and told and not (as_csv or as_json):
        click.echo(told)


def _show(columns: Sequence[str], lines: Cells, as_csv: bool, as_json: bool, nothing: str) -> None:
    if as_csv and as_json:
        fail("one of --csv and --json, not both", status=2)
    if as_csv:
        click.echo(csv_report(columns, lines), nl=False)
        return
    rows = [dict(zip(columns, line, strict=True)) for line in lines]
    show_listing(rows if as_json else [_for_people(row) for row in rows], as_json, nothing=nothing)


def _for_people(row: Mapping[str, str | int]) -> Mapping[str, str | int]:
    return {
        DIRECTIONS.get(column, column): format_octets(int(value)) if column in DIRECTIONS else value
        for column, value in row.items()
    }
