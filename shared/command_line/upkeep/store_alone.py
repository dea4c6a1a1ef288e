"""PostgreSQL for a command that needs nothing else of a stack: the one that runs, or one that is started for it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from shared.command_line.stack.supervisor.orphans import end_orphans
from shared.command_line.stack.supervisor.programs import postgres
from shared.command_line.state_directory import AlreadyRunning, StateDirectory
from shared.command_line.store import settings_for
from shared.command_line.terminal.output import fail
from shared.command_line.terminal.surroundings import surroundings
from shared.database.embedded import EmbeddedPostgresFailed
from shared.database.url import url_with_password


@contextlib.contextmanager
def store_url(directory: StateDirectory) -> Iterator[str]:
    """The URL of the store that runs or is set, else of one that is started for this command."""
    if surroundings() is not None or os.environ.get("AGORA_DATABASE_URL") or directory.running() is not None:
        settings = settings_for(directory)
        yield url_with_password(settings.database_url, settings.database_password_file)
        return
    if not (directory.path / "postgres").exists():
        fail(f"there is no store in {directory.path}")
    with postgres_alone(directory) as url:
        yield url


@contextlib.contextmanager
def postgres_alone(directory: StateDirectory) -> Iterator[str]:
    """The PostgreSQL of one stack, with nothing else of it running; stopped at the end."""
    directory.prepare()
    with _held(directory):
        end_orphans(directory)
        server = postgres(directory)
        try:
            yield server.start()
        except EmbeddedPostgresFailed as error:
            fail(str(error))
        finally:
            server.stop()


@contextlib.contextmanager
def _held(directory: StateDirectory) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(directory.held())
        except AlreadyRunning:
            fail(f"a stack is running in {directory.path}: {directory.hint('down')} stops it")
        yield
