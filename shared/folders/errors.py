"""The errors of operations on folders."""

from __future__ import annotations

from shared.errors import DomainError


class FolderNotFound(DomainError):
    """There is no such folder, or it is gone."""


class FolderNotSelectable(FolderNotFound):
    """The name only holds inferiors; it takes no messages."""


class FolderExists(DomainError):
    """The name is taken."""


class FolderHasInferiors(DomainError):
    """The name holds no messages any more, only inferiors: it goes when they are gone (RFC 3501 §6.3.4)."""


class FolderIsPermanent(DomainError):
    """INBOX can neither be deleted nor given another name's place."""


class BadFolderName(DomainError):
    """The name breaks a rule of shared/folders/name.py; the message says which."""


class NameIsShared(BadFolderName):
    """The name is one of a room, or above the rooms: an account cannot make, rename or delete it."""


class TooManyFolders(DomainError):
    """The account has as many folders as one may have; deleting some makes room."""


class TooManySubscriptions(DomainError):
    """The account is subscribed to as many names as it may be."""


class TooManyKeywords(DomainError):
    """The folder has as many keywords as it can hold, and none of these names."""


class BadKeyword(DomainError):
    """Not a keyword: empty, too long, or with octets that an atom cannot hold."""


class QuotaExceeded(DomainError):
    """The folder's owner has no room for this; deleting makes room."""

    temporary = True


class MessageTooLarge(DomainError):
    """More octets than a message may have anywhere in Agora."""


class MessageNotFound(DomainError):
    """There is no such message, or it is gone."""


class ChangesForgotten(DomainError):
    """The position is older than the log of what vanished: open the folder anew."""
