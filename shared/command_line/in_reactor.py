"""One coroutine in Twisted's reactor, for a command that needs what lives only there."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure

Result = TypeVar("Result")
STOP_SECONDS = 5  # it has nothing left to do; the process ends all the same


def in_reactor(work: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
    """Give `work` the reactor, and return what it returns. Once in a process, unless the reactor runs in a thread.

    Raises KeyboardInterrupt when a signal ended it first.
    """
    from twisted.internet import reactor as the_reactor

    reactor: Any = the_reactor  # zope's interfaces have no types
    if reactor.running:
        call: Any = blockingCallFromThread  # it takes functions that return Deferreds of anything
        outcome: Result = call(reactor, lambda: Deferred.fromCoroutine(work(reactor)))
        return outcome
    ended: list[Result | Failure] = []

    def end(outcome: Result | Failure) -> None:
        ended.append(outcome)
        reactor.stop()

    reactor.callWhenRunning(lambda: Deferred.fromCoroutine(work(reactor)).addBoth(end))
    reactor.run()
    if not ended:  # SIGINT or SIGTERM stopped the reactor
        raise KeyboardInterrupt
    if isinstance(ended[0], Failure):
        ended[0].raiseException()
        raise AssertionError
    return ended[0]


@contextlib.contextmanager
def reactor_in_thread() -> Iterator[None]:
    """Within the block `in_reactor` may be called more than once. Once in a process."""
    from twisted.internet import reactor as the_reactor

    reactor: Any = the_reactor
    started = threading.Event()
    reactor.callWhenRunning(started.set)
    options = {"installSignalHandlers": False}  # they belong to the main thread, which Ctrl-C interrupts
    thread = threading.Thread(target=reactor.run, kwargs=options, name="reactor", daemon=True)
    thread.start()
    started.wait()
    try:
        yield
    finally:
        reactor.callFromThread(reactor.stop)
        thread.join(STOP_SECONDS)
