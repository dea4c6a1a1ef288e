"""`agora tour`: one message's way through every door, live."""

from __future__ import annotations

import contextlib
import http.client
import imaplib
import poplib
import secrets
import smtplib
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import asdict

import click

from shared.accounts.verifiers import derive_verifiers
from shared.administration import accounts, rooms
from shared.administration.generate_password import generate_password
from shared.administration.readiness import Where
from shared.command_line.in_reactor import reactor_in_thread
from shared.command_line.service_places import local_places
from shared.command_line.stack_trust import trust_stack
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import console, fail, json_option, print_json
from shared.command_line.terminal.passwords import read_password
from shared.command_line.tour_guide.doors import Doors, Visitor
from shared.command_line.tour_guide.station import NotAsPromised, Station
from shared.command_line.tour_guide.stations import stations
from shared.doors import DOORS
from shared.runtime.settings import ServiceSettings

TROUBLES = (
    *(NotAsPromised, RuntimeError, OSError, ssl.SSLError),
    *(smtplib.SMTPException, imaplib.IMAP4.error, poplib.error_proto, http.client.HTTPException),
)


@click.command()
@state_option
@click.option("--host", help="Tour a stack elsewhere (compose's: localhost).")
@click.option(
    "--port",
    "ports",
    metavar="DOOR=PORT",
    multiple=True,
    help=f"With --host: where a door is not on its default port; {', '.join(door.name for door in DOORS)}.",
)
@click.option("--user", "address", metavar="ADDRESS", help="With --host: whose account to use, alice@example.org.")
@click.option("--password-stdin", is_flag=True, help="With --host: read its password from the standard input.")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="With --host: the authority's certificate.")
@json_option
def command(
    directory: StateDirectory,
    host: str | None,
    ports: Sequence[str],
    address: str | None,
    password_stdin: bool,
    ca: str | None,
    as_json: bool,
) -> None:
    """Send a message through every door of the running stack, and show what happens, with the milliseconds.

    Makes an account and a room for the tour, and deletes them afterwards with all they received.
    """
    if host is not None:
        if address is None:
            fail("--host needs --user: an account there that may receive three messages")
        visitor = Visitor(address, read_password(password_stdin), address)
        doors = Doors(_doors_at(host, ports), ssl.create_default_context(cafile=ca))
        _show(directory, doors, visitor, as_json)
        return
    with plain_errors():
        settings = settings_for(directory)
        record = directory.running()
        if record is None:
            starts = directory.hint("up --detach")
            fail(f"no stack is running in {directory.path}: {starts} starts one; for one elsewhere use --host")
        tls = trust_stack(settings)
        with _temporary_visitor(settings) as visitor:
            _show(directory, Doors(local_places(record).doors, tls), visitor, as_json)


def _doors_at(host: str, ports: Sequence[str]) -> dict[str, Where]:
    """Every door at its default port, unless `ports` says otherwise."""
    where = {door.name: (host, door.port) for door in DOORS}
    for words in ports:
        name, _, port = words.partition("=")
        if name not in where or not port.isdecimal():
            fail(f"--port {words}: write DOOR=PORT, such as imaps=993; the doors are {', '.join(where)}", status=2)
        where[name] = host, int(port)
    return where


@contextlib.contextmanager
def _temporary_visitor(settings: ServiceSettings) -> Iterator[Visitor]:
    """An account and a room of its own, which are gone when the block ends."""
    name, password = f"tour-{secrets.token_hex(4)}", generate_password()
    domain = settings.mail_domain
    with reactor_in_thread():
        store = Store(settings)
        store.transact(accounts.create_member, name, derive_verifiers(password), domain)
        try:
            room = f"tour.{name}"
            store.transact(rooms.add, room)
            try:
                yield Visitor(name, password, f"{name}@{domain}", room)
            finally:
                store.transact(rooms.delete, room)
        finally:
            store.transact(accounts.delete, name)


def _show(directory: StateDirectory, doors: Doors, visitor: Visitor, as_json: bool) -> None:
    seen: list[Station] = []
    screen = console()
    if not as_json:
        screen.print(f"A tour with {visitor.address}, by Python's own clients\n")
    try:
        for station in stations(doors, visitor):
            seen.append(station)
            if not as_json:
                screen.print(f"{station.milliseconds:8.1f} ms  {station.door:<11} {station.what}")
    except TROUBLES as trouble:
        fail(f"after {seen[-1].door if seen else 'the start'}: {type(trouble).__name__}: {trouble}")
    if as_json:
        print_json([asdict(station) for station in seen])
    else:
        screen.print(
            f"\nThe same octets behind every door. {directory.hint('user add NAME')} makes an account for you."
        )
