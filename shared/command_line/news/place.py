"""The news server that a command speaks to: the running stack's own, or another host's; and who signs in there."""

from __future__ import annotations

import contextlib
import re
import ssl
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import click

from shared.command_line.news.client.errors import NewsError, RefusedByServer
from shared.command_line.news.client.session import Credentials, NewsServer, NewsSession, Security, session_with
from shared.command_line.service_places import service_places
from shared.command_line.stack_trust import trust_stack
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import fail
from shared.doors import LOOPBACK, find_door

F = TypeVar("F", bound=Callable[..., Any])
PORT, TLS_PORT = 119, 563  # RFC 3977, RFC 4642 §1
TLS_PORTS = (TLS_PORT, find_door("nntps").port)
TLS_SCHEMES = ("nntps", "snews")
SCHEMES = ("nntp", "news", *TLS_SCHEMES)
SIGN_IN_FIRST = 480  # RFC 3977 §3.2.1
LONGEST_PASSWORD_OCTETS = 1024  # what an account's may be
_PLACE = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]/]+))(?::(?P<port>\d{1,5}))?")


def server_options(function: F) -> F:
    """`--state`, and the options about the server and the sign-in; `read_server` and `read_credentials` take them."""
    for option in reversed((
        state_option,
        click.option("--user", metavar="NAME", help="Sign in as NAME; asks for the password."),
        click.option(
            "--password-file", type=click.File("rb"), help="Read the password from the first line of this file."
        ),
        click.option("--password-stdin", is_flag=True, help="Read it from the first line of the standard input."),
        click.option("--tls", "security", flag_value=Security.TLS.value, help="Encrypted from the start, port 563."),
        click.option("--starttls", "security", flag_value=Security.STARTTLS.value, help="Only if STARTTLS succeeds."),
        click.option("--no-tls", "security", flag_value=Security.NONE.value, help="Without STARTTLS, offered or not."),
        click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate."),
    )):  # fmt: skip
        function = option(function)
    return function


def read_server(directory: StateDirectory, place: str | None, security: str | None, ca: str | None) -> NewsServer:
    """The server at `place` (HOST, HOST:PORT, news://HOST, nntps://HOST), or without one that of the running stack."""
    if place is None:
        return _of_the_stack(directory)
    scheme, _, rest = place.rpartition("://")
    match = _PLACE.fullmatch(rest.partition("/")[0] if scheme else rest)
    if match is None or (scheme and scheme.lower() not in SCHEMES) or int(match["port"] or 1) not in range(1, 65536):
        fail(f"{place!r} is no server: write HOST, HOST:PORT, news://HOST or nntps://HOST", status=2)
    port = int(match["port"] or 0)
    wanted = Security(security) if security is not None else Security.BEST
    if wanted is Security.BEST and (scheme.lower() in TLS_SCHEMES or port in TLS_PORTS):
        wanted = Security.TLS
    default = TLS_PORT if wanted is Security.TLS else PORT
    return NewsServer(match["v6"] or match["host"], port or default, wanted, ssl.create_default_context(cafile=ca))


def _of_the_stack(directory: StateDirectory) -> NewsServer:
    """Its door in the clear if that is on this machine, else the one with TLS, by the stack's own certificate."""
    settings = settings_for(directory)
    places = service_places(directory)
    if places is None:
        fail(f"no stack is running in {directory.path}: name the server")
    tls = trust_stack(settings)
    if (place := places.doors.get("nntp")) is not None and place[0] in (LOOPBACK, "::1"):
        return NewsServer(*place, Security.NONE, tls)
    if (place := places.doors.get("nntps")) is None:
        fail(f"the door {find_door('nntp').title} is not on a TCP port of this stack")
    return NewsServer(*place, Security.TLS, tls)


def read_credentials(user: str | None, password_file: BinaryIO | None, password_stdin: bool) -> Credentials | None:
    """Name and password, None without a name. The password comes from a file, the standard input, or the terminal."""
    if user is None:
        if password_file is not None or password_stdin:
            fail("a password is of no use without --user", status=2)
        return None
    if password_file is not None and password_stdin:
        fail("give --password-file or --password-stdin, not both", status=2)
    if password_file is not None or password_stdin:
        stream = password_file or sys.stdin.buffer
        password = stream.readline(LONGEST_PASSWORD_OCTETS + 2).rstrip(b"\r\n").decode("utf-8", "surrogateescape")
        if not password:
            fail("the first line of the file holds no password" if password_file else "the standard input holds none")
        return Credentials(user, password)
    return Credentials(user, _asked_for(user))


def _asked_for(user: str) -> str:
    """From the terminal, even where the standard input is an article."""
    try:
        Path("/dev/tty").open("rb").close()
    except OSError:
        fail("there is no terminal to ask for the password: use --password-file or --password-stdin")
    password: str = click.prompt(f"Password of {user}", hide_input=True, err=True)
    return password


@contextlib.contextmanager
def news_session(
    directory: StateDirectory,
    place: str | None,
    user: str | None,
    password_file: BinaryIO | None,
    password_stdin: bool,
    security: str | None,
    ca: str | None,
) -> Iterator[NewsSession]:
    """A session with that server, signed in as `user`. An error of it ends the command with the server's line."""
    server = read_server(directory, place, security, ca)
    credentials = read_credentials(user, password_file, password_stdin)
    with plain_refusals(), session_with(server, credentials) as session:
        yield session


@contextlib.contextmanager
def plain_refusals() -> Iterator[None]:
    """A refusal is the server's line on the standard error, and exit status 1; other errors are one sentence."""
    try:
        yield
    except NewsError as error:
        advice = (
            "" if not isinstance(error, RefusedByServer) or error.code != SIGN_IN_FIRST else " (--user NAME signs in)"
        )
        fail(f"{error}{advice}")
