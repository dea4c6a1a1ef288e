"""The news server that a command is about, and how it signs in there."""

from __future__ import annotations

import ssl
import sys
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import click

from shared.command_line.newsreader.server import NewsServer
from shared.command_line.output import fail
from shared.command_line.service_places import service_places
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option

F = TypeVar("F", bound=Callable[..., Any])
PORT, TLS_PORT = 119, 563


class Where(NamedTuple):
    """What the options say."""

    directory: StateDirectory
    host: str | None
    tls: bool
    ca: str | None
    user: str | None
    password_stdin: bool


def server_options(function: F) -> F:
    """Gives the command what `Where` is made of."""
    for option in reversed(
        (
            state_option,
            click.option("--host", metavar="HOST[:PORT]", help="Another server than the stack on this machine."),
            click.option("--tls", is_flag=True, help=f"With --host: TLS from the start, at port {TLS_PORT}."),
            click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate."),
            click.option("--user", metavar="NAME", help="Sign in; asks for the password."),
            click.option("--password-stdin", is_flag=True, help="With --user: the first line of the standard input."),
        )
    ):
        function = option(function)
    return function


def connect(where: Where, password: str) -> NewsServer:
    """Connected, and signed in if the options say so. Raises OSError, Refused."""
    host, port = _place(where)
    context = ssl.create_default_context(cafile=where.ca)
    server = NewsServer(host, port, context if where.tls else None)
    if where.user is not None:
        if not (server.is_private or server.is_here or server.go_private(context)):
            fail(f"{host} offers no TLS, and a password is not sent without")
        server.sign_in(where.user, password)
    return server


def mail_domain(where: Where) -> str:
    """What stands behind the @ of an account there: the stack's domain, else the server's name."""
    if where.host is not None:
        return where.host.partition(":")[0]
    record = where.directory.running()
    return record.environment.get("AGORA_MAIL_DOMAIN", "localhost") if record is not None else "localhost"


def _place(where: Where) -> tuple[str, int]:
    if where.host is not None:
        host, colon, port = where.host.rpartition(":")
        if not colon or not port.isdecimal():
            host, port = where.host, str(TLS_PORT if where.tls else PORT)
        return host.strip("[]"), int(port)
    places = service_places(where.directory)
    if places is None or "nntp" not in places.doors:
        fail(f"no stack is running in {where.directory.path}: --host names another server")
    return places.doors["nntp"]


def read_password(where: Where) -> str:
    """That of the user, if one signs in. What follows its line on the standard input is left there."""
    if where.user is None:
        return ""
    if where.password_stdin:
        return sys.stdin.buffer.readline().rstrip(b"\r\n").decode()
    typed: str = click.prompt("Password", hide_input=True, err=True)
    return typed
