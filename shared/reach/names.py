"""The addresses of hosts' names: cached for a minute, and looked up once for all who want them at the same time.

Callbacks, not coroutines: what is remembered is known without a Deferred.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import partial
from ipaddress import ip_address

from shared.bounded_cache import ENTRY_OCTETS, BoundedCache, remembers
from shared.clock import Clock
from shared.reach.fair_queue import FairQueue

# The system's resolver does not tell how long its answer is good for. A minute is what browsers keep one.
KEPT_SECONDS = 60.0
REFUSAL_KEPT_SECONDS = 5.0  # a name may come to be at any moment
MOST_KEPT_OCTETS = 4 << 20  # some 10,000 names
MOST_ADDRESSES_KEPT = 64  # of one name; big sites give 8
LONGEST_LOOK_UP_SECONDS = 10.0  # the system's resolver asks two servers for 5 s each
# Threads that ask at the same time. A resolver answers in 1 to 50 ms, so that these make 1,000 names a second.
LOOK_UPS = 64
LOOK_UPS_OF_ONE = 8  # client; browsers look up six names ahead. Each takes a thread until the resolver gives up

Answer = Callable[[Sequence[str] | None], None]
Resolve = Callable[[str, Answer], None]


class _Kept:
    """An answer. No addresses: there is no such name."""

    __slots__ = ("addresses", "until")

    def __init__(self, addresses: Sequence[str], until: float) -> None:
        self.addresses = addresses
        self.until = until


class Names:
    """Asks `resolve`, for a few clients at the same time and for each of them in turn."""

    def __init__(
        self, resolve: Resolve, clock: Clock, look_ups: int = LOOK_UPS, look_ups_of_one: int = LOOK_UPS_OF_ONE
    ) -> None:
        self._resolve = resolve
        self._clock = clock
        self._kept: BoundedCache[str, _Kept] = BoundedCache(MOST_KEPT_OCTETS, _octets)
        self._questions: dict[str, _Question] = {}
        self._queue: FairQueue[Hashable, _Question] = FairQueue(look_ups, look_ups_of_one)

    def known(self, host: str) -> Sequence[str] | None:
        """The addresses of `host`, none if it has none; None if they must be asked for."""
        kept = self._kept.get(host)
        if kept is not None and kept.until > self._clock.seconds():
            return kept.addresses
        return _literal(host) or None

    def ask(self, host: str, client: Hashable, answer: Answer) -> Wait:
        """Have `answer` called with the addresses, none if the name has none; with None if none came in time."""
        question = self._questions.get(host)
        if question is None:
            question = self._questions[host] = _Question(host)
        wait = Wait(self, question, client, answer, self._clock)
        question.waits[wait] = None
        if not question.is_asked:
            question.clients.add(client)
            self._queue.add(client, question)
            self._ask_some()
        return wait

    def leave(self, question: _Question, wait: Wait) -> None:
        """End a wait; a question for which nothing waits any more is dropped, if it was not asked yet."""
        if wait not in question.waits:
            return
        del question.waits[wait]
        if not question.waits and not question.is_asked:
            self._take_out(question)
            del self._questions[question.host]

    def last_known(self, host: str) -> Sequence[str] | None:
        """An answer that came before, whatever its age, is better than none."""
        kept = self._kept.get(host)
        return (kept.addresses or None) if kept is not None else None

    def _take_out(self, question: _Question) -> None:
        for client in question.clients:
            self._queue.drop(client, question)
        question.clients.clear()

    def _ask_some(self) -> None:
        while (turn := self._queue.take()) is not None:
            client, question = turn
            self._take_out(question)
            question.is_asked = True
            self._resolve(question.host, partial(self._answered, client, question))

    def _answered(self, client: Hashable, question: _Question, addresses: Sequence[str] | None) -> None:
        host = question.host
        self._queue.give_back(client)
        del self._questions[host]
        if addresses is not None:
            addresses = tuple(addresses[:MOST_ADDRESSES_KEPT])
            until = self._clock.seconds() + (KEPT_SECONDS if addresses else REFUSAL_KEPT_SECONDS)
            self._kept.drop(host)
            self._kept.put(host, _Kept(addresses, until))
        told = self.last_known(host) if addresses is None else addresses
        for wait in list(question.waits):
            wait.tell(told)
        self._ask_some()


class _Question:
    """A question that is to be asked, or is being asked, with all that wait for its answer."""

    __slots__ = ("clients", "host", "is_asked", "waits")

    def __init__(self, host: str) -> None:
        self.host = host
        self.is_asked = False
        self.waits: dict[Wait, None] = {}
        self.clients: set[Hashable] = set()  # in whose queues it is


class Wait:
    """One that waits for an answer."""

    __slots__ = ("_answer", "_limit", "_names", "_question")

    def __init__(self, names: Names, question: _Question, client: Hashable, answer: Answer, clock: Clock) -> None:
        self._names = names
        self._question = question
        self._answer: Answer | None = answer
        self._limit = clock.callLater(LONGEST_LOOK_UP_SECONDS, self._time_is_up)

    @property
    def is_queued(self) -> bool:
        """Whether it has not been its client's turn yet."""
        return self._answer is not None and not self._question.is_asked

    def give_up(self) -> None:
        """End the wait."""
        self._answer = None
        if self._limit.active():
            self._limit.cancel()
        self._names.leave(self._question, self)

    def tell(self, addresses: Sequence[str] | None) -> None:
        """Give the answer."""
        answer = self._answer
        self.give_up()
        if answer is not None:
            answer(addresses)

    def _time_is_up(self) -> None:
        self.tell(self._names.last_known(self._question.host))


@remembers(most=4096)
def _literal(host: str) -> tuple[str, ...]:
    """`host` itself, if it is an address."""
    try:
        return (str(ip_address(host)),)
    except ValueError:
        return ()


def _octets(kept: _Kept) -> int:
    return ENTRY_OCTETS + 256 + 100 * len(kept.addresses)  # 256: the longest name
