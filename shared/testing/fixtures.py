"""pytest's fixtures for all tests, loaded by `-p shared.testing.fixtures` (pyproject.toml).

A session has one PostgreSQL and one Redis of its own, started when a test first wants them; a test has a database of
its own, a copy of one that was migrated once. `async def test_…` runs on the real reactor (shared/testing/reactor.py).
AGORA_TEST_DATABASE_URL names another PostgreSQL to make the databases in, by a role that may.
"""

from __future__ import annotations

import contextlib
import fcntl
import inspect
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from shared.database.database import Database
    from shared.database.transaction import Transaction
    from shared.events.bus import Bus
    from shared.events.embedded import EmbeddedRedis

STATE_PREFIX = "agora-test-"
MEMORY = Path("/dev/shm")
PLENTY_OCTETS = 4 << 30  # the largest test has some hundred megabytes in its database, and each process has a server
REDIS_REPLY_SECONDS = 60.0
_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """A terminated session clears up after itself like an interrupted one; properties are tried without a clock."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # A shell's background job begins with SIGINT ignored, and the programs that tests start and interrupt inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # How long an example takes says nothing on a machine that is busy.
    settings.register_profile("agora", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("agora")


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine function on the reactor; leave all others to pytest."""
    function = pyfuncitem.obj
    if not inspect.iscoroutinefunction(function):
        return None
    from shared.testing.reactor import run_in_reactor

    wanted = inspect.signature(function).parameters
    run_in_reactor(function)(**{name: pyfuncitem.funcargs[name] for name in wanted})
    return True


def pytest_unconfigure() -> None:
    """After the last fixture is torn down."""
    import sys

    if "shared.testing.reactor" in sys.modules:
        from shared.testing.reactor import stop_reactor

        stop_reactor()


@pytest.fixture(scope="session")
def session_dir() -> Iterator[Path]:
    """A folder for servers' state, with a short name; removed at the end, or by a later session after kill -9."""
    with _session_folder(Path(tempfile.gettempdir())) as folder:
        yield folder


@contextlib.contextmanager
def _session_folder(parent: Path) -> Iterator[Path]:
    for leftover in parent.glob(STATE_PREFIX + "*"):
        _remove_unless_in_use(leftover)
    unnamed = Path(tempfile.mkdtemp(prefix="new-" + STATE_PREFIX, dir=parent))
    with (unnamed / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.chmod(0o711)  # under root the database and the services run as users who have to get there
        folder = unnamed.rename(unnamed.with_name(unnamed.name.removeprefix("new-")))  # locked before others see it
        yield folder
        shutil.rmtree(folder, ignore_errors=True)


def _folder_for_databases() -> Path:
    """In memory where there is plenty: a database for each test is a thousand files that are made and removed again."""
    with contextlib.suppress(OSError, StopIteration):
        lines = Path("/proc/meminfo").read_text().splitlines()
        available = next(int(line.split()[1]) << 10 for line in lines if line.startswith("MemAvailable:"))
        if min(available, shutil.disk_usage(MEMORY).free) >= PLENTY_OCTETS and os.access(MEMORY, os.W_OK):
            return MEMORY
    return Path(tempfile.gettempdir())


def _remove_unless_in_use(folder: Path) -> None:
    try:
        with (folder / "lock").open("r") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:  # in use, just being made, or someone else's
        return


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A PostgreSQL server, as the URL of a database in it that nobody uses."""
    if given := os.environ.get("AGORA_TEST_DATABASE_URL"):
        yield given
        return
    from shared.database.embedded import EmbeddedPostgres

    with _session_folder(_folder_for_databases()) as folder:
        server = EmbeddedPostgres(folder / "postgres", scratch=True)
        try:
            yield server.start()
        finally:
            server.stop()


@pytest.fixture(scope="session")
def template_name(server_url: str) -> Iterator[str]:
    """A migrated database to copy."""
    from shared.database.migrate import migrate

    name = f"agora_template_{os.getpid()}"
    _execute(server_url, f"CREATE DATABASE {name}")
    try:
        migrate(_in_database(server_url, name))
        yield name
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(server_url: str, template_name: str) -> Iterator[str]:
    """A fresh database with the whole schema, for one test."""
    name = f"agora_test_{os.getpid()}_{next(_numbers)}"
    _execute(server_url, f"CREATE DATABASE {name} TEMPLATE {template_name} STRATEGY file_copy")
    try:
        yield _in_database(server_url, name)
    finally:
        _execute(server_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def transaction(database_url: str) -> Iterator[Transaction]:
    """For synchronous tests of operations; may commit as it likes."""
    from shared.database.connection import open_connection
    from shared.database.limits import StoreLimits
    from shared.database.transaction import Transaction

    connection = open_connection(database_url, StoreLimits(), "test")
    try:
        yield Transaction(connection)
    finally:
        connection.close()


@pytest.fixture
def database(database_url: str, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A Database on the running reactor; for asynchronous tests. It announces on the `bus` of tests that have one."""
    from shared.database.database import Database
    from shared.testing.reactor import running_reactor, wait_for

    announce = request.getfixturevalue("bus").announce if "bus" in request.fixturenames else None

    async def start() -> Database:
        return Database(running_reactor(), database_url, name="test", announce=announce)

    store = wait_for(start)
    try:
        yield store
    finally:
        wait_for(store.close)


@pytest.fixture(scope="session")
def redis_server(session_dir: Path) -> Iterator[EmbeddedRedis]:
    """A Redis of the session's own. It does not hang, but the machine may: its replies are waited for longer."""
    from shared.accounts import redis_tallies
    from shared.events import redis
    from shared.events.embedded import EmbeddedRedis

    server = EmbeddedRedis(session_dir / "redis")
    with pytest.MonkeyPatch.context() as patched:
        # What is published while a connection is made anew is heard by nobody, and failures that are not counted in
        # Redis do not add up over processes: tests would wait in vain.
        patched.setattr(redis, "REPLY_SECONDS", REDIS_REPLY_SECONDS)
        patched.setattr(redis_tallies, "PATIENCE_SECONDS", REDIS_REPLY_SECONDS)
        try:
            server.start()
            yield server
        finally:
            server.stop()


@pytest.fixture(scope="session")
def redis_strays() -> Iterator[list[str]]:
    """Commands to Redis from another thread than the reactor's; see shared/testing/one_thread.py."""
    from shared.testing.one_thread import strays_noted

    with strays_noted() as strays:
        yield strays


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis, redis_strays: list[str]) -> Iterator[str]:
    """A Redis that runs; emptied before each test, which may speak to it in the reactor's thread alone."""
    redis_server.start()
    redis_server.empty()
    yield redis_server.url
    seen = redis_strays.copy()
    redis_strays.clear()
    assert not seen, "two threads spoke to Redis:\n" + "\n".join(seen)


@pytest.fixture
def bus(redis_url: str) -> Iterator[Bus]:
    """A Bus on the running reactor; for asynchronous tests."""
    from shared.events.bus import Bus
    from shared.testing.reactor import running_reactor, wait_for

    async def start() -> Bus:
        return Bus(running_reactor(), redis_url)

    made = wait_for(start)
    try:
        yield made
    finally:
        wait_for(made.close)


@pytest.fixture
def patient_tallies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures to sign in are counted in Redis however slow a busy machine is; no process counts alone meanwhile."""
    monkeypatch.setattr("shared.accounts.redis_tallies.PATIENCE_SECONDS", 20.0)


def _in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path="/" + name))


def _execute(url: str, statement: str) -> None:
    from shared.testing.one_statement import run_statement  # not at the top: most test sessions need no PostgreSQL

    run_statement(url, statement)
