"""An account and maildirs on this machine, which a program is to keep alike."""

from __future__ import annotations

from collections.abc import Callable, Set
from dataclasses import dataclass
from pathlib import Path

from integration_tests.clients.letters import letter
from integration_tests.clients.mailbox import append, positions, stored_everywhere
from integration_tests.clients.maildir import Filed, filed, folders
from integration_tests.stack.member import Member

Contents = dict[str, list[tuple[bytes, Set[str]]]]  # by folder: messages with this machine's line ends, and their flags


@dataclass(frozen=True)
class Pair:
    """`copy` runs the program once; `unmarked` takes away what it adds to messages for its own use."""

    member: Member
    mail: Path
    copy: Callable[[], object]
    unmarked: Callable[[bytes], bytes]

    def begin(self) -> None:
        """Three letters in INBOX and one in Archive, on both sides."""
        self.mail.mkdir()
        with self.member.imap() as session:
            for subject in ("one", "two", "three"):
                append(session, "INBOX", letter(subject))
            append(session, "Archive", letter("old"), "\\Seen \\Answered")
        self.sync()

    def sync(self) -> None:
        """Copy once, and once more: the second time there is nothing left to do, on either side."""
        self.copy()
        assert self.there() == self.here()
        before, files = positions(self.member), set(self.mail.rglob("*"))
        self.copy()
        assert positions(self.member) == before
        assert set(self.mail.rglob("*")) == files

    def there(self) -> Contents:
        """What is stored in the account."""
        return {
            name: sorted((self._plain(message.octets), message.flags) for message in messages)
            for name, messages in stored_everywhere(self.member).items()
        }

    def here(self) -> Contents:
        """What is in the maildirs."""
        return {
            name: sorted((self._plain(message.octets), message.flags) for message in filed(folder))
            for name, folder in folders(self.mail).items()
        }

    def _plain(self, octets: bytes) -> bytes:
        return self.unmarked(octets.replace(b"\r\n", b"\n"))

    def find(self, subject: str, folder: str = "INBOX") -> Filed:
        """The local file of a letter."""
        line = f"Subject: {subject}\n".encode()
        return next(message for message in filed(self.mail / folder) if line in message.octets)
