"""Writing a mailbox as a Maildir++: INBOX is the directory itself, each other folder a subdirectory `.Sub.Folder`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from shared.folders.folder import Folder
from shared.folders.name import INBOX
from shared.mail.transfer.carried import FORWARDED, MAILDIR_FLAGS
from shared.mail.transfer.export_mailbox import Numbered
from shared.mail.transfer.maildir_names import file_name_of
from shared.mail.transfer.read_maildir import KEYWORDS, SUBSCRIPTIONS

MOST_KEYWORDS = 26  # a letter each


class MaildirWriter:
    """Writes into a directory that is empty or not there yet."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.keywords_left_out: set[str] = set()

    def write_folder(self, folder: Folder, messages: Iterable[Numbered]) -> None:
        """Write all of them; each file's time is when its message was received. Lines end with LF."""
        path = self._path if folder.name == INBOX else self._path / f".{file_name_of(folder.name)}"
        for part in ("cur", "new", "tmp"):
            (path / part).mkdir(mode=0o700, parents=True, exist_ok=True)
        letters: dict[str, str] = {}
        for uid, carried in messages:
            flags = self._flags(carried.flags, carried.keywords, letters)
            received = carried.received_at.timestamp()
            file = path / "cur" / f"{int(received)}.V{folder.uidvalidity}U{uid}.agora:2,{flags}"
            file.write_bytes(carried.octets.replace(b"\r\n", b"\n"))
            os.utime(file, (received, received))
        if letters:
            names = sorted(letters, key=letters.__getitem__)
            (path / KEYWORDS).write_text("".join(f"{number} {name}\n" for number, name in enumerate(names)))

    def write_subscriptions(self, names: Iterable[str]) -> None:
        """Write the names that are subscribed to, as Dovecot does."""
        (self._path / SUBSCRIPTIONS).write_text("".join(f"{file_name_of(name)}\n" for name in names))

    def _flags(self, flags: int, keywords: Sequence[str], letters: dict[str, str]) -> str:
        found = {letter for letter, flag in MAILDIR_FLAGS.items() if flags & flag}
        for name in keywords:
            if name.lower() == FORWARDED.lower():
                found.add("P")
            elif name in letters or len(letters) < MOST_KEYWORDS:
                found.add(letters.setdefault(name, chr(ord("a") + len(letters))))
            else:
                self.keywords_left_out.add(name)
        return "".join(sorted(found))
