"""`agora mail`: a mail program's commands, for this or any other server."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from shared.command_line.in_reactor import in_reactor
from shared.command_line.mail.client.compose import compose
from shared.command_line.mail.client.connection import MailEncryption, MailServerPlace
from shared.command_line.mail.client.exchangers import mail_hosts
from shared.command_line.mail.client.imap import imap_session
from shared.command_line.mail.client.send import send as send_message
from shared.command_line.mail.fetch import get, plain_mail_errors, pop
from shared.command_line.mail.place import (
    IMAP,
    IMAP_TLS,
    SMTP,
    SMTP_TLS,
    mail_server_options,
    read_mail_account,
    read_mail_server,
)
from shared.command_line.news.place import read_credentials
from shared.command_line.service_places import service_places
from shared.command_line.stack_trust import trust_stack
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import fail, json_option, print_json
from shared.command_line.terminal.printable import printable
from shared.mail.address import parse_address
from shared.mail.errors import BadAddress
from shared.outbound.places import BadPlace, read_place

TAKEN = (250, 251)
SOME_REFUSED, ALL_REFUSED = 1, 2


@click.group()
def command() -> None:
    """Mail by POP3, IMAP and SMTP, of this or another server: fetch, list folders, send, look up mail servers.

    A server is HOST or HOST:PORT. STARTTLS is used where another host offers it; a password goes to another host in the
    clear with --insecure only.
    """


command.add_command(pop)
command.add_command(get)


@command.command()
@click.argument("host")
@click.argument("user")
@mail_server_options
@json_option
def folders(
    host: str,
    user: str,
    as_json: bool,
    **place: Any,
) -> None:
    """List the folders of USER at the IMAP server HOST: names, decoded, sorted, one a line."""
    with plain_mail_errors(), imap_session(*read_mail_account(host, user, (IMAP, IMAP_TLS), **place)) as session:
        names = sorted(each.name for each in session.list_folders() if each.selectable)
    if as_json:
        print_json(names)
        return
    for name in names:
        click.echo(printable(name))


@command.command()
@state_option
@click.argument("recipients", metavar="TO…", nargs=-1, required=True)
@click.option(
    "--from", "sender", metavar="ADDRESS", help="The sender (default: --user, or you at this stack's domain)."
)
@click.option("--subject", help="The Subject; asked for on a terminal.")
@click.option(
    "--attach",
    "files",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send FILE along; may be given more than once.",
)
@click.option("--server", "place", metavar="HOST", help="Another server than the running stack's (submission, 587).")
@click.option("--user", metavar="NAME", help="Sign in as NAME; asks for the password.")
@mail_server_options
def send(
    directory: StateDirectory,
    recipients: tuple[str, ...],
    sender: str | None,
    subject: str | None,
    files: tuple[Path, ...],
    place: str | None,
    user: str | None,
    encryption: str | None,
    ca: str | None,
    password_file: BinaryIO | None,
    password_stdin: bool,
) -> None:
    """Send a message to TO. On a terminal it asks for the subject and the text, up to a line with a dot alone; else the
    standard input is the text.

    Prints each recipient with the server's answer. The exit status is 0 if all of them were taken, 1 if some were, 2 if
    none was.
    """
    credentials = read_credentials(user, password_file, password_stdin)
    if place is not None:
        server = read_mail_server(place, encryption, ca, (SMTP, SMTP_TLS))
    else:
        server = _of_the_stack(directory, signs_in=user is not None)
    sender = sender or _own_address(directory, user)
    try:
        for address in (sender, *recipients):
            parse_address(address)
    except BadAddress:
        fail(f"this is not an address: {address}", status=ALL_REFUSED)
    subject, text = _typed(subject)
    try:
        message = compose(sender, recipients, subject, text, files)
    except ValueError as error:
        fail(f"this cannot be sent: {error}", status=ALL_REFUSED)
    with plain_mail_errors():
        answers = send_message(server, credentials, sender, list(dict.fromkeys(recipients)), message)
    for recipient, (code, answer) in answers.items():
        click.echo(f"{recipient}: {code} {printable(' '.join(answer.split()))}")
    taken = sum(code in TAKEN for code, _ in answers.values())
    if taken < len(answers):
        raise SystemExit(SOME_REFUSED if taken else ALL_REFUSED)


@command.command()
@click.argument("address")
@click.option("--dns", metavar="HOST:PORT", help="Ask this server instead of the system's.")
@json_option
def mx(address: str, dns: str | None, as_json: bool) -> None:
    """Show the mail servers of the domain of ADDRESS in the order in which they are tried, with their addresses."""
    domain = address.rpartition("@")[2].rstrip(".")
    try:
        domain = parse_address(f"postmaster@{domain}").domain
    except BadAddress:
        fail(f"{domain!r} is no domain", status=2)
    try:
        server = None if dns is None else read_place(dns, 53)
    except BadPlace as error:
        fail(str(error), status=2)
    with plain_mail_errors():
        hosts = in_reactor(lambda reactor: mail_hosts(reactor, domain, server))
    if as_json:
        print_json([host._asdict() for host in hosts])
    elif not hosts:
        click.echo(f"{domain} takes no mail (null MX).")
    for host in () if as_json else hosts:
        click.echo(f"{host.preference:5} {printable(host.name)}  {' '.join(host.addresses) or 'no address'}")
    if hosts and not any(host.addresses for host in hosts):
        raise SystemExit(1)


def _of_the_stack(directory: StateDirectory, *, signs_in: bool) -> MailServerPlace:
    """Its submission for who signs in, else its SMTP."""
    settings = settings_for(directory)
    places = service_places(directory)
    where = None if places is None else places.doors.get("submission" if signs_in else "smtp")
    if where is None:
        fail(f"no stack is running in {directory.path}: name a --server")
    return MailServerPlace(*where, MailEncryption.BEST, trust_stack(settings))


def _own_address(directory: StateDirectory, user: str | None) -> str:
    if user is not None and "@" in user:
        return user
    if user is None:
        fail("who sends it? --from ADDRESS, or --user NAME", status=ALL_REFUSED)
    return f"{user}@{settings_for(directory).mail_domain}"


def _typed(subject: str | None) -> tuple[str, str]:
    """Subject and text, from a terminal or the standard input."""
    if not sys.stdin.isatty():
        return subject or "", sys.stdin.read()
    if subject is None:
        subject = click.prompt("Subject", default="", show_default=False, err=True)
    click.echo("The text, then a line with a dot alone:", err=True)
    lines = []
    while (line := sys.stdin.readline()) and line.rstrip("\r\n") != ".":
        lines.append(line)
    return subject or "", "".join(lines)
