"""The store for one command: which one, how to change something in it, and how to tell the services."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg2

from shared.command_line.output import fail
from shared.command_line.place import Place
from shared.command_line.replies import reply_to
from shared.database.connection import open_connection
from shared.database.limits import StoreLimits
from shared.database.transaction import Transaction
from shared.database.url import url_with_password
from shared.errors import DomainError
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings

P = ParamSpec("P")
Result = TypeVar("Result")


def settings_for(place: Place) -> ServiceSettings:
    """The settings that the services have: from the environment, else those of the stack that runs in `place`.

    Ends the command with one sentence when there are neither.
    """
    if not os.environ.get("AGORA_DATABASE_URL"):
        record = place.running()
        if record is None:
            starts = place.hint("up --detach")
            fail(f"no stack is running in {place.state}: {starts} starts one, or set AGORA_DATABASE_URL")
        os.environ.update(record.environment)
    try:
        return read_settings(ServiceSettings)
    except WrongSetting as wrong:
        fail(str(wrong))


class Store:
    """PostgreSQL as one command sees it: a connection, opened when it is needed."""

    def __init__(self, settings: ServiceSettings) -> None:
        self.settings = settings

    def transact(
        self, operation: Callable[Concatenate[Transaction, P], Result], *arguments: P.args, **named: P.kwargs
    ) -> Result:
        """Run `operation` in one transaction and commit it."""
        with self._connected() as connection:
            transaction = Transaction(connection)
            result = operation(transaction, *arguments, **named)
            transaction.commit()
        return result

    @contextlib.contextmanager
    def _connected(self) -> Iterator[Any]:
        url = url_with_password(self.settings.database_url, self.settings.database_password_file)
        with contextlib.closing(open_connection(url, StoreLimits(), "agora command line")) as connection:
            yield connection

    def announce(self, events: Iterable[Any]) -> None:
        """Tell the services, after the commit. Without Redis they learn of it by themselves, later."""
        from shared.command_line.announce import announce

        announce(self.settings, list(events))


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """What goes wrong becomes one sentence and exit status 1."""
    try:
        yield
    except DomainError as error:
        fail(reply_to(error))
    except psycopg2.OperationalError as error:
        fail(f"PostgreSQL does not answer: {str(error).strip()}")
    except OSError as error:
        fail(str(error))
