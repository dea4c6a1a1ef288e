"""The nouns of the command line. Each is a module of its own, imported only when it is called or asked for help."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import click

from shared.command_line.changes import recorded
from shared.command_line.terminal.output import fail

# In the order that `--help` shows them: the module's attribute `command`, and its one line of help.
NOUNS: Mapping[str, tuple[str, str]] = {
    "up": ("stack.up", "Start the whole stack on this machine, without Docker."),
    "down": ("stack.down", "Stop the stack."),
    "restart": ("stack.restart", "Restart the stack, or one service of it."),
    "status": ("stack.status", "Show what runs, at which ports, and whether it is ready."),
    "logs": ("stack.logs", "Show what the services wrote."),
    "tour": ("tour_guide.tour", "Send a message through every door, live, with the milliseconds."),
    "user": ("accounts.user", "Accounts: add, list, passwords, app passwords, lock-outs."),
    "passwd": ("accounts.passwd", "Change your own password; asks for the current one first."),
    "address": ("accounts.address", "Addresses, and the accounts they lead to."),
    "domain": ("accounts.domain", "Domains that mail is kept for."),
    "sender": ("mail.sender", "From whom no mail is taken: block or allow addresses, domains, networks."),
    "queue": ("mail.queue", "Mail on its way to other servers: list, try now, hold, release, drop."),
    "room": ("rooms.room", "Rooms: newsgroups, shared mailboxes and posting addresses in one."),
    "page": ("wiki.page", "Pages of the wiki: show, put, list, history, revert, edit."),
    "news": ("news.news", "Newsgroups of this or another server: list, fetch articles, post."),
    "wiki": ("wiki.wiki", "Pages of this or another wiki, by REST, XML-RPC, SOAP or Perspective Broker."),
    "feed": ("rooms.feed", "Feeds: rooms that are filled from RSS, Atom and JSON Feed addresses."),
    "proxy": ("proxy.proxy", "The HTTP proxy: rules, limits, usage, words."),
    "fetch": ("proxy.fetch", "Fetch a page or a file of the web."),
    "ssh": ("operators.ssh", "Run a command at an SSH server, this one or another."),
    "connect": ("operators.connect", "Speak to any server line by line, or find out which ports are open."),
    "service": ("operators.service", "Listeners of the services: list, stop, start; restart a service."),
    "session": ("operators.session", "Who is connected, by every door: list, end, watch."),
    "trace": ("mail.trace", "One message: how it came, where it is, and what was sent of it."),
    "watch": ("operators.watch", "What happens, as it happens: mail, posts, pages saved, sign-ins, errors."),
    "audit": ("operators.audit", "The commands that were run over SSH: who, from where, when, and how they ended."),
    "ssh-keys": ("operators.ssh_keys", "Fingerprints of the server's SSH keys, and their SSHFP records."),
    "mail": ("mail.mail", "Mail of this or another server: fetch by POP3 and IMAP, send, look up servers."),
    "import": ("mail.import_mail", "Bring mail along from another system: maildirs, mbox files, an IMAP server."),
    "export": ("mail.export_mail", "Write an account's mail as maildirs or mbox files."),
    "undelete": ("mail.undelete", "Bring back messages that were expunged in the last 30 days."),
    "completion": ("completion", "Print the completion of commands for bash, zsh or fish."),
    "check": ("stack.check", "Find out what is wrong, and what to do. `check code` checks the source instead."),
    "test": ("upkeep.test", "Run every test, on a stack of its own."),
    "bench": ("upkeep.bench", "Run the benchmarks against a running stack."),
    "backup": ("upkeep.backup", "Write everything that the store keeps into one file; the stack goes on."),
    "restore": ("upkeep.restore", "Fill an empty store with what `backup` wrote."),
    "store": ("upkeep.database", "PostgreSQL alone, and its own dumps of everything that it keeps."),
    "migrate": ("stack.migrate", "Bring the database up to date. `up` and compose do it by themselves."),
}


LONGEST_SENTENCE = 200  # characters; in lists of commands it goes on in the next line


class Nouns(click.Group):
    """Loads a noun when it is needed: `./agora status` need not wait for what `tour` imports."""

    def list_commands(self, context: click.Context) -> list[str]:
        return list(NOUNS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in NOUNS:
            return None
        command: click.Command = importlib.import_module(f"shared.command_line.{NOUNS[name][0]}").command
        return recorded(with_whole_lines(command), name)

    def invoke(self, context: click.Context) -> Any:
        """A file or directory that cannot be used becomes one sentence."""
        try:
            return super().invoke(context)
        except OSError as error:
            if error.filename is None:
                raise
            fail(f"{error.filename}: {error.strerror}")

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        rows: Sequence[tuple[str, str]] = [(name, line) for name, (_, line) in NOUNS.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def with_whole_lines(command: click.Command) -> click.Command:
    """`command`, whose lists of commands have each one's first sentence whole; click cuts it after 45 characters."""
    if isinstance(command, click.Group):
        for each in command.commands.values():
            each.short_help = with_whole_lines(each).get_short_help_str(LONGEST_SENTENCE)
    return command


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from shared.command_line.version import version

        click.echo(f"agora {version()}")
        context.exit()


@click.command(cls=Nouns, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def agora() -> None:
    """Agora: a community's own server, with every open protocol as a door to it.

    \b
    First time:
      ./agora up --detach      start everything; shows the admin's password once
      ./agora tour             see a message go in and come out
      ./agora user add alice   make an account (asks for a password)

    `agora COMMAND --help` says more about each.
    """
