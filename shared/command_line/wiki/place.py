"""The wiki that a command speaks to, the protocol it uses, and who signs in there."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, TypeVar
from urllib.parse import SplitResult, urlsplit

import click

from shared.administration import operator_access
from shared.command_line.news.place import read_credentials
from shared.command_line.service_places import service_places
from shared.command_line.stack_trust import trust_stack
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.wiki.client.client import WikiClient, WikiLogin
from shared.command_line.wiki.client.errors import WikiConflict, WikiError
from shared.command_line.wiki.client.http import HttpPlace
from shared.command_line.wiki.client.pb import PbClient, PbPlace
from shared.command_line.wiki.client.rest import RestClient
from shared.command_line.wiki.client.soap import SoapClient
from shared.command_line.wiki.client.xmlrpc import XmlRpcClient
from shared.doors import LOOPBACK, find_door

F = TypeVar("F", bound=Callable[..., Any])
PB = "pb"
BY_HTTP: dict[str, Callable[[HttpPlace], WikiClient]] = {
    "rest": RestClient,
    "xmlrpc": XmlRpcClient,
    "soap": SoapClient,
}
LOCAL = (LOOPBACK, "::1")
LABEL = "agora wiki"


def wiki_options(function: F) -> F:
    """`--state`, `--via`, and the options about the wiki and the sign-in; `wiki_client` takes them."""
    for option in reversed((
        state_option,
        click.option(
            "--via", type=click.Choice([*BY_HTTP, PB]), default="rest", show_default=True, help="The protocol to use."
        ),
        click.option(
            "--url", metavar="URL", help="Another wiki than the running stack's: https://HOST, or pb://HOST with pb."
        ),
        click.option("--user", metavar="NAME", help="Sign in as NAME; asks for the password, for pb an app one."),
        click.option(
            "--password-file", type=click.File("rb"), help="Read the password from the first line of this file."
        ),
        click.option("--anonymous", is_flag=True, help="Do not sign in."),
        click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate."),
    )):  # fmt: skip
        function = option(function)
    return function


@contextlib.contextmanager
def wiki_client(
    directory: StateDirectory,
    via: str,
    url: str | None,
    user: str | None,
    password_file: BinaryIO | None,
    anonymous: bool,
    ca: str | None,
) -> Iterator[WikiClient]:
    """A client of that wiki. An error of it ends the command: one sentence, a conflict's diff behind it.

    On the running stack without --user it signs in as an administrator, by an app password that ends with the command:
    who can read the stack's state may do anything in its store.
    """
    credentials = read_credentials(user, password_file, False)
    login = None if credentials is None else WikiLogin(credentials.name, credentials.password)
    try:
        if url is not None:
            yield _elsewhere(via, url, login, ca)
        elif login is not None or anonymous:
            yield _of_the_stack(directory, via, login)
        else:
            with _operator(directory) as operator:
                yield _of_the_stack(directory, via, operator)
    except WikiConflict as conflict:
        click.echo(conflict.diff, err=True, nl=not conflict.diff.endswith("\n"))
        fail(str(conflict), status=conflict.status)
    except WikiError as error:
        fail(str(error), status=error.status)


@contextlib.contextmanager
def _operator(directory: StateDirectory) -> Iterator[WikiLogin]:
    with plain_errors():
        store = Store(settings_for(directory), announces=False)  # the reactor runs once, for pb's client
        access = store.transact(operator_access.begin, LABEL, ("pb", "web"))
    try:
        yield WikiLogin(access.name, access.secret)
    finally:
        store.transact(operator_access.end, access)


def _of_the_stack(directory: StateDirectory, via: str, login: WikiLogin | None) -> WikiClient:
    """Its door in the clear if that is on this machine, else the one with TLS, by the stack's own certificate."""
    settings = settings_for(directory)
    places = service_places(directory)
    if places is None:
        fail(f"no stack is running in {directory.path}: name the wiki (--url)")
    plain, secure = ("pb", "pb_tls") if via == PB else ("web", "web_tls")
    if (place := places.doors.get(plain)) is not None and place[0] in LOCAL:
        if via == PB:
            return PbClient(PbPlace(*place, None, login))
        return BY_HTTP[via](HttpPlace(urlsplit(f"http://{_host(place[0])}:{place[1]}"), None, login))
    if (place := places.doors.get(secure)) is None:
        fail(f"the door {find_door(plain).title} is not on a TCP port of this stack")
    if via == PB:
        certificate = settings.certificate_file or settings.certificate_directory / "authority.pem"
        return PbClient(PbPlace(*place, certificate.read_bytes(), login))
    return BY_HTTP[via](HttpPlace(urlsplit(f"https://{_host(place[0])}:{place[1]}"), trust_stack(settings), login))


def _elsewhere(via: str, url: str, login: WikiLogin | None, ca: str | None) -> WikiClient:
    parts = urlsplit(url)
    if via == PB:
        return _pb_elsewhere(parts, login, ca)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        fail(f"{url!r} is no wiki: write https://HOST or http://HOST", status=2)
    if login is not None and parts.scheme == "http" and parts.hostname not in (*LOCAL, "localhost"):
        fail("a password is not sent to another host in the clear: write https://", status=2)
    return BY_HTTP[via](HttpPlace(parts, ssl.create_default_context(cafile=ca), login))


def _pb_elsewhere(parts: SplitResult, login: WikiLogin | None, ca: str | None) -> WikiClient:
    if parts.scheme not in ("pb", "pbs") or not parts.hostname:
        fail("with --via pb the URL is pb://HOST:PORT, or pbs://HOST:PORT over TLS", status=2)
    if parts.scheme == "pb":
        return PbClient(PbPlace(parts.hostname, parts.port or find_door("pb").port, None, login))
    if ca is None:
        fail("pbs:// needs the authority's certificate (--ca)", status=2)
    with open(ca, "rb") as file:
        return PbClient(PbPlace(parts.hostname, parts.port or find_door("pb_tls").port, file.read(), login))


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
