"""A password for a command: from a pipe, or typed by a person."""

from __future__ import annotations

import sys

import click

from shared.command_line.terminal.output import fail
from shared.command_line.terminal.surroundings import surroundings


def read_password(from_stdin: bool, prompt: str = "Password") -> str:
    """The first line of the standard input, or what is typed twice, unseen."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            fail("the standard input holds no password")
        return password
    if not sys.stdin.isatty():
        fail("there is no terminal to ask for a password: use --password-stdin")
    while True:
        typed = ask_hidden(prompt)
        if typed and typed == ask_hidden("The same again"):
            return typed
        click.echo("These two differ." if typed else "Nothing was typed.", err=True)


def ask_hidden(prompt: str) -> str:
    """What is typed, unseen; may be empty."""
    if (around := surroundings()) is not None:
        return around.ask_hidden(f"{prompt}: ")
    typed: str = click.prompt(prompt, hide_input=True, default="", show_default=False)
    return typed
