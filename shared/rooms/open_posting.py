"""The parts that a service posts to rooms by, put together once for its process."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

from shared.clock import utc_now
from shared.rooms.directory import Directory
from shared.rooms.posting import Posting, ServerNames
from shared.runtime.parts import Parts
from shared.runtime.settings import ServiceSettings

Settings = TypeVar("Settings", bound=ServiceSettings)


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
    posting = Posting(parts.database, parts.reactor, directory, names, utc_now)
    parts.before_closing.append(posting.close)
    return PostingParts(directory, names, posting)
