"""How far the copies of a service are with listeners that are to be open, while they are at it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from uuid import uuid4

import pytest

from shared.administration.services import look_at_start
from shared.control.listener import Listener
from shared.control.look_at_control import report_process
from shared.control.process import OPEN, STOPPED, DoorReport, ProcessReport
from shared.database.blocking import BlockingDatabase
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.prepared import Prepared
from shared.database.transaction import NO_TRANSACTION, Parameters, Transaction

IMAP = Listener("mail_access", "imap")


class Overtaken(Transaction):
    """A reading that something else of the store's overtakes after each of its statements."""

    overtake: Callable[[], None]

    def rows(self, sql: str | Prepared, parameters: Parameters = ()) -> list[tuple[object, ...]]:
        found = super().rows(sql, parameters)
        self.overtake()
        return found


@pytest.mark.parametrize("statements", range(1, 5))
def test_a_copy_that_opens_while_it_is_looked_at_is_late_or_open(database_url: str, statements: int) -> None:
    store, process, seen = BlockingDatabase(database_url, "tests"), uuid4(), 0

    def report(state: str) -> None:
        told = ProcessReport(process, "mail_access", "here", 17, True, {"imap": DoorReport(state)})
        store.transact(report_process, told)

    def overtake() -> None:
        nonlocal seen
        seen += 1
        if seen == statements:
            report(OPEN)

    report(STOPPED)
    with contextlib.closing(open_connection(database_url, StoreLimits(), "tests")) as connection:
        tx = Overtaken(connection, NO_TRANSACTION)
        tx.overtake = overtake
        first = look_at_start(tx, [IMAP])
    assert (first.away, bool(first.late)) == ([], IMAP not in first.open)
    report(OPEN)
    assert store.read(look_at_start, [IMAP]) == ([], [], [IMAP])
