"""The words of the shell itself, which `./agora` has no use for: who am I, echo, help, clear, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from services.ssh_admin.access import find
from services.ssh_admin.replies import NOT_FOUND, USAGE
from shared.accounts.account import Account
from shared.command_line.root import LONGEST_SENTENCE

CLEAR = "\x1b[H\x1b[2J"  # ECMA-48: cursor home, erase the screen


class Word(NamedTuple):
    """One word: its line of help, how it is used, and how many words may follow it."""

    help: str
    usage: str
    most: int | None = 0


WORDS: Mapping[str, Word] = {
    "whoami": Word("Show your account's name, its role, and your full name.", "whoami"),
    "echo": Word("Echo a string.", "echo my line of text", None),
    "help": Word("List the commands, or say more about one.", "help [COMMAND]", None),
    "clear": Word("Clear the screen.", "clear"),
    "quit": Word("Leave.", "quit"),
    "exit": Word("Leave.", "exit"),
}
ENDS = frozenset({"quit", "exit"})
NOT_AUDITED = frozenset({"help", "clear", "quit", "exit"})  # they ask and change nothing


class WordAnswer(NamedTuple):
    """What a word answers; `error` goes to the standard error."""

    text: str
    status: int = 0
    error: bool = False


def no_such(word: str) -> WordAnswer:
    """The answer to a word that is no command of this role."""
    return WordAnswer(f"No such command: {word}. Try help.\n", NOT_FOUND, error=True)


def names(tree: click.Group) -> Sequence[str]:
    """All commands of a role, and the words of the shell."""
    return [*WORDS, *tree.commands]


def say(words: Sequence[str], account: Account, tree: click.Group) -> WordAnswer:
    """The answer to one of WORDS, with what was typed behind it."""
    word, *rest = words
    known = WORDS[word]
    if known.most is not None and len(rest) > known.most:
        return WordAnswer(f"Usage: {known.usage}\n", USAGE, error=True)
    match word:
        case "whoami":
            return WordAnswer(f"{account.name} ({account.role.value}) {full_name(account)}\n")
        case "echo":
            return WordAnswer(" ".join(rest) + "\n")
        case "help":
            return _help(rest, tree)
        case "clear":
            return WordAnswer(CLEAR)
    return WordAnswer("")


def full_name(account: Account) -> str:
    """What the account wants to be called; its name while it has said nothing."""
    return getattr(account, "full_name", "") or account.name


def _help(rest: Sequence[str], tree: click.Group) -> WordAnswer:
    if not rest:
        rows = [(name, word.help) for name, word in WORDS.items()]
        rows += [(name, command.get_short_help_str(LONGEST_SENTENCE)) for name, command in tree.commands.items()]
        width = max(len(name) for name, _ in rows)
        return WordAnswer("".join(f"{name:{width}}  {line}\n" for name, line in rows))
    if rest[0] in WORDS:
        word = WORDS[rest[0]]
        return WordAnswer(f"{word.help} Usage: {word.usage}\n")
    command = find(tree, rest)
    if command is None:
        return no_such(rest[0])
    context = click.Context(command, info_name=" ".join(rest), max_content_width=100)
    return WordAnswer(command.get_help(context) + "\n")
