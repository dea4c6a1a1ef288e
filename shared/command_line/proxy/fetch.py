"""`agora fetch`: a page or file of the web, to the standard output or into a file."""

from __future__ import annotations

import os
import ssl
import sys
import tempfile
import webbrowser
from collections.abc import Sequence
from pathlib import Path

import click
import httpx

from shared.command_line.proxy.fetch_client.credentials import AskedFor, NamePassword
from shared.command_line.proxy.fetch_client.download import copy_body, goes_on_from, part_of, read_refusal
from shared.command_line.proxy.fetch_client.errors import CredentialsAsked, NotFetched
from shared.command_line.proxy.fetch_client.exchange import Asked, exchange
from shared.command_line.proxy.fetch_client.known_answers import KnownAnswers, users_cache, validators_of
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.passwords import read_password
from shared.command_line.terminal.printable import printable
from shared.command_line.terminal.quantities import OCTETS

UNCHANGED = 4
REFUSED = 22


@click.command()
@click.argument("url")
@click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write to FILE.")
@click.option("--resume", is_flag=True, help="Go on with a download into FILE that was cut off.")
@click.option("--if-changed", is_flag=True, help="Only what is newer than the last time; otherwise status 4.")
@click.option("--user", metavar="NAME", help="Sign in as NAME where the server asks for it.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line of the standard input.")
@click.option("--data", metavar="K=V", multiple=True, help="A field of a form, by POST; may be repeated.")
@click.option("--form", metavar="K=V|K=@FILE", multiple=True, help="The same as multipart, with files.")
@click.option("--open", "in_browser", is_flag=True, help="Show the answer in $BROWSER.")
@click.option("--ca", type=click.Path(exists=True, dir_okay=False), help="The authority's certificate.")
@click.option("--most", type=OCTETS, metavar="SIZE", help="Give up on an answer of more than SIZE.")
def command(
    url: str,
    file: Path | None,
    resume: bool,
    if_changed: bool,
    user: str | None,
    password_stdin: bool,
    data: Sequence[str],
    form: Sequence[str],
    in_browser: bool,
    ca: str | None,
    most: int | None,
) -> None:
    """Fetch URL: to the standard output, or into FILE, which is there when all of it is.

    Exit status: 0; 1 when it fails or is cut off; 3 when the server asks for a password; 4 when nothing has changed;
    22 when the server refuses, with what it says on the standard error.
    """
    _check_options(resume=resume and file is None, both=bool(data and form), nobody=password_stdin and user is None)
    known = KnownAnswers(users_cache() / "fetch")
    fields = dict(known.of(url).if_changed()) if if_changed else {}
    part = None if file is None else part_of(file)
    already = 0
    if resume and part is not None and part.exists() and (of := known.of(url, part).strong):
        already = part.stat().st_size
        fields |= {"range": f"bytes={already}-", "if-range": of, "accept-encoding": "identity"}
    credentials = AskedFor(httpx.URL(url), lambda: _ask(user, password_stdin))
    trust = ssl.create_default_context(cafile=ca)
    try:
        with exchange(_asked(url, fields, data, form), credentials, trust) as response:
            _refuse(response, credentials)
            if response.status_code == httpx.codes.NOT_MODIFIED:
                click.echo("unchanged (304)", err=True)
                raise SystemExit(UNCHANGED)
            already = already if goes_on_from(response, already) else 0
            _take(response, url, file, already, most, known, in_browser=in_browser)
            known.keep(validators_of(response), url)
    except NotFetched as error:
        more = f"; {part} has what came, --resume goes on" if part is not None and part.exists() else ""
        fail(printable(f"{error}{more}"), status=error.status)


def _check_options(*, resume: bool, both: bool, nobody: bool) -> None:
    for wrong, why in (
        (resume, "--resume is for a FILE, given by --output."),
        (both, "--data and --form cannot be given together."),
        (nobody, "--password-stdin needs --user."),
    ):
        if wrong:
            raise click.UsageError(why)


def _take(
    response: httpx.Response,
    url: str,
    file: Path | None,
    already: int,
    most: int | None,
    known: KnownAnswers,
    *,
    in_browser: bool,
) -> None:
    if file is not None:
        part = part_of(file)
        known.keep(validators_of(response) if not already else known.of(url, part), url, part)
        with part.open("ab" if already else "wb") as target:
            copy_body(response, target, most, already)
            target.flush()
            os.fsync(target.fileno())
        part.replace(file)
        known.forget(url, part)
    elif in_browser:
        with tempfile.NamedTemporaryFile("wb", suffix=_suffix(response), prefix="agora-", delete=False) as shown:
            copy_body(response, shown, most)
        file = Path(shown.name)
    else:
        copy_body(response, sys.stdout.buffer, most)
        sys.stdout.flush()
    if in_browser and file is not None and not webbrowser.open(file.absolute().as_uri()):
        raise NotFetched(f"no browser could be started; $BROWSER names one. The answer is in {file}")


def _refuse(response: httpx.Response, credentials: AskedFor) -> None:
    if response.status_code < httpx.codes.BAD_REQUEST:
        return
    if response.status_code == httpx.codes.UNAUTHORIZED:
        wrong = (
            "the name or the password is wrong" if credentials.given else "the server asks for a name and a password"
        )
        raise CredentialsAsked(f"{response.url}: {wrong}")
    body = read_refusal(response).decode(errors="replace")
    click.echo(printable(f"{response.status_code} {response.reason_phrase}\n{body}", besides="\n\t"), err=True)
    raise SystemExit(REFUSED)


def _ask(user: str | None, from_stdin: bool) -> NamePassword | None:
    if from_stdin and user is not None:
        return NamePassword(user, read_password(from_stdin=True))
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    name = user or click.prompt("Name", err=True)
    return NamePassword(name, click.prompt("Password", hide_input=True, err=True))


def _asked(url: str, fields: dict[str, str], data: Sequence[str], form: Sequence[str]) -> Asked:
    fields.setdefault("user-agent", "agora-fetch")
    plain: dict[str, list[str]] = {}
    for name, value in map(_pair, data):
        plain.setdefault(name, []).append(value)
    parts = [(name, Path(value[1:]) if value.startswith("@") else value) for name, value in map(_pair, form)]
    return Asked(url, fields, plain, parts)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise click.UsageError(f"{text!r} is no field: write NAME=VALUE.")
    return name, value


def _suffix(response: httpx.Response) -> str:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return {"text/html": ".html", "application/pdf": ".pdf", "image/png": ".png", "image/jpeg": ".jpg"}.get(
        kind, ".txt" if kind.startswith("text/") else ""
    )
