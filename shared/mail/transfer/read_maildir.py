"""Maildirs: one with its subfolders (Maildir++), or a folder of maildirs, or such a folder for each address."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from shared.folders.name import INBOX
from shared.mail.transfer.carried import (
    FORWARDED,
    MAILDIR_FLAGS,
    MOST_OCTETS,
    Carried,
    CarriedFolder,
    CarriedMailbox,
    NotTaken,
)
from shared.mail.transfer.maildir_names import folder_of

KEYWORDS = "dovecot-keywords"
SUBSCRIPTIONS = "subscriptions"
_PASSED = "P"
_DOVECOT_2 = "V\t2"  # the first line of its newer file of subscriptions, whose levels are separated by tabs


def is_maildir(path: Path) -> bool:
    """Whether messages can be in it."""
    return (path / "cur").is_dir()


def read_tree(path: Path) -> Mapping[str, CarriedMailbox]:
    """The mailboxes below `path` by the names of their folders: `ADDRESS/Inbox`, or a Maildir++ for each address."""
    found = {}
    for child in sorted(path.iterdir()):
        if child.is_dir() and not child.name.startswith(".") and (mailbox := read_mailbox(child)) is not None:
            found[child.name] = mailbox
    return found


def read_mailbox(path: Path) -> CarriedMailbox | None:
    """One account's: a maildir with its subfolders `.Sub.Folder`, or a folder of maildirs. None where there is none."""
    children = [child for child in sorted(path.iterdir()) if is_maildir(child)]
    if is_maildir(path):
        named = [(INBOX, path)] + [(child.name[1:], child) for child in children if child.name.startswith(".")]
    else:
        named = [(child.name.removeprefix("."), child) for child in children]
    if not named:
        return None
    return CarriedMailbox([_folder(name, each) for name, each in named], _subscriptions(path / SUBSCRIPTIONS))


def _folder(name: str, path: Path) -> CarriedFolder:
    count = sum(len(os.listdir(path / each)) for each in ("cur", "new") if (path / each).is_dir())
    return CarriedFolder(folder_of(name), functools.partial(_messages, path), count)


def _messages(path: Path) -> Iterator[tuple[str, Carried] | NotTaken]:
    """In the order of their times, so that numbers follow them."""
    keywords = _keywords(path / KEYWORDS)
    for _, name, file in sorted(_files(path)):
        yield _read(Path(file), name, keywords)


def _files(path: Path) -> Iterator[tuple[float, str, str]]:
    for part in ("cur", "new"):
        if (path / part).is_dir():
            with os.scandir(path / part) as entries:
                for entry in entries:
                    if not entry.name.startswith(".") and entry.is_file():
                        yield entry.stat().st_mtime, entry.name, entry.path


def _read(file: Path, name: str, keywords: Mapping[str, str]) -> tuple[str, Carried] | NotTaken:
    letters = name.partition(":2,")[2] if file.parent.name == "cur" else ""
    flags = 0
    for letter in letters:
        flags |= MAILDIR_FLAGS.get(letter, 0)
    named = [keywords[letter] for letter in letters if letter in keywords]
    if _PASSED in letters and FORWARDED not in named:
        named.append(FORWARDED)
    try:
        status = file.stat()
        if status.st_size > MOST_OCTETS:
            return NotTaken(str(file), f"it has more than {MOST_OCTETS >> 20} MiB")
        return str(file), Carried(file.read_bytes(), datetime.fromtimestamp(status.st_mtime, UTC), flags, named)
    except OSError as error:
        return NotTaken(str(file), error.strerror or str(error))


def _keywords(file: Path) -> Mapping[str, str]:
    """Letter → keyword: lines with a number and a name; number 0 is the letter a."""
    found = {}
    for line in _lines(file):
        number, _, name = line.partition(" ")
        if number.isdecimal() and int(number) < 26 and name:
            found[chr(ord("a") + int(number))] = name
    return found


def _subscriptions(file: Path) -> Sequence[str] | None:
    if not file.is_file():
        return None
    lines = _lines(file)
    if lines[:1] == [_DOVECOT_2]:
        return [folder_of(line.replace(".", "\\2e").replace("\t", ".")) for line in lines[1:] if line]
    return [folder_of(line) for line in lines if line]


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
