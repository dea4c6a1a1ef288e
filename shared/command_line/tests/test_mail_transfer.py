"""`agora import` and `agora export`: nothing is lost on the way, and nothing comes twice."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from shared.accounts.find_account import find_account
from shared.command_line.tests.conftest import Agora, read_json
from shared.database.blocking import BlockingDatabase
from shared.folders.expunge import expunge
from shared.folders.find_folders import find_folder
from shared.folders.flags import MOST_KEYWORDS
from shared.folders.folder import Folder
from shared.folders.move_entries import move_entries
from shared.folders.store_flags import store_flags
from shared.mail.transfer.export_mailbox import export_folder
from shared.testing.overtaken import overtaken

RECEIVED = 1_700_000_000  # 2023-11-14 22:13:20 UTC
FIRST = b"From: a@b.test\nSubject: first\nDate: Mon, 1 Jul 2024 10:00:00 +0000\n\nFrom here on\n>From quoted\n"
SECOND = b"From: c@d.test\nSubject: second\n\nbody\n"
CONTENTS = """
    SELECT folder.name, entry.uid, encode(string_agg(body.octets, ''::bytea ORDER BY chunk), 'escape'), flags & 31,
        extract(epoch FROM received_at)::bigint,
        (SELECT string_agg(keyword.name, ' ' ORDER BY keyword.name) FROM keyword
         WHERE keyword.folder_id = folder.id AND flags >> bit & 1 = 1)
    FROM entry JOIN folder ON folder.id = folder_id JOIN message ON message.id = message_id
        LEFT JOIN body ON body.message_id = message.id JOIN account ON account.id = folder.account_id
    WHERE account.name = %s GROUP BY folder.id, folder.name, entry.uid, flags, received_at ORDER BY 1, 2
"""


def contents(url: str, account: str) -> list[Any]:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(CONTENTS, (account,))
            return cursor.fetchall()
    finally:
        connection.close()


def add(maildir: Path, name: str, octets: bytes, received: int = RECEIVED) -> None:
    for part in ("cur", "new", "tmp"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
    file = maildir / ("cur" if ":2," in name else "new") / name
    file.write_bytes(octets)
    os.utime(file, (received, received))


@pytest.fixture
def alice(run: Agora) -> Agora:
    for name in ("alice", "bob"):
        run("user", "add", name, "--password-stdin", input="kept in a drawer\n")
    return run


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    path = tmp_path / "mail"
    add(path, "1.a:2,RS", FIRST)
    add(path, "2.b", SECOND, RECEIVED + 60)
    add(path / ".Lists.Tea &AOk-", "3.c:2,FPa", FIRST, RECEIVED + 120)
    (path / ".Lists.Tea &AOk-" / "dovecot-keywords").write_text("0 urgent\n")
    (path / "subscriptions").write_text("V\t2\n\nLists\tTea &AOk-\n")
    return path


EXPECTED = [
    ("INBOX", 1, FIRST, 1 | 8, RECEIVED, None),
    ("INBOX", 2, SECOND, 0, RECEIVED + 60, None),
    ("Lists/Tea é", 1, FIRST, 2, RECEIVED + 120, "$Forwarded urgent"),
]


def expected() -> list[Any]:
    return [(name, uid, octets.replace(b"\n", b"\r\n").decode(), *rest) for name, uid, octets, *rest in EXPECTED]


def test_a_maildir_keeps_folders_flags_keywords_and_times(alice: Agora, maildir: Path, database_url: str) -> None:
    report = read_json(alice("import", "maildir", str(maildir), "--user", "alice", "--json"))
    assert report == {"imported": 3, "already_there": 0, "folders": ["INBOX", "Lists/Tea é"], "skipped": []}
    assert contents(database_url, "alice") == expected()


def test_run_twice_it_brings_nothing_twice(alice: Agora, maildir: Path, database_url: str) -> None:
    alice("import", "maildir", str(maildir), "--user", "alice")
    again = read_json(alice("import", "maildir", str(maildir), "--user", "alice", "--json"))
    assert (again["imported"], again["already_there"]) == (0, 3)
    assert contents(database_url, "alice") == expected()


def test_what_the_source_has_twice_comes_twice_and_no_third_time(alice: Agora, tmp_path: Path) -> None:
    for name in ("1.a:2,S", "2.b:2,S"):
        add(tmp_path / "mail", name, SECOND)
    for imported, there in ((2, 0), (0, 2)):
        report = read_json(alice("import", "maildir", str(tmp_path / "mail"), "--user", "alice", "--json"))
        assert (report["imported"], report["already_there"]) == (imported, there)


def test_an_import_that_was_interrupted_goes_on(alice: Agora, maildir: Path, database_url: str) -> None:
    kept = maildir / "new" / "2.b"
    octets = kept.read_bytes()
    kept.unlink()
    alice("import", "maildir", str(maildir), "--user", "alice")
    add(maildir, "2.b", octets, RECEIVED + 60)
    report = read_json(alice("import", "maildir", str(maildir), "--user", "alice", "--json"))
    assert (report["imported"], report["already_there"]) == (1, 2)
    assert contents(database_url, "alice") == expected()


def test_a_tree_of_addresses_is_imported_for_each(alice: Agora, tmp_path: Path, database_url: str) -> None:
    add(tmp_path / "alice@example.org" / "Inbox", "1.a:2,S", FIRST)
    add(tmp_path / "alice@example.org" / "Name.Sub", "1.a:2,", SECOND)
    add(tmp_path / "bob@example.org" / "inBOX", "1.a:2,", SECOND)
    alice("import", "maildir", str(tmp_path))
    assert [row[0] for row in contents(database_url, "alice")] == ["INBOX", "Name/Sub"]
    assert [row[0] for row in contents(database_url, "bob")] == ["INBOX"]
    add(tmp_path / "nobody@example.org" / "Inbox", "1.a:2,", SECOND)
    assert "nobody@example.org is neither an account" in alice("import", "maildir", str(tmp_path), status=1).output


@pytest.mark.parametrize("form", ["maildir", "mbox"])
def test_nothing_differs_after_export_and_import(
    alice: Agora, maildir: Path, tmp_path: Path, database_url: str, form: str
) -> None:
    """Into another account; names of folders may hold what file systems or the form itself would take amiss."""
    for folder in ("v1.2", ".hidden", "50%", "a\\b", "R&D"):
        source = tmp_path / "one"
        add(source, f"{len(folder)}.x:2,D", FIRST + folder.encode() + b"\n")
        alice("import", "mbox", "--user", "alice", "--folder", folder, str(as_mbox(source, tmp_path / f"{form}.mbox")))
    alice("import", "maildir", str(maildir), "--user", "alice")
    before = contents(database_url, "alice")
    assert len(before) > 7
    target = tmp_path / "exported"
    alice("export", form, "alice", str(target))
    assert "is not empty" in alice("export", form, "alice", str(target), status=1).output
    alice("import", form, str(target), "--user", "bob")
    assert contents(database_url, "bob") == before
    again = tmp_path / "again"
    alice("export", form, "bob", str(again))
    names = sorted(str(file.relative_to(target)) for file in target.rglob("*.mbox"))
    assert all((target / name).read_bytes() == (again / name).read_bytes() for name in names)


def folder_of_alice(store: BlockingDatabase, name: str) -> Folder:
    account = store.read(find_account, "alice")
    return store.read(find_folder, account.id, name)


@pytest.mark.parametrize("behind", range(1, 7))
def test_an_export_counts_what_it_has_written(
    alice: Agora, maildir: Path, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    alice("import", "maildir", str(maildir), "--user", "alice")
    store, target = BlockingDatabase(database_url, "test"), tmp_path / "exported"
    inbox = folder_of_alice(store, "INBOX")

    def expunged() -> None:
        store.transact(expunge, inbox.id, [2], deleted_only=False)

    monkeypatch.setattr("shared.database.blocking.Transaction", overtaken(behind, expunged))
    said = alice("export", "maildir", "alice", str(target)).output
    assert len(contents(database_url, "alice")) == 2
    assert said.startswith(f"{len(list(target.rglob('cur/*')))} messages of ")


@pytest.mark.parametrize("behind", range(1, 4))
def test_an_exported_message_has_the_keywords_of_one_moment(
    alice: Agora, maildir: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, behind: int
) -> None:
    alice("import", "maildir", str(maildir), "--user", "alice")
    store = BlockingDatabase(database_url, "test")
    folder = folder_of_alice(store, "Lists/Tea é")
    others = [f"other{number}" for number in range(MOST_KEYWORDS)]

    def replaced() -> None:
        for keywords in ([], others, others[:1]):  # which has a bit that one of the former had
            store.transact(store_flags, folder.id, [1], "replace", 0, keywords)

    monkeypatch.setattr("shared.database.blocking.Transaction", overtaken(behind, replaced))
    [(_, carried)] = export_folder(store, folder)
    assert sorted(carried.keywords) in (["$Forwarded", "urgent"], others[:1])


def as_mbox(maildir: Path, file: Path) -> Path:
    texts = [path.read_bytes().replace(b"\n>From", b"\n>>From").replace(b"\nFrom ", b"\n>From ")
             for path in sorted((maildir / "cur").iterdir())]  # fmt: skip
    file.write_bytes(b"".join(b"From a@b.test Mon Jul  1 10:00:00 2024\n" + text + b"\n" for text in texts))
    return file


def test_what_cannot_be_imported_is_reported_and_the_rest_comes(alice: Agora, tmp_path: Path) -> None:
    (tmp_path / "text.mbox").write_text("Dear all,\nFrom now on we meet at five.\n")
    (tmp_path / "good.mbox").write_bytes(b"From x Mon Jul  1 10:00:00 2024\nSubject: x\n\nFrom now on\n\n")
    (tmp_path / "empty.mbox").write_bytes(b"")
    report = read_json(alice("import", "mbox", str(tmp_path), "--user", "alice", "--json", status=1))
    assert (report["imported"], report["folders"]) == (1, ["empty", "good", "text"])
    assert [each["reason"] for each in report["skipped"]] == [
        "it does not begin with a line `From …`, as an mbox file does"
    ]
    add(tmp_path / "mail" / ".Rooms.own", "1.a:2,", FIRST)
    refused = alice("import", "maildir", str(tmp_path / "mail"), "--user", "alice", status=1)
    assert "folder Rooms/own" in refused.output


def test_a_quota_ends_nothing_but_what_it_is_about(alice: Agora, maildir: Path) -> None:
    alice("user", "set-quota", "alice", "100")
    report = read_json(alice("import", "maildir", str(maildir), "--user", "alice", "--json", status=1))
    assert (report["imported"], len(report["skipped"])) == (1, 2)


def test_what_was_expunged_comes_back_under_new_numbers(alice: Agora, maildir: Path, database_url: str) -> None:
    """What was moved is not brought back beside itself, and nothing comes back twice."""
    alice("import", "maildir", str(maildir), "--user", "alice")
    query = "SELECT id FROM folder WHERE name = 'INBOX' AND account_id = (SELECT id FROM account WHERE name = 'alice')"
    store = BlockingDatabase(database_url, "test")
    inbox = store.read(lambda tx: tx.value(query))
    trash = store.read(lambda tx: tx.value(query.replace("INBOX", "Trash")))
    store.transact(move_entries, inbox, trash, [1])
    store.transact(expunge, inbox, [2], deleted_only=False)
    assert alice("undelete", "alice", "--since", "1h").output == "1 messages are back in INBOX.\n"
    assert [row[:2] for row in contents(database_url, "alice")] == [("INBOX", 3), ("Lists/Tea é", 1), ("Trash", 1)]
    assert alice("undelete", "alice", "INBOX").output == "There is nothing to bring back.\n"
    store.transact(expunge, inbox, [3], deleted_only=False)
    alice("user", "set-quota", "alice", "1")
    assert "quota" in alice("undelete", "alice", status=1).output
