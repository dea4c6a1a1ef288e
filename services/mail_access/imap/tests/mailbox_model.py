"""Mailboxes as plain Python: what a server must agree with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

Flags = frozenset[bytes]


@dataclass
class Message:
    octets: bytes
    flags: Flags


@dataclass
class Mailbox:
    """Messages by UID, which ascend."""

    uidnext: int = 1
    messages: dict[int, Message] = field(default_factory=dict)

    def add(self, octets: bytes, flags: Iterable[bytes]) -> int:
        uid = self.uidnext
        self.messages[uid] = Message(octets, frozenset(flags))
        self.uidnext += 1
        return uid

    def present(self, uids: Iterable[int]) -> list[int]:
        return [uid for uid in sorted(uids) if uid in self.messages]

    def store(self, uids: Iterable[int], action: bytes, flags: Flags) -> None:
        for uid in self.present(uids):
            message = self.messages[uid]
            if action == b"+":
                message.flags |= flags
            elif action == b"-":
                message.flags -= flags
            else:
                message.flags = flags

    def expunge(self, uids: Iterable[int] | None = None) -> list[int]:
        chosen = self.messages if uids is None else uids
        gone = [uid for uid in self.present(chosen) if rb"\Deleted" in self.messages[uid].flags]
        for uid in gone:
            del self.messages[uid]
        return gone

    def copy(self, uids: Iterable[int], target: Mailbox) -> list[tuple[int, int]]:
        """Pairs of UIDs, here and there."""
        chosen = [(uid, self.messages[uid]) for uid in self.present(uids)]
        return [(uid, target.add(message.octets, message.flags)) for uid, message in chosen]

    def move(self, uids: Iterable[int], target: Mailbox) -> list[tuple[int, int]]:
        pairs = self.copy(uids, target)
        for uid, _ in pairs:
            del self.messages[uid]
        return pairs

    def numbers(self) -> dict[bytes, int]:
        """What STATUS tells."""
        unseen = sum(1 for message in self.messages.values() if rb"\Seen" not in message.flags)
        size = sum(len(message.octets) for message in self.messages.values())
        return {b"MESSAGES": len(self.messages), b"UIDNEXT": self.uidnext, b"UNSEEN": unseen, b"SIZE": size}
