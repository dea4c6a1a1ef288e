"""How far the copies of a service are with listeners that are to be open, while they are at it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from shared.administration.services import look_at_start
from shared.control.listener import Listener
from shared.control.look_at_control import report_process
from shared.control.process import OPEN, STOPPED, DoorReport, ProcessReport
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import NO_TRANSACTION
from shared.testing.overtaken import overtaken_transaction

IMAP = Listener("mail_access", "imap")


@pytest.mark.parametrize("statements", range(1, 5))
def test_a_copy_that_opens_while_it_is_looked_at_is_late_or_open(database_url: str, statements: int) -> None:
    store, process = BlockingDatabase(database_url, "tests"), uuid4()

    def report(state: str) -> None:
        told = ProcessReport(process, "mail_access", "here", 17, True, {"imap": DoorReport(state)})
        store.transact(report_process, told)

    report(STOPPED)
    with overtaken_transaction(database_url, statements, lambda: report(OPEN), NO_TRANSACTION) as tx:
        first = look_at_start(tx, [IMAP])
    assert (first.away, bool(first.late)) == ([], IMAP not in first.open)
    report(OPEN)
    assert store.read(look_at_start, [IMAP]) == ([], [], [IMAP])
