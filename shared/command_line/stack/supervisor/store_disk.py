"""The watch over the store's disk: keeps the reserve, gives it back, and has PostgreSQL shorten its log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from shared.database import reserve
from shared.database.checkpoint import checkpoint
from shared.database.free_space import free_octets
from shared.runtime.in_thread import in_thread

EVERY = timedelta(seconds=1)
CHECKPOINT_EVERY = timedelta(seconds=15)


class StoreDisk:
    """Looks at the disk once a second, from start() to stop()."""

    _log = Logger()

    def __init__(self, reactor: Any, state_dir: Path, url: str, least_octets: int, tell: Callable[[str], None]) -> None:
        """`least_octets`: below them the services refuse new messages; `tell` gets a sentence at each change."""
        self._reactor = reactor
        self._state_dir = state_dir
        self._url = url
        self._least_octets = least_octets
        self._tell = tell
        self._is_short = False
        self._checkpoint_at = 0.0
        self._has_failed = False
        self._looking = LoopingCall(self._look_on)
        self._looking.clock = reactor

    def start(self) -> None:
        self._looking.start(EVERY.total_seconds(), now=True).addErrback(
            lambda failure: self._log.failure("watching the store's disk failed", failure)
        )

    def stop(self) -> None:
        if self._looking.running:
            self._looking.stop()

    def _look_on(self) -> None:
        """Look at the disk. If the directory cannot be written to now, the watch goes on: it may be possible later."""
        try:
            self._look()
            self._has_failed = False
        except OSError:
            if not self._has_failed:
                self._log.failure("the reserve on the store's disk could not be made or given back")
            self._has_failed = True

    def _look(self) -> None:
        if reserve.give_back_if_needed(self._state_dir):
            self._say("the store's disk is full: the reserve was given back to PostgreSQL")
        free = free_octets(self._state_dir)
        if free is None:
            return
        is_short = free < self._least_octets
        if is_short and self._reactor.seconds() >= self._checkpoint_at:
            self._checkpoint_at = self._reactor.seconds() + CHECKPOINT_EVERY.total_seconds()
            in_thread(self._reactor, checkpoint, self._url)
        if is_short != self._is_short:
            self._is_short = is_short
            mebibytes = free >> 20
            self._say(
                f"the store's disk has {mebibytes} MiB free: new messages are refused"
                if is_short
                else f"the store's disk has {mebibytes} MiB free: new messages are taken again"
            )
        if (
            not is_short
            and not reserve.is_kept(self._state_dir)
            and free >= self._least_octets + reserve.RESERVE_OCTETS
        ):
            reserve.keep(self._state_dir)

    def _say(self, what: str) -> None:
        self._log.warn("{what}", what=what)
        self._tell(what)
