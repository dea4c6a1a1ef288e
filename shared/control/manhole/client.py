"""A console in another process, by way of the store: the shell's side."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from twisted.internet.defer import Deferred
from twisted.internet.task import LoopingCall

from shared.control.manhole.channel import MANHOLE_USED
from shared.control.manhole.choose import choose_process
from shared.control.manhole.consoles import (
    ConsoleState,
    ask_line,
    cancel_line,
    close_console,
    open_console,
    state_of,
    stay,
)
from shared.control.manhole.errors import ManholeAway
from shared.control.manhole.seal import Line, ManholeSeal
from shared.control.process import SeenProcess
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.runtime.spawn import spawn
from shared.runtime.stack_key import SealBroken, StackKey

STAY_SECONDS = 5.0  # between two words that the shell is still there, and two looks where news were lost
OPENING = timedelta(seconds=20)  # for a process that is busy, and maybe polls


class ManholeClient:
    """One console. `run` is not called again before it has returned."""

    def __init__(self, reactor: Any, database: Database, bus: Bus, process: SeenProcess, key: StackKey) -> None:
        self._reactor = reactor
        self._database = database
        self._process = process
        self._key = key
        self._seal: ManholeSeal | None = None
        self._console = uuid4()
        self._number = 0  # of the newest line
        self._cancelled = 0  # the line that Ctrl-C was pressed for
        self._left = False
        self._is_new = False
        self._sleeping: Deferred[None] | None = None
        self._watch = bus.watch(MANHOLE_USED, EVERYTHING, lambda _: self._wake())
        self._staying = LoopingCall(lambda: spawn(self._stay(), "staying in the manhole"))
        self._staying.clock = reactor

    @property
    def where(self) -> str:
        """The process, as `agora service list` has it."""
        return f"{self._process.report.service} at {self._process.name}"

    async def open(self) -> None:
        """Returns when the process has opened the console. Raises ManholeAway, StoreUnavailable."""
        await self._database.transact(open_console, self._console, self._process.report.id)
        self._staying.start(STAY_SECONDS, now=False)
        late = self._reactor.callLater(OPENING.total_seconds(), self.leave)
        try:
            state = await self._wait(lambda state: state.nonce is not None, f"{self._process.name} does not answer")
        finally:
            if late.active():
                late.cancel()
        if not state.nonce:
            raise ManholeAway(f"there are too many in the manhole of {self._process.name}")
        self._seal = ManholeSeal(self._key, self._process.report.id, state.nonce)

    async def run(self, source: str, who: str) -> str:
        """What the lines show. Raises ManholeAway when the process ends meanwhile, StoreUnavailable before it runs."""
        assert self._seal is not None
        self._number += 1
        sealed = self._seal.seal_line(self._number, Line(who, source))
        await self._database.transact(ask_line, self._console, self._number, sealed)
        left = "the line has not ended: it goes on in the process"
        state = await self._wait(lambda state: state.shown is not None, left)
        try:
            return self._seal.open_answer(self._number, state.shown or b"")
        except SealBroken:
            raise ManholeAway("the process has another stack key (AGORA_STACK_KEY_FILE) than this one") from None

    def cancel(self) -> None:
        """Ctrl-C: what the line awaits is cancelled. The second time the line is left alone."""
        if self._cancelled == self._number:
            self.leave()
            return
        self._cancelled = self._number
        spawn(self._database.transact(cancel_line, self._console, self._number), "Ctrl-C in the manhole")

    def leave(self) -> None:
        """Wait no longer for a line."""
        self._left = True
        self._wake()

    def close(self) -> None:
        """The console is over."""
        self._watch.stop()
        if self._staying.running:
            self._staying.stop()
        spawn(self._database.transact(close_console, self._console), "leaving the manhole")

    async def _wait(self, is_enough: Callable[[ConsoleState], bool], left: str) -> ConsoleState:
        """The console once it is so. Raises ManholeAway, with the text `left` after `leave`."""
        while True:
            self._is_new = False
            try:
                state = await self._database.read(state_of, self._console, self._number)
            except DomainError:
                pass  # the store is away: a line that runs goes on, and its answer comes later
            else:
                if state is None or not state.is_alive:
                    raise ManholeAway("the process has ended")
                if is_enough(state):
                    return state
            if self._left:
                raise ManholeAway(left)
            await self._news()

    async def _news(self) -> None:
        if not self._is_new:
            self._sleeping = Deferred()
            await self._sleeping

    def _wake(self) -> None:
        self._is_new = True
        sleeping, self._sleeping = self._sleeping, None
        if sleeping is not None:
            sleeping.callback(None)

    async def _stay(self) -> None:
        with contextlib.suppress(DomainError):  # the next time
            await self._database.transact(stay, self._console)
        self._wake()


async def enter_manhole(reactor: Any, database: Database, bus: Bus, key: StackKey, wanted: str) -> ManholeClient:
    """A console in the process that `wanted` names (choose_process). Raises ManholeAway, StoreUnavailable."""
    client = ManholeClient(reactor, database, bus, await database.read(choose_process, wanted), key)
    try:
        await client.open()
    except BaseException:
        client.close()
        raise
    return client
