"""One coroutine in Twisted's reactor, for a command that needs what lives only there."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.threads import blockingCallFromThread
from twisted.python.failure import Failure

Result = TypeVar("Result")


def in_reactor(work: Callable[[Any], Coroutine[Any, Any, Result]]) -> Result:
    """Give `work` the reactor, and return what it returns. Once in a process, unless the reactor runs in a thread."""
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
    if isinstance(ended[0], Failure):
        ended[0].raiseException()
        raise AssertionError
    return ended[0]
