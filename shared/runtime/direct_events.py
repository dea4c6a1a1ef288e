"""The events of sockets, handed to who waits for them without what Twisted wraps around each for its older log.

Twisted 26.10 calls every reader and writer through `twisted.python.log.callWithLogger`: it asks for a prefix of lines
and pushes a context of the thread, 5 µs for each event. Nothing here logs by that context. What `_doReadOrWrite` makes
of errors stays as it is; it, `_selectables` and `_poller` have no public names.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from twisted.logger import Logger

_log = Logger()


def hand_over_directly(reactor: Any) -> None:
    """From now on `reactor` calls readers and writers itself, if it is Twisted's for epoll; others stay as they are."""
    try:
        from twisted.internet.epollreactor import EPollReactor
    except ImportError:  # no epoll on this system
        return
    kind: type[Any] = type(reactor)
    if kind is EPollReactor:
        reactor.doIteration = partial(_wait_and_hand_over, reactor)


def _wait_and_hand_over(reactor: Any, timeout: float | None) -> None:
    """EPollReactor.doPoll() but for callWithLogger. `timeout` in seconds; None: until something comes."""
    waiting = reactor._selectables
    for descriptor, event in reactor._poller.poll(-1 if timeout is None else timeout, len(waiting)):
        selectable = waiting.get(descriptor)
        if selectable is not None:  # one of those before it may have closed it
            try:
                reactor._doReadOrWrite(selectable, descriptor, event)
            except Exception:
                _log.failure("a connection could not be told that it is lost")
