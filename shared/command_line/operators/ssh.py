"""`agora ssh`: a command at an SSH server, this one or another."""

from __future__ import annotations

import getpass
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from shared.command_line.in_reactor import in_reactor
from shared.command_line.operators.ssh_client.agent import this_sessions_agent
from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.operators.ssh_client.keys import SigningKey, key_of_file, keys_of_agent, usual_keys
from shared.command_line.operators.ssh_client.known_hosts import SSH_PORT, KnownHosts
from shared.command_line.operators.ssh_client.run_command import run_command
from shared.command_line.operators.ssh_client.session import StandardSession
from shared.command_line.operators.ssh_client.sign_in import SshCredentials
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.passwords import ask_hidden
from shared.command_line.terminal.printable import printable
from shared.doors import HIGHEST_PORT

FAILED = 255  # as OpenSSH: the command's own statuses are below
WITH_VALUE = {"--port", "-p", "--key", "-i", "--password-file", "--known-hosts"}


class SshCommand(click.Command):
    """Options come before and after the host; what follows belongs to the command, options and all."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        """Put `--` where the command begins."""
        position, hosts = 0, 0
        while position < len(args) and hosts < 2:
            word = args[position]
            if word == "--":
                break
            if word.startswith("-"):
                position += 2 if word in WITH_VALUE else 1
                continue
            hosts += 1
            if hosts == 1:
                position += 1
        return super().parse_args(context, [*args[:position], "--", *args[position:]])


@click.command(cls=SshCommand)
@click.argument("host", metavar="[USER@]HOST")
@click.argument("words", metavar="COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option(
    "--port", "-p", type=click.IntRange(1, HIGHEST_PORT), default=SSH_PORT, show_default=True, help="The port of HOST."
)
@click.option(
    "--key", "-i", "key_file", type=click.Path(path_type=Path), help="Sign in with the private key in this file alone."
)
@click.option("--password-file", type=click.Path(path_type=Path), help="The password is the first line of this file.")
@click.option("--accept-new", is_flag=True, help="Trust the key of a host that is not known yet; a changed one never.")
@click.option(
    "--known-hosts",
    type=click.Path(path_type=Path),
    default=lambda: Path.home() / ".ssh" / "known_hosts",
    help="Where the keys of hosts are kept (default: ~/.ssh/known_hosts, which OpenSSH has, too).",
)
def command(
    host: str,
    words: Sequence[str],
    port: int,
    key_file: Path | None,
    password_file: Path | None,
    accept_new: bool,
    known_hosts: Path,
) -> None:
    """Run COMMAND at HOST over SSH, with the standard streams of this one and the exit status of that one.

    Signs in with the keys of ssh-agent and in ~/.ssh, then with a password, which it asks for at a terminal.

    Exit status: that of COMMAND; 128 and its number when a signal ended it; 255 when there is no session.
    """
    user, at, name = host.rpartition("@")
    may_ask = sys.stdin.isatty()
    if not at:
        user = click.prompt("User", default=getpass.getuser(), err=True) if may_ask else getpass.getuser()
    known = KnownHosts(known_hosts, name, port, lambda question: accept_new or (may_ask and _confirm(question)))
    try:
        password = None if password_file is None else password_file.read_text().partition("\n")[0]
        credentials = SshCredentials(user, _keys(key_file, may_ask), password, _ask if may_ask else None)
        line = words[0] if len(words) == 1 else " ".join(map(shlex.quote, words))
        status = in_reactor(
            lambda reactor: run_command(reactor, name, port, known, credentials, StandardSession(reactor, line))
        )
    except SshFailed as failed:
        fail(str(failed), status=FAILED)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}" if error.filename else str(error), status=FAILED)
    sys.exit(status)


def _keys(file: Path | None, may_ask: bool) -> Sequence[SigningKey]:
    if file is not None:
        return [key_of_file(file, may_ask)]
    found = {key.blob: key for key in (*usual_keys(Path.home() / ".ssh"), *keys_of_agent(this_sessions_agent()))}
    return list(found.values())


def _ask(prompt: str, shown: bool) -> str:
    if not shown:
        return ask_hidden(printable(prompt))
    answer: str = click.prompt(printable(prompt), err=True, default="", show_default=False)
    return answer


def _confirm(question: str) -> bool:
    return click.confirm(f"{question}\nTrust it from now on?", err=True)
