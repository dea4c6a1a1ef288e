"""Every process knows a rule about senders as soon as it is made, and keeps what it knows while the store is away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from twisted.internet.task import Clock

from shared.access.rules.rules import RuleKind
from shared.database.database import Database
from shared.database.limits import StoreLimits
from shared.events.bus import Bus
from shared.mail.mailbox import Mailbox
from shared.senders.add_rule import add_sender_rule
from shared.senders.book import SenderBook
from shared.senders.errors import SenderRuleNotFound
from shared.senders.remove_rule import remove_sender_rule
from shared.testing.reactor import running_reactor
from shared.testing.store_outage import StoreOutage
from shared.testing.until import until

SPAM = Mailbox("spam", "x.test")


async def test_a_rule_counts_as_soon_as_it_is_told(database: Database, bus: Bus) -> None:
    await until(lambda: bus.is_connected)
    book = SenderBook(database, bus, Clock())  # a clock that stands still: nothing is polled
    await book.start()
    await database.transact(add_sender_rule, "@x.test", RuleKind.BLOCK)
    await until(lambda: book.rules.blocking(SPAM, "192.0.2.7") == "@x.test")
    await database.transact(add_sender_rule, "@x.test", RuleKind.ALLOW)
    await until(lambda: book.rules.blocking(SPAM, "192.0.2.7") == "")
    await database.transact(remove_sender_rule, "@x.test")
    with pytest.raises(SenderRuleNotFound):
        await database.transact(remove_sender_rule, "@x.test")
    await until(lambda: len(book.rules) == 0)
    await book.close()


async def test_a_change_that_nobody_told_of_is_found(database: Database, bus: Bus) -> None:
    clock = Clock()
    book = SenderBook(database, bus, clock, timedelta(seconds=5))
    await book.start()
    await database.transact(lambda tx: tx.execute("INSERT INTO sender_rule VALUES ('@x.test', 'block')"))
    clock.advance(5)
    await until(lambda: len(book.rules) == 1)
    same = book.rules
    await book.refresh()
    assert book.rules is same  # nothing is new, nothing is read
    await book.close()


async def test_it_starts_without_the_store_and_reads_the_rules_when_it_is_back(
    database: Database, bus: Bus, database_url: str, server_url: str
) -> None:
    await database.transact(add_sender_rule, "@x.test", RuleKind.BLOCK)
    impatient = Database(running_reactor(), database_url, StoreLimits(patience=timedelta(0)), name="impatient")
    book = SenderBook(impatient, bus, running_reactor(), timedelta(milliseconds=50))
    outage = StoreOutage(database_url, server_url)
    outage.begin()
    try:
        await book.start()
        assert len(book.rules) == 0
    finally:
        outage.end()
    await until(lambda: len(book.rules) == 1)
    await book.close()
    await impatient.close()
