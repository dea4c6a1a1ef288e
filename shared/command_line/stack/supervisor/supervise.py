"""The way up of a local stack: the store, the schema, the services, ready; and the way back, in the reverse order."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Coroutine, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import deferLater
from twisted.internet.utils import getProcessOutputAndValue
from twisted.logger import Logger, LogLevel

from shared.administration.readiness import ask
from shared.command_line.stack.ports import free_ports
from shared.command_line.stack.supervisor.error_lines import Log as ErrorLog
from shared.command_line.stack.supervisor.log_tail import LogMark
from shared.command_line.stack.supervisor.monitor import Monitor, Program
from shared.command_line.stack.supervisor.programs import (
    POSTGRES,
    REDIS,
    postgres,
    process_environment,
    redis,
    service_program,
    stack_environment,
    store_free_octets,
    store_programs,
    tied,
)
from shared.command_line.stack.supervisor.report import AdminCreated, Notice, Ready, Report, Step
from shared.command_line.stack.supervisor.store_disk import StoreDisk
from shared.command_line.state_directory import ROOT, StackRecord, StateDirectory
from shared.command_line.terminal.quantities import counted
from shared.database.embedded import EmbeddedPostgres, EmbeddedPostgresFailed
from shared.doors import LOOPBACK, SERVICES
from shared.events.embedded import EmbeddedRedis, EmbeddedRedisFailed
from shared.runtime.in_thread import in_thread

READY_WITHIN = timedelta(seconds=60)
WRITE_AGAIN = timedelta(seconds=1)
LOOK_AGAIN = timedelta(milliseconds=50)
WAS_ASKED = "status 0"  # a service that was told to end does so in order
MOST_ENDS_ON_THE_WAY_UP = {POSTGRES: 3, REDIS: 3}

P = ParamSpec("P")
Result = TypeVar("Result")


class StartFailed(Exception):
    """The stack does not come up: the reason, and the last words of the program that caused it."""

    def __init__(self, reason: str, log: str = "") -> None:
        super().__init__(reason)
        self.log = log


class Supervisor:
    """Runs in one reactor for one state directory, which its caller holds."""

    log = Logger()

    def __init__(
        self,
        reactor: Any,
        directory: StateDirectory,
        ports: Mapping[str, int],
        report: Report,
        errors: ErrorLog,
        detached: bool,
    ) -> None:
        self._reactor = reactor
        self._directory = directory
        self._ports = ports
        self._report = report
        self._detached = detached
        self._phase = "starting"
        self._since = datetime.now(UTC).isoformat(timespec="seconds")
        self._settings = stack_environment(directory, ports, os.environ)
        self._environment = process_environment(self._settings)
        self._health = dict(zip(SERVICES, free_ports(len(SERVICES), ports.values()), strict=True))
        self._monitor = Monitor(reactor, directory.logs, errors, ROOT, self._write_record)
        self._monitor.on_exit = self._program_ended
        store = postgres(directory)
        self._disk = StoreDisk(
            reactor, store.state_dir, store.url, store_free_octets(self._settings), lambda what: report(Notice(what))
        )
        self._marks: dict[str, LogMark] = {}
        self._ends: dict[str, int] = {}
        self._trouble: StartFailed | None = None
        self._waiting: Deferred[Any] | None = None

    async def start(self) -> None:
        """Return when every service is ready. Raises StartFailed; then `stop` is still due."""
        begun = time.monotonic()
        self._write_record()
        self._monitor.startService()
        for program in store_programs(self._directory, self._environment):
            self._add(program)
        migrated = self._start_migration()  # meanwhile: it imports a while, and waits for PostgreSQL by itself
        await self._step("PostgreSQL answers", self._until_answers(postgres(self._directory)))
        self._disk.start()
        await self._step("Redis answers", self._until_answers(redis(self._directory)))
        await self._finish_migration(migrated)
        for name in SERVICES:
            self._add(service_program(name, self._environment, self._health[name]))
        for name in SERVICES:
            await self._step(f"{name} is ready", self._until_ready(name))
        self._phase = "ready"
        self._write_record()
        self._report(Ready(time.monotonic() - begun))

    async def stop(self) -> None:
        """Stop the services, then Redis, then PostgreSQL; each only when the ones before are gone."""
        self._phase = "stopping"
        self._disk.stop()
        if self._waiting is not None:
            self._waiting.cancel()
        self._write_record()
        self._monitor.keep_down()
        for names in (SERVICES, [REDIS], [POSTGRES]):
            await self._monitor.stop(names)
        self._directory.record_file.unlink(missing_ok=True)

    def _add(self, program: Program) -> None:
        self._marks[program.name] = LogMark(self._directory.logs / f"{program.name}.log")
        self._monitor.add(program)

    def _program_ended(self, name: str, how: str) -> None:
        if self._phase == "starting":
            self._ends[name] = self._ends.get(name, 0) + 1
            if self._ends[name] >= MOST_ENDS_ON_THE_WAY_UP.get(name, 1) and self._trouble is None:
                self._trouble = StartFailed(f"{name} ended with {how}", self._marks[name].tail())
                if self._waiting is not None:
                    self._waiting.cancel()
        elif self._phase == "ready":
            level = LogLevel.warn if how == WAS_ASKED else LogLevel.error
            self.log.emit(level, "{name} ended with {how}", name=name, how=how)
            self._report(Notice(f"{name} ended with {how}; it is started again"))

    async def _step(self, what: str, work: Coroutine[Any, Any, Result]) -> Result:
        begun = time.monotonic()
        result = await self._unless_trouble(Deferred.fromCoroutine(work))
        self._report(Step(what, time.monotonic() - begun))
        return result

    async def _unless_trouble(self, done: Deferred[Result]) -> Result:
        """The result, or StartFailed as soon as a program ends that should not."""
        if self._trouble is not None:
            raise self._trouble
        self._waiting = done
        try:
            return await done
        except CancelledError:
            if self._trouble is not None:
                raise self._trouble from None
            raise
        finally:
            self._waiting = None

    def _start_migration(self) -> Deferred[tuple[bytes, bytes, int]]:
        """The schema, the domain and the first administrator, by the command that compose runs for it, too."""
        command = tied("shared.command_line", "migrate", "--json")
        run: Any = getProcessOutputAndValue  # untyped
        done: Deferred[tuple[bytes, bytes, int]] = run(command[0], command[1:], self._environment, str(ROOT))
        done.addErrback(lambda failure: (b"", str(failure.value).encode(), -1))  # ended by a signal
        return done

    async def _finish_migration(self, done: Deferred[tuple[bytes, bytes, int]]) -> None:
        begun = time.monotonic()
        output, errors, status = await self._unless_trouble(done)
        if status != 0:
            raise StartFailed("the schema could not be brought up to date", errors.decode(errors="replace").strip())
        made = json.loads(output)
        self._report(Step(f"schema: {counted(len(made['applied']), 'migration')} applied", time.monotonic() - begun))
        if made["admin"] is not None and made["admin"]["password"] is not None:
            self._report(AdminCreated(made["admin"]["name"], made["admin"]["password"]))

    async def _until_answers(self, server: EmbeddedPostgres | EmbeddedRedis) -> None:
        """Wait in short steps: a thread that waits for long would delay the end of the supervisor."""
        deadline = time.monotonic() + READY_WITHIN.total_seconds()
        while True:
            try:
                await in_thread(self._reactor, server.wait_until_ready, LOOK_AGAIN)
                return
            except (EmbeddedPostgresFailed, EmbeddedRedisFailed) as error:
                if time.monotonic() > deadline:
                    raise StartFailed(str(error)) from error

    async def _until_ready(self, name: str) -> None:
        deadline = time.monotonic() + READY_WITHIN.total_seconds()
        while not (readiness := await in_thread(self._reactor, ask, (LOOPBACK, self._health[name]))).ready:
            if time.monotonic() > deadline:
                reason = f"{name} is not ready after {READY_WITHIN.seconds} s: {readiness.text}"
                raise StartFailed(reason, self._marks[name].tail())
            await deferLater(self._reactor, LOOK_AGAIN.total_seconds())

    def _write_record(self) -> None:
        record = StackRecord(
            pid=os.getpid(),
            phase=self._phase,
            since=self._since,
            ports=self._ports,
            health=self._health,
            environment=self._settings,
            processes=self._monitor.records,
            detached=self._detached,
        )
        try:
            self._directory.write_record(record)
        except OSError as error:  # a full disk, which must not keep programs from being started again
            self.log.warn("the stack's record cannot be written: {error}", error=error)
            self._reactor.callLater(WRITE_AGAIN.total_seconds(), self._write_again)

    def _write_again(self) -> None:
        if self._phase != "stopping":
            self._write_record()
