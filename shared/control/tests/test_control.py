"""Listeners of a real service that are stopped and started, by the store alone and with the bus."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from shared.control.change_listeners import start_listeners, stop_listeners
from shared.control.errors import ListenerHeld, NotStartedAgain
from shared.control.listener import Listener
from shared.control.process import list_processes
from shared.control.restart_service import restart_service
from shared.control.tests.store_over_tcp import store_over_tcp
from shared.database.blocking import BlockingDatabase
from shared.runtime.tests.ordinary_user import open_directory, python_for_everyone
from shared.runtime.tests.running import EchoProcess
from shared.testing.eventually import eventually
from shared.testing.undisturbed import STALL_SECONDS, Stalls

ECHO = Listener("echo", "echo")
HELLO = b"+ hello 127.0.0.1\r\n"
MODULE = "shared.conversation.tests.echo_service"
# A program that starts another as systemd does with a socket unit: file 3 listens.
AS_SYSTEMD = """
import os, socket, sys
owned = socket.create_server(("127.0.0.1", 0))
if owned.fileno() == 3:
    owned = owned.dup()
os.dup2(owned.fileno(), 3, inheritable=True)
os.environ.update(LISTEN_FDS="1", LISTEN_FDNAMES="echo", LISTEN_PID=str(os.getpid()))
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
Run = Callable[..., EchoProcess]


@pytest.fixture
def store(database_url: str) -> BlockingDatabase:
    return BlockingDatabase(database_url, "tests")


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Iterator[Run]:
    """Starts the echo service on the store, without Redis."""
    with ExitStack() as stack:

        def start(
            *flags: str,
            directory: Path = tmp_path,
            python: Sequence[str] = (sys.executable,),
            path: str = "",
            **settings: str,
        ) -> EchoProcess:
            chosen = {
                "AGORA_DATABASE_URL": database_url,
                "AGORA_POLL_INTERVAL": "200ms",
                "AGORA_ECHO_ENDPOINTS": "tcp:0:interface=127.0.0.1",
                "AGORA_ECHOS_ENDPOINTS": "tcp:0:interface=127.0.0.1",
                **settings,
            }
            service = EchoProcess(directory, *flags, settings=chosen, python=python, path=path, module=MODULE)
            return stack.enter_context(service).wait_until_open()

        yield start


def is_refused(service: EchoProcess, door: str = "echo") -> bool:
    try:
        service.connect(door).close()
    except ConnectionRefusedError:
        return True
    return False


def greeting(service: EchoProcess, door: str = "echo") -> bytes:
    with service.connect(door) as client:
        return client.recv(100)


def serves(service: EchoProcess) -> bool:
    try:
        return greeting(service) == HELLO
    except ConnectionRefusedError:
        return False


def states(store: BlockingDatabase, door: str = "echo") -> Sequence[str]:
    return [each.report.doors[door].state for each in store.read(list_processes)]


def pids(store: BlockingDatabase) -> Sequence[int]:
    return [each.report.pid for each in store.read(list_processes)]


def started_undisturbed(run: Run, directory: Path) -> EchoProcess:
    """One whose door echo refuses as soon as the process is open, which does not wait long for a store that is slow."""
    for number in range(3):
        with Stalls() as stalls:
            service = run(directory=directory / str(number))
            if is_refused(service):
                return service
        service.process.kill()
        if stalls.longest_seconds < STALL_SECONDS:
            break
    raise AssertionError("the door was open")


def doors_condition(service: EchoProcess) -> tuple[int, str]:
    status, page = service.health("/readyz")
    return status, json.loads(page)["doors"]["reason"]


def test_without_redis_a_stopped_listener_refuses_within_the_poll_interval_and_starts_again(
    run: Run, store: BlockingDatabase
) -> None:
    service = run()
    with service.connect() as client:
        assert client.recv(100) == HELLO
        assert store.transact(stop_listeners, [ECHO], "admin") == [ECHO]
        eventually(lambda: is_refused(service), "the port refuses")
        assert client.recv(100) == b"- going down\r\n"
        assert client.recv(100) == b""
    eventually(lambda: states(store) == ["stopped"], "the process reports it")
    status, reason = doors_condition(service)
    assert status == 200
    assert reason.startswith("echo: stopped by admin since 20")
    assert not is_refused(service, "echos")
    store.transact(start_listeners, [ECHO])
    eventually(lambda: serves(service), "the port answers")
    assert doors_condition(service) == (200, "")


def test_a_copy_that_is_started_later_starts_stopped(run: Run, store: BlockingDatabase, tmp_path: Path) -> None:
    store.transact(stop_listeners, [ECHO], "admin")
    service = started_undisturbed(run, tmp_path)
    assert not is_refused(service, "echos")
    store.transact(start_listeners, [ECHO])
    eventually(lambda: serves(service), "the port answers")


def test_all_workers_stop_and_start(run: Run, store: BlockingDatabase) -> None:
    service = run(AGORA_WORKERS="2")
    eventually(lambda: states(store) == ["open", "open"], "both workers report")
    for _ in range(3):
        store.transact(stop_listeners, [ECHO], "admin")
        eventually(lambda: states(store) == ["stopped", "stopped"], "both workers have stopped")
        assert is_refused(service)
        status, reason = doors_condition(service)
        assert status == 200
        assert reason.startswith("echo: stopped by admin since 20")
        store.transact(start_listeners, [ECHO])
        eventually(lambda: states(store) == ["open", "open"], "both workers have started")
        assert serves(service)


def test_a_worker_that_is_killed_while_stopped_is_replaced_by_one_that_is_stopped(
    run: Run, store: BlockingDatabase
) -> None:
    service = run(AGORA_WORKERS="2")
    store.transact(stop_listeners, [ECHO], "admin")
    eventually(lambda: states(store) == ["stopped", "stopped"], "both workers have stopped")
    killed = store.read(list_processes)[0].report.pid
    os.kill(killed, signal.SIGKILL)
    eventually(
        lambda: states(store) == ["stopped"] * 2 and killed not in pids(store), "another reports, and it is forgotten"
    )
    assert is_refused(service)
    store.transact(start_listeners, [ECHO])
    eventually(lambda: states(store).count("open") == 2, "both workers have started")
    assert serves(service)


@pytest.mark.skipif(os.getuid() != 0, reason="only root may make a space of process numbers")
def test_a_process_that_was_killed_is_forgotten_although_another_has_its_number(
    run: Run, store: BlockingDatabase, tmp_path: Path
) -> None:
    """As in a container, where each start numbers its processes from 1."""
    within = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable)
    seen = set()
    for name in ("first", "second"):
        service = run(directory=tmp_path / name, python=within)
        store.transact(stop_listeners, [ECHO], "admin")
        eventually(lambda: (pids(store), states(store)) == ([1], ["stopped"]), "it reports, alone")
        seen.add(store.read(list_processes)[0].report.id)
        store.transact(start_listeners, [ECHO])
        eventually(lambda: states(store) == ["open"], "it reports that too")  # and nothing more, for a while
        assert serves(service)
        service.process.kill()
        service.process.wait()
    assert len(seen) == 2


def test_a_stopped_port_cannot_be_taken_by_another_program(run: Run, store: BlockingDatabase) -> None:
    service = run()
    store.transact(stop_listeners, [ECHO], "admin")
    eventually(lambda: is_refused(service), "the port refuses")
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            thief.bind(service.place("echo"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root may open this port, and become another user")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_port_below_1024_is_still_ours_after_root_has_become_nobody(
    run: Run, store: BlockingDatabase, database_url: str, workers: str
) -> None:
    python, path = python_for_everyone()
    with open_directory() as directory, store_over_tcp(database_url) as url:
        service = run(
            "--user",
            "nobody",
            directory=directory,
            python=python,
            path=path,
            AGORA_ECHO_ENDPOINTS="tcp:143:interface=127.143.143.143",
            AGORA_WORKERS=workers,
            AGORA_DATABASE_URL=url,
        )
        assert service.place("echo") == ("127.143.143.143", 143)
        store.transact(stop_listeners, [ECHO], "admin")
        eventually(lambda: set(states(store)) == {"stopped"}, "the processes have stopped")
        assert is_refused(service)
        store.transact(start_listeners, [ECHO])
        eventually(lambda: set(states(store)) == {"open"}, "the processes have started")
        assert serves(service)
        assert service.ask_to_leave() == 0


def test_what_systemd_owns_is_refused_with_a_sentence_and_goes_on(run: Run, store: BlockingDatabase) -> None:
    python = [sys.executable, "-c", AS_SYSTEMD]
    service = run(python=python, AGORA_ECHO_ENDPOINTS="systemd:domain=INET:index=0")
    eventually(lambda: states(store) == ["open"], "it reports")
    with pytest.raises(ListenerHeld, match=r"echo/echo: systemd owns its socket"):
        store.transact(stop_listeners, [ECHO], "admin")
    assert greeting(service) == HELLO


def test_a_unix_socket_is_refused_with_a_sentence(run: Run, store: BlockingDatabase, tmp_path: Path) -> None:
    run(AGORA_ECHO_ENDPOINTS=f"unix:{tmp_path}/door")
    eventually(lambda: states(store) == ["open"], "it reports")
    with pytest.raises(ListenerHeld, match="UNIX socket"):
        store.transact(stop_listeners, [ECHO], "admin")


def test_a_supervised_service_ends_in_order_to_be_started_again(run: Run, store: BlockingDatabase) -> None:
    service = run(AGORA_SUPERVISED="true", AGORA_WORKERS="2")
    eventually(lambda: states(store) == ["open", "open"], "both workers report")
    with service.connect() as client:
        client.recv(100)
        store.transact(restart_service, "echo", "admin")
        assert client.recv(100) == b"- going down\r\n"
    assert service.wait_until_ended() == 0
    eventually(lambda: states(store) == [], "they take themselves off the list")


def test_a_service_that_nothing_starts_again_is_not_restarted(run: Run, store: BlockingDatabase) -> None:
    run()
    eventually(lambda: states(store) == ["open"], "it reports")
    with pytest.raises(NotStartedAgain, match="echo at "):
        store.transact(restart_service, "echo", "admin")


def test_while_the_store_is_away_the_doors_open(run: Run) -> None:
    service = run(AGORA_DATABASE_URL="postgresql://agora@127.0.0.1:1/agora")
    assert greeting(service) == HELLO
