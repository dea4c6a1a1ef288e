"""The check that a table of replies has every error of the domain that can come up, for each service's own test."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from types import ModuleType

from shared.errors import DomainError


def errors_of(*modules: ModuleType) -> Sequence[type[DomainError]]:
    """The errors that are defined in the modules."""
    return [
        each
        for module in modules
        for _, each in inspect.getmembers(module, inspect.isclass)
        if issubclass(each, DomainError) and each.__module__ == module.__name__
    ]


def without_reply(
    replies: Mapping[type[DomainError], object], modules: Sequence[ModuleType], elsewhere: Collection[type[DomainError]]
) -> Collection[str]:
    """Names of the modules' errors that have no reply, though it is not said that they belong elsewhere.

    Also of those that are said to belong elsewhere, and have a reply. A reply to a kind of error is one to every error
    of that kind.
    """
    return {
        error.__name__
        for error in errors_of(*modules)
        if any(kind in replies for kind in error.__mro__) == (error in elsewhere)
    }


def temporary(replies: Mapping[type[DomainError], object]) -> Collection[type[DomainError]]:
    """The errors in the table that may be over when the request is made again."""
    return [error for error in replies if error.temporary]
