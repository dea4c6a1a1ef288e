"""OpenSSH's sftp, and sshfs with vim and sed over it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.ssh_admin.tests.conftest import SshDoor
from services.ssh_admin.tests.test_sftp import audited, put, source
from shared.administration.pages import list_all
from shared.command_line.terminal.surroundings import follow_surroundings
from shared.testing.eventually import eventually
from shared.wiki.name import HOME

PATIENCE_SECONDS = 60


def run(*command: str | Path, input: str = "", environment: dict[str, str] | None = None) -> tuple[int, str]:
    with follow_surroundings():  # pytest puts streams of its own in place for each phase of a test
        done = subprocess.run(
            list(map(str, command)),
            input=input.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE_SECONDS,
            check=False,
            env={**os.environ, **(environment or {})},
        )
    return done.returncode, done.stdout.decode()


def options(door: SshDoor) -> list[str]:
    key = door.make_key("ed25519")
    door.add_key(key, "alice")
    given = ("BatchMode=yes", "StrictHostKeyChecking=accept-new", f"UserKnownHostsFile={door.folder}/known_hosts",
             "IdentitiesOnly=yes", f"IdentityFile={key}", "LogLevel=ERROR")  # fmt: skip
    return [word for each in given for word in ("-o", each)]


@pytest.mark.skipif(shutil.which("sftp") is None, reason="OpenSSH's sftp is not installed")
def test_openssh_puts_lists_renames_and_removes(door: SshDoor, tmp_path: Path) -> None:
    (tmp_path / "tea.md").write_text("At four?\n" * 20_000)
    batch = f"""
        put {tmp_path}/tea.md pages/Tea.md
        ls -l pages
        rename pages/Tea.md "pages/Tea time.md"
        get "pages/Tea time.md" {tmp_path}/back.md
        cd pages
        ls -1
        -rm Nowhere.md
        rm "Tea time.md"
    """
    status, text = run(
        "sftp", "-F", "none", *options(door), "-P", str(door.port), "-b", "-", "alice@127.0.0.1", input=batch
    )
    assert status == 0, text
    assert "-rw-r--r--    1 alice    alice      180000 " in text
    assert "\nTea time.md\n" in text
    assert (tmp_path / "back.md").read_bytes() == (tmp_path / "tea.md").read_bytes()
    assert [row[2] for row in audited(door)] == [0, 0, 1, 0]


@pytest.fixture
def mounted(door: SshDoor, tmp_path: Path) -> Iterator[Path]:
    if shutil.which("sshfs") is None:
        pytest.skip("sshfs is not installed")
    folder = tmp_path / "mounted"
    folder.mkdir()
    status, text = run("sshfs", "-F", "/dev/null", *options(door), "-p", str(door.port), "alice@127.0.0.1:/", folder)
    if status != 0:
        pytest.skip(f"nothing is mounted here: {text.strip()}")
    try:
        yield folder
    finally:
        assert run("fusermount3", "-u", folder)[0] == 0


def test_sed_in_place_and_cp_and_mv_work_over_sshfs(door: SshDoor, mounted: Path) -> None:
    put(door, "Tea", "At four?\n")
    assert run("sed", "-i", "s/four/five/", mounted / "pages/Tea.md") == (0, "")
    assert source(door, "Tea") == (2, "At five?\n")
    (mounted / "pages/Drinks").mkdir()
    (mounted / "pages/Drinks/Cocoa.md").write_text("Hot.\n")
    (mounted / "pages/Drinks/Cocoa.md").rename(mounted / "pages/Drinks/Hot cocoa.md")
    with (mounted / "pages/Drinks/Hot cocoa.md").open("a") as file:
        file.write("Sweet.\n")
    eventually(lambda: source(door, "Drinks/Hot cocoa")[1] == "Hot.\nSweet.\n", "the page is saved")
    assert sorted(each.name for each in (mounted / "pages").iterdir()) == ["Drinks", "Tea.md", f"{HOME}.md"]
    shutil.rmtree(mounted / "pages/Drinks")
    assert sorted(each.name for each in (mounted / "pages").iterdir()) == ["Tea.md", f"{HOME}.md"]


@pytest.mark.skipif(shutil.which("vim") is None, reason="vim is not installed")
@pytest.mark.parametrize("copies", ["auto", "no", "yes"])
def test_vim_edits_a_page_over_sshfs_and_leaves_nothing_behind(
    door: SshDoor, mounted: Path, tmp_path: Path, copies: str
) -> None:
    put(door, "Tea", "At four?\n")
    status, text = run(
        "vim", "-u", "NONE", "-N", "-i", "NONE", "-es", "-c", f"set swapfile backup fsync backupcopy={copies}",
        "-c", "%s/four/five/", "-c", "write", "-c", "%s/five/six/", "-c", "wq", mounted / "pages/Tea.md",
        environment={"HOME": str(tmp_path), "TERM": "dumb"},
    )  # fmt: skip
    assert status == 0, text
    eventually(lambda: source(door, "Tea") == (3, "At six?\n"), "the page is saved")
    left = {each.name for each in (mounted / "pages").iterdir()}
    assert left - {"Tea.md~"} == {"Tea.md", f"{HOME}.md"}
    assert [page.name for page in list_all(door.transaction, "root")] == ["Tea", HOME]


def test_who_syncs_a_text_is_told_that_the_page_was_changed_in_the_same_lines(door: SshDoor, mounted: Path) -> None:
    put(door, "Tea", "At four?\n")
    page = mounted / "pages/Tea.md"
    assert page.read_text() == "At four?\n"
    put(door, "Tea", "At noon?\n", by="root")
    file = os.open(page, os.O_WRONLY | os.O_TRUNC)
    os.write(file, b"At five?\n")
    with pytest.raises(OSError, match=r"\[Errno [15]\]"):
        os.fsync(file)
    os.close(file)
    assert source(door, "Tea") == (2, "At noon?\n")
    refused = page.with_name("Tea.md.refused")
    eventually(refused.exists, "the text is beside")
    assert refused.read_text() == "At five?\n"
