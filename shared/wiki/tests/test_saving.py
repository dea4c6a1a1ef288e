"""Saving from a service: many saves in few commits, limits, and pages that are read once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.task import deferLater

from shared.accounts.account import Role
from shared.database.database import Database
from shared.database.errors import CommitUnknown
from shared.database.transaction import Transaction
from shared.events.bus import Bus
from shared.testing.reactor import running_reactor, wait_for
from shared.testing.until import until
from shared.wiki.delete_page import delete_page
from shared.wiki.errors import EditConflict, PageNotFound, TooManySaves
from shared.wiki.known_pages import KnownPages
from shared.wiki.links_of import links_of
from shared.wiki.list_pages import count_pages
from shared.wiki.page import Author
from shared.wiki.read_page import read_page
from shared.wiki.renderer import Renderer
from shared.wiki.save_limits import SaveLimits
from shared.wiki.save_page import Edit, Saved
from shared.wiki.saving import PageSaving
from shared.wiki.tests.build import MEMBERS, OPEN, STRANGER, an_author, saved


@pytest.fixture
def renderer(database: Database) -> Iterator[Renderer]:
    made = Renderer(database, running_reactor())
    yield made
    wait_for(made.close)


def _commits(tx: Transaction) -> int:
    tx.execute("SELECT pg_stat_force_next_flush()")
    count: int = tx.value("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
    return count


async def _all(saving: PageSaving, edits: list[Edit]) -> list[Any]:
    outcomes: list[Any] = await DeferredList(
        [Deferred.fromCoroutine(saving.save(edit)) for edit in edits], consumeErrors=True
    )
    return [outcome for _, outcome in outcomes]


async def test_saves_of_many_pages_share_commits(database: Database, renderer: Renderer) -> None:
    saving = PageSaving(database, renderer, OPEN, SaveLimits(running_reactor(), of_network=1000))
    outcomes = await _all(saving, [Edit(f"Page{n % 100}", f"text {n}", STRANGER) for n in range(400)])
    assert all(isinstance(outcome, Saved) for outcome in outcomes)
    assert await database.read(count_pages) == 101
    assert (await database.read(read_page, "Page7")).revision == 4
    await saving.close()


async def test_one_of_many_who_change_the_same_line_wins(database: Database, renderer: Renderer) -> None:
    await database.transact(saved, "A", "one\n")
    saving = PageSaving(database, renderer, OPEN)
    outcomes = await _all(saving, [Edit("A", f"text {n}\n", STRANGER, base=1) for n in range(20)])
    assert sum(isinstance(outcome, Saved) for outcome in outcomes) == 1
    assert sum(not isinstance(outcome, Saved) and bool(outcome.check(EditConflict)) for outcome in outcomes) == 19


async def test_lines_that_many_change_apart_are_all_there(database: Database, renderer: Renderer) -> None:
    lines = [f"line {n}\n" for n in range(40)]
    await database.transact(saved, "A", "".join(lines))
    saving = PageSaving(database, renderer, OPEN)
    edits = [
        Edit("A", "".join([*lines[:n], f"changed {n}\n", *lines[n + 1 :]]), STRANGER, base=1) for n in range(0, 40, 2)
    ]
    assert all(isinstance(outcome, Saved) for outcome in await _all(saving, edits))
    source = (await database.read(read_page, "A")).source
    assert source == "".join(f"changed {n}\n" if n % 2 == 0 else f"line {n}\n" for n in range(40))


async def test_strangers_save_so_many_pages_an_hour(database: Database, renderer: Renderer) -> None:
    saving = PageSaving(database, renderer, OPEN, SaveLimits(running_reactor(), of_network=2))
    for number in range(2):
        await saving.save(Edit("A", str(number), STRANGER))
    with pytest.raises(TooManySaves):
        await saving.save(Edit("A", "more", STRANGER))
    await saving.save(Edit("A", "more", Author(network="198.51.100.1")))


async def test_the_links_of_a_large_page_are_kept(database: Database, renderer: Renderer) -> None:
    saving = PageSaving(database, renderer, OPEN)
    await saving.save(Edit("A", "filler text\n\n" * 5_000 + "See OtherPage", STRANGER))
    page = await database.read(read_page, "A")
    assert await database.read(links_of, page.id) == ["OtherPage"]


class _Losing:
    """A database whose first commit happens and is reported as unknown."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.clock = database.clock
        self.free_space = database.free_space
        self._losses = 1

    async def transact(self, operation: Any, *arguments: Any) -> Any:
        result = await self._database.transact(operation, *arguments)
        if self._losses:
            self._losses -= 1
            raise CommitUnknown("lost")
        return result


@pytest.mark.parametrize("more", [{}, {"base": 1}, {"only_if": 1}])
async def test_a_save_whose_commit_was_lost_is_done_once(
    database: Database, renderer: Renderer, more: dict[str, Any]
) -> None:
    await database.transact(saved, "A", "one\n")
    saving = PageSaving(_Losing(database), renderer, OPEN)  # type: ignore[arg-type]
    assert (await saving.save(Edit("A", "two\n", STRANGER, **more))).revision == 2
    page = await database.read(read_page, "A")
    assert (page.source, page.revision) == ("two\n", 2)


async def test_a_known_page_is_read_again_when_it_or_a_linked_page_changes(database: Database, bus: Bus) -> None:
    await database.transact(saved, "A", "OtherPage")
    known = KnownPages(database, bus)
    first = await known.page("A")
    await until(lambda: bus.is_connected)
    admin = await database.transact(an_author, role=Role.ADMIN)

    async def state() -> int:
        return (await known.page("A")).links_state

    assert await state() == first.links_state
    await database.transact(saved, "OtherPage", "x")
    while await state() == first.links_state:
        await deferLater(running_reactor(), 0.005)
    await database.transact(saved, "A", "two")
    while (await known.page("A")).source != "two":
        await deferLater(running_reactor(), 0.005)
    await database.transact(delete_page, "A", admin, MEMBERS)
    known.forget("A", arrival=True)
    with pytest.raises(PageNotFound):
        await known.page("A")
    known.close()
