"""mbsync keeps a maildir and an account alike, whatever changed on which side, and comes to rest."""

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


def without_mark(octets: bytes) -> bytes:
    """The message without the field by which mbsync finds again what it has copied."""
    return re.sub(rb"^X-TUID: [!-~]{12}\r?\n", b"", octets, count=1, flags=re.MULTILINE)


@pytest.fixture
def pair(program: Callable[[str], Program], stack: Stack, member: Member) -> Pair:
    """Three letters in INBOX and one in Archive, on both sides."""
    return synchronized(program("mbsync"), stack, member, "IMAPS")


def synchronized(mbsync: Program, stack: Stack, member: Member, tls: str) -> Pair:
    mail = mbsync.home / "Mail"
    here = {
        "Port 2993": f"Port {(stack.imaps if tls == 'IMAPS' else stack.imap)[1]}",
        "User alice": f"User {member.name}",
        'PassCmd "pass agora"': f"Pass {member.password}",
        "SSLType IMAPS": f"SSLType {tls}",
        "/path/to/authority.pem": stack.ca_file,
    }
    mbsync.write(".mbsyncrc", documented("mbsync (isync)", here))
    made = Pair(member, mail, lambda: mbsync.succeed("-aq"), without_mark)
    made.begin()
    return made


def test_new_letters_on_both_sides_are_on_both_sides(pair: Pair) -> None:
    with pair.member.imap() as session:
        append(session, "INBOX", letter("from there"))
    put(pair.mail / "INBOX", letter("from here").replace(b"\r\n", b"\n"))
    put(pair.mail / "Drafts", letter("begun here").replace(b"\r\n", b"\n"))
    pair.sync()
    assert [message.subject for message in stored(pair.member)] == ["one", "two", "three", "from there", "from here"]
    assert [message.subject for message in stored(pair.member, "Drafts")] == ["begun here"]
    assert len(filed(pair.mail / "INBOX")) == 5


def test_letter_filed_here_is_stored_octet_for_octet(pair: Pair) -> None:
    sent = letter("exactly this")
    put(pair.mail / "INBOX", sent.replace(b"\r\n", b"\n"))
    pair.sync()
    assert without_mark(stored(pair.member)[-1].octets) == sent


def test_flags_of_both_sides_meet(pair: Pair) -> None:
    with pair.member.imap("INBOX") as session:
        session.uid("STORE", "1", "+FLAGS", "(\\Flagged \\Seen)")
    pair.find("two").set_flags("\\Seen", "\\Answered")
    pair.find("old", "Archive").set_flags("\\Flagged")
    pair.sync()
    flags = {message.subject: message.flags for message in stored(pair.member) + stored(pair.member, "Archive")}
    assert flags == {
        "one": {"\\Flagged", "\\Seen"},
        "two": {"\\Seen", "\\Answered"},
        "three": set(),
        "old": {"\\Flagged"},
    }


def test_deletions_of_both_sides_are_done_on_both(pair: Pair) -> None:
    with pair.member.imap("INBOX") as session:
        session.uid("STORE", "1", "+FLAGS.SILENT", "(\\Deleted)")
        session.expunge()
    pair.find("two").file.unlink()
    pair.find("old", "Archive").set_flags("\\Seen", "\\Deleted")
    pair.sync()
    assert [message.subject for message in stored(pair.member)] == ["three"]
    assert stored(pair.member, "Archive") == []


def test_folders_made_on_either_side_are_made_on_the_other(pair: Pair) -> None:
    with pair.member.imap() as session:
        session.create("Plans/2024/Spring")
        append(session, "Plans/2024/Spring", letter("sow"))
        session.create("&U,BTFw-")  # 台北, as IMAP spells it: mbsync takes names as they are
    make_folder(pair.mail / "Lists" / "agora")
    put(pair.mail / "Lists" / "agora", letter("welcome").replace(b"\r\n", b"\n"))
    pair.copy()  # makes Lists/agora there, and with it Lists, which only the next run sees
    pair.sync()
    assert {"Plans/2024/Spring", "Lists/agora", "&U,BTFw-"} <= set(pair.here())
    assert [message.subject for message in stored(pair.member, "Lists/agora")] == ["welcome"]


def test_letter_moved_there_moves_here(pair: Pair) -> None:
    with pair.member.imap("INBOX") as session:
        session.uid("MOVE", "2", "Archive")
    pair.sync()
    assert pair.find("two", "Archive").flags == set()
    assert len(filed(pair.mail / "INBOX")) == 2


def test_everything_at_once_still_comes_to_rest(pair: Pair) -> None:
    for turn in range(3):
        with pair.member.imap("INBOX") as session:
            append(session, "INBOX", letter(f"there {turn}"))
            session.uid("STORE", "1:2", "+FLAGS.SILENT", "(\\Flagged)")
            session.uid("COPY", "*", "Junk")
        put(pair.mail / "INBOX", letter(f"here {turn}").replace(b"\r\n", b"\n"))
        pair.find("two").set_flags(*(["\\Seen"] if turn % 2 else ["\\Answered", "\\Draft"]))
        if turn:
            pair.find(f"here {turn - 1}").file.unlink()
        pair.sync()
    assert {message.subject for message in stored(pair.member)} == {
        "one", "two", "three", "there 0", "there 1", "there 2", "here 2",
    }  # fmt: skip


def test_starttls_serves_as_well(program: Callable[[str], Program], stack: Stack, member: Member) -> None:
    assert len(synchronized(program("mbsync"), stack, member, "STARTTLS").here()["INBOX"]) == 3
