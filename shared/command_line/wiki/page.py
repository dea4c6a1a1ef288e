"""`agora page`: pages of the wiki."""

from __future__ import annotations

from typing import IO, Any

import click

from shared.administration import pages
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import fail, json_option, print_json, show_listing
from shared.command_line.wiki import page_changes, page_folder, page_reports
from shared.command_line.wiki.page_writer import as_option, who
from shared.octets import format_octets
from shared.wiki.errors import PageNotFound, StaleEdit
from shared.wiki.save_page import MOST_SOURCE_OCTETS, Saved

comment_option = click.option("--comment", default="", help="One line for the list of changes.")


@click.group()
def command() -> None:
    """Pages of the wiki: Markdown, as it was written.

    NAME is a page's name, with `_` or spaces between words: WikiHome, Tea_at_four, Recipes/Scones.
    """


@command.command()
@state_option
@click.argument("name")
@click.option("--revision", type=int, help="An older revision.")
@as_option
@json_option
def show(directory: StateDirectory, name: str, revision: int | None, account: str | None, as_json: bool) -> None:
    """Print the source of the page NAME."""
    with plain_errors():
        page = Store(settings_for(directory)).read(pages.show, who(account), name, revision)
    if not as_json:
        click.echo(page.source, nl=False)
        return
    fields = ("name", "revision", "author", "comment", "minor", "saved_at", "merged", "source")
    print_json({field: getattr(page, field) for field in fields})


@command.command()
@state_option
@click.argument("name")
@click.argument("file", type=click.File("rb"), default="-")
@comment_option
@click.option("--minor", is_flag=True, help="A small change, which lists of changes may leave out.")
@click.option("--base", type=int, help="The revision that was edited: what has changed since is merged, or refused.")
@click.option("--new", "only_new", is_flag=True, help="Only if there is no such page.")
@as_option
@json_option
def put(
    directory: StateDirectory,
    name: str,
    file: IO[bytes],
    comment: str,
    minor: bool,
    base: int | None,
    only_new: bool,
    account: str | None,
    as_json: bool,
) -> None:
    """Save the page NAME with the source in FILE, or from the standard input.

    \b
    For example:  agora page put WikiHome < home.md
    """
    source = _decoded(file.read(MOST_SOURCE_OCTETS + 1))
    options: dict[str, Any] = {"comment": comment, "minor": minor, "base": base, "only_new": only_new}
    _report(_save(directory, account, name, source, **options), as_json)


@command.command()
@state_option
@click.argument("name")
@comment_option
@as_option
@json_option
def edit(directory: StateDirectory, name: str, comment: str, account: str | None, as_json: bool) -> None:
    """Edit the page NAME with $EDITOR, and save it. What others changed meanwhile is merged."""
    with plain_errors():
        store = Store(settings_for(directory))
        try:
            page = store.read(pages.show, who(account), name)
            source, base = page.source, page.revision
        except PageNotFound:
            source, base = "", 0
    edited = click.edit(source, extension=".md", require_save=True)
    if edited is None or edited == source:
        fail("nothing is saved")
    _report(_save(directory, account, name, edited, comment=comment, base=base), as_json)


@command.command("list")
@state_option
@click.argument("prefix", default="")
@as_option
@json_option
def list_all(directory: StateDirectory, prefix: str, account: str | None, as_json: bool) -> None:
    """Show all pages, or those whose names begin with PREFIX."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.list_all, who(account), prefix.replace("_", " "))
    rows = [page._asdict() for page in found]
    if not as_json:
        for row in rows:
            row["size"] = format_octets(row.pop("octets"))
    show_listing(rows, as_json, nothing="No pages.")


@command.command()
@state_option
@click.argument("name")
@click.option("--last", "most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many.")
@as_option
@json_option
def history(directory: StateDirectory, name: str, most: int, account: str | None, as_json: bool) -> None:
    """Show the revisions of the page NAME, the newest first."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.history, who(account), name, most)
    if as_json:
        show_listing([line._asdict() for line in found], as_json=True)
        return
    rows = [
        {
            "revision": line.revision,
            "saved at": line.saved_at,
            "author": line.author,
            "size": format_octets(line.octets),
            "comment": line.comment,
        }
        for line in found
    ]
    show_listing(rows, as_json=False, nothing="No revisions.")


@command.command()
@state_option
@click.argument("name")
@click.argument("revision", type=int)
@as_option
@json_option
def revert(directory: StateDirectory, name: str, revision: int, account: str | None, as_json: bool) -> None:
    """Save the text that the page NAME had at REVISION again, as its newest."""
    with plain_errors():
        saved = Store(settings_for(directory)).transact(pages.revert, who(account), name, revision)
    _report(saved, as_json)


def _decoded(octets: bytes) -> str:
    try:
        return octets.decode()
    except UnicodeDecodeError:
        fail("the text is not UTF-8")


def _save(directory: StateDirectory, account: str | None, name: str, source: str, **options: Any) -> Saved:
    with plain_errors():
        try:
            return Store(settings_for(directory)).transact(pages.put, who(account), name, source, **options)
        except StaleEdit as stale:
            click.echo(stale.diff, err=True)
            fail(f"{stale.current.name} is at revision {stale.current.revision}, and nothing is saved: see above")


def _report(saved: Saved, as_json: bool) -> None:
    if as_json:
        print_json(saved._asdict())
        return
    what = "has this text already" if not saved.changed else "is there" if saved.created else "is saved"
    merged = ", merged with what others have changed" if saved.merged else ""
    click.echo(f"{saved.name} {what}: revision {saved.revision}{merged}.")


for each in (
    *(page_changes.delete, page_changes.undelete, page_changes.rename, page_changes.change_writers),
    *(page_reports.diff, page_reports.recent, page_reports.search, page_reports.needed, page_reports.without_links),
    *(page_folder.export_folder, page_folder.import_folder),
):
    command.add_command(each)
