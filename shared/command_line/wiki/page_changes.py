"""`agora page delete|undelete|rename|set`: changes of pages that are no saves."""

from __future__ import annotations

import click

from shared.administration import pages
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.store import Store, plain_errors, settings_for
from shared.command_line.terminal.output import json_option, print_json
from shared.command_line.wiki.page_writer import as_option, who
from shared.wiki.policy import Writers

AS_THE_WIKI = "default"


@click.command()
@state_option
@click.argument("name")
@click.option("--comment", default="", help="One line for the list of changes.")
@as_option
@json_option
def delete(directory: StateDirectory, name: str, comment: str, account: str | None, as_json: bool) -> None:
    """Delete the page NAME. Its history stays, and `undelete` brings it back."""
    with plain_errors():
        deleted = Store(settings_for(directory)).transact(pages.delete, who(account), name, comment)
    _say({"name": deleted}, f"{deleted} is deleted.", as_json)


@click.command()
@state_option
@click.argument("name")
@as_option
@json_option
def undelete(directory: StateDirectory, name: str, account: str | None, as_json: bool) -> None:
    """Bring the deleted page NAME back."""
    with plain_errors():
        revision = Store(settings_for(directory)).transact(pages.undelete, who(account), name)
    _say({"name": name, "revision": revision}, f"{name} is there: revision {revision}.", as_json)


@click.command()
@state_option
@click.argument("name")
@click.argument("new_name")
@as_option
@json_option
def rename(directory: StateDirectory, name: str, new_name: str, account: str | None, as_json: bool) -> None:
    """Rename the page NAME. Its history goes with it, and links to its former name lead to it."""
    with plain_errors():
        renamed = Store(settings_for(directory)).transact(pages.rename, who(account), name, new_name)
    _say({"name": renamed, "former_name": name}, f"{name} is {renamed} now.", as_json)


@click.command("set")
@state_option
@click.argument("name")
@click.option(
    "--write",
    "writers",
    required=True,
    type=click.Choice([*(each.value for each in Writers), AS_THE_WIKI]),
    help=f"Who may write the page; {AS_THE_WIKI}: who may write the others.",
)
@as_option
@json_option
def change_writers(directory: StateDirectory, name: str, writers: str, account: str | None, as_json: bool) -> None:
    """Say who may write the page NAME."""
    chosen = None if writers == AS_THE_WIKI else Writers(writers)
    with plain_errors():
        changed = Store(settings_for(directory)).transact(pages.change_writers, who(account), name, chosen)
    words = "as the other pages" if chosen is None else f"by {chosen.value}"
    _say({"name": changed, "write": chosen}, f"{changed} is written {words}.", as_json)


def _say(fields: dict[str, object], sentence: str, as_json: bool) -> None:
    if as_json:
        print_json(fields)
    else:
        click.echo(sentence)
