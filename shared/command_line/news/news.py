"""`agora news`: a newsreader's commands, for the stack's own groups and those of any other news server."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import click

from shared.command_line.news.client.groups import list_groups
from shared.command_line.news.get import get
from shared.command_line.news.place import news_session, server_options
from shared.command_line.news.post import post
from shared.command_line.state_directory import StateDirectory
from shared.command_line.terminal.output import json_option, print_json


@click.group()
def command() -> None:
    """Newsgroups by NNTP, of the running stack or of another server: list groups, fetch articles, post.

    A server is HOST, HOST:PORT, news://HOST or, with TLS, nntps://HOST. STARTTLS is used where another host offers it;
    a password never goes to another host in the clear.
    """


@command.command()
@click.argument("host", required=False)
@server_options
@json_option
def groups(directory: StateDirectory, host: str | None, as_json: bool, **place: Any) -> None:
    """List the groups of HOST, or of the running stack: names, sorted, one a line."""
    with news_session(directory, host, **place) as session:
        found = list_groups(session)
    if as_json:
        print_json([asdict(group) for group in found])
        return
    for group in found:
        click.echo(group.name)


command.add_command(get)
command.add_command(post)
