"""The errors of commands that the session's state does not allow; like the domain's errors they have replies."""

from __future__ import annotations

from shared.errors import DomainError


class SignInFirst(DomainError):
    """A stranger may not do this here, whatever it names."""


class NoGroupSelected(DomainError):
    """The command is about a group, and none is selected; or the one that was is gone."""


class NoCurrentArticle(DomainError):
    """The command is about the current article, and there is none."""


class NoSuchNumber(DomainError):
    """There is no article with that number, or none in that range."""


class NoNextArticle(DomainError):
    """The current article is the last one."""


class NoPreviousArticle(DomainError):
    """The current article is the first one."""


class BadArguments(DomainError):
    """The arguments are not those of the command."""
