"""mutt sends over TLS, and reads, flags, copies, moves and deletes by IMAP, driven by its keys."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, only_stored, stored
from integration_tests.clients.program import Program
from integration_tests.clients.terminal import at_terminal
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

# The passwords, and what lets keys be pressed without questions being asked.
SETTINGS = """
set imap_pass = "{password}"
set smtp_pass = "{password}"
set ssl_force_tls = yes
set timeout = 1
set send_charset = "us-ascii:utf-8"
unset confirmappend confirmcreate wait_key mark_old
set delete = yes
set quit = yes
set mbox_type = mbox
"""


@pytest.fixture
def mutt(program: Callable[[str], Program], stack: Stack, member: Member) -> Program:
    found = program("mutt")
    here = {
        "alice@localhost": member.address,
        "alice@localhost:2993": f"{member.name}@localhost:{stack.imaps[1]}",
        "alice@localhost:2465": f"{member.name}@localhost:{stack.submissions[1]}",
        "/path/to/authority.pem": stack.ca_file,
    }
    settings = documented("mutt", here) + SETTINGS.format(password=member.password)
    found.write(".muttrc", settings)
    return found


def press(mutt: Program, keys: str, folder: str = "=INBOX") -> None:
    """Open a folder, press keys named as mutt's manual names them, and leave."""
    with at_terminal(mutt, "-f", folder, "-e", f'push "{keys}<quit>"') as terminal:
        assert terminal.wait_for_end() == 0, terminal.drawn


@pytest.mark.parametrize("tls", ["smtps", "smtp"])
def test_letter_with_attachment_arrives_and_is_kept_in_sent(
    mutt: Program, stack: Stack, member: Member, tls: str
) -> None:
    other = stack.new_member()
    file = mutt.write("everything.bin", bytes(range(256)) * 100)
    port = (stack.submissions if tls == "smtps" else stack.submission)[1]
    smtp = ("-e", f"set smtp_url = {tls}://{member.name}@localhost:{port}/")  # smtp: with STARTTLS, by ssl_force_tls
    mutt.succeed(*smtp, "-s", "Grüße aus 東京", "-a", file, "--", other.address, input="Schöne Grüße.\n.\n".encode())
    arrived, kept = only_stored(other), only_stored(member, "Sent")
    assert arrived.octets.startswith(f"Return-Path: <{member.address}>\r\n".encode())
    assert arrived.octets.partition(b"\r\nFrom: ")[2] == kept.octets.partition(b"\r\nFrom: ")[2]  # Date: mutt's own two
    assert kept.flags == {"\\Seen"}
    assert arrived.attachments() == {"everything.bin": file.read_bytes()}
    assert "Schöne Grüße.\r\n.\r\n".encode() in arrived.octets


def test_letter_is_piped_out_whole(mutt: Program, member: Member) -> None:
    sent = letter("for a pipe")
    member.receive(sent)
    press(mutt, "<pipe-message>cat > piped<enter>")
    assert (mutt.home / "piped").read_bytes().endswith(sent.replace(b"\r\n", b"\n"))
    assert only_stored(member).flags == set()
    press(mutt, "<display-message><exit>")
    assert only_stored(member).flags == {"\\Seen"}


def test_letter_is_flagged_and_copied(mutt: Program, member: Member) -> None:
    member.receive(letter("important"))
    press(mutt, "<flag-message><copy-message>=Archive<enter><sync-mailbox>")
    original, copy = only_stored(member), only_stored(member, "Archive")
    assert "\\Flagged" in original.flags
    assert copy.octets == original.octets
    assert copy.flags == original.flags


def test_letters_move_to_a_folder_that_is_made_for_them(mutt: Program, member: Member) -> None:
    for subject in ("tea", "coffee", "green tea"):
        member.receive(letter(subject))
    press(mutt, "<tag-pattern>~s tea<enter><tag-prefix><save-message>=Plätze<enter>")
    assert [message.subject for message in stored(member)] == ["coffee"]
    assert [message.subject for message in stored(member, "Pl&AOQ-tze")] == ["tea", "green tea"]


def test_server_searches_for_what_stands_in_bodies(mutt: Program, member: Member) -> None:
    member.receive(letter("one"))
    member.receive(b"Subject: other\r\n\r\nnothing of that\r\n")
    member.receive(letter("two"))
    press(mutt, "<tag-pattern>=b hidden<enter><tag-prefix><flag-message>")
    assert [message.subject for message in stored(member) if "\\Flagged" in message.flags] == ["one", "two"]


def test_deleted_letter_is_gone_and_others_stay(mutt: Program, member: Member) -> None:
    for subject in ("first", "second", "third"):
        member.receive(letter(subject))
    press(mutt, "<first-entry><next-entry><delete-message>")
    assert [message.subject for message in stored(member)] == ["first", "third"]


def test_letter_postponed_is_in_drafts_and_goes_on_from_there(mutt: Program, member: Member) -> None:
    draft = letter("begun", member.address, member.address)
    with member.imap() as session:
        append(session, "Drafts", draft, "\\Draft \\Seen")
    with at_terminal(mutt, "-p", "-e", "set editor = true") as terminal:
        terminal.wait_for("y:Send")
        terminal.press("y")
        assert terminal.wait_for_end() == 0, terminal.drawn
    assert stored(member, "Drafts") == []
    assert only_stored(member).subject == "begun"


def test_new_letter_shows_while_mutt_waits(mutt: Program, member: Member) -> None:
    with at_terminal(mutt, "-f", "=INBOX") as terminal:
        terminal.wait_for("Mutt: =INBOX")
        member.receive(letter("just now"))
        terminal.wait_for("New mail in this mailbox")
        terminal.wait_for("just now")
        terminal.press("q")
        assert terminal.wait_for_end() == 0
