"""Connections to origins that are open and idle: the next request to the same origin costs no handshake."""

from __future__ import annotations

from collections import OrderedDict

from services.http_proxy.origin_side import OriginSide
from shared.clock import Clock
from shared.conversation import send_at_once
from shared.conversation.deadlines import NEVER

MOST_IDLE = 1000  # about 20 MB with the kernel's part
MOST_IDLE_PER_ORIGIN = 64
IDLE_SECONDS = 55.0  # common servers hang up after 5, 60 or 75 s: mostly we go first
# Some requests cannot be repeated if the connection turns out dead: those that must not be (RFC 9110 §9.2.2), and those
# whose body is gone by then. They take only a connection that was used within this time and is open: servers close idle
# connections later than that.
JUST_NOW_SECONDS = 2.0


class OriginPool:
    """Idle connections by authority, the newest first out; above a limit the oldest is closed."""

    def __init__(self, clock: Clock, most: int = MOST_IDLE, most_per_origin: int = MOST_IDLE_PER_ORIGIN) -> None:
        self._clock = clock
        self._forget = self.forget  # kept, because each access to a method makes an object
        self._most = most
        self._most_per_origin = most_per_origin
        self._idle: dict[bytes, list[OriginSide]] = {}
        self._by_age: OrderedDict[OriginSide, None] = OrderedDict()  # the oldest first

    def __len__(self) -> int:
        return len(self._by_age)

    def take(self, key: bytes, repeatable: bool = True) -> OriginSide | None:
        """An idle connection to `key`, or None. Without `repeatable`, one that was used just now and is open."""
        while idle := self._idle.get(key):
            origin = idle[-1]
            if not repeatable:
                if self._clock.seconds() - origin.idle_since > JUST_NOW_SECONDS:
                    return None
                if send_at_once.has_hung_up(origin.transport):
                    self._drop(origin)
                    continue
            idle.pop()
            if not idle:
                del self._idle[key]
            del self._by_age[origin]
            origin.on_gone = None
            origin.deadline = NEVER
            return origin
        return None

    def put(self, origin: OriginSide) -> None:
        """Keep a connection whose exchange is over."""
        idle = self._idle.setdefault(origin.key, [])
        origin.idle_since = self._clock.seconds()
        origin.deadline = origin.idle_since + IDLE_SECONDS
        origin.on_gone = self._forget
        idle.append(origin)
        self._by_age[origin] = None
        if len(idle) > self._most_per_origin:
            self._drop(idle[0])
        elif len(self._by_age) > self._most:
            self._drop(next(iter(self._by_age)))

    def forget(self, origin: OriginSide) -> None:
        """Forget a connection that is taken or gone."""
        origin.on_gone = None
        self._by_age.pop(origin, None)
        idle = self._idle.get(origin.key)
        if idle is None:
            return
        if idle[-1] is origin:
            idle.pop()
        elif origin in idle:
            idle.remove(origin)
        if not idle:
            del self._idle[origin.key]

    def close(self) -> None:
        """Close them all."""
        for origin in list(self._by_age):
            self._drop(origin)

    def _drop(self, origin: OriginSide) -> None:
        self.forget(origin)
        origin.abort()
