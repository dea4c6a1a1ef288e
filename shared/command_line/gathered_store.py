"""The store for a command that changes it in many transactions: what they announce is told at its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from shared.command_line.announce import announce
from shared.command_line.state_directory import StateDirectory
from shared.command_line.store import settings_for
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.runtime.settings import ServiceSettings


@contextlib.contextmanager
def gathered_store(directory: StateDirectory) -> Iterator[tuple[BlockingDatabase, ServiceSettings]]:
    """The store and the settings. At the end of the block the services hear of each folder once, however it ends."""
    settings = settings_for(directory)
    news: dict[Any, Any] = {}

    def gather(events: Any) -> None:
        news.update({(type(event), getattr(event, "folder_id", event)): event for event in events})

    url = url_with_password(settings.database_url, settings.database_password_file)
    try:
        yield BlockingDatabase(url, "agora command line", gather), settings
    finally:
        if news:
            announce(settings, list(news.values()))
