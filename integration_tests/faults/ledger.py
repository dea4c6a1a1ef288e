"""The ledger of a test: the messages that the stack has acknowledged, and those that it keeps."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from integration_tests.stack.member import Member

MESSAGE_ID = b"Message-ID: "
Place = tuple[str, str]  # a member's name, and one of its folders


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A message that the stack said 250 or OK to."""

    writer: str  # the connection it came by, which waits for each answer
    member: Member
    folder: str
    octets: bytes
    has_trace: bool  # SMTP and LMTP put fields on top
    uid: int | None = None  # what APPENDUID told

    @property
    def place(self) -> Place:
        return (self.member.name, self.folder)

    @property
    def message_id(self) -> bytes:
        return message_id(self.octets)


@dataclass(slots=True)
class Ledger:
    """Written by many threads."""

    acknowledged: list[Acknowledged] = field(default_factory=list)
    by_writer: Counter[str] = field(default_factory=Counter)
    not_acknowledged: Counter[str] = field(default_factory=Counter)  # by writer: refused, or cut off
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, writer: str, acknowledged: Sequence[Acknowledged]) -> None:
        with self.lock:
            self.acknowledged += acknowledged
            self.by_writer[writer] += 1

    def failed(self, writer: str) -> None:
        with self.lock:
            self.not_acknowledged[writer] += 1

    def by_place(self) -> Mapping[Place, list[Acknowledged]]:
        """What each folder must hold, in the order of acknowledgement."""
        places: dict[Place, list[Acknowledged]] = {}
        for each in self.acknowledged:
            places.setdefault(each.place, []).append(each)
        return places


def message_id(octets: bytes) -> bytes:
    """The Message-ID of a message that the load made; each has its own."""
    start = octets.index(MESSAGE_ID) + len(MESSAGE_ID)
    return octets[start : octets.index(b"\r\n", start)]


def read_folder(member: Member, folder: str) -> list[tuple[int, bytes]]:
    """UIDs and octets, in the order IMAP gives them."""
    found: list[tuple[int, bytes]] = []
    with member.imap(folder) as session:
        status, answer = session.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
        assert status == "OK", answer
        for item in answer:
            if isinstance(item, tuple):
                words = item[0].split()
                found.append((int(words[words.index(b"(UID") + 1]), item[1]))
    return found


def numbers_by_message(contents: Sequence[tuple[int, bytes]]) -> Mapping[bytes, list[int]]:
    """Every UID that each Message-ID has."""
    numbers: dict[bytes, list[int]] = {}
    for uid, octets in contents:
        numbers.setdefault(message_id(octets), []).append(uid)
    return numbers
