"""The end of a supervisor's run, however it comes."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import cast

from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from shared.command_line.stack.supervisor.report import Failed, News
from shared.command_line.stack.supervisor.run import _Run
from shared.command_line.stack.supervisor.supervise import StartFailed, Supervisor


class Reactor(MemoryReactorClock):
    def callFromThread(self, call: Callable[[], object]) -> None:
        self.callLater(0, call)


def _run(news: list[News]) -> _Run:
    reactor = Reactor()
    reactor.running = True
    return _Run(reactor, cast(Supervisor, None), news.append)


def test_a_start_that_fails_is_told_and_ends_the_run() -> None:
    news: list[News] = []
    run = _run(news)
    run._failed(Failure(StartFailed("the schema could not be brought up to date", "words")))
    assert (news, run.status) == ([Failed("the schema could not be brought up to date", "words")], 1)


def test_what_fails_after_ctrl_c_is_not_told() -> None:
    """Ctrl-C reaches every process of the terminal, and the migration may be the first that ends by it."""
    news: list[News] = []
    run = _run(news)
    run._asked_to_end(signal.SIGINT, None)
    run._failed(Failure(StartFailed("the schema could not be brought up to date")))
    assert (news, run.status) == ([], 0)
