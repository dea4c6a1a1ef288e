"""The manhole of one process: runs the lines that administrators' shells leave in the store for it."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from twisted.logger import Logger

from shared.control.manhole.channel import MANHOLE_USED
from shared.control.manhole.console import Console
from shared.control.manhole.consoles import (
    AskedLine,
    admit_console,
    answer_line,
    close_console,
    consoles_of,
    end_consoles,
)
from shared.control.manhole.seal import ManholeSeal
from shared.database.database import Database
from shared.errors import DomainError
from shared.events.bus import Bus
from shared.events.channel import EVERYTHING
from shared.events.watches import Watch
from shared.runtime.spawn import spawn
from shared.runtime.stack_key import SealBroken, StackKey
from shared.runtime.until_quiet import UntilQuiet

MOST_CONSOLES = 10  # in a process; each keeps what its lines have named
NONCE_OCTETS = 16
SEALED_OTHERWISE = b""  # the answer to a line that cannot be opened
_log = Logger()


class ManholeDesk:
    """`names` are at hand in each console. `busy` is told what runs, "" when nothing does."""

    def __init__(
        self,
        database: Database,
        bus: Bus,
        process: UUID,
        key: StackKey,
        names: Mapping[str, Any],
        busy: Callable[[str], None],
    ) -> None:
        self._database = database
        self._bus = bus
        self._process = process
        self._key = key
        self._names = names
        self._busy = busy
        self._open: dict[UUID, OpenConsole] = {}
        self._unsaid: list[tuple[UUID, int, bytes]] = []  # answers that the store did not take
        self._looking = UntilQuiet(self._look, "looking for lines in the manhole")
        self._watch: Watch | None = None

    def begin(self) -> None:
        """Run lines from now on."""
        self._watch = self._bus.watch(MANHOLE_USED, EVERYTHING, lambda _: self._looking.look())
        self._looking.look()

    async def close(self) -> None:
        """The process ends: so does what is awaited, and shells hear of it."""
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        for each in self._open.values():
            each.console.cancel()
        if self._open and not self._database.away_because:
            await self._database.transact(end_consoles, self._process)
        self._open.clear()

    async def _look(self) -> None:
        if self._watch is None or self._database.away_because:
            return
        try:
            unsaid, self._unsaid = self._unsaid, []
            for answer in unsaid:
                await self._say(*answer)
            await self._follow()
        except DomainError as error:
            _log.debug("lines in the manhole are not looked for: {reason}", reason=repr(error))

    async def _follow(self) -> None:
        seen = await self._database.read(consoles_of, self._process)
        for gone in [each for each in self._open if each not in seen.nonces]:
            self._open.pop(gone).console.cancel()
        for console, nonce in seen.nonces.items():
            if console not in self._open and nonce != "":
                await self._admit(console, nonce)
        for line in seen.lines:
            if (open_console := self._open.get(line.console)) is not None and open_console.takes(line.number):
                spawn(self._run(open_console, line), "a line in the manhole")
        for console, number in seen.cancelled.items():
            if console in self._open:
                self._open[console].cancel(number)

    async def _admit(self, console: UUID, nonce: str | None) -> None:
        """Open a console. One that this process has had and forgotten is not opened again."""
        if nonce is not None:
            await self._database.transact(close_console, console)
        elif len(self._open) >= MOST_CONSOLES:
            await self._database.transact(admit_console, console, "")
        else:
            nonce = os.urandom(NONCE_OCTETS).hex()
            self._open[console] = OpenConsole(self._names, ManholeSeal(self._key, self._process, nonce), self._busy)
            await self._database.transact(admit_console, console, nonce)

    async def _run(self, open_console: OpenConsole, line: AskedLine) -> None:
        try:
            shown = await open_console.run(line)
        except SealBroken:
            _log.warn("a line in the manhole is not sealed with the key of this stack")
            shown = SEALED_OTHERWISE
        await self._say(line.console, line.number, shown)

    async def _say(self, console: UUID, number: int, shown: bytes) -> None:
        try:
            await self._database.transact(answer_line, console, number, shown)
        except DomainError:
            if console in self._open:
                self._unsaid.append((console, number, shown))


class OpenConsole:
    """One administrator's console. Its lines run one after the other, each once."""

    def __init__(self, names: Mapping[str, Any], seal: ManholeSeal, busy: Callable[[str], None]) -> None:
        self._seal = seal
        self._busy = busy
        self._who = ""
        self._last = 0  # the number of the newest line
        self._runs = False
        self.console = Console(names, self._working)

    def takes(self, number: int) -> bool:
        """Whether the line is to be run now; it is from then on."""
        if self._runs or number <= self._last:
            return False
        self._last = number
        return True

    def cancel(self, number: int) -> None:
        """Ctrl-C was pressed for the line of this number."""
        if self._runs and number == self._last:
            self.console.cancel()

    async def run(self, line: AskedLine) -> bytes:
        """What the line shows, sealed. Raises SealBroken."""
        asked = self._seal.open_line(line.number, line.source)
        self._who = asked.who
        self._runs = True
        try:
            shown = await self.console.run(asked.source)
        finally:
            self._runs = False
        return self._seal.seal_answer(line.number, shown)

    def _working(self, works: bool) -> None:
        self._busy(f"manhole, {self._who}" if works else "")
