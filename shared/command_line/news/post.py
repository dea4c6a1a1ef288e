"""`agora news post`: an article for newsgroups, typed at a terminal or read whole from the standard input."""

from __future__ import annotations

import ipaddress
import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from email.utils import parseaddr
from typing import Any

import click

from shared.command_line.news.client.compose import WrittenArticle, complete, compose
from shared.command_line.news.client.connection import ANSWER_OCTETS
from shared.command_line.news.client.errors import NewsError, RefusedByServer
from shared.command_line.news.client.session import Credentials, NewsServer, NewsSession, session_with
from shared.command_line.news.names import GroupsType
from shared.command_line.news.place import plain_refusals, read_credentials, read_server, server_options
from shared.command_line.state_directory import StateDirectory
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import CommandFailed, fail, json_option, print_json
from shared.command_line.terminal.printable import printable
from shared.octets import format_octets

END = "."
NO_SUCH_GROUP = 411


@click.command()
@click.argument("groups", metavar="GROUP[,GROUP...]", type=GroupsType())
@click.option("--host", metavar="HOST", help="Another server than the running stack's.")
@server_options
@json_option
def post(
    directory: StateDirectory,
    groups: Sequence[str],
    host: str | None,
    user: str | None,
    password_file: Any,
    password_stdin: bool,
    security: str | None,
    ca: str | None,
    as_json: bool,
) -> None:
    """Post an article to GROUP, or to several groups at once; prints its Message-ID.

    On a terminal it asks for From and Subject, then for the text, which a line with a dot alone ends. Otherwise the
    standard input is the whole article, header and all; Newsgroups and Message-ID are put on top where it has none.
    With --password-stdin the article begins in the second line.
    """
    server = read_server(directory, host, security, ca)
    credentials = read_credentials(user, password_file, password_stdin)
    if sys.stdin.isatty():
        with plain_refusals():
            with session_with(server, credentials) as session:  # what can be known before somebody writes in vain
                _expect_groups(session, groups)
            article = _typed(groups, _own_address(directory, host, user))
        reply = _post_or_keep(server, credentials, article)
    else:
        with plain_refusals():
            octets = sys.stdin.buffer.read(ANSWER_OCTETS + 1)
            if len(octets) > ANSWER_OCTETS:
                fail(f"the article is larger than {format_octets(ANSWER_OCTETS)}")
            article = complete(octets, groups)
            reply = _send(server, credentials, article)
    if as_json:
        print_json({"message_id": article.message_id, "groups": list(groups), "reply": reply})
    else:
        click.echo(article.message_id)


def _expect_groups(session: NewsSession, groups: Sequence[str]) -> None:
    """Raises RefusedByServer for a group that is not there, NewsError where nothing may be posted at all."""
    if session.capabilities and "POST" not in session.capabilities:
        raise NewsError("the server does not permit posting here; --user NAME signs in")
    for group in groups:
        try:
            session.ask(f"GROUP {group}", 211)
        except RefusedByServer as refused:
            if refused.code == NO_SUCH_GROUP:
                raise


def _typed(groups: Sequence[str], own: str | None) -> WrittenArticle:
    author = click.prompt("From:", prompt_suffix=" ", default=own, value_proc=_address, err=True)
    subject = click.prompt("Subject:", prompt_suffix=" ", err=True)
    click.echo("The text; a line with a dot alone ends it.", err=True)
    lines = []
    for line in sys.stdin.buffer:  # its end, Ctrl-D, is the end of the text, too
        text = line.decode("utf-8", "replace").rstrip("\r\n")
        if text == END:
            break
        lines.append(text)
    return compose(author, groups, subject, "\n".join(lines) + "\n")


def _address(typed: str) -> str:
    """An address, maybe with a name before it; asked again where it is none."""
    mailbox, _, domain = parseaddr(typed)[1].rpartition("@")
    if not (mailbox and domain):
        raise click.BadParameter("write an address, such as Alice <alice@example.org>")
    return typed.strip()


def _own_address(directory: StateDirectory, host: str | None, user: str | None) -> str | None:
    """The account's address: at the stack's mail domain, or at the host's name."""
    if user is None or "@" in user:
        return user
    if host is None:
        return f"{user}@{settings_for(directory).mail_domain}"
    name = host.rpartition("://")[2].partition("/")[0].partition(":")[0]
    with suppress(ValueError):
        ipaddress.ip_address(name)
        return None
    return f"{user}@{name}" if name and "[" not in name else None


def _post_or_keep(server: NewsServer, credentials: Credentials | None, article: WrittenArticle) -> str:
    """Post it; what was typed is kept in a file where that fails."""
    try:
        with plain_refusals():
            return _send(server, credentials, article)
    except (CommandFailed, KeyboardInterrupt):
        descriptor, path = tempfile.mkstemp(prefix="agora-article-", suffix=".eml")
        with os.fdopen(descriptor, "wb") as file:
            file.write(article.octets.replace(b"\r\n", b"\n"))
        click.echo(f"The article is kept in {path}", err=True)
        raise


def _send(server: NewsServer, credentials: Credentials | None, article: WrittenArticle) -> str:
    """The server's line."""
    with session_with(server, credentials) as session:
        session.ask("POST", 340)
        return printable(session.send_block(article.octets).decode("utf-8", "replace"))
