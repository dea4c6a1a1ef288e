"""The errors of a wiki's client; each is an exit status of the command."""

from __future__ import annotations

from typing import ClassVar


class WikiError(Exception):
    """Something that ends a command with one sentence."""

    status: ClassVar[int] = 1


class SignInRefused(WikiError):
    """Name or password are wrong, or missing."""

    status = 3


class NoSuchWikiPage(WikiError):
    """There is no such page, or no such revision of it."""

    status = 4


class WikiConflict(WikiError):
    """Somebody else has changed the page; `diff` is from the newest revision to what was sent."""

    status = 5

    def __init__(self, sentence: str, diff: str = "") -> None:
        super().__init__(sentence)
        self.diff = diff


def error_of(number: int, text: str) -> WikiError:
    """The error for a status of HTTP, which every protocol here has for the same reason; a diff ends the text."""
    sentence, _, diff = text.partition("\n\n")
    match number:
        case 401:
            return SignInRefused(sentence)
        case 404:
            return NoSuchWikiPage(sentence)
        case 409 | 412:
            return WikiConflict(sentence, diff)
    return WikiError(sentence)
