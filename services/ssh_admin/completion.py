"""Completion in the shell: commands, their options and choices, and the names of accounts and rooms."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from typing import Any

import click
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from twisted.internet.defer import Deferred

from services.ssh_admin.access import tree_of
from services.ssh_admin.words import names
from shared.accounts.account import Account, Role
from shared.administration.names_like import accounts_like, pages_like, rooms_like, sender_rules_like
from shared.database.database import Database
from shared.errors import DomainError

# The nouns whose argument of this name is an account, or a room.
OF_ACCOUNTS = {"user": "name", "passwd": "name", "address": "name"}
OF_ROOMS = {"room": "name"}
OF_PAGES = {"page": "name"}
OF_SENDERS = {"sender": "what"}


class ShellCompleter(Completer):
    """Completes the lines of one session. `asyncio_loop` is the one that the editor runs in."""

    def __init__(self, account: Account, database: Database, loop: Callable[[], Any]) -> None:
        self._account = account
        self._database = database
        self._loop = loop
        self.is_busy = False
        self.is_off = False  # what is typed is no command

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """Nothing at once: names are asked of the store."""
        return ()

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        if self.is_off:
            return
        *before, begun = document.text_before_cursor.split(" ")
        self.is_busy = True
        try:
            candidates = await self._candidates([word for word in before if word], begun)
        finally:
            self.is_busy = False
        for name in candidates:
            if name.startswith(begun) and name.isprintable():
                yield Completion(name + " ", start_position=-len(begun), display=name)

    async def _candidates(self, before: Sequence[str], begun: str) -> Sequence[str]:
        tree = tree_of(self._account)
        if not before or before == ["help"]:
            return sorted(names(tree))
        command: click.Command = tree
        words = list(before[1:] if before[0] == "help" else before)
        while words and isinstance(command, click.Group) and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        if isinstance(command, click.Group):
            return [] if words else sorted(command.commands)
        if begun.startswith("-"):
            return sorted(option for each in command.params for option in each.opts if option.startswith("--"))
        return await self._values(before[0], command, words, begun)

    async def _values(self, noun: str, command: click.Command, words: Sequence[str], begun: str) -> Sequence[str]:
        option = next((each for each in command.params if words and words[-1] in each.opts), None)
        if option is not None and isinstance(option.type, click.Choice):
            return list(map(str, option.type.choices))
        arguments = [each for each in command.params if isinstance(each, click.Argument)]
        position = len([word for word in words if not word.startswith("-")])
        if position >= len(arguments):
            return []
        argument = arguments[position]
        if isinstance(argument.type, click.Choice):
            return list(map(str, argument.type.choices))
        if OF_ACCOUNTS.get(noun) == argument.name:
            return (
                [self._account.name] if self._account.role is not Role.ADMIN else await self._ask(accounts_like, begun)
            )
        if OF_PAGES.get(noun) == argument.name:
            return [name.replace(" ", "_") for name in await self._ask(pages_like, begun.replace("_", " "))]
        if OF_ROOMS.get(noun) == argument.name:
            return await self._ask(rooms_like, begun)
        if OF_SENDERS.get(noun) == argument.name:
            return await self._ask(sender_rules_like, begun)
        return []

    async def _ask(self, like: Callable[..., Sequence[str]], begun: str) -> Sequence[str]:
        with contextlib.suppress(DomainError):  # the store is away: nothing is completed
            asked: Deferred[Sequence[str]] = Deferred.fromCoroutine(self._database.read(like, begun))
            return await asked.asFuture(self._loop())
        return []
