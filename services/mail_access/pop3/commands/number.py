"""A message number as POP3 clients write it."""

from __future__ import annotations

from services.mail_access.pop3.maildrop import Maildrop


def message_number(maildrop: Maildrop, argument: bytes) -> int | None:
    """The number in `argument` if it names a message that is there and not marked as deleted."""
    word = argument.strip()
    if not word.isdigit() or len(word) > 10:
        return None
    number = int(word)
    return number if maildrop.has(number) else None
