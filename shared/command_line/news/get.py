"""`agora news get`: articles of a group, into an mbox file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from shared.command_line.news.client.choose import articles_since, last_articles, select
from shared.command_line.news.client.errors import RefusedByServer
from shared.command_line.news.client.session import NewsSession
from shared.command_line.news.mbox_file import STDOUT, Existing, Write, open_mbox, refuse_existing
from shared.command_line.news.names import GroupType
from shared.command_line.news.place import news_session, server_options
from shared.command_line.state_directory import StateDirectory
from shared.command_line.terminal.moment import MomentType
from shared.command_line.terminal.output import json_option, print_json
from shared.messages.mboxrd import as_mboxrd

LAST = 10
MOST = 1_000_000
SERVICE_ENDS = 400  # RFC 3977 §3.2.1: the server closes the connection


@click.command()
@click.argument("group", type=GroupType())
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True))
@click.option(
    "--last", type=click.IntRange(1, MOST), metavar="N", help=f"The last N articles alone ({LAST} without --since)."
)
@click.option(
    "--since",
    type=MomentType(),
    metavar="DATE",
    help="What came since 2026-11-01, 2026-11-01T12:30 (this machine's time), 2026-11-01T12:30Z, or in the last 7d.",
)
@click.option("--force", is_flag=True, help="Replace a FILE that is there.")
@click.option("--append", is_flag=True, help="Add to a FILE that is there.")
@click.option("--host", metavar="HOST", help="Another server than the running stack's.")
@server_options
@json_option
def get(
    directory: StateDirectory,
    group: str,
    file: str,
    last: int | None,
    since: datetime | None,
    force: bool,
    append: bool,
    host: str | None,
    as_json: bool,
    **place: Any,
) -> None:
    """Fetch the last articles of GROUP into the mbox file FILE; `-` is the standard output.

    FILE is an mboxrd. An article that cannot be had is passed over, and the exit status is 1 at the end. Without
    NEWNEWS on the server, --since goes by the dates that articles bear.
    """
    if force and append:
        raise click.UsageError("--force and --append cannot be given together.")
    if as_json and file == STDOUT:
        raise click.UsageError("--json needs a FILE: the standard output is for one of them.")
    existing = Existing.REPLACE if force else Existing.APPEND if append else Existing.REFUSE
    refuse_existing(file, existing)
    with news_session(directory, host, **place) as session:
        selected = select(session, group)
        if since is None:
            wanted = last_articles(session, selected, last or LAST)
        else:
            wanted = articles_since(session, selected, since)[-(last or MOST) :]
        if not wanted:
            click.echo("No articles.", err=True)
        with open_mbox(file, existing) as write:
            failed = dict(_fetch(session, wanted, write))
    if as_json:
        refusals = [{"article": article, "reply": reply} for article, reply in failed.items()]
        print_json({"group": group, "file": file, "articles": len(wanted) - len(failed), "failed": refusals})
    if failed:
        raise SystemExit(1)


def _fetch(session: NewsSession, wanted: Any, write: Write) -> Iterator[tuple[str, str]]:
    """Write each article as soon as it is there; those that failed, with the server's words."""
    for count, article in enumerate(wanted, 1):
        click.echo(f"Fetching article {count} of {len(wanted)}... ", nl=False, err=True)
        try:
            message = b"".join(b"%b\r\n" % line for line in session.ask_for_block(f"ARTICLE {article}", 220))
        except RefusedByServer as refused:
            click.echo(str(refused), err=True)
            if refused.code == SERVICE_ENDS:
                raise
            yield article, str(refused)
            continue
        except BaseException:
            click.echo(err=True)
            raise
        write(as_mboxrd(message, datetime.now(UTC)))
        click.echo("OK", err=True)
