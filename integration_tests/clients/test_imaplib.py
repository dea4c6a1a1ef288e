"""Python's imaplib, and the extensions that its users say by hand."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator
from typing import Any

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored, stored_in
from integration_tests.stack.member import TIMEOUT_SECONDS, Member
from integration_tests.stack.stack import Stack

imaplib.Commands.setdefault("ENABLE", ("AUTH", "SELECTED"))


@pytest.fixture
def session(member: Member) -> Iterator[Any]:
    """INBOX with three letters, selected."""
    with member.imap("INBOX") as signed_in:
        for subject in ("one", "two", "three"):
            append(signed_in, "INBOX", letter(subject))
        signed_in.select("INBOX")
        yield signed_in


def said(session: Any, *command: str) -> list[bytes]:
    """Say any command, and give its untagged answers as imaplib keeps them under the command's name."""
    status, answer = session.xatom(*command)
    assert status == "OK", answer
    lines: list[bytes] = session.untagged_responses.pop(command[0], [])
    return lines


def test_starttls_and_every_way_to_sign_in(stack: Stack, member: Member) -> None:
    host, port = stack.imap
    for sign_in in (
        lambda session: session.login(member.address, member.password),
        lambda session: session.authenticate("PLAIN", lambda _: f"\0{member.name}\0{member.password}".encode()),
    ):
        session = imaplib.IMAP4(host, port, timeout=TIMEOUT_SECONDS)
        if stack.kind != "local":
            assert "LOGINDISABLED" in session.capabilities
        session.starttls(stack.tls_context())
        assert sign_in(session)[0] == "OK"
        assert session.select()[0] == "OK"
        session.logout()


def test_folder_in_another_script_is_made_listed_renamed_and_deleted(session: Any) -> None:
    plans, holidays = "&j4pSEg-", "&gUpn9g-/&UIdn3w-"  # 计划, 假期's place: modified UTF-7, RFC 3501 §5.1.3
    assert session.create(f'"{plans}"')[0] == "OK"
    assert session.copy("1", f'"{plans}"')[0] == "OK"
    assert session.rename(f'"{plans}"', f'"{holidays}"')[0] == "OK"
    assert session.list('""', f'"{holidays}"')[1] == [f'(\\HasNoChildren) "/" "{holidays}"'.encode()]
    assert len(stored_in(session, holidays)) == 1
    session.select("INBOX")
    assert session.delete(f'"{holidays}"')[0] == "OK"
    assert session.list('""', f'"{holidays}"')[1] == [None]


def test_keywords_are_kept_and_searched_for(session: Any, member: Member) -> None:
    session.store("1:2", "+FLAGS", "($Forwarded Urgent)")
    session.store("2", "-FLAGS", "(Urgent)")
    assert [message.flags & {"$Forwarded", "Urgent"} for message in stored(member)] == [
        {"$Forwarded", "Urgent"},
        {"$Forwarded"},
        set(),
    ]
    assert session.search(None, "KEYWORD", "urgent")[1] == [b"1"]
    assert session.search(None, "UNKEYWORD", "$Forwarded")[1] == [b"3"]
    session.select("INBOX")
    assert b"$Forwarded" in session.response("PERMANENTFLAGS")[1][0]


def test_condstore_tells_what_changed_since_and_stores_only_what_did_not(session: Any, member: Member) -> None:
    before = int(re.findall(rb"HIGHESTMODSEQ (\d+)", session.status("INBOX", "(HIGHESTMODSEQ)")[1][0])[0])
    with member.imap("INBOX") as other:
        other.store("2", "+FLAGS", "(\\Flagged)")
    changed = session.fetch("1:*", f"(FLAGS) (CHANGEDSINCE {before})")[1]
    assert {line.split()[0] for line in changed} == {b"2"}  # as news of the other session, and as the answer
    assert all(f"MODSEQ ({before + 1})".encode() in line for line in changed)
    status, answer = session.store("1:2", f"(UNCHANGEDSINCE {before}) +FLAGS", "(\\Answered)")
    assert status == "OK"
    assert [line.split()[0] for line in answer if b"FETCH" not in line and b"Answered" in line] == [b"1"]
    assert [message.flags - {"\\Recent"} for message in stored(member)] == [{"\\Answered"}, {"\\Flagged"}, set()]


def test_expunge_of_some_uids_leaves_the_other_deleted_ones(session: Any, member: Member) -> None:
    session.store("1:*", "+FLAGS.SILENT", "(\\Deleted)")
    assert session.uid("EXPUNGE", "2")[0] == "OK"
    assert [message.uid for message in stored(member)] == [1, 3]


def test_messages_are_moved_and_copied_with_their_new_numbers_told(session: Any, member: Member) -> None:
    assert session.uid("COPY", "1,3", "Archive")[0] == "OK"
    assert session.response("COPYUID")[1][0].endswith(b" 1,3 1:2")
    assert session.uid("MOVE", "2", "Archive")[0] == "OK"
    assert [message.subject for message in stored(member, "Archive")] == ["one", "three", "two"]
    assert [message.subject for message in stored(member)] == ["one", "three"]


def test_esearch_gives_a_summary(session: Any) -> None:
    assert said(session, "SEARCH", "RETURN", "(MIN MAX COUNT ALL)", "SUBJECT", "t") == []
    assert session.untagged_responses["ESEARCH"][0].endswith(b"MIN 2 MAX 3 COUNT 2 ALL 2:3")


def test_list_gives_special_uses_and_status_in_one_answer(session: Any) -> None:
    said(session, "LIST", "(SPECIAL-USE)", '""', "*", "RETURN", "(STATUS (MESSAGES))")
    assert session.untagged_responses["STATUS"] == [
        f'"{name}" (MESSAGES 0)'.encode() for name in ("Archive", "Drafts", "Junk", "Sent", "Trash")
    ]


def test_dates_are_searched_by_day_and_kept_with_their_zone(session: Any) -> None:
    octets = letter("old")
    session.append("Archive", "(\\Seen)", '"05-Nov-2003 23:30:00 +0900"', octets)
    session.select("Archive")
    assert session.fetch("1", "(INTERNALDATE)")[1] == [b'1 (INTERNALDATE " 5-Nov-2003 23:30:00 +0900")']
    assert session.search(None, "ON", "5-Nov-2003")[1] == [b"1"]
    assert session.search(None, "SENTSINCE", "15-Jan-2024", "BEFORE", "6-Nov-2003")[1] == [b"1"]


def test_large_literal_and_pipelined_commands_are_answered_in_order(session: Any) -> None:
    session.send(b"a1 NOOP\r\na2 UID FETCH 1 (RFC822.SIZE)\r\na3 STATUS Archive (MESSAGES)\r\na4 NOOP\r\n")
    lines: list[bytes] = []
    while not lines or not lines[-1].startswith(b"a4"):
        lines.append(session.readline())
    assert [line.split()[0] for line in lines] == [b"a1", b"*", b"a2", b"*", b"a3", b"a4"]
