"""The errors of reading and changing pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from shared.errors import DomainError

if TYPE_CHECKING:
    from shared.wiki.page import Page


class BadPageName(DomainError):
    """The name breaks a rule of shared/wiki/name.py; the message says which."""


class ReservedPageName(BadPageName):
    """The path belongs to something else of the web site; the message is a sentence that says so."""


class PageNotFound(DomainError):
    """There is no page of that name, or it was deleted."""


class PageMoved(PageNotFound):
    """The page was renamed: `to` is its name now."""

    def __init__(self, name: str, to: str) -> None:
        super().__init__(name)
        self.to = to


class RevisionNotFound(DomainError):
    """The page has no such revision."""


class PageTaken(DomainError):
    """Another page, maybe a deleted one, has the name."""


class MayNotReadPages(DomainError):
    """The wiki is for members."""


class MayNotWrite(DomainError):
    """The message is the reason, a sentence; `sign_in_helps` where members may write."""

    def __init__(self, reason: str, *, sign_in_helps: bool = False) -> None:
        super().__init__(reason)
        self.sign_in_helps = sign_in_helps


class MayNotDelete(MayNotWrite):
    """Moderators and admins may delete the page, and a member who alone has written it."""


class PageTooLarge(DomainError):
    """The source has more octets than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a page has at most {most} octets")
        self.most = most


class BadSource(DomainError):
    """The text cannot be written in UTF-8: it has half of a surrogate pair."""


class StaleEdit(DomainError):
    """The page has changed since; nothing was saved. `diff` leads from the current text to the one that was sent."""

    def __init__(self, current: Page, diff: str) -> None:
        super().__init__(current.name)
        self.current = current
        self.diff = diff


class EditConflict(StaleEdit):
    """The edit and a newer revision have changed the same lines."""


class RevisionMoved(StaleEdit):
    """The page is not at the revision that the edit was to be made on only, or it was to be new."""


class TooManySaves(DomainError):
    """The account or the network has reached its limit of saves."""

    temporary: ClassVar[bool] = True


class TooMuchToFormat(DomainError):
    """The text takes too much time or memory to format; its source can be shown."""


class BadFileName(DomainError):
    """The name breaks a rule of shared/wiki/attachment.py; the message says which."""


class AttachmentNotFound(DomainError):
    """The page has no such file, or no such revision of it."""


class AttachmentTooLarge(DomainError):
    """The file has more octets than `most`."""

    def __init__(self, most: int) -> None:
        super().__init__(f"a file has at most {most} octets")
        self.most = most


class TooManyAttachments(DomainError):
    """The page has as many files as a page may have."""


class TooManyWatches(DomainError):
    """The account watches as many pages as an account may watch."""
