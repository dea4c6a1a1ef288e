"""The run of a supervisor: from holding its state directory to the signal that ends it."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ReactorNotRunning
from twisted.python.failure import Failure

from shared.command_line.stack.checks.settings import unknown_settings
from shared.command_line.stack.ports import PortUnusable, settle_ports
from shared.command_line.stack.supervisor.monitor import LOG_OCTETS
from shared.command_line.stack.supervisor.orphans import end_orphans
from shared.command_line.stack.supervisor.report import Failed, Remark, Report
from shared.command_line.stack.supervisor.supervise import Supervisor
from shared.command_line.stack.wrong_settings import wrong_settings
from shared.command_line.state_directory import ROOT, StateDirectory
from shared.runtime.log_file import LogFile
from shared.runtime.logs import start_logging
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings


def supervise(directory: StateDirectory, choice: str | None, report: Report, *, detached: bool = False) -> int:
    """Run a stack in `directory` until SIGINT, SIGTERM or SIGHUP. Returns an exit status. Raises AlreadyRunning.

    `choice` is that of `up --ports`: "free", "default", or None for what the directory has kept.
    """
    from twisted.internet import reactor as the_reactor

    reactor: Any = the_reactor  # zope's interfaces have no types
    os.chdir(
        ROOT
    )  # the folder in which services run; the user may not be able to enter the one in which root gave the command
    directory.prepare()
    with directory.held():
        if faults := wrong_settings(directory):
            report(Failed("\n".join(faults), begun=False))
            return 1
        end_orphans(directory)
        try:
            ports = settle_ports(os.environ, {} if choice == "default" else directory.kept_ports(), choice == "free")
        except PortUnusable as reason:
            report(Failed(str(reason), begun=False))
            return 1
        for fact, advice in unknown_settings(os.environ):
            report(Remark(f"{fact}. {advice}"))
        directory.keep_ports(ports.kept)
        for replaced in ports.replaced:
            report(Remark(str(replaced)))
        errors = _start_logging(directory)
        supervisor = Supervisor(reactor, directory, ports.numbers, report, errors, detached)
        run = _Run(reactor, supervisor, report)
        reactor.callWhenRunning(run.begin)
        reactor.addSystemEventTrigger("before", "shutdown", lambda: Deferred.fromCoroutine(supervisor.stop()))
        reactor.run()
        return run.status


def _start_logging(directory: StateDirectory) -> LogFile:
    """Log in the services' format; returns the file for the errors of all, which begins anew with each start."""
    try:
        settings = read_settings(ServiceSettings)
    except WrongSetting:  # one that `up` chooses by itself, whatever the environment says
        settings = ServiceSettings.model_construct()
    errors = LogFile(directory.errors_file, settings.log_file_octets, settings.log_files_kept, when_needed=True)
    errors.put_aside()
    own = LogFile(directory.supervisor_log, LOG_OCTETS, 1)
    start_logging("supervisor", settings.log_format, "info", own, errors)
    return errors


class _Run:
    """One run, from the first step to the request to end."""

    def __init__(self, reactor: Any, supervisor: Supervisor, report: Report) -> None:
        self._reactor, self._supervisor, self._report = reactor, supervisor, report
        self.status = 0
        self._ending = False  # a signal has asked for the end: failures from then on are not reported

    def begin(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_end)
        Deferred.fromCoroutine(self._supervisor.start()).addErrback(self._failed)

    def _asked_to_end(self, number: int, frame: FrameType | None) -> None:
        self._ending = True
        self._reactor.callFromThread(self._end)

    def _failed(self, failure: Failure) -> None:
        if self._reactor.running and not self._ending and not failure.check(CancelledError):
            self.status = 1
            self._report(Failed(failure.getErrorMessage(), getattr(failure.value, "log", failure.getTraceback())))
            self._end()

    def _end(self) -> None:
        with contextlib.suppress(ReactorNotRunning):  # asked twice
            self._reactor.stop()
