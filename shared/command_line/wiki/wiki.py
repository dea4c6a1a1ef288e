"""`agora wiki`: pages of the running stack's wiki, or of another one, by any of its programs' protocols."""

from __future__ import annotations

from typing import Any, BinaryIO

import click

from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.terminal.printable import printable
from shared.command_line.wiki import page_folder
from shared.command_line.wiki.place import wiki_client, wiki_options

LARGEST_OCTETS = 64 << 20  # of a page that is put; servers have smaller limits


@click.group()
def command() -> None:
    """Pages of the wiki by REST, XML-RPC, SOAP or Perspective Broker, which all do the same.

    On the running stack a command signs in as an administrator, unless --user or --anonymous says otherwise. The exit
    status is 4 for a page that is missing, 5 for a conflict, whose diff is on the standard error, 3 for a sign-in that
    is refused, else 1. `export` and `import` are those of `agora page`, in the store itself.
    """


@command.command()
@click.argument("name")
@click.option("--revision", type=click.IntRange(min=1), metavar="N", help="A former revision.")
@click.option("--rendered", is_flag=True, help="The page as HTML.")
@wiki_options
def get(name: str, revision: int | None, rendered: bool, **place: Any) -> None:
    """Print the source of the page NAME."""
    if rendered and revision is not None:
        raise click.UsageError("--rendered is of the newest revision.")
    with wiki_client(**place) as client:
        text = client.rendered(name) if rendered else client.get(name, revision)
    octets = text.encode("utf-8", "surrogateescape")
    if rendered and not octets.endswith(b"\n"):
        octets += b"\n"
    click.echo(octets, nl=False)


@command.command()
@click.argument("name")
@click.argument("file", type=click.File("rb"), default="-")
@click.option("--base", type=click.IntRange(min=0), metavar="N", help="The revision that was edited; others' changes "
              "since are merged, or it is a conflict.")  # fmt: skip
@click.option("--comment", default="", help="What was changed, for the history.")
@click.option("--minor", is_flag=True, help="Mark it as a minor change.")
@wiki_options
@json_option
def put(name: str, file: BinaryIO, base: int | None, comment: str, minor: bool, as_json: bool, **place: Any) -> None:
    """Save FILE, or the standard input, as the page NAME."""
    octets = file.read(LARGEST_OCTETS + 1)
    if len(octets) > LARGEST_OCTETS:
        fail("the page is too large")
    try:
        source = octets.decode()
    except UnicodeDecodeError:
        fail("the page is not UTF-8")
    with wiki_client(**place) as client:
        written = client.put(name, source, base, comment, minor)
    if as_json:
        print_json(written._asdict())
        return
    merged = ", with what others changed" if written.merged else "" if written.changed else ", as it was"
    click.echo(f"{printable(written.name)}: revision {written.revision}{merged}")


@command.command("list")
@wiki_options
@json_option
def list_all(as_json: bool, **place: Any) -> None:
    """Print the names of all pages, sorted, one a line."""
    with wiki_client(**place) as client:
        names = client.names()
    _show(names, as_json)


@command.command()
@wiki_options
@json_option
def needed(as_json: bool, **place: Any) -> None:
    """Print the names that pages link to and that are no pages, most wanted first, one a line."""
    with wiki_client(**place) as client:
        names = client.needed()
    _show(names, as_json)


@command.command()
@click.argument("name")
@wiki_options
def delete(name: str, **place: Any) -> None:
    """Delete the page NAME; its history stays."""
    with wiki_client(**place) as client:
        client.delete(name)
    click.echo(f"{printable(name)} is deleted.")


@command.command()
@click.argument("name")
@wiki_options
@json_option
def history(name: str, as_json: bool, **place: Any) -> None:
    """Show the revisions of the page NAME, the newest first."""
    with wiki_client(**place) as client:
        lines = client.history(name)
    rows = [line._asdict() for line in lines]
    show_listing(rows if as_json else [{key: _shown(value) for key, value in row.items()} for row in rows], as_json)


@command.command()
@click.argument("words", nargs=-1, required=True)
@wiki_options
@json_option
def search(words: tuple[str, ...], as_json: bool, **place: Any) -> None:
    """Show the pages that have all WORDS, best first."""
    with wiki_client(**place) as client:
        found = client.search(" ".join(words))
    rows = [hit._asdict() for hit in found]
    show_listing(rows if as_json else [{key: _shown(value) for key, value in row.items()} for row in rows], as_json)


command.add_command(page_folder.export_folder)
command.add_command(page_folder.import_folder)


def _show(names: Any, as_json: bool) -> None:
    if as_json:
        print_json(list(names))
        return
    for name in names:
        click.echo(printable(name))


def _shown(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value
