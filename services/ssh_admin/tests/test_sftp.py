"""Pages and rooms as files, by AsyncSSH's client of SFTP."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import asyncssh
import pytest

from services.ssh_admin.sftp.handles import MOST_HANDLES
from services.ssh_admin.sftp.page_directories import AT_ONCE
from services.ssh_admin.tests.conftest import SshDoor
from shared.accounts.find_account import find_account
from shared.administration import pages as administration
from shared.wiki.page import Author
from shared.wiki.policy import Writers
from shared.wiki.rights import set_writers

Result = TypeVar("Result")


def files(door: SshDoor, work: Callable[[asyncssh.SFTPClient], Coroutine[Any, Any, Result]], **options: Any) -> Result:
    async def run(connection: asyncssh.SSHClientConnection) -> Result:
        async with connection.start_sftp_client() as client:
            return await work(client)

    return door.connect(run, **{"username": "alice", **options})


def put(door: SshDoor, name: str, source: str, by: str = "alice") -> int:
    saved = administration.put(door.transaction, by, name, source)
    door.transaction.commit()
    return saved.revision


def source(door: SshDoor, name: str) -> tuple[int, str]:
    door.transaction.rollback()
    page = administration.show(door.transaction, "root", name)
    door.transaction.rollback()
    return page.revision, page.source


async def write(client: asyncssh.SFTPClient, path: str, octets: bytes, mode: str = "wb") -> None:
    async with client.open(path, mode) as file:
        await file.write(octets)


async def read(client: asyncssh.SFTPClient, path: str) -> bytes:
    async with client.open(path, "rb") as file:
        octets = await file.read()
    assert isinstance(octets, bytes)
    return octets


def audited(door: SshDoor) -> list[tuple[Any, ...]]:
    door.transaction.rollback()
    return door.transaction.rows("SELECT account, command, status FROM command_audit ORDER BY id")


def test_a_page_is_a_file_that_is_read_written_renamed_and_removed(door: SshDoor) -> None:
    text = "At four?\r\n茶 \t\n".encode()

    async def work(client: asyncssh.SFTPClient) -> list[bytes]:
        await write(client, "/pages/Tea.md", text)
        assert (await client.stat("/pages/Tea.md")).size == len(text)
        await client.rename("/pages/Tea.md", "/pages/Drinks/Tea time.md")
        names = [await client.listdir(path) for path in ("/", "/pages", "/pages/Drinks")]
        assert [sorted(each) for each in names] == [["pages", "rooms"], ["Drinks", "WikiHome.md"], ["Tea time.md"]]
        back = await read(client, "/pages/Drinks/Tea time.md")
        await client.remove("/pages/Drinks/Tea time.md")
        await client.rmdir("/pages/Drinks")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.stat("/pages/Drinks")
        return [back]

    assert files(door, work) == [text]
    assert [row[1:] for row in audited(door)] == [
        ("sftp write pages/Tea.md", 0),
        ("sftp rename pages/Tea.md 'pages/Drinks/Tea time.md'", 0),
        ("sftp remove 'pages/Drinks/Tea time.md'", 0),
    ]


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Any Title", "Any Title.md"),
        ("A/B/C", "A/B/C.md"),
        ("50%", "50%25.md"),
        (".hidden", "%2Ehidden.md"),
        ("Notes.md/Old", "Notes%2Emd/Old.md"),
        ("茶" * 100, "茶" * 80 + "%/" + "茶" * 20 + ".md"),
        ("a" * 118 + "?" * 60, "a" * 118 + ("%3F" * 60)[:122] + "%/" + ("%3F" * 60)[122:] + ".md"),
    ],
)
def test_each_page_has_one_file_which_is_found_by_listing(door: SshDoor, name: str, file: str) -> None:
    put(door, name, "x")
    put(door, "Notes.md", "a page beside")

    async def work(client: asyncssh.SFTPClient) -> list[str]:
        found, folders = [], ["/pages"]
        while folders:
            folder = folders.pop()
            for entry in await client.readdir(folder):
                path = f"{folder}/{entry.filename!s}"
                if entry.attrs.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                    folders.append(path)
                else:
                    assert await read(client, path)
                    found.append(path)
        return found

    assert sorted(files(door, work)) == sorted(f"/pages/{each}" for each in (file, "Notes.md.md", "WikiHome.md"))


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("Tea_time.md", "the file of this page is called Tea time.md"),
        ("Tea%20time.md", "the file of this page is called Tea time.md"),
        ("search.md", "/search is a path of the site itself"),
        ("Te\u200ba.md", "this cannot be a page's name"),
    ],
)
def test_other_spellings_are_refused_with_the_right_one(door: SshDoor, file: str, sentence: str) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        with pytest.raises(asyncssh.SFTPFailure, match=sentence):
            await write(client, f"/pages/{file}", b"x")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.stat(f"/pages/{file}")

    files(door, work)


def test_a_directory_of_a_thousand_pages_is_listed_whole_and_its_pages_are_passed_over_above(door: SshDoor) -> None:
    names = [f"Many/{number:04}" for number in range(2 * AT_ONCE + 5)]
    administration.put_all(
        door.transaction, "alice", [(name, "x", None) for name in [*names, "Many", "Zoo", "Many more"]]
    )
    door.transaction.commit()

    async def work(client: asyncssh.SFTPClient) -> list[list[str]]:
        return [sorted(await client.listdir(path)) for path in ("/pages", "/pages/Many")]

    above, below = files(door, work)
    assert above == ["Many", "Many more.md", "Many.md", "WikiHome.md", "Zoo.md"]
    assert below == [f"{number:04}.md" for number in range(2 * AT_ONCE + 5)]


def test_what_others_changed_since_it_was_read_is_merged_or_refused_and_kept_aside(door: SshDoor) -> None:
    put(door, "Tea", "one\ntwo\nthree\n")

    async def work(client: asyncssh.SFTPClient) -> bytes:
        await read(client, "/pages/Tea.md")
        put(door, "Tea", "ONE\ntwo\nthree\n", by="root")
        await write(client, "/pages/Tea.md", b"one\ntwo\nTHREE\n")
        assert source(door, "Tea") == (3, "ONE\ntwo\nTHREE\n")
        with pytest.raises(asyncssh.SFTPFailure, match="Tea is at revision 3, which has changed the same lines"):
            await write(client, "/pages/Tea.md", b"uno\ntwo\nthree\n")
        return await read(client, "/pages/Tea.md.refused")

    assert files(door, work) == b"uno\ntwo\nthree\n"
    assert source(door, "Tea") == (3, "ONE\ntwo\nTHREE\n")
    assert [row[1:] for row in audited(door)] == [("sftp write pages/Tea.md", 0), ("sftp write pages/Tea.md", 1)]


def test_appending_truncating_and_writing_in_the_middle_are_as_in_a_file(door: SshDoor) -> None:
    put(door, "Tea", "0123456789\n")

    async def work(client: asyncssh.SFTPClient) -> list[str]:
        await write(client, "/pages/Tea.md", b"more\n", "ab")
        texts = [source(door, "Tea")[1]]
        async with client.open("/pages/Tea.md", "r+b") as file:
            await file.seek(2)
            await file.write(b"xx")
            await file.truncate(6)
        texts.append(source(door, "Tea")[1])
        await client.truncate("/pages/Tea.md", 3)
        return [*texts, source(door, "Tea")[1]]

    assert files(door, work) == ["0123456789\nmore\n", "01xx45", "01x"]


def test_a_temporary_file_is_moved_over_a_page_and_is_no_page_itself(door: SshDoor) -> None:
    put(door, "Tea", "one\n")

    async def work(client: asyncssh.SFTPClient) -> None:
        for temporary in ("sedAb3x", ".Tea.md.swp", "4913", "Tea.md~", ".#Tea.md"):
            await read(client, "/pages/Tea.md")
            await write(client, f"/pages/{temporary}", f"by {temporary}\n".encode())
            assert temporary in await client.listdir("/pages")
            with pytest.raises(asyncssh.SFTPFailure, match="there is a file of this name already"):
                await client.rename(f"/pages/{temporary}", "/pages/Tea.md")
            await client.posix_rename(f"/pages/{temporary}", "/pages/Tea.md")
            assert source(door, "Tea")[1] == f"by {temporary}\n"
        assert sorted(await client.listdir("/pages")) == ["Tea.md", "WikiHome.md"]

    files(door, work)
    assert source(door, "Tea")[0] == 6
    assert [page.name for page in administration.list_all(door.transaction, "root")] == ["Tea", "WikiHome"]


def test_a_page_that_is_moved_out_of_the_way_is_written_anew_and_never_gone(door: SshDoor) -> None:
    put(door, "Tea", "one\n")

    async def work(client: asyncssh.SFTPClient) -> None:
        await client.rename("/pages/Tea.md", "/pages/Tea.md~")
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.stat("/pages/Tea.md")
        assert source(door, "Tea") == (1, "one\n")
        await write(client, "/pages/Tea.md", b"two\n")
        await client.remove("/pages/Tea.md~")
        assert await read(client, "/pages/Tea.md") == b"two\n"
        await client.rename("/pages/Tea.md", "/pages/Tea.md~")
        await client.remove("/pages/Tea.md~")
        assert await read(client, "/pages/Tea.md") == b"two\n"

    files(door, work)
    assert source(door, "Tea") == (2, "two\n")


def test_rights_are_those_of_the_account(door: SshDoor) -> None:
    put(door, "Tea", "x", by="root")
    put(door, "Rules", "x", by="root")
    set_writers(door.transaction, "Rules", Writers.ADMINS, Author(find_account(door.transaction, "root")))
    door.transaction.commit()

    async def work(client: asyncssh.SFTPClient) -> None:
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="moderators delete pages"):
            await client.remove("/pages/Tea.md")
        with pytest.raises(asyncssh.SFTPPermissionDenied, match="only admins write this page"):
            await client.open("/pages/Rules.md", "wb")
        for path in ("/x.md", "/rooms/x.mbox", "/rooms/x"):
            with pytest.raises(asyncssh.SFTPPermissionDenied):
                await client.open(path, "wb")
        with pytest.raises(asyncssh.SFTPPermissionDenied):
            await client.mkdir("/rooms/x")

    files(door, work)


def test_a_text_that_is_no_text_or_too_long_is_refused(door: SshDoor) -> None:
    async def work(client: asyncssh.SFTPClient) -> None:
        with pytest.raises(asyncssh.SFTPFailure, match="the text is not UTF-8"):
            await write(client, "/pages/Tea.md", b"\xff\xfe")
        with pytest.raises(asyncssh.SFTPFailure, match="at most 10485760 octets"):
            async with client.open("/pages/Tea.md", "wb") as file:
                await file.write(b"x", 10 << 20)
        with pytest.raises(asyncssh.SFTPNoSuchFile):
            await client.open("/pages/Nowhere.md")

    files(door, work)


def test_what_was_not_closed_is_not_saved_and_handles_have_a_limit(door: SshDoor) -> None:
    put(door, "Tea", "one\n")

    async def work(client: asyncssh.SFTPClient) -> None:
        opened = [await client.open("/pages/Tea.md") for _ in range(MOST_HANDLES - 1)]
        half = await client.open("/pages/Tea.md", "wb")
        await half.write(b"half")
        with pytest.raises(asyncssh.SFTPFailure, match=f"at most {MOST_HANDLES} files"):
            await client.open("/pages/Tea.md")
        assert len(opened) == MOST_HANDLES - 1

    files(door, work)
    assert source(door, "Tea") == (1, "one\n")


def test_a_thousand_requests_ahead_are_answered_in_order(door: SshDoor) -> None:
    put(door, "Tea", "x" * 100_000)

    async def work(client: asyncssh.SFTPClient) -> int:
        async with client.open("/pages/Tea.md", "rb", block_size=-1) as file:
            pieces = await asyncio.gather(*(file.read(100, at * 100) for at in range(1000)))
        return sum(len(piece) for piece in pieces)

    assert files(door, work) == 100_000


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">LBL", 5, 5, 1),  # READ before INIT
        struct.pack(">L", 0),
        struct.pack(">L", 1 << 31) + b"x" * 100,
        struct.pack(">LB", 1, 1),
        struct.pack(">LBL", 5, 1, 3) + struct.pack(">LB", 3, 3) + b"xy",
    ],
)
def test_garbage_ends_the_session_and_nothing_else(door: SshDoor, sent: bytes) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> tuple[Any, Any]:
        process = await connection.create_process(subsystem="sftp", encoding=None)
        process.stdin.write(sent)
        await asyncio.wait_for(process.wait_closed(), 20)
        return process.exit_status, (await connection.run("echo still here")).stdout

    assert door.connect(work) == (1, "still here\n")


def test_a_request_that_is_cut_off_or_unknown_is_answered(door: SshDoor) -> None:
    async def work(connection: asyncssh.SSHClientConnection) -> list[int]:
        process = await connection.create_process(subsystem="sftp", encoding=None)
        process.stdin.write(struct.pack(">LBL", 5, 1, 3))
        await process.stdout.readexactly(struct.unpack(">L", await process.stdout.readexactly(4))[0])
        codes = []
        for request in (struct.pack(">BLL", 3, 7, 99), struct.pack(">BL", 20, 7), struct.pack(">BLL", 4, 7, 0)):
            process.stdin.write(struct.pack(">L", len(request)) + request)
            answer = await process.stdout.readexactly(struct.unpack(">L", await process.stdout.readexactly(4))[0])
            kind, number, code = struct.unpack(">BLL", answer[:9])
            assert (kind, number) == (101, 7)
            codes.append(code)
        return codes

    assert door.connect(work) == [5, 8, 4]
