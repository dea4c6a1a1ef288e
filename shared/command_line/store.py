"""The store for one command: which one, how to change something in it, and how to tell the services."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg2

from shared.command_line.replies import reply_to
from shared.command_line.state_directory import StateDirectory
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.surroundings import surroundings
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.errors import DomainError
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings


def settings_for(directory: StateDirectory) -> ServiceSettings:
    """The settings that the services have: from the environment, else those of the stack that runs in `directory`.

    Ends the command with one sentence when there are neither.
    """
    if (around := surroundings()) is not None:
        return around.settings
    if not os.environ.get("AGORA_DATABASE_URL"):
        record = directory.running()
        if record is None:
            starts = directory.hint("up --detach")
            fail(f"no stack is running in {directory.path}: {starts} starts one, or set AGORA_DATABASE_URL")
        os.environ.update(record.environment)
    try:
        return read_settings(ServiceSettings)
    except WrongSetting as wrong:
        fail(str(wrong))


class Store(BlockingDatabase):
    """PostgreSQL for one command, and the settings that say where it is. Raises OSError where a secret is not there.

    Inside a service it is that service's own database.
    """

    def __init__(self, settings: ServiceSettings, *, announces: bool = True) -> None:
        """`announces`: whether the services are told what changed. That needs the reactor, which runs only once."""
        self.settings = settings
        if (around := surroundings()) is not None:
            self.transact = around.store.transact  # type: ignore[method-assign]
            self.read = around.store.read  # type: ignore[method-assign]
            return
        url = url_with_password(settings.database_url, settings.database_password_file)
        super().__init__(url, "agora command line", self._announce_to_services if announces else None)

    def _announce_to_services(self, events: Iterable[Any]) -> None:
        """Tell the services, after the commit. Without Redis they learn of it by themselves, later."""
        from shared.command_line.announce import announce

        announce(self.settings, list(events))


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """An error becomes one sentence and exit status 1."""
    try:
        yield
    except DomainError as error:
        fail(reply_to(error))
    except psycopg2.OperationalError as error:
        fail(f"PostgreSQL does not answer: {str(error).strip()}")
    except OSError as error:
        fail(str(error))
