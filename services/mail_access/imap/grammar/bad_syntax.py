"""The errors of a command that the grammar does not allow."""

from __future__ import annotations


class BadSyntax(Exception):
    """The client gets a tagged BAD with this text, which quotes nothing of what it sent.

    `code` is a response code without its brackets, if one fits.
    """

    def __init__(self, text: str, code: bytes = b"") -> None:
        super().__init__(text)
        self.text = text
        self.code = code


class ImpossibleName(Exception):
    """A mailbox name that is not modified UTF-7, so that no mailbox can have it.

    The reply is NO [CANNOT] and not BAD: the program is not at fault if it passes on what a person typed.
    """


class UnsupportedCharset(Exception):
    """SEARCH in a charset that is not offered: NO [BADCHARSET …] (RFC 3501 §6.4.4)."""
