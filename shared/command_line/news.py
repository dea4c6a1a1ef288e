"""`agora news`: a newsreader for this server and for others."""

from __future__ import annotations

import contextlib
import getpass
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from shared.command_line.newsreader.choose import choose
from shared.command_line.newsreader.compose import ask_for_article, whole_article
from shared.command_line.newsreader.mboxrd import as_mboxrd
from shared.command_line.newsreader.reach import Where, connect, mail_domain, read_password, server_options
from shared.command_line.newsreader.server import NewsServer, Refused
from shared.command_line.output import fail

SINCE_FORMS = ("%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")


@click.group()
def command() -> None:
    """Newsgroups, of this server or of another one: list them, fetch articles, post."""


@command.command()
@click.argument("at", metavar="[HOST[:PORT]]", required=False)
@server_options
def groups(at: str | None, **where: Any) -> None:
    """List the names of all groups, sorted, one a line."""
    if at is not None:
        where["host"] = at
    with _server(Where(**where)) as server:
        for name in sorted(line.split()[0].decode("utf-8", "replace") for line in server.lines("LIST ACTIVE") if line):
            click.echo(name)


@command.command()
@click.argument("group")
@click.argument("file", metavar="FILE")
@click.option("--last", type=click.IntRange(min=0), metavar="N", help="The last N articles alone.")
@click.option(
    "--since",
    type=click.DateTime(SINCE_FORMS),
    metavar="DATE",
    help="Those since 2026-03-01, '2026-03-01 12:30' (UTC).",
)
@click.option("--append", is_flag=True, help="Add to FILE if it is there.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@server_options
def get(
    group: str, file: str, last: int | None, since: datetime | None, append: bool, force: bool, **where: Any
) -> None:
    """Fetch articles of GROUP into FILE, as mboxrd; - is the standard output.

    An article that cannot be fetched is passed over, and the exit status is 1.
    """
    if file != "-" and Path(file).exists() and not (append or force):
        fail(f"{file} is there already: --append adds to it, --force replaces it")
    if since is not None and since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    with _server(Where(**where)) as server:
        chosen = choose(server, group, last, since)
        with _written_to(file, append) as out:
            failed = _fetch(server, chosen, out)
    if failed:
        sys.exit(1)


@command.command()
@click.argument("names", metavar="GROUP[,GROUP]...")
@server_options
def post(names: str, **options: Any) -> None:
    """Post to GROUP: at a terminal asks for From, Subject and text, up to a dot on its own; else the standard input is
    the whole article. Prints its Message-ID.
    """
    where, groups = Where(**options), names.split(",")
    password = read_password(where)
    article, identifier = whole_article(_article(groups, where), groups)
    with _at(where, password) as server:
        server.ask("POST")
        answer = server.send(article)
    told = next((word for word in answer.split() if word.startswith("<") and word.endswith(">")), identifier)
    click.echo(told)


def _article(groups: Sequence[str], where: Where) -> bytes:
    if not sys.stdin.isatty():
        return sys.stdin.buffer.read()
    author = where.user or getpass.getuser()
    if "@" not in author:
        author += f"@{mail_domain(where)}"

    def ask(question: str, default: str) -> str:
        return input(f"{question} [{default}] " if default else f"{question} ") or default

    return ask_for_article(groups, author, ask, _text())


def _text() -> Iterator[str]:
    """What is typed, up to a dot on its own."""
    with contextlib.suppress(EOFError):
        while (line := input()) != ".":
            yield line


def _fetch(server: NewsServer, chosen: Sequence[str], out: BinaryIO) -> int:
    """Returns how many could not be fetched."""
    failed = 0
    for number, name in enumerate(chosen, 1):
        click.echo(f"Fetching article {number} of {len(chosen)}... ", nl=False, err=True)
        try:
            lines = server.lines(f"ARTICLE {name}")
        except Refused as refused:
            click.echo(str(refused), err=True)
            failed += 1
        else:
            out.write(as_mboxrd(lines))
            click.echo("OK", err=True)
    return failed


@contextlib.contextmanager
def _written_to(file: str, append: bool) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    else:
        with Path(file).open("ab" if append else "wb") as opened:
            yield opened


def _server(where: Where) -> contextlib.AbstractContextManager[NewsServer]:
    return _at(where, read_password(where))


@contextlib.contextmanager
def _at(where: Where, password: str) -> Iterator[NewsServer]:
    """The server; its refusals end the command in its own words."""
    try:
        with connect(where, password) as server:
            yield server
    except Refused as refused:
        fail(str(refused))
    except OSError as error:
        if error.filename is not None:
            raise
        fail(f"the news server cannot be reached: {error}")
