"""Maildir folders on this machine, read and changed as any program may: message files, with flags in their names."""

from __future__ import annotations

import secrets
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

# https://cr.yp.to/proto/maildir.html; in IMAP's words
FLAGS = {"D": "\\Draft", "F": "\\Flagged", "R": "\\Answered", "S": "\\Seen", "T": "\\Deleted"}
_LETTERS = {flag: letter for letter, flag in FLAGS.items()}


@dataclass(frozen=True)
class Filed:
    """One message file."""

    file: Path
    flags: Set[str]

    @property
    def octets(self) -> bytes:
        """The message with this machine's line ends."""
        return self.file.read_bytes()

    def set_flags(self, *flags: str) -> None:
        """Have these flags and no others."""
        base = self.file.name.partition(":2,")[0]
        letters = "".join(sorted(_LETTERS[flag] for flag in flags))
        self.file.rename(self.file.parent.parent / "cur" / f"{base}:2,{letters}")


def make_folder(folder: Path) -> None:
    """An empty maildir."""
    for name in ("cur", "new", "tmp"):
        (folder / name).mkdir(parents=True)


def put(folder: Path, octets: bytes) -> None:
    """File a message, as unread mail."""
    (folder / "new" / f"{secrets.token_hex(8)}.here").write_bytes(octets)


def filed(folder: Path) -> list[Filed]:
    """Every message of a maildir."""
    files = [file for name in ("cur", "new") for file in sorted((folder / name).iterdir())]
    return [Filed(file, {FLAGS[letter] for letter in file.name.partition(":2,")[2]}) for file in files]


def folders(top: Path) -> dict[str, Path]:
    """All maildirs below `top`, by their names there."""
    return {str(cur.parent.relative_to(top)): cur.parent for cur in sorted(top.rglob("cur"))}
