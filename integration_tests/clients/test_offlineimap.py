"""OfflineIMAP keeps a maildir and an account alike, and comes to rest."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, stored
from integration_tests.clients.maildir import filed, make_folder, put
from integration_tests.clients.pair import Pair
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


@pytest.fixture
def pair(program: Callable[[str], Program], stack: Stack, member: Member) -> Pair:
    """Three letters in INBOX and one in Archive, on both sides."""
    offlineimap = program("offlineimap")
    here = {
        "2993": stack.imaps[1],
        "alice": member.name,
        "secret": member.password,
        "/path/to/authority.pem": stack.ca_file,
    }
    offlineimap.write(".offlineimaprc", documented("OfflineIMAP", here))

    def copy() -> None:
        finished = offlineimap.run("-o", "-u", "basic")
        assert finished.status == 0, finished.text
        assert "ERROR" not in finished.text, finished.text

    made = Pair(member, offlineimap.home / "Mail", copy, without_mark)
    made.begin()
    return made


def without_mark(octets: bytes) -> bytes:
    """The message without the field by which OfflineIMAP finds again what it has uploaded."""
    return re.sub(rb"^X-OfflineIMAP: [!-~]+\r?\n", b"", octets, count=1, flags=re.MULTILINE)


def test_changes_on_both_sides_meet_and_come_to_rest(pair: Pair) -> None:
    with pair.member.imap("INBOX") as session:
        append(session, "INBOX", letter("from there"))
        session.uid("STORE", "1", "+FLAGS", "(\\Flagged \\Seen)")
        session.uid("STORE", "2", "+FLAGS.SILENT", "(\\Deleted)")
        session.expunge()
        session.create("Plans/2024")
        append(session, "Plans/2024", letter("sow"))
    put(pair.mail / "INBOX", letter("from here").replace(b"\r\n", b"\n"))
    make_folder(pair.mail / "Lists")
    put(pair.mail / "Lists", letter("welcome").replace(b"\r\n", b"\n"))
    pair.find("three").set_flags("\\Seen", "\\Answered")
    pair.find("old", "Archive").file.unlink()
    pair.sync()
    assert {message.subject: message.flags for message in stored(pair.member)} == {
        "one": {"\\Flagged", "\\Seen"},
        "three": {"\\Seen", "\\Answered"},
        "from there": set(),
        "from here": set(),
    }
    assert [message.subject for message in stored(pair.member, "Lists")] == ["welcome"]
    assert stored(pair.member, "Archive") == []
    assert len(filed(pair.mail / "Plans" / "2024")) == 1


def test_letter_moved_there_moves_here(pair: Pair) -> None:
    with pair.member.imap("INBOX") as session:
        session.uid("MOVE", "2", "Archive")
    pair.sync()
    assert pair.find("two", "Archive").flags == set()
    assert len(filed(pair.mail / "INBOX")) == 2
