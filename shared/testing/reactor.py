"""The one real reactor of a test session, in a thread of its own, and how tests get their coroutines onto it."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, wait
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure

from shared.testing.patience import Patience

P = ParamSpec("P")
T = TypeVar("T")

TEST_TIMEOUT_SECONDS = 60
LOOK_SECONDS = 0.2
_thread: threading.Thread | None = None


def running_reactor() -> Any:
    """The reactor, started when it is first wanted."""
    global _thread
    reactor = _the_reactor()
    if _thread is None:
        started = threading.Event()
        reactor.callWhenRunning(started.set)
        options = {"installSignalHandlers": False}  # they belong to the main thread, which is pytest's
        _thread = threading.Thread(target=reactor.run, kwargs=options, name="reactor", daemon=True)
        _thread.start()
        started.wait()
    return reactor


def stop_reactor() -> None:
    """At the end of the session; a stopped reactor cannot run again."""
    if _thread is not None and _thread.is_alive():
        reactor = _the_reactor()
        reactor.callFromThread(reactor.stop)
        _thread.join(10)


def _the_reactor() -> Any:
    from twisted.internet import reactor

    return reactor


def wait_for(start: Callable[[], Coroutine[Any, Any, T]], timeout_seconds: float = TEST_TIMEOUT_SECONDS) -> T:
    """From a test's thread: run the coroutine that `start` makes on the reactor, and wait for its result.

    A coroutine that takes too long is cancelled and the test fails with TimeoutError; while the machine stalls no time
    passes.
    """
    reactor = running_reactor()
    done: Future[T] = Future()
    deferred: Deferred[T] | None = None

    def begin() -> None:
        nonlocal deferred
        deferred = Deferred.fromCoroutine(start())
        deferred.addCallbacks(done.set_result, lambda failure: done.set_exception(_exception_of(failure)))

    def cancel() -> None:
        if deferred is not None:
            deferred.cancel()

    reactor.callFromThread(begin)
    patience = Patience(timeout_seconds)
    while not done.done():
        if patience.is_over():
            reactor.callFromThread(cancel)
            wait([done], 5)
            error = done.exception() if done.done() else None
            raise TimeoutError(f"the test took more than {timeout_seconds} s") from error
        wait([done], LOOK_SECONDS)
    return done.result()


def call_in_reactor(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """From a test's thread: call the function in the reactor's, and return what it returns."""
    call: Any = blockingCallFromThread  # it takes functions that return Deferreds of anything
    result: T = call(running_reactor(), function, *arguments, **named)
    return result


def run_in_reactor(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
    """Make an ordinary function of a coroutine function; needed only where pytest does not call it (hypothesis)."""

    @functools.wraps(function)
    def run(*arguments: P.args, **named: P.kwargs) -> T:
        return wait_for(lambda: function(*arguments, **named))

    return run


def _exception_of(failure: Failure) -> BaseException:
    error = failure.value or RuntimeError(str(failure))
    return error.with_traceback(failure.getTracebackObject())
