"""The errors of reading rooms and posting to them, and of articles."""

from __future__ import annotations

from typing import ClassVar

from shared.errors import DomainError


class RoomNotFound(DomainError):
    """There is no room of that name."""


class RoomExists(DomainError):
    """The name is taken."""


class BadRoomName(DomainError):
    """The name breaks a rule of shared/rooms/name.py; the message says which."""


class RoomAddressTaken(DomainError):
    """The address leads somewhere else already."""


class RoomAddressNotFound(DomainError):
    """The room has no such address."""


class ModeratorNotFound(DomainError):
    """The account is no moderator of the room."""


class MayNotRead(DomainError):
    """The room is for members."""


class MayNotPost(DomainError):
    """The message is the reason, a sentence; `sign_in_helps` where members may post."""

    def __init__(self, reason: str, *, sign_in_helps: bool = False) -> None:
        super().__init__(reason)
        self.sign_in_helps = sign_in_helps


class ArticleUnfit(DomainError):
    """The article breaks a rule of RFC 5536; the message says which."""


class TooManyRooms(ArticleUnfit):
    """The article names more rooms than one may be posted to at once."""


class DuplicateArticle(DomainError):
    """An article with this Message-ID, which is the message, has come before."""


class TooManyPosts(DomainError):
    """The account or the network has reached its limit of posts."""

    temporary: ClassVar[bool] = True


class TooManyHeld(DomainError):
    """The number of posts that wait for the moderators has reached its limit."""

    temporary: ClassVar[bool] = True


class ArticleNotFound(DomainError):
    """There is no such article, or it is gone."""


class NotTheAuthor(DomainError):
    """Neither the author's account nor a key that fits, and no moderator of the room."""


class NotAModerator(DomainError):
    """Moderators of all moderated rooms that the post is for may decide about it, and admins."""


class NotHeld(DomainError):
    """No such post waits for a decision."""


class AlreadyDecided(NotHeld):
    """Another moderator has decided already."""
