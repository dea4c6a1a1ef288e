"""A column added to a folder is added in one place: everything that reads folders still unpacks its rows."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import shared.folders.folder
from shared.database.transaction import Transaction

LAST_FIELD = "    octets: int\n"

Fresh = Callable[[str], Any]


@pytest.fixture
def fresh() -> Iterator[Fresh]:
    """Imports a module of shared/folders anew, in a tree where folders have one more column."""
    ours = {name: module for name, module in sys.modules.items() if name.startswith("shared.folders")}
    source = inspect.getsource(shared.folders.folder)
    assert source.count(LAST_FIELD) == 1
    widened = ModuleType("shared.folders.folder")
    for name in ours:
        del sys.modules[name]
    sys.modules["shared.folders.folder"] = widened
    exec(source.replace(LAST_FIELD, LAST_FIELD + "    topic: str\n"), widened.__dict__)
    yield lambda name: importlib.import_module(f"shared.folders.{name}")
    for name in [name for name in sys.modules if name.startswith("shared.folders")]:
        del sys.modules[name]
    sys.modules.update(ours)


def test_everything_that_reads_folders_goes_on(transaction: Transaction, fresh: Fresh) -> None:
    transaction.execute("ALTER TABLE folder ADD COLUMN topic text NOT NULL DEFAULT 'tea'")
    build = fresh("tests.build")
    account = build.an_owner(transaction)
    created = fresh("create_folder").create_folder(transaction, account, "a/b")
    assert created.topic == "tea"
    fresh("subscribe").subscribe(transaction, account, "nowhere")
    build.put(transaction, created.id, 3, keywords=["tea"])
    appending = fresh("append")
    message = appending.Append(build.a_message(), [appending.AppendTarget(created.id, 0, ["tea"])])
    (appended,) = appending.append_entries(transaction, [message])
    assert [place.uid for place in appended.places] == [4]
    found = fresh("find_folders").find_folder(transaction, account, "a/b")
    assert (found.messages, found.highest_modseq) == (4, 3)
    assert fresh("find_folders").find_folders(transaction, [(account, "a/b")]) == {(account, "a/b"): found}
    assert fresh("lock").lock_folder(transaction, created.id) == found
    snapshot = fresh("open_folder").open_folder(transaction, created.id, sizes=True)
    assert (list(snapshot.uids), snapshot.keywords, snapshot.folder) == ([1, 2, 3, 4], {5: "tea"}, found)
    changes = fresh("changes").changes_since(transaction, created.id, 2)
    assert (list(changes.uids), list(changes.vanished), changes.keywords) == ([4], [], {5: "tea"})
    listed = {each.name: each.folder for each in fresh("list_folders").list_folders(transaction, account)}
    assert (listed["a/b"], listed["nowhere"]) == (found, None)
    fresh("store_flags").store_flags(transaction, created.id, [1], "add", 4)
    assert list(fresh("expunge").expunge(transaction, created.id).uids) == [1]
    target = fresh("create_folder").create_folder(transaction, account, "c")
    assert list(fresh("move_entries").move_entries(transaction, created.id, target.id, [2, 3]).new_uids) == [1, 2]
    fresh("rename_folder").rename_folder(transaction, account, "c", "d")
    fresh("delete_folder").delete_folder(transaction, account, "d")
