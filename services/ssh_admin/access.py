"""The commands that each role may use over SSH: the tree of `./agora`, less what makes no sense here.

Administrators have all nouns of NOUNS; everybody else the commands of OWN, for their own account only. A file is always
the standard input or output: paths would be those of the server.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from shared.accounts.account import Account, Role
from shared.accounts.names import parse_sign_in_name
from shared.command_line.root import NOUNS as ALL_NOUNS
from shared.command_line.root import agora
from shared.command_line.state_option import chosen_state
from shared.command_line.terminal.output import fail

NOUNS = (
    "user", "passwd", "address", "domain", "sender", "queue", "room", "feed", "page", "proxy", "service", "session",
    "ssh-keys", "audit", "trace", "watch", "status", "undelete", "backup",
)  # fmt: skip
OWN = frozenset({
    "passwd",
    "user app-password add", "user app-password list", "user app-password delete",
    "user ssh-key add", "user ssh-key list", "user ssh-key delete",
    "user forward add", "user forward list", "user forward delete", "user forward copy",
})  # fmt: skip
SHARED = frozenset({  # by rights that the operation itself looks at; `trace` of what is in folders of one's own
    "trace",
    "page show", "page list", "page history", "page put", "page revert", "page delete", "page undelete", "page rename",
    "page diff", "page recent", "page search", "page needed", "page orphans",
    "session list", "session end",  # of others' sessions it says nothing
})  # fmt: skip
ONLY_HERE = frozenset({"page edit", "page export", "page import"})  # an editor, or a folder, at the server's end
NOT_YOURS = "you may do this for your own account only"


class StandardStreamOnly(click.ParamType[Any]):
    """A file that is the standard input or output."""

    def __init__(self, inner: click.ParamType[Any]) -> None:
        self.inner = inner
        self.name = inner.name

    def convert(self, value: Any, param: click.Parameter | None, context: click.Context | None) -> Any:
        """The stream, if `value` is `-`."""
        if value != "-":
            self.fail("over SSH a file is always -, the standard input or output", param, context)
        return self.inner.convert(value, param, context)


def tree_of(account: Account) -> click.Group:
    """The commands that the account may use."""
    return _everything() if account.role is Role.ADMIN else _own(account.name)


_made: list[click.Group] = []


def _everything() -> click.Group:
    """Made once: it loads the modules of all nouns."""
    if not _made:
        _made.append(_tree())
    return _made[0]


def _tree() -> click.Group:
    commands = {}
    root = click.Context(agora, info_name="")
    for name in NOUNS:
        if name in ALL_NOUNS and isinstance(agora, click.Group) and (command := agora.get_command(root, name)):
            commands[name] = _adapted(command, name)
    commands[manhole.name or ""] = manhole
    return _group(commands)


@click.command("manhole")
@click.argument("service", metavar="SERVICE[@COPY]")
def manhole(service: str) -> None:
    """Run Python inside a process of SERVICE: the shell only, and where AGORA_MANHOLE is on.

    COPY is a number, counted from 1 in the order in which the processes were started, or the process's HOST:PID as
    `service list` has it, or one of both.
    """
    fail("this is for the shell: sign in with a terminal and without a command")


def _own(name: str) -> click.Group:
    return _group(_restricted(_everything().commands, "", name))


def _group(commands: Mapping[str, click.Command]) -> click.Group:
    settings = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
    return click.Group("agora", commands=dict(commands), context_settings=settings)


def _restricted(commands: Mapping[str, click.Command], path: str, name: str) -> dict[str, click.Command]:
    kept: dict[str, click.Command] = {}
    for word, command in commands.items():
        here = f"{path} {word}".strip()
        if isinstance(command, click.Group):
            if below := _restricted(command.commands, here, name):
                kept[word] = copy.copy(command)
                kept[word].commands = below  # type: ignore[attr-defined]  # a copy of a group is one
        elif here in SHARED:
            kept[word] = command
        elif here in OWN:
            kept[word] = copy.copy(command)
            kept[word].callback = _for_own_account(command.callback, name)
    return kept


def _for_own_account(callback: Callable[..., Any] | None, own: str) -> Callable[..., Any]:
    assert callback is not None

    @functools.wraps(callback)
    def run(*arguments: Any, name: str, **named: Any) -> Any:
        meant = parse_sign_in_name(name)
        if meant is None or meant.account != own:
            fail(NOT_YOURS)
        return callback(*arguments, name=name, **named)

    return run


def _adapted(command: click.Command, path: str) -> click.Command:
    """The same, without the option that names a local stack, and without paths."""
    adapted = copy.copy(command)
    if isinstance(adapted, click.Group):
        adapted.commands = {
            name: _adapted(below, f"{path} {name}")
            for name, below in adapted.commands.items()
            if f"{path} {name}" not in ONLY_HERE
        }
        return adapted
    adapted.params = [_without_path(each) for each in command.params if each.name != "directory"]
    if len(adapted.params) < len(command.params):
        adapted.callback = _of_this_stack(command.callback)
    return adapted


def _of_this_stack(callback: Callable[..., Any] | None) -> Callable[..., Any]:
    assert callback is not None

    @functools.wraps(callback)
    def run(*arguments: Any, **named: Any) -> Any:
        return callback(*arguments, directory=chosen_state(), **named)

    return run


def _without_path(parameter: click.Parameter) -> click.Parameter:
    if not isinstance(parameter.type, (click.File, click.Path)):
        return parameter
    adapted = copy.copy(parameter)
    adapted.type = StandardStreamOnly(parameter.type)
    return adapted


def find(tree: click.Group, words: Sequence[str]) -> click.Command | None:
    """The command that `words` begin with, as far down as they name commands; None if the first is none."""
    found: click.Command = tree
    for word in words:
        below = found.commands.get(word) if isinstance(found, click.Group) else None
        if below is None:
            break
        found = below
    return None if found is tree else found
