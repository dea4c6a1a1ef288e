"""`agora page diff|recent|search|needed|orphans`: what is known of pages."""

from __future__ import annotations

import click

from shared.administration import pages
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, show_listing
from shared.command_line.wiki.page_writer import as_option, who

most_option = click.option(
    "--last", "most", type=click.IntRange(1, 10_000), default=50, show_default=True, help="How many."
)


@click.command()
@state_option
@click.argument("name")
@click.argument("old", type=int, required=False)
@click.argument("new", type=int, required=False)
@as_option
def diff(directory: StateDirectory, name: str, old: int | None, new: int | None, account: str | None) -> None:
    """Show what changed in the page NAME from revision OLD to NEW; without them, with the newest revision."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.diff, who(account), name, old, new)
    click.echo(found, nl=False)


@click.command()
@state_option
@most_option
@as_option
@json_option
def recent(directory: StateDirectory, most: int, account: str | None, as_json: bool) -> None:
    """Show the newest changes of all pages."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.recent, who(account), most)
    if as_json:
        show_listing([change._asdict() for change in found], as_json=True)
        return
    fields = ("saved_at", "name", "kind", "revision", "author", "comment")
    show_listing([{field: getattr(change, field) for field in fields} for change in found], as_json=False)


@click.command()
@state_option
@click.argument("words", nargs=-1, required=True)
@click.option("--most", type=click.IntRange(1, 200), default=20, show_default=True, help="How many.")
@as_option
@json_option
def search(directory: StateDirectory, words: tuple[str, ...], most: int, account: str | None, as_json: bool) -> None:
    """Show the pages that have all of the WORDS, or words that begin so."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.search, who(account), " ".join(words), most)
    if as_json:
        show_listing([hit._asdict() for hit in found], as_json=True)
        return
    show_listing([{"name": hit.name, "text": hit.snippet[:100]} for hit in found], as_json=False, nothing="No pages.")


@click.command()
@state_option
@click.option("--most", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="How many.")
@as_option
@json_option
def needed(directory: StateDirectory, most: int, account: str | None, as_json: bool) -> None:
    """Show what pages link to and is no page yet, the most wanted first."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.needed, who(account), most)
    show_listing([each._asdict() for each in found], as_json, nothing="Every link leads to a page.")


@click.command("orphans")
@state_option
@click.option("--most", type=click.IntRange(1, 1_000_000), default=1000, show_default=True, help="How many.")
@as_option
@json_option
def without_links(directory: StateDirectory, most: int, account: str | None, as_json: bool) -> None:
    """Show the pages that no other page links to."""
    with plain_errors():
        found = Store(settings_for(directory)).read(pages.without_links, who(account), most)
    show_listing([{"name": name} for name in found], as_json, nothing="Every page is linked to.")
