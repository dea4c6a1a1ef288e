"""The monitor of programs: restarts those that end, with growing delay, and stops all of them in order."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred, gatherResults
from twisted.internet.error import ProcessExitedAlready, ProcessTerminated
from twisted.internet.protocol import ProcessProtocol
from twisted.python.failure import Failure
from twisted.python.logfile import LogFile
from twisted.runner.procmon import ProcessMonitor

from shared.command_line.stack.supervisor.error_lines import ErrorLines
from shared.command_line.stack.supervisor.error_lines import Log as ErrorLog
from shared.command_line.state_directory import ProcessRecord, start_time

LOG_OCTETS = 10_000_000  # per file
LOG_FILES = 5  # older ones are thrown away: at most 60 MB per program


@dataclass(frozen=True, slots=True)
class Program:
    """One program to keep running. `patience`: how long it may take to stop before it is killed."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(repr=False)
    stop_signal: str = "TERM"
    patience: timedelta = timedelta(seconds=15)  # services leave within 10 s by themselves


class Monitor(ProcessMonitor):
    """Twisted's monitor, with a log file and a stop signal for each program, and a stop that can be awaited."""

    threshold = 5  # a program that lived that long starts again at once and with a clean record
    minRestartDelay = 1
    maxRestartDelay = 30

    def __init__(
        self, reactor: Any, logs: Path, errors: ErrorLog, directory: Path, changed: Callable[[], None]
    ) -> None:
        """`changed` is called after every change to `records`; `errors` gets the errors of all programs."""
        super().__init__(reactor)
        self._any_reactor = reactor  # zope's interfaces have no types
        self.protocols: dict[str, Any] = {}
        self._logs = logs
        self._errors = errors
        self._directory = directory
        self._changed = changed
        self._programs: dict[str, Program] = {}
        self._log_files: dict[str, LogFile] = {}
        self._gone: dict[str, list[Deferred[None]]] = {}
        self.records: dict[str, ProcessRecord] = {}
        self.on_exit: Callable[[str, str], None] = lambda name, how: None

    def add(self, program: Program) -> None:
        """Start `program`, and again whenever it ends."""
        self._programs[program.name] = program
        self._log_files[program.name] = LogFile(
            f"{program.name}.log",
            str(self._logs),
            rotateLength=LOG_OCTETS,
            maxRotatedFiles=LOG_FILES,
            defaultMode=0o600,
        )
        self.addProcess(program.name, program.command, env=dict(program.environment), cwd=str(self._directory))

    def startProcess(self, name: str) -> None:
        """Start it unless it runs. Twisted's own writes the output to its log; ours goes to the program's file."""
        if name in self.protocols:
            return
        program = self._processes[name]
        watcher = _Watcher(name, self._log_files[name], ErrorLines(name, self._errors), self._program_ended)
        self.protocols[name] = watcher
        self.timeStarted[name] = self._any_reactor.seconds()
        try:
            self._any_reactor.spawnProcess(
                watcher,
                program.args[0],
                program.args,
                env=program.env,
                path=program.cwd,
                childFDs={0: "w", 1: "r", 2: "r"},
            )
        except OSError:
            self._program_ended(name, Failure())
            return
        earlier = self.records.get(name)
        pid = watcher.transport.pid
        self.records[name] = ProcessRecord(
            pid=pid,
            started=start_time(pid),
            since=datetime.now(UTC).isoformat(timespec="seconds"),
            restarts=0 if earlier is None else earlier.restarts + 1,
            ended=None if earlier is None else earlier.ended,
        )
        self._changed()

    def _program_ended(self, name: str, reason: Failure) -> None:
        how = describe_end(reason)
        record = self.records.get(name)
        if record is not None:
            self.records[name] = ProcessRecord(None, None, record.since, record.restarts, how)
        super()._monitoredProcessExited(name, reason)
        self._changed()
        for waiting in self._gone.pop(name, []):
            waiting.callback(None)
        self.on_exit(name, how)

    def stopProcess(self, name: str) -> None:
        """Ask with the program's own signal; kill it when its patience is over."""
        watcher, program = self.protocols.get(name), self._programs[name]
        if watcher is None:
            return
        try:
            watcher.transport.signalProcess(program.stop_signal)
        except ProcessExitedAlready:
            return
        self.murder[name] = self._any_reactor.callLater(
            program.patience.total_seconds(), self._forceStopProcess, watcher.transport
        )

    def _forceStopProcess(self, proc: Any) -> None:
        """The whole process group: a service's workers go with it."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(proc.pid, signal.SIGKILL)
        super()._forceStopProcess(proc)

    def keep_down(self) -> None:
        """From now on nothing is restarted."""
        self.running = 0
        restarts: list[Any] = list(self.restart.values())
        for restart in restarts:
            if restart.active():
                restart.cancel()

    async def stop(self, names: Iterable[str]) -> None:
        """Stop these, all at the same time, and return when they are gone."""
        going: list[Deferred[None]] = []
        for name in names:
            if name in self.protocols:
                gone: Deferred[None] = Deferred()
                self._gone.setdefault(name, []).append(gone)
                going.append(gone)
                self.stopProcess(name)
        await gatherResults(going)


class _Watcher(ProcessProtocol):
    """One run of a program: its output goes to the file, its end to the monitor."""

    def __init__(self, name: str, log: LogFile, errors: ErrorLines, ended: Callable[[str, Failure], None]) -> None:
        self._name, self._log, self._errors, self._ended = name, log, errors, ended
        self.transport: Any

    def connectionMade(self) -> None:
        self.transport.closeStdin()

    def outReceived(self, data: bytes) -> None:
        with contextlib.suppress(OSError):  # on a full disk the line is lost; the program must not lose its output
            self._log.write(data)
            self._errors.feed(data)

    errReceived = outReceived

    def processEnded(self, reason: Failure) -> None:
        with contextlib.suppress(OSError):
            self._log.flush()
        self._ended(self._name, reason)


def describe_end(reason: Failure) -> str:
    """How a program ended, in two words."""
    error = reason.value
    if isinstance(error, ProcessTerminated):
        return f"signal {error.signal}" if error.signal else f"status {error.exitCode}"
    return f"cannot start: {error}" if isinstance(error, OSError) else "status 0"
