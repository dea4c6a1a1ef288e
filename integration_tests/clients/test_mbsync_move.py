"""An account moves here from another IMAP server by mbsync, with folders, flags and dates; again, nothing doubles."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

import pytest

from integration_tests.clients.documented import documented
from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, positions, stored_everywhere
from integration_tests.clients.program import Program
from integration_tests.clients.test_mbsync import without_mark
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack

Moved = dict[str, list[tuple[bytes, frozenset[str], datetime]]]  # by folder: octets, flags, INTERNALDATE


def everything(member: Member) -> Moved:
    found: Moved = {}
    for name, messages in stored_everywhere(member).items():
        if messages:
            dates = arrival_dates(member, name)
            found[name] = [
                (without_mark(message.octets), frozenset(message.flags), date)
                for message, date in zip(messages, dates, strict=True)
            ]
    return found


def arrival_dates(member: Member, folder: str) -> list[datetime]:
    """The moments: mbsync writes each in the zone of the machine that it runs on."""
    with member.imap(folder) as session:
        lines = session.fetch("1:*", "(INTERNALDATE)")[1]
        found = [re.findall(r'INTERNALDATE "([^"]+)"', str(line))[0] for line in lines]
        return [datetime.strptime(each.strip(), "%d-%b-%Y %H:%M:%S %z") for each in found]


@pytest.fixture
def old(stack: Stack) -> Member:
    """An account elsewhere: here it is another one of the same stack."""
    made = stack.new_member("old")
    with made.imap() as session:
        for subject in ("one", "two", "three"):
            session.append("INBOX", "", '"15-Jan-2024 10:30:00 +0100"', letter(subject))
        append(session, "Sent", letter("sent"), "\\Seen \\Answered")
        session.create("Plans/2024")
        append(session, "Plans/2024", letter("sow"), "\\Flagged")
    return made


def test_an_account_moves_with_folders_flags_and_dates(
    program: Callable[[str], Program], stack: Stack, member: Member, old: Member
) -> None:
    mbsync = program("mbsync")
    here = {
        "Host mail.example.org": "Host localhost",
        "Port 993": f"Port {stack.imaps[1]}",
        "User alice@example.org": f"User {old.name}",
        'PassCmd "pass old"': f"Pass {old.password}",
        "/etc/ssl/certs/ca-certificates.crt": stack.ca_file,
        "Port 2993": f"Port {stack.imaps[1]}",
        "User alice\n": f"User {member.name}\n",
        'PassCmd "pass agora"': f"Pass {member.password}",
        "/path/to/authority.pem": stack.ca_file,
    }
    mbsync.write(".mbsyncrc", documented("Moving here from another server", here))
    (mbsync.home / ".mbsync-move").mkdir()
    mbsync.succeed("-q", "move")
    assert everything(member) == everything(old)
    assert all(b"\nX-TUID: " in message.octets for each in stored_everywhere(member).values() for message in each)
    after = positions(member)
    mbsync.succeed("-q", "move")
    assert positions(member) == after
    with old.imap() as session:
        append(session, "INBOX", letter("on the last day"))
    mbsync.succeed("-q", "move")
    assert everything(member) == everything(old)
    assert len(everything(member)["INBOX"]) == 4
