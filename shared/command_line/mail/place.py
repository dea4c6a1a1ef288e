"""The mail server that a command speaks to, and the password for it."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from typing import Any, BinaryIO, TypeVar

import click

from shared.command_line.mail.client.connection import MailEncryption, MailServerPlace
from shared.command_line.news.client.session import Credentials
from shared.command_line.news.place import read_credentials
from shared.command_line.terminal.output import fail

F = TypeVar("F", bound=Callable[..., Any])
POP, POP_TLS, IMAP, IMAP_TLS, SMTP, SMTP_TLS = 110, 995, 143, 993, 587, 465
_OURS_WITH_TLS = {2995, 2993, 2465}
_PLACE = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]/]+))(?::(?P<port>\d{1,5}))?")


def mail_server_options(function: F) -> F:
    """The options about encryption and the password; `read_mail_account` takes them."""
    for option in reversed(
        (
            click.option(
                "--tls", "encryption", flag_value=MailEncryption.TLS.value, help="Encrypted from the first octet."
            ),
            click.option(
                "--starttls", "encryption", flag_value=MailEncryption.STARTTLS.value, help="Only with STARTTLS."
            ),
            click.option(
                "--insecure",
                "encryption",
                flag_value=MailEncryption.INSECURE.value,
                help="In the clear to another host, where it offers nothing else.",
            ),
            click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate."),
            click.option("--password-file", type=click.File("rb"), help="The password is the first line of this file."),
            click.option("--password-stdin", is_flag=True, help="It is the first line of the standard input."),
        )
    ):
        function = option(function)
    return function


def read_mail_server(place: str, encryption: str | None, ca: str | None, ports: tuple[int, int]) -> MailServerPlace:
    """The server at HOST or HOST:PORT. `ports`: the usual one, and that with TLS from the first octet."""
    match = _PLACE.fullmatch(place)
    if match is None or int(match["port"] or 1) not in range(1, 65536):
        fail(f"{place!r} is no server: write HOST or HOST:PORT", status=2)
    plain, with_tls = ports
    port = int(match["port"] or 0)
    wanted = MailEncryption(encryption) if encryption is not None else MailEncryption.BEST
    if wanted is MailEncryption.BEST and (port == with_tls or port in _OURS_WITH_TLS):
        wanted = MailEncryption.TLS
    port = port or (with_tls if wanted is MailEncryption.TLS else plain)
    return MailServerPlace(match["v6"] or match["host"], port, wanted, ssl.create_default_context(cafile=ca))


def read_mail_account(
    place: str,
    user: str,
    ports: tuple[int, int],
    encryption: str | None,
    ca: str | None,
    password_file: BinaryIO | None,
    password_stdin: bool,
) -> tuple[MailServerPlace, Credentials]:
    """The server, and who signs in there; what `mail_server_options` gives are the last four."""
    credentials = read_credentials(user, password_file, password_stdin)
    assert credentials is not None  # there is a name
    return read_mail_server(place, encryption, ca, ports), credentials
