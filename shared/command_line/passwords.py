"""A password for a command: from a pipe, or typed by a person."""

from __future__ import annotations

import sys

import click

from shared.command_line.output import fail


def read_password(from_stdin: bool, prompt: str = "Password") -> str:
    """The first line of the standard input, or what is typed twice, unseen."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
        if not password:
            fail("the standard input holds no password")
        return password
    if not sys.stdin.isatty():
        fail("there is no terminal to ask for a password: use --password-stdin")
    typed: str = click.prompt(prompt, hide_input=True, confirmation_prompt="The same again")
    return typed
