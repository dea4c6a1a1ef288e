"""Backup and restore of a store beside PostgreSQL's own programs, and the import of a maildir."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.job import Job, scaled
from integration_tests.benchmarks.messages import corpus
from integration_tests.benchmarks.server import Server
from shared.accounts.verifiers import derive_verifiers
from shared.administration.accounts import create_member
from shared.database.blocking import BlockingDatabase
from shared.database.embedded_server import programs
from shared.database.migrate import migrate
from shared.database.transaction import Transaction
from shared.folders.append import Append, AppendTarget, append_entries
from shared.folders.find_folders import find_folder
from shared.folders.message import NewMessage
from shared.messages.render import render
from shared.octets import format_octets

MESSAGES = 100_000
IMPORTED = 20_000
DIFFERENT = 2_000  # of 4 KB: far more than a compression looks back
AT_ONCE = 500
ACCOUNT = "bench"


def _messages(count: int) -> Iterator[bytes]:
    """No two are alike."""
    texts = list(corpus(min(count, DIFFERENT)))
    for number, text in enumerate(itertools.islice(itertools.cycle(texts), count)):
        yield b"X-Number: %d\r\n" % number + text


@contextlib.contextmanager
def _databases(server: Server, *names: str) -> Iterator[Sequence[str]]:
    """Empty databases in the stack's PostgreSQL: their URLs."""
    parts = urlsplit(server.environment["AGORA_DATABASE_URL"])
    with contextlib.closing(psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            own = [f"bench_{name}_{time.time_ns():x}" for name in names]
            try:
                for name in own:
                    cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
                yield [urlunsplit(parts._replace(path=f"/{name}")) for name in own]
            finally:
                for name in own:
                    cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _make_account(tx: Transaction, password: str) -> int:
    create_member(tx, ACCOUNT, derive_verifiers(password), "localhost")
    return int(tx.value("SELECT id FROM account WHERE name = %s", (ACCOUNT,)))


def _append(tx: Transaction, account: int, messages: Sequence[bytes]) -> None:
    inbox = AppendTarget(find_folder(tx, account, "INBOX").id)
    now = datetime.now(UTC)
    append_entries(tx, [Append(NewMessage(octets, now, render(octets)), [inbox]) for octets in messages])


def _fill(url: str, count: int, password: str) -> None:
    migrate(url)
    database = BlockingDatabase(url, "agora bench")
    account = database.transact(_make_account, password)
    messages = _messages(count)
    while some := list(itertools.islice(messages, AT_ONCE)):
        database.transact(_append, account, some)


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _program(name: str, *arguments: str) -> float:
    return _seconds(lambda: subprocess.run([str(programs() / name), *arguments], check=True))


def _agora(server: Server, url: str, *arguments: str) -> float:
    def run() -> None:
        with server.agora(*arguments, stdout=subprocess.DEVNULL, AGORA_DATABASE_URL=url) as process:
            if process.wait():
                raise RuntimeError(f"agora {' '.join(arguments)} has ended with {process.returncode}")

    return _seconds(run)


def _back_up(server: Server, scale: float) -> Sequence[Figure]:
    """In turn, each into a file of its own, and each file into a database of its own."""
    count = scaled(MESSAGES, scale, AT_ONCE)
    with (
        tempfile.TemporaryDirectory() as directory,
        _databases(server, "full", "ours", "theirs") as (full, ours, theirs),
    ):
        _fill(full, count, server.password)
        backup, dump, quick = (Path(directory) / name for name in ("backup", "dump", "quick"))
        written = {
            "agora backup": _agora(server, full, "backup", str(backup)),
            "pg_dump -Fc": _program("pg_dump", "-Fc", f"--file={dump}", full),
            "pg_dump -Fc -Z1": _program("pg_dump", "-Fc", "-Z1", f"--file={quick}", full),
        }
        read = {
            "agora restore, compared": _agora(server, ours, "restore", str(backup)),
            "pg_restore -1": _program("pg_restore", "-1", f"--dbname={theirs}", str(dump)),
        }
        sizes = {"agora backup": backup, "pg_dump -Fc": dump, "pg_dump -Fc -Z1": quick}
        return [
            *(Figure(what, seconds, "s", more=False) for what, seconds in written.items()),
            *(Figure(f"file of {what}", file.stat().st_size / 1e6, "MB", more=False) for what, file in sizes.items()),
            *(Figure(what, seconds, "s", more=False) for what, seconds in read.items()),
        ]


def _import(server: Server, scale: float) -> Sequence[Figure]:
    count = scaled(IMPORTED, scale, AT_ONCE)
    with tempfile.TemporaryDirectory() as directory, _databases(server, "import") as (url,):
        _fill(url, 0, server.password)
        maildir = Path(directory) / "Maildir"
        for name in ("cur", "new", "tmp"):
            (maildir / name).mkdir(parents=True)
        for number, octets in enumerate(_messages(count)):
            (maildir / "cur" / f"{number}.bench:2,S").write_bytes(octets.replace(b"\r\n", b"\n"))
        command = ("import", "maildir", str(maildir), "--user", ACCOUNT)
        took = _agora(server, url, *command)
        again = _agora(server, url, *command)
    return [
        Figure("a maildir, with the start of the command", count / took, "messages/s", more=True),
        Figure("once more, all being there", count / again, "messages/s", more=True),
    ]


JOBS = [
    Job(
        "backup",
        f"backup and restore of {MESSAGES} messages of 4 KB ({format_octets(MESSAGES * 4096)}), beside pg_dump",
        _back_up,
        fits=lambda server: server.is_ours,
    ),
    Job("import", f"{IMPORTED} messages of 4 KB in a maildir", _import, fits=lambda server: server.is_ours),
]
