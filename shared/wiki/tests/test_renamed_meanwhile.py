"""A page is renamed while another transaction is about to do something with it by its name."""

from __future__ import annotations

import pytest

from shared.database.blocking import BlockingDatabase
from shared.database.transaction import NO_TRANSACTION, Transaction
from shared.testing.overtaken import overtaken_transaction
from shared.wiki.errors import PageMoved, PageTaken
from shared.wiki.page import Author
from shared.wiki.read_page import read_page
from shared.wiki.rename_page import rename_page
from shared.wiki.save_page import Saved
from shared.wiki.tests.build import MEMBERS, an_author, saved


@pytest.fixture
def alice(transaction: Transaction) -> Author:
    """A member. The page B is hers, and its former name is A."""
    alice = an_author(transaction, "alice")
    saved(transaction, "A", "one\n", alice)
    rename_page(transaction, "A", "B", alice, MEMBERS)
    transaction.commit()
    return alice


@pytest.fixture
def store(database_url: str) -> BlockingDatabase:
    """For what happens meanwhile."""
    return BlockingDatabase(database_url, "tests")


@pytest.mark.parametrize(("behind", "new_name"), [(1, "A"), (1, "C"), (2, "A"), (2, "C")])
def test_a_page_that_is_renamed_while_it_is_saved_by_its_former_name_is_saved(
    alice: Author, store: BlockingDatabase, database_url: str, behind: int, new_name: str
) -> None:
    def meanwhile() -> None:
        store.transact(rename_page, "B", new_name, alice, MEMBERS)

    with overtaken_transaction(database_url, behind, meanwhile) as tx:
        assert saved(tx, "A", "two\n") == Saved(new_name, 2, created=False, merged=False, changed=True)
    assert store.read(read_page, new_name).source == "two\n"


def test_a_page_that_takes_the_former_name_while_that_is_saved_is_saved(
    alice: Author, store: BlockingDatabase, database_url: str
) -> None:
    def meanwhile() -> None:
        store.transact(saved, "A", "another\n", only_new=True)

    with overtaken_transaction(database_url, 1, meanwhile) as tx:
        assert saved(tx, "A", "two\n", alice) == Saved("A", 2, created=False, merged=False, changed=True)
    assert store.read(read_page, "B").source == "one\n"


@pytest.mark.parametrize("revision", [None, 1])
def test_a_page_that_gets_its_former_name_back_while_it_is_read_by_that_is_found(
    alice: Author, store: BlockingDatabase, database_url: str, revision: int | None
) -> None:
    def meanwhile() -> None:
        store.transact(rename_page, "B", "A", alice, MEMBERS)

    with overtaken_transaction(database_url, 1, meanwhile, NO_TRANSACTION) as tx:
        assert read_page(tx, "A", revision).source == "one\n"


@pytest.mark.parametrize("behind", [1, 2])
def test_a_name_that_a_page_leaves_while_another_is_renamed_to_it_goes_on_leading_to_the_first(
    alice: Author, store: BlockingDatabase, database_url: str, behind: int
) -> None:
    store.transact(saved, "Other", "x\n")

    def meanwhile() -> None:
        store.transact(rename_page, "B", "C", alice, MEMBERS)

    with overtaken_transaction(database_url, behind, meanwhile) as tx, pytest.raises(PageTaken):
        rename_page(tx, "Other", "B", alice, MEMBERS)
    with pytest.raises(PageMoved) as moved:
        store.read(read_page, "B")
    assert moved.value.to == "C"
