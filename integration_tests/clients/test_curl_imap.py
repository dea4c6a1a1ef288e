"""curl reads mail by IMAP: lists, fetches, uploads, searches, and says commands of its user's own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, only_stored, stored
from integration_tests.clients.program import Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

Ask = Callable[..., bytes]


@pytest.fixture(params=["implicit TLS", "STARTTLS"])
def ask(request: pytest.FixtureRequest, curl: Program, stack: Stack) -> Ask:
    """Say something about a path of the server, over each kind of TLS."""
    place = f"imaps://localhost:{stack.imaps[1]}/" if request.param == "implicit TLS" else None
    place = place or f"imap://localhost:{stack.imap[1]}/"
    return lambda path, *options: curl.succeed("--ssl-reqd", place + path, *options)


def test_folders_are_listed_with_their_special_use(ask: Ask) -> None:
    lines = {line for line in ask("").decode().split("\r\n") if line and '"Rooms' not in line}  # rooms are of all tests
    uses = ["Archive", "Drafts", "Junk", "Sent", "Trash"]
    assert lines == {
        '* LIST (\\HasNoChildren) "/" "INBOX"',
        *(f'* LIST (\\HasNoChildren \\{use}) "/" "{use}"' for use in uses),
    }


def test_uploaded_letter_comes_back_octet_for_octet(ask: Ask, curl: Program, member: Member) -> None:
    kept = letter("kept in Archive")
    ask("Archive", "--upload-file", curl.write("letter.eml", kept))
    message = only_stored(member, "Archive")
    assert message.octets == kept
    assert message.flags == {"\\Seen"}  # curl's APPEND says so
    assert ask(f"Archive;UID={message.uid}") == kept


def test_sections_of_a_letter_are_fetched_alone(ask: Ask, member: Member) -> None:
    kept = letter("in pieces")
    header, text = kept.split(b"\r\n\r\n", 1)
    with member.imap() as session:
        uid = append(session, "INBOX", kept)
    assert ask(f"INBOX;UID={uid};SECTION=TEXT") == text
    assert ask(f"INBOX;UID={uid};SECTION=HEADER") == header + b"\r\n\r\n"
    assert ask(f"INBOX;UID={uid};SECTION=HEADER.FIELDS%20(SUBJECT)") == b"Subject: in pieces\r\n\r\n"
    assert ask(f"INBOX;UID={uid};PARTIAL=0.10") == kept[:10]


def test_search_finds_by_a_query_in_the_address(ask: Ask, member: Member) -> None:
    with member.imap() as session:
        for subject in ("tea", "coffee", "green tea"):
            append(session, "INBOX", letter(subject))
    assert ask("INBOX?SUBJECT%20tea").strip() == b"* SEARCH 1 3"
    assert ask("INBOX?NOT%20SUBJECT%20tea").strip() == b"* SEARCH 2"


def test_examined_folder_shows_its_state_and_keeps_it(ask: Ask, member: Member) -> None:
    with member.imap() as session:
        append(session, "INBOX", letter("unread"))
    said = ask("", "--request", "EXAMINE INBOX").decode().split("\r\n")
    assert "* 1 EXISTS" in said
    assert "* OK [UIDNEXT 2]" in "\n".join(said)
    assert only_stored(member).flags == set()


def test_own_commands_store_flags_move_and_create(ask: Ask, member: Member) -> None:
    with member.imap() as session:
        append(session, "INBOX", letter("stays"))
        append(session, "INBOX", letter("goes"))
    ask("", "--request", "CREATE Plans/2024")
    assert ask("INBOX", "--request", "STORE 1 +FLAGS.SILENT (\\Flagged $Work)") == b""
    ask("INBOX", "--request", "MOVE 2 Plans/2024")
    assert [(m.subject, m.flags) for m in stored(member)] == [("stays", {"\\Flagged", "$Work"})]
    assert [(m.subject, m.flags) for m in stored(member, "Plans/2024")] == [("goes", set())]


def test_account_of_someone_else_stays_closed(curl: Program, stack: Stack) -> None:
    other = stack.new_member()
    refused = curl.run(f"imaps://localhost:{stack.imaps[1]}/", "--user", f"{other.name}:wrong")
    assert refused.status == 67, refused.text
