"""A service from its start to its end, as a real process."""

from __future__ import annotations

import json
import resource
import signal
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from shared.runtime.tests.running import EchoProcess
from shared.testing.eventually import eventually
from shared.testing.undisturbed import undisturbed


@pytest.fixture
def directory(tmp_path: Path) -> Callable[[], Path]:
    """Makes one for each run of the service."""
    numbers = count()
    return lambda: tmp_path / f"run{next(numbers)}"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoProcess]:
    """One for all tests that leave it as it is."""
    with EchoProcess(tmp_path_factory.mktemp("standing")).wait_until_open() as service:
        yield service


def test_doors_open_although_the_store_and_the_bus_are_away(standing: EchoProcess) -> None:
    assert standing.greeting()[b"pid"] == standing.process.pid
    status, page = standing.health("/readyz")
    told = json.loads(page)
    assert status == 503
    assert told["ready"] is False
    assert told["doors"]["state"] == "ok"
    assert told["store"]["state"] == "away"
    assert told["store"]["reason"]
    assert told["bus"]["state"] == "degraded"
    assert standing.health("/healthz") == (200, "alive\n")
    assert "process_open_fds" in standing.health("/metrics")[1]


def test_private_port_has_no_other_pages(standing: EchoProcess) -> None:
    assert standing.health("/other")[0] == 404
    assert standing.health("/")[0] == 404
    assert standing.health("/readyz", called="anything.example:9100")[0] in (200, 503)


def test_numbers_are_for_those_who_call_the_port_from_inside(standing: EchoProcess) -> None:
    for called in ("rebound.example:9100", "rebound.example", "127.0.0.1.rebound.example"):
        assert standing.health("/metrics", called=called)[0] == 403
    for called in ("localhost:9100", "10.0.0.7:9100", "smtp-ingest:9100", "smtp-ingest.agora.svc.cluster.local"):
        assert standing.health("/metrics", called=called)[0] == 200


def test_ready_when_store_and_bus_are_there(tmp_path: Path, database_url: str, redis_url: str) -> None:
    settings = {"AGORA_DATABASE_URL": database_url, "AGORA_REDIS_URL": redis_url}
    with EchoProcess(tmp_path, settings=settings).wait_until_open() as service:

        def all_there() -> bool:
            status, page = service.health("/readyz")
            return status == 200 and json.loads(page)["ready"] and '"state": "degraded"' not in page

        eventually(all_there, "the store and the bus are connected")


def test_log_tells_the_real_port_of_each_door(standing: EchoProcess) -> None:
    for door in ("health", "echo", "tls"):
        host, port = standing.place(door)
        assert f"{door} listens on {host}:{port}\n" in standing.output()


def test_door_that_is_off_is_not_opened(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, settings={"AGORA_TLS_ENDPOINTS": "off"}).wait_until_open() as service:
        assert service.greeting()
        assert json.loads(service.ports_file.read_text())["doors"]["tls"] == []


def test_two_doors_may_let_the_system_choose_and_a_door_may_have_several_places(tmp_path: Path) -> None:
    settings = {"AGORA_ECHO_ENDPOINTS": f"tcp:0:interface=127.0.0.1 unix:{tmp_path}/echo"}
    with EchoProcess(tmp_path, settings=settings).wait_until_open() as service:
        places = json.loads(service.ports_file.read_text())["doors"]["echo"]
        assert places[1] == f"{tmp_path}/echo"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_in_order(tmp_path: Path, number: signal.Signals) -> None:
    with EchoProcess(tmp_path).wait_until_open() as service, service.connect() as client:
        assert client.recv(100).startswith(b"pid ")
        service.process.send_signal(number)
        assert client.recv(100) == b"bye\n"
        assert service.wait_until_ended() == 0
        with pytest.raises(ConnectionRefusedError):
            service.connect()


@undisturbed  # the process may live for 9.7 s after the signal
def test_not_ready_and_not_accepting_while_conversations_finish(directory: Callable[[], Path]) -> None:
    with EchoProcess(directory(), settings={"AGORA_SHUTDOWN_GRACE": "3s"}).wait_until_open() as service:
        with service.connect() as client:
            client.recv(100)
            client.sendall(b"never finish\n")
            client.recv(100)
            service.process.send_signal(signal.SIGTERM)
            assert client.recv(100) == b"bye\n"
            with pytest.raises(ConnectionRefusedError):
                service.connect()
            assert json.loads(service.health("/readyz")[1])["doors"] == {"state": "away", "reason": "leaving"}
        assert service.wait_until_ended() == 0


@undisturbed
def test_leaves_soon_after_the_grace_when_a_conversation_never_finishes(directory: Callable[[], Path]) -> None:
    with EchoProcess(directory(), settings={"AGORA_SHUTDOWN_GRACE": "200ms"}).wait_until_open() as service:
        with service.connect() as client:
            client.recv(100)
            client.sendall(b"never finish\n")
            client.recv(100)
            began = time.monotonic()
            assert service.ask_to_leave() == 0
            assert time.monotonic() - began < 8  # the grace where nothing is set
        assert "a door did not close in order" in service.output()


def test_leaves_when_the_reactor_itself_hangs_and_says_where(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, settings={"AGORA_SHUTDOWN_GRACE": "200ms"}).wait_until_open() as service:
        with service.connect() as client:
            client.recv(100)
            client.sendall(b"block the reactor\n")
            assert service.ask_to_leave() == 1
        assert "in dataReceived" in service.output()


def test_open_files_are_raised_to_what_the_system_allows(standing: EchoProcess) -> None:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert resource.prlimit(standing.process.pid, resource.RLIMIT_NOFILE) == (most, most)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("AGORA_WORKERS", "many"),
        ("AGORA_ECHO_ENDPOINTS", "tcp:2007:interface=192.0.2.1"),
        ("AGORA_CERTIFICATE_DIRECTORY", "/proc/nowhere"),
    ],
)
def test_wrong_setting_ends_it_with_one_sentence_that_names_it(tmp_path: Path, variable: str, value: str) -> None:
    with EchoProcess(tmp_path, settings={variable: value}) as service:
        assert service.wait_until_ended() == 2
        assert service.output().startswith(f"echo: {variable}")
        assert service.output().endswith(".\n")
        assert service.output().count("\n") == 1


def test_failure_to_open_ends_it_and_is_told(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, settings={"AGORA_FAILS": "true"}) as service:
        assert service.wait_until_ended() == 1
        assert "opening the doors failed" in service.output()
        assert "RuntimeError: as the setting says" in service.output()
        assert not service.ports_file.exists()


def test_unknown_flag_is_refused(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, "--bogus") as service:
        assert service.wait_until_ended() == 2
        assert "--bogus" in service.output()
