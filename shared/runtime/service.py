"""`run_service`: the whole life of a service's process, from its command line to its exit status."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from shared.activity.record import gather_with
from shared.runtime.daemon import ProcessOptions, read_flags
from shared.runtime.direct_events import hand_over_directly
from shared.runtime.first_process import FirstProcess, prepare_first_process
from shared.runtime.handover import Handover, ParentWatch
from shared.runtime.health import health_site
from shared.runtime.open_log import open_log
from shared.runtime.serving import OpenDoors, Serving
from shared.runtime.settings import (
    LONGEST_LIFE_AFTER_SIGNAL,
    ServiceSettings,
    Settings,
    WrongSetting,
    read_settings,
)
from shared.runtime.shutdown import Shutdown
from shared.runtime.spawn import spawn
from shared.runtime.workers import Workers
from shared.runtime.workers_health import WorkersHealth

FAILED_STATUS = 1
WRONG_SETTING_STATUS = 2


def run_service(name: str, settings_class: type[Settings], open_doors: OpenDoors[Settings]) -> NoReturn:
    """Be the service `name` until a signal ends it.

    `open_doors` builds the service from its parts and returns its doors; it may be a coroutine function. It runs in
    each worker, as the ordinary user. A wrong setting is named in one sentence, and the exit status is 2.
    """
    _occupy_standard_descriptors()
    handover = Handover.take(os.environ)
    try:
        flags = read_flags(name, sys.argv[1:])
        settings = read_settings(settings_class)
        if handover is not None:
            status = _serve_as_worker(name, flags, settings, handover, open_doors)
        else:
            first = prepare_first_process(name, flags, settings)
            status = _supervise(first) if settings.workers > 1 else _serve_alone(first, open_doors)
            if first.pid_file:
                first.pid_file.remove()
    except WrongSetting as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(WRONG_SETTING_STATUS)
    sys.exit(status)


def _serve_alone(first: FirstProcess, open_doors: OpenDoors[Any]) -> int:
    reactor = _reactor()
    serving: Serving[Any] = Serving(
        reactor, first.name, first.settings, first.sockets, shared=False, end=lambda: shutdown.begin()
    )
    gather_with(reactor)
    shutdown = Shutdown(reactor, serving.close, first.log.reopen, first.settings.shutdown_grace)
    reactor.callWhenRunning(_open, serving, open_doors, first.tell_started, shutdown)
    return shutdown.run()


def _serve_as_worker(
    name: str, flags: ProcessOptions, settings: ServiceSettings, handover: Handover, open_doors: OpenDoors[Any]
) -> int:
    reactor = _reactor()
    log = open_log(name, flags, settings)
    gather_with(reactor)
    serving: Serving[Any] = Serving(reactor, name, settings, handover.sockets, shared=True, end=_end_parent)
    shutdown = Shutdown(reactor, serving.close, log.reopen, settings.shutdown_grace)
    reactor.callWhenRunning(_open, serving, open_doors, handover.tell_ready, shutdown)
    reactor.callWhenRunning(reactor.addReader, ParentWatch(reactor, shutdown.begin))
    return shutdown.run()


def _end_parent() -> None:
    """End the service: its first process ends all workers, this one too."""
    os.kill(os.getppid(), signal.SIGTERM)


def _supervise(first: FirstProcess) -> int:
    reactor = _reactor()
    workers = Workers(reactor, first.settings.workers, first.sockets)
    health = WorkersHealth(reactor, workers)

    async def leave() -> None:
        health.leaving = True
        await workers.leave()

    def reopen() -> None:
        first.log.reopen()
        workers.pass_on("HUP")

    shutdown = Shutdown(reactor, leave, reopen, LONGEST_LIFE_AFTER_SIGNAL)

    def start() -> None:
        for each in first.sockets.of("health"):
            reactor.adoptStreamPort(each.fileno(), each.family, health_site(health))
        workers.start(when_first_failed=shutdown.begin, when_all_ready=first.tell_started)

    reactor.callWhenRunning(start)
    return shutdown.run()


def _open(serving: Serving[Any], open_doors: OpenDoors[Any], opened: Callable[[], None], shutdown: Shutdown) -> None:
    async def open_all() -> None:
        try:
            await serving.open(open_doors)
        except BaseException:
            shutdown.begin(FAILED_STATUS)
            raise
        opened()

    spawn(open_all(), "opening the doors")


def _occupy_standard_descriptors() -> None:
    """Where a starter has closed 0, 1 or 2, a socket would take its place and get our output."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)


def _reactor() -> Any:
    """The process's reactor; importing it installs it, which no other module here does."""
    from twisted.internet import reactor

    hand_over_directly(reactor)
    return reactor
