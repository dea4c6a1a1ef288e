"""The way in for new messages, whatever door they came through: rendered, gathered with others, committed."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from datetime import datetime
from mmap import mmap
from typing import Any, ParamSpec, Protocol, TypeVar

from shared.database.database import Database
from shared.database.gathering import MOST_AT_ONCE, Gathering
from shared.folders.append import Appended
from shared.folders.append_named import append_named
from shared.folders.message import NewMessage
from shared.messages.render import render, renders_quickly
from shared.runtime.in_thread import in_thread

P = ParamSpec("P")
Result = TypeVar("Result")

FIXED_OCTETS = 1024  # what a message costs besides its octets, roughly: rows, indexes, Python objects


class KeptItem(Protocol):
    """An item of the operation: Append, NamedAppend, or another with a message."""

    @property
    def message(self) -> NewMessage: ...


class MessageIntake:
    """The intake of a process: messages that come while a commit is under way share the next one."""

    def __init__(
        self, database: Database, reactor: Any, *, most_at_once: int = MOST_AT_ONCE, operation: Any = append_named
    ) -> None:
        """With `most_at_once` 1 all messages are numbered in the order in which they are handed in.

        Else a second commit may begin beside one that waits for a lock or the disk. `operation` keeps a gathering of
        messages: append_named(), or what takes further kinds of items besides.
        """
        self._gathering: Gathering[KeptItem, Appended] = Gathering(
            database, operation, weigh=_weigh, most_at_once=most_at_once
        )
        self._free_space = database.free_space
        self._reactor = reactor

    async def prepare(self, octets: bytes | mmap, received_at: datetime) -> NewMessage:
        """The message as it will be kept."""
        if renders_quickly(octets):
            return NewMessage(octets, received_at, render(octets))
        return NewMessage(octets, received_at, await in_thread(self._reactor, render, octets))

    async def look(
        self, octets: bytes | mmap, work: Callable[P, Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """What `work` finds out about a message; in a thread if that may take long, so that others are served."""
        if renders_quickly(octets):
            return work(*arguments, **named)
        return await in_thread(self._reactor, work, *arguments, **named)

    def keep(self, item: KeptItem) -> Coroutine[Any, Any, Appended]:
        """Keep the message. Once this returns it is committed, and those who watch its folders are told.

        Raises what the operation says of the item, StoreFull, StoreUnavailable, StatementTimedOut.
        """
        self._free_space.check()
        return self._gathering.submit(item)

    async def close(self) -> None:
        """Refuse new messages, and return when all that were accepted are committed."""
        await self._gathering.close()


def _weigh(item: KeptItem) -> int:
    return FIXED_OCTETS + len(item.message.octets)
