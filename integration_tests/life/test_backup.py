"""The store of a local stack as a file, and back; and the store alone."""

from __future__ import annotations

import imaplib
import json
import os
import re
import shlex
import signal
import smtplib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from integration_tests.faults.ledger import Place, message_id, read_folder
from integration_tests.faults.load import Load
from integration_tests.life.local_stack import PATIENCE, PATIENCE_SECONDS, LocalStack
from integration_tests.stack.local import running_stack
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack
from shared.command_line.state_directory import ROOT
from shared.doors import LOOPBACK

pytestmark = pytest.mark.local_only
SEED = 20261126


@dataclass(frozen=True)
class Mailbox:
    """INBOX as IMAP shows it."""

    subjects: list[str]
    uid_validity: int
    uid_next: int


def _deliver(local: LocalStack, subject: str) -> None:
    with smtplib.SMTP(LOOPBACK, local.status()["ports"]["smtp"], timeout=20) as session:
        session.sendmail("stranger@example.org", ["alice@localhost"], f"Subject: {subject}\r\n\r\nx\r\n")


def _mailbox(local: LocalStack, password: str) -> Mailbox:
    with imaplib.IMAP4(LOOPBACK, local.status()["ports"]["imap"], timeout=20) as session:
        session.login("alice", password)
        told = session.status("INBOX", "(UIDVALIDITY UIDNEXT)")[1][0]
        uid_validity, uid_next = map(int, re.findall(r"\d+", str(told)))
        session.select("INBOX")
        fetched = session.fetch("1:*", "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        subjects = [part[1].decode().strip().removeprefix("Subject: ") for part in fetched if isinstance(part, tuple)]
        return Mailbox(subjects, uid_validity, uid_next)


def test_a_backup_of_a_running_stack_is_restored_and_numbers_go_on(local: LocalStack, tmp_path: Path) -> None:
    local.up()
    added = local.agora("user", "add", "alice", "--generate-password", "--json")
    password = json.loads(added.stdout)["password"]
    _deliver(local, "before")
    before = _mailbox(local, password)
    archive = tmp_path / "agora.dump"
    done = local.agora("store", "dump", str(archive))
    assert (done.returncode, archive.stat().st_mode & 0o777) == (0, 0o600), done.stderr
    assert "is there already" in local.agora("store", "dump", str(archive)).stderr
    _deliver(local, "after")
    assert "is running" in local.agora("store", "load", str(archive)).stderr
    local.agora("down")
    no_backup = local.agora("store", "load", "--replace", str(ROOT / "README.md"))
    assert no_backup.stderr.startswith(f"agora: {ROOT / 'README.md'} is not a backup that ")
    assert "--replace deletes them" in local.agora("store", "load", str(archive)).stderr
    assert local.agora("store", "load", "--replace", str(archive)).returncode == 0
    local.up()
    after = _mailbox(local, password)
    assert (after.subjects, after.uid_validity) == (["before"], before.uid_validity)
    assert after.uid_next == before.uid_next + 100_000
    local.agora("down")
    assert local.agora("store", "dump", "--force", str(archive)).returncode == 0  # PostgreSQL is started for it


def test_a_backup_under_load_is_restored_with_the_same_octets_and_numbers_go_on(
    local: LocalStack, tmp_path: Path
) -> None:
    local.up()
    stack, file = running_stack(local.state), tmp_path / "agora.backup"
    members = [stack.new_member("alice"), stack.new_member("bob")]
    with Load(stack, members, SEED) as load:
        load.wait_for_progress(PATIENCE)
        before = list(load.ledger.acknowledged)
        done = local.agora("backup", str(file))
        assert (done.returncode, file.stat().st_mode & 0o777) == (0, 0o600), done.stderr
        load.wait_for_progress(PATIENCE)
    assert load.ledger.not_acknowledged.keys() <= {"lmtp"}  # smtplib takes the reply for a second recipient for a fault
    assert " messages and everything else of " in done.stdout
    assert "is there already" in local.agora("backup", str(file)).stderr
    assert local.agora("restore", "--check", str(file)).stdout.startswith(f"{file} is whole: ")
    kept = _contents(stack, members)
    refused = local.agora("restore", str(file))
    assert "the store has accounts, mail, rooms or pages" in refused.stderr
    assert _contents(stack, members) == kept  # it was not even stopped
    other = LocalStack(local.state.with_name(f"{local.state.name}-other"))  # where every user gets to
    other.up()
    try:
        done = other.agora("restore", str(file))
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Restored and compared: " in done.stdout
        assert "SSH host keys in it are sealed with another key" in done.stderr
        there = running_stack(other.state)
        restored = _contents(there, members)
        for place, contents in restored.items():
            assert contents.items() <= kept[place].items()  # the same octets under the same numbers
            ids = {message_id(octets) for octets in contents.values()}
            assert {each.message_id for each in before if each.place == place} <= ids
        assert sum(map(len, restored.values())) < sum(map(len, kept.values()))  # more came, which it knows nothing of
        replace(members[0], stack=there).receive(b"Message-ID: <after@load.example>\r\n\r\nx\r\n")
        place = (members[0].name, "INBOX")
        (number,) = _contents(there, members)[place].keys() - restored[place].keys()
        assert number > max(restored[place]) + 100_000 > max(kept[place])
    finally:
        other.agora("down")


def _contents(stack: Stack, members: Sequence[Member]) -> Mapping[Place, Mapping[int, bytes]]:
    """What the members of those names and passwords have on this stack, by number."""
    return {
        (each.name, folder): dict(read_folder(replace(each, stack=stack), folder))
        for each in members
        for folder in ("INBOX", "Archive")
    }


def test_the_store_alone_answers_other_programs(local: LocalStack) -> None:
    environment = {**os.environ, "AGORA_STATE": str(local.state)}
    with subprocess.Popen([ROOT / "agora", "store", "up"], env=environment, stdout=subprocess.PIPE, text=True) as store:
        assert store.stdout is not None
        lines = iter(store.stdout.readline, "Ctrl-C stops it.\n")
        psql, dump = [shlex.split(line) for line in lines if line.startswith("  ")]
        assert subprocess.run([*psql, "-Atc", "SELECT 6 * 7"], capture_output=True, text=True).stdout == "42\n"
        target = local.state / "own.dump"
        assert subprocess.run([word.replace("agora.dump", str(target)) for word in dump]).returncode == 0
        assert target.stat().st_size
        store.send_signal(signal.SIGINT)
        assert store.wait(PATIENCE_SECONDS) == 0
    assert local.directory.supervisor() is None
