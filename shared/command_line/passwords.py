"""How a command gets a password: from a pipe, from a person, or made up."""

from __future__ import annotations

import secrets
import sys

import click

from shared.command_line.output import fail

# Letters and digits that nobody mistakes for others; 20 of them are 99 bits.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 20


def generate_password() -> str:
    """A password nobody will guess, in groups that can be typed from paper."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + 5] for start in range(0, LENGTH, 5))


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
