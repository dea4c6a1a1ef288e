"""The names that a folder may have."""

from __future__ import annotations

import unicodedata

from shared.folders.errors import BadFolderName, NameIsShared

INBOX = "INBOX"
SEPARATOR = "/"
ROOMS = "Rooms"  # the name above all rooms; no account has a folder of its own there
MOST_LEVEL_CHARACTERS = 255  # what file systems of clients that keep a copy can name
MOST_NAME_OCTETS = 1000  # fits one IMAP line even as modified UTF-7, and the index's 2704 octets
MOST_LEVELS = 32

_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})  # controls, surrogates, unassigned, line ends


def folder_name(text: str) -> str:
    """The one spelling under which the folder `text` is kept: NFC (RFC 9051 §5.1), INBOX in capitals.

    Raises BadFolderName.
    """
    name = unicodedata.normalize("NFC", text)
    levels = name.split(SEPARATOR)
    if not all(levels):
        raise BadFolderName("a level of the name is empty")
    if len(levels) > MOST_LEVELS:
        raise BadFolderName(f"more than {MOST_LEVELS} levels")
    if any(len(level) > MOST_LEVEL_CHARACTERS for level in levels):
        raise BadFolderName(f"a level is longer than {MOST_LEVEL_CHARACTERS} characters")
    if not name.isascii() or not name.isprintable():
        _refuse_characters(name)
    if len(name.encode()) > MOST_NAME_OCTETS:
        raise BadFolderName(f"longer than {MOST_NAME_OCTETS} octets")
    if levels[0].upper() == INBOX:
        levels[0] = INBOX
    return SEPARATOR.join(levels)


def _refuse_characters(name: str) -> None:
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in name):
        raise BadFolderName("a character that no name may hold")


def check_own(account_id: int | None, *names: str) -> None:
    """Raises NameIsShared for a name that an account's own folder cannot have, because the rooms are there."""
    for name in names:
        if account_id is not None and name.partition(SEPARATOR)[0] == ROOMS:
            raise NameIsShared("the rooms are there")


def superiors(name: str) -> list[str]:
    """Every name above `name`, topmost first: "a" and "a/b" for "a/b/c"."""
    levels = name.split(SEPARATOR)
    return [SEPARATOR.join(levels[:depth]) for depth in range(1, len(levels))]
