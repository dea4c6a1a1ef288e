"""The parts that a service posts to rooms by, put together once for its process."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from shared.clock import utc_now
from shared.rooms.directory import Directory
from shared.rooms.posts.post_limits import PostLimits
from shared.rooms.posts.posting import Posting, ServerNames
from shared.rooms.posts.posting_settings import PostingSettings
from shared.runtime.parts import Parts

Settings = TypeVar("Settings", bound=PostingSettings)


class PostingParts(NamedTuple):
    """The rooms, what this server is called, and the way in for articles."""

    directory: Directory
    names: ServerNames
    posting: Posting


def open_posting(parts: Parts[Settings]) -> PostingParts:
    """What is taken is committed before the process closes."""
    settings = parts.settings
    directory = Directory(parts.database, parts.bus)
    names = ServerNames(settings.hostname, settings.mail_domain)
    limits = PostLimits(parts.database.clock, settings.posts_per_account, settings.posts_per_network)
    posting = Posting(parts.database, parts.reactor, directory, names, utc_now, limits)
    parts.before_closing.append(posting.close)
    return PostingParts(directory, names, posting)
