"""The errors of calls: what a program may ask in a wrong way, whatever the protocol."""

from __future__ import annotations

from shared.errors import DomainError


class WrongArguments(DomainError):
    """The arguments do not fit the method; `sentence` says which and why, in words of ours."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Unreadable(DomainError):
    """The request is no document of its format, or exceeds a bound; `sentence` says so in words of ours."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class SignInWanted(DomainError):
    """A stranger asks for what members may do."""


class NoSuchMethod(DomainError):
    """There is no method of that name."""
