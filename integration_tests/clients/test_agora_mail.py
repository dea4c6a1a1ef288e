"""`agora mail` and `agora import imap` at this server, and at Dovecot's and Postfix's."""

from __future__ import annotations

import contextlib
import email
import email.policy
import imaplib
import mailbox
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.clients.dovecot import PASSWORD, USER, Dovecot, running_dovecot
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.clients.postfix import running_postfix
from integration_tests.clients.program import Program
from integration_tests.clients.reach import require_lmtp
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Place, Stack
from shared.command_line.state_directory import ROOT

PATIENCE_SECONDS = 120
FROM_HERE_ON = b"From: a@b.test\r\nSubject: From here\r\n\r\nFrom here on\r\n>From quoted\r\n.\r\n..\r\n"


def agora(
    *words: str, input: str = "", status: int = 0, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "shared.command_line", *words],
        env={"PATH": os.defpath, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", **(environment or {})},
        input=input,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done


def at(place: Place) -> str:
    return f"{place[0]}:{place[1]}"


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot() as running:
        yield running


@contextlib.contextmanager
def imap_of(dovecot: Dovecot) -> Iterator[imaplib.IMAP4]:
    with imaplib.IMAP4(*dovecot.imap, timeout=60) as session:
        session.login(USER, PASSWORD)
        yield session


def fill(dovecot: Dovecot) -> None:
    with imap_of(dovecot) as session:
        session.create('"Lists.Tea &AOk-"')
        session.subscribe('"Lists.Tea &AOk-"')
        session.append("INBOX", r"(\Flagged $Label1)", '"14-Nov-2023 22:13:20 +0100"', letter("one"))
        session.append("INBOX", "", '"15-Nov-2023 22:13:20 +0100"', FROM_HERE_ON)
        session.append('"Lists.Tea &AOk-"', r"(\Seen)", '"16-Nov-2023 22:13:20 +0100"', letter("two"))


def test_imap_of_dovecot_leaves_everything_as_it_was(dovecot: Dovecot, tmp_path: Path) -> None:
    fill(dovecot)
    listed = agora("mail", "folders", at(dovecot.imap), USER, "--password-stdin", input=PASSWORD)
    assert listed.stdout == "INBOX\nLists/Tea é\n"
    file = tmp_path / "inbox"
    got = agora("mail", "get", at(dovecot.imap), USER, "INBOX", str(file), "--password-stdin", input=PASSWORD)
    assert got.stderr.splitlines() == [
        "2 messages in INBOX.",
        "Downloading message 1 of 2",
        "Downloading message 2 of 2",
    ]
    assert "Tue Nov 14 21:13:20 2023\n" in file.read_text()
    assert b"\n>From here on\n>>From quoted\n.\n..\n" in file.read_bytes()
    assert len(mailbox.mbox(file)) == 2
    with imap_of(dovecot) as session:
        session.select("INBOX", readonly=True)
        assert session.search(None, "SEEN") == ("OK", [b""])
    refused = agora(
        "mail", "get", at(dovecot.imap), USER, "INBOX", str(file), "--password-stdin", input=PASSWORD, status=1
    )
    assert "is there already" in refused.stderr
    wrong = agora("mail", "folders", at(dovecot.imap), USER, "--password-stdin", input="wrong", status=1)
    assert "AUTHENTICATIONFAILED" in wrong.stderr


def test_delete_comes_after_the_file_and_takes_nothing_else(dovecot: Dovecot, tmp_path: Path) -> None:
    fill(dovecot)
    words = ("--delete", "--password-stdin")
    agora("mail", "get", at(dovecot.imap), USER, "Lists/Tea é", str(tmp_path / "tea"), *words, input=PASSWORD)
    with imap_of(dovecot) as session:
        assert session.select('"Lists.Tea &AOk-"', readonly=True)[1] == [b"0"]
        assert session.select("INBOX", readonly=True)[1] == [b"2"]
    agora("mail", "pop", at(dovecot.pop3), USER, str(tmp_path / "inbox"), *words, input=PASSWORD)
    with imap_of(dovecot) as session:
        assert session.select("INBOX", readonly=True)[1] == [b"0"]
    assert len(mailbox.mbox(tmp_path / "inbox")) == 2


def test_pop_signs_in_by_apop_where_there_is_nothing_better(tmp_path: Path) -> None:
    with running_dovecot("apop") as dovecot:
        fill(dovecot)
        words = ("--password-stdin",)
        agora("mail", "pop", at(dovecot.pop3), USER, str(tmp_path / "inbox"), *words, input=PASSWORD)
    assert len(mailbox.mbox(tmp_path / "inbox")) == 2


@pytest.mark.local_only
def test_an_account_of_dovecot_comes_along_and_comes_once(dovecot: Dovecot, stack: Stack, member: Member) -> None:
    fill(dovecot)
    words = ("import", "imap", at(dovecot.imap), USER, "--user", member.name, "--password-stdin")
    for imported, there in ((3, 0), (0, 3)):
        done = stack.agora(*words, input=PASSWORD)
        assert done.returncode == 0, done.stderr
        assert (
            done.stdout == f"{imported} messages imported into 2 folders; {there} were there already; 0 passed over.\n"
        )
    assert [message.subject for message in stored(member)] == ["one", "From here"]
    with member.imap() as session:
        assert session.select('"Lists/Tea &AOk-"', readonly=True)[1] == [b"1"]
        assert b"16-Nov-2023 21:13:20 +0000" in session.fetch("1", "(FLAGS INTERNALDATE)")[1][0]  # type: ignore[operator]


@pytest.mark.local_only
def test_get_import_and_get_again_are_equal(stack: Stack, member: Member, tmp_path: Path) -> None:
    with member.imap() as session:
        for octets in (letter("one"), FROM_HERE_ON):
            append(session, "INBOX", octets)
    first, second = tmp_path / "first", tmp_path / "second"
    words = ("--password-stdin", "--ca", str(stack.ca_file))
    listed = agora("mail", "folders", at(stack.imap), member.name, *words, input=member.password).stdout.splitlines()
    assert "INBOX" in listed
    assert listed == sorted(listed)
    agora("mail", "get", at(stack.imap), member.name, "INBOX", str(first), *words, input=member.password)
    done = stack.agora("import", "mbox", str(first), "--user", member.name, "--folder", "Again")
    assert done.returncode == 0, done.stderr
    agora("mail", "get", at(stack.imap), member.name, "Again", str(second), *words, input=member.password)
    assert first.read_bytes() == second.read_bytes()
    popped = tmp_path / "popped"
    agora("mail", "pop", at(stack.pop3s), member.name, str(popped), "--tls", *words, input=member.password)
    assert len(mailbox.mbox(popped)) == 2


def test_a_message_with_a_file_reaches_a_member_and_each_recipient_is_answered(
    stack: Stack, member: Member, tmp_path: Path
) -> None:
    (tmp_path / "Grüße.txt").write_text("Tee um vier\n")
    nobody = f"never-heard-of@{stack.domain}"
    words = ["mail", "send", member.address, nobody, "--from", member.address, "--subject", "Tee für zwei"]
    words += ["--attach", str(tmp_path / "Grüße.txt"), "--server", at(stack.smtp), "--ca", str(stack.ca_file)]
    done = agora(*words, input="Um vier?\n", status=1)
    taken, refused = done.stdout.splitlines()
    assert taken.startswith(f"{member.address}: 250 ")
    assert refused.startswith(f"{nobody}: 550 ")
    (kept,) = stored(member)
    message = email.message_from_bytes(kept.octets, policy=email.policy.default)
    assert (message["Subject"], [part.get_filename() for part in message.iter_attachments()]) == (
        "Tee für zwei",
        ["Grüße.txt"],
    )
    only_nobody = agora("mail", "send", nobody, "--from", member.address, "--server", at(stack.smtp), status=2)
    assert "550" in only_nobody.stdout


def test_a_signed_in_sender_hands_a_message_to_submission(stack: Stack, member: Member, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(member.password)
    words = [
        "mail",
        "send",
        member.address,
        "--user",
        member.address,
        "--subject",
        "x",
        "--server",
        at(stack.submissions),
    ]
    words += ["--tls", "--ca", str(stack.ca_file), "--password-file", str(tmp_path / "password")]
    assert agora(*words, input="y\n").stdout.startswith(f"{member.address}: 250 ")
    assert [message.subject for message in stored(member)] == ["x"]


def test_postfix_takes_it_too(stack: Stack, member: Member, session_dir: Path) -> None:
    path = shutil.which("postfix", path=os.defpath + ":/usr/sbin")
    if path is None or os.geteuid() != 0:
        pytest.skip("postfix is not installed, or this is not root, who alone can start it")
    require_lmtp(stack)
    with running_postfix(Program(path, session_dir), stack) as postfix:
        words = ["mail", "send", member.address, "--from", "tea@elsewhere.test", "--subject", "by Postfix"]
        assert agora(*words, "--server", at(postfix.smtp), input="At four.\n").stdout.startswith(
            f"{member.address}: 250"
        )
