"""Pages of the wiki over SSH."""

from __future__ import annotations

import json
from typing import Any

import asyncssh

from services.ssh_admin.tests.conftest import SshDoor


def put(door: SshDoor, source: bytes, *options: str, name: str = "Tea", user: str = "alice") -> Any:
    async def work(connection: asyncssh.SSHClientConnection) -> asyncssh.SSHCompletedProcess:
        return await connection.run(f"page put {name} {' '.join(options)}", input=source, encoding=None)

    return door.connect(work, username=user)


def test_a_page_is_kept_octet_for_octet_with_its_history(door: SshDoor) -> None:
    source = "At four?\r\n\tYes.\n\u8336 \u202e\n".encode()
    made = put(door, source)
    assert (made.exit_status, made.stdout) == (0, b"Tea is there: revision 1.\n")
    assert put(door, b"At five.\n", "--comment", "later").stdout == b"Tea is saved: revision 2.\n"

    async def work(connection: asyncssh.SSHClientConnection) -> bytes:
        shown = (await connection.run("page show Tea --revision 1", encoding=None)).stdout
        assert isinstance(shown, bytes)
        return shown

    assert door.connect(work, username="alice") == source
    history, listed, back = door.run("page history Tea --json", "page list T --json", "page revert Tea 1")
    assert [(line["revision"], line["author"], line["comment"]) for line in json.loads(history.stdout)] == [
        (2, "alice", "later"),
        (1, "alice", ""),
    ]
    assert [page["name"] for page in json.loads(listed.stdout)] == ["Tea"]
    assert back.stdout == "Tea is saved: revision 3.\n"


def test_what_others_changed_is_merged_or_refused_with_the_difference(door: SshDoor) -> None:
    put(door, b"one\ntwo\nthree\n")
    put(door, b"ONE\ntwo\nthree\n", user="root")
    merged = put(door, b"one\ntwo\nTHREE\n", "--base", "1")
    assert merged.stdout == b"Tea is saved: revision 3, merged with what others have changed.\n"
    refused = put(door, b"uno\ntwo\nthree\n", "--base", "1")
    assert refused.exit_status == 1
    assert b"+uno" in refused.stderr
    assert b"Tea is at revision 3, and nothing is saved" in refused.stderr


def test_a_page_for_administrators_is_not_written_by_a_member(door: SshDoor) -> None:
    put(door, b"As it is.\n", user="root")
    door.transaction.execute("UPDATE page SET writers = 'admins' WHERE name = 'Tea'")
    door.transaction.commit()
    refused = put(door, b"Otherwise.\n")
    assert (refused.exit_status, refused.stderr) == (1, b"agora: only admins write this page\n")
    assert put(door, b"Otherwise.\n", user="root").exit_status == 0


def test_nobody_writes_as_somebody_else_and_there_is_no_editor(door: SshDoor) -> None:
    assert put(door, b"x", "--as", "root").stderr == b"agora: over SSH you write as yourself\n"
    edit, missing, latin = door.run("page edit Tea", "page show Nowhere", "page put", username="alice")
    assert "No such command 'edit'" in edit.stderr
    assert missing.stderr == "agora: there is no page called Nowhere\n"
    assert latin.exit_status == 2
    assert put(door, b"\xff\xfe").stderr == b"agora: the text is not UTF-8\n"
