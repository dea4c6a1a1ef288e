"""The cache of bodies forgets; whoever asks has all the messages that there are, all the same."""

from __future__ import annotations

import random

from twisted.internet.defer import Deferred, gatherResults

from shared.database.database import Database
from shared.database.transaction import Transaction
from shared.folders.append import Append, Appended, AppendTarget, append_entries
from shared.folders.body_cache import BodyCache
from shared.folders.tests.build import a_message, an_inbox

COUNT = 30
ROOM_OCTETS = 10_000  # for a third of them


def some_messages(tx: Transaction) -> dict[int, bytes]:
    octets = [b"Subject: %d\r\n\r\n" % number + b"tea " * 200 for number in range(COUNT)]
    inbox = an_inbox(tx)
    results = append_entries(tx, [Append(a_message(each), [AppendTarget(inbox)]) for each in octets])
    return {
        result.message_id: each for result, each in zip(results, octets, strict=True) if isinstance(result, Appended)
    }


async def test_no_message_is_missing_that_was_forgotten_while_others_were_looked_up(database: Database) -> None:
    there = await database.transact(some_messages)
    chance = random.Random(COUNT)
    bodies = BodyCache(database, ROOM_OCTETS)
    for _ in range(100):
        wanted = [chance.sample(sorted(there), chance.randint(1, 12)) for _ in range(3)]
        loads = [Deferred.fromCoroutine(bodies.load([*numbers, max(there) + 1])) for numbers in wanted]
        for numbers, loaded in zip(wanted, await gatherResults(loads), strict=True):
            assert loaded == {number: there[number] for number in numbers}
