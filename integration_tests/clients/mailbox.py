"""A member's folders as they are stored, looked at and filled over IMAP by Python's imaplib."""

from __future__ import annotations

import email
import imaplib
import re
from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from integration_tests.stack.member import Member

_FACTS = re.compile(rb"UID ([0-9]+) FLAGS \(([^)]*)\) BODY\[\] \{[0-9]+\}$")


@dataclass(frozen=True)
class Stored:
    """One message in a folder."""

    uid: int
    flags: Set[str]
    octets: bytes

    @property
    def subject(self) -> str:
        """The Subject field as it stands."""
        found = re.search(rb"^Subject: (.*)\r$", self.octets, re.MULTILINE)
        return found.group(1).decode() if found else ""

    def attachments(self) -> dict[str, bytes]:
        """The files in it, decoded by Python's own email package."""
        parts = email.message_from_bytes(self.octets).walk()
        files = ((part.get_filename(), part.get_payload(decode=True)) for part in parts)
        return {name: octets for name, octets in files if name and isinstance(octets, bytes)}


def stored(member: Member, folder: str = "INBOX") -> list[Stored]:
    """Everything in `folder`, by number; \\Seen stays as it is."""
    with member.imap() as session:
        return stored_in(session, folder)


def stored_everywhere(member: Member) -> dict[str, list[Stored]]:
    """The same of all the account's own folders, by their names as IMAP spells them; the rooms are everybody's."""
    with member.imap() as session:
        own = [name for name in _folder_names(session) if not name.startswith("Rooms")]
        return {name: stored_in(session, name) for name in own}


def stored_in(session: imaplib.IMAP4, folder: str) -> list[Stored]:
    """The same of one folder, over a session that is there; leaves the folder selected."""
    status, answer = session.select(f'"{folder}"', readonly=True)
    assert status == "OK", answer
    lines = fetched(session, "1:*", "(UID FLAGS BODY.PEEK[])")
    return [_stored(*line) for line in lines if isinstance(line, tuple)]


def fetched(session: imaplib.IMAP4, uids: str, what: str) -> list[Any]:
    """What UID FETCH answers, as imaplib tells it: pairs of a line and its literal, and bytes between."""
    status, answer = session.uid("FETCH", uids, what)
    assert status == "OK", answer
    return answer


def _stored(facts: bytes, octets: bytes) -> Stored:
    found = _FACTS.search(facts)
    assert found, facts
    flags = set(found.group(2).decode().split()) - {"\\Recent"}  # says who looks first, nothing of the message
    return Stored(int(found.group(1)), frozenset(flags), octets)


def only_stored(member: Member, folder: str = "INBOX") -> Stored:
    """The one message in `folder`. Fails when there are more or none."""
    messages = stored(member, folder)
    assert len(messages) == 1, f"{len(messages)} messages in {folder}"
    return messages[0]


def append(session: imaplib.IMAP4, folder: str, octets: bytes, flags: str = "") -> int:
    """APPEND exactly these octets (imaplib's own append mends line ends), and give the new UID."""
    raw: Any = session  # what is used here has no public name
    raw.literal = octets
    status, answer = raw._simple_command("APPEND", f'"{folder}"', f"({flags})")
    assert status == "OK", answer
    found = re.search(rb"\[APPENDUID [0-9]+ ([0-9]+)\]", answer[0])
    assert found, answer
    return int(found.group(1))


def positions(member: Member) -> dict[str, str]:
    """Every folder's count, next UID and modification sequence: equal to before, nothing at all was changed."""
    with member.imap() as session:
        return {
            name: str(session.status(f'"{name}"', "(MESSAGES UIDNEXT HIGHESTMODSEQ)")[1][0])
            for name in _folder_names(session)
        }


def _folder_names(session: imaplib.IMAP4) -> list[str]:
    _, answer = session.list()
    lines = [line.decode() for line in answer if isinstance(line, bytes)]
    return [line.rpartition(' "/" ')[2].strip('"') for line in lines if "\\Noselect" not in line]
