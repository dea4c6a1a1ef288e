"""`agora watch` looks at the store now and then, not with each event: those come by the thousand a second."""

from __future__ import annotations

import time
from typing import Any

from shared.command_line.operators.watch import LOOK_SECONDS, NewInStore, show_all
from shared.command_line.operators.watch_lines import KINDS, WatchFilter
from shared.command_line.operators.watched_events import Heard
from shared.command_line.tests.conftest import Agora
from shared.database.blocking import BlockingDatabase


class CountingDatabase(BlockingDatabase):
    """Counts the connections that reading makes."""

    reads = 0

    def read(self, *arguments: Any, **named: Any) -> Any:
        self.reads += 1
        return super().read(*arguments, **named)


def test_the_store_is_looked_at_once_a_second_however_many_events_come(run: Agora, database_url: str) -> None:
    store = CountingDatabase(database_url, "test")
    looking = NewInStore(store, WatchFilter(None, None, frozenset(KINDS)))
    events = [Heard(["1.0 message id=abc"], 0, None, False)] * 500 + [Heard([], 0, None, True)]
    coming = iter(events)
    before, begun = store.reads, time.monotonic()
    show_all(lambda _seconds: next(coming), looking, as_json=False)
    assert 1 <= store.reads - before <= 1 + (time.monotonic() - begun) / LOOK_SECONDS
