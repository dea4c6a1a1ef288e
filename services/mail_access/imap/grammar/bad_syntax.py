"""The errors of a command that the grammar does not allow."""

from __future__ import annotations


class BadSyntax(Exception):
    """Told to the client as tagged BAD; the text is ours alone and quotes nothing of what was sent.

    `code` is a response code without its brackets, if one fits.
    """

    def __init__(self, text: str, code: bytes = b"") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class ImpossibleName(Exception):
    """A mailbox name that is not modified UTF-7, which no mailbox can have: NO [CANNOT], for BAD would mean that the
    client's program is broken, and here it only passed on what a person typed."""


class UnsupportedCharset(Exception):
    """SEARCH in a charset that is not offered: NO [BADCHARSET …] (RFC 3501 §6.4.4)."""
