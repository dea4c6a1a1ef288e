"""Questions that several ask at the same time, asked once: who comes while one is under way waits for its answer."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Hashable
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

Key = TypeVar("Key", bound=Hashable)
Result = TypeVar("Result")


class SingleFlight(Generic[Key, Result]):
    """Remembers nothing: once the answer is there, the next caller's question is asked anew."""

    __slots__ = ("_under_way",)

    def __init__(self) -> None:
        self._under_way: dict[Key, _Flight[Result]] = {}

    async def ask(
        self,
        key: Key,
        question: Callable[[], Coroutine[Any, Any, Result]],
        *,
        version: int = 0,
        joins: Callable[[int], bool] | None = None,
    ) -> Result:
        """The answer to the question under way about `key`, or to `question`, which is then asked. Raises its error.

        Callers share the answer and must not change it. A caller that is cancelled stops waiting, and the question goes
        on for the others. `version` is what a question asked now will know of; one under way is joined if `joins` says
        that its version is enough. Otherwise a new one is asked, and later callers join that.
        """
        waiting: Deferred[Result] = Deferred()
        flight = self._under_way.get(key)
        if flight is not None and (joins is None or joins(flight.version)):
            flight.waiting.append(waiting)
        else:
            flight = self._under_way[key] = _Flight(version, waiting)
            Deferred.fromCoroutine(question()).addBoth(self._tell, key, flight)
        return await waiting

    def _tell(self, outcome: Result | Failure, key: Key, flight: _Flight[Result]) -> None:
        if self._under_way.get(key) is flight:
            del self._under_way[key]
        for waiting in flight.waiting:
            if not waiting.called:
                waiting.callback(outcome)  # a Failure becomes the errback


class _Flight(Generic[Result]):
    """A question that is under way, and the callers that wait for its answer."""

    __slots__ = ("version", "waiting")

    def __init__(self, version: int, waiting: Deferred[Result]) -> None:
        self.version = version
        self.waiting = [waiting]
