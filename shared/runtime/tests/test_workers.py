"""Several processes behind the same doors."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.runtime.metrics import merge
from shared.runtime.tests.running import EchoProcess, is_alive
from shared.testing.eventually import eventually

TWO = {"AGORA_WORKERS": "2"}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EchoProcess]:
    """One for all tests after which two workers serve again."""
    with EchoProcess(tmp_path_factory.mktemp("standing"), settings=TWO).wait_until_open() as service:
        yield service


@pytest.fixture
def service(tmp_path: Path) -> Iterator[EchoProcess]:
    with EchoProcess(tmp_path, settings=TWO).wait_until_open() as service:
        yield service


def workers_of(service: EchoProcess) -> set[int]:
    """The processes that serve: connections go to whoever is quicker, so ask until two have answered."""
    pids: set[int] = set()

    def asked_again() -> bool:
        pids.add(service.greeting()[b"pid"])
        return len(pids) == 2

    eventually(asked_again, "two workers answer")
    return pids


def test_two_workers_share_a_door(standing: EchoProcess) -> None:
    assert standing.process.pid not in workers_of(standing)


def test_door_answers_while_a_killed_worker_is_replaced(standing: EchoProcess) -> None:
    killed, survivor = workers_of(standing)
    os.kill(killed, signal.SIGKILL)
    assert {standing.greeting()[b"pid"] for _ in range(20)} - {killed}
    assert workers_of(standing) - {killed, survivor}
    assert "another starts in 0.1 s" in standing.output()


def test_clients_wait_and_are_not_refused_when_all_workers_were_killed(standing: EchoProcess) -> None:
    killed = workers_of(standing)
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not any(is_alive(pid) for pid in killed), "they are gone")
    assert standing.greeting()[b"pid"] not in killed


def test_signal_to_the_parent_ends_all_in_order(service: EchoProcess) -> None:
    workers = workers_of(service)
    with service.connect() as client:
        client.recv(100)
        service.process.send_signal(signal.SIGTERM)
        assert client.recv(100) == b"bye\n"
    assert service.wait_until_ended() == 0
    assert not any(is_alive(pid) for pid in workers)


def test_workers_leave_when_their_parent_is_killed(service: EchoProcess) -> None:
    workers = workers_of(service)
    service.process.kill()
    eventually(lambda: not any(is_alive(pid) for pid in workers), "the workers leave")


def test_health_port_tells_of_all_workers(standing: EchoProcess) -> None:
    eventually(lambda: "2 of 2 serve" in standing.health("/readyz")[1], "both serve")
    told = json.loads(standing.health("/readyz")[1])
    assert told["workers"]["state"] == "ok"
    assert told["store"]["state"] == "away"
    page = standing.health("/metrics")[1]
    assert 'process_open_fds{worker="0"}' in page
    assert 'process_open_fds{worker="1"}' in page
    assert page.count("# TYPE process_open_fds ") == 1


def test_workers_that_cannot_open_the_doors_end_the_service(tmp_path: Path) -> None:
    with EchoProcess(tmp_path, settings={**TWO, "AGORA_FAILS": "true"}) as service:
        assert service.wait_until_ended() == 1
        assert "RuntimeError: as the setting says" in service.output()


def test_histograms_of_workers_stay_families() -> None:
    page = (
        "# HELP agora_seconds Time\n# TYPE agora_seconds histogram\n"
        'agora_seconds_bucket{le="1.0"} 1.0\nagora_seconds_bucket{le="+Inf"} 2.0\n'
        "agora_seconds_count 2.0\nagora_seconds_sum 3.0\n"
        "# HELP agora_lines_total Lines\n# TYPE agora_lines_total counter\nagora_lines_total 5.0\n"
    )
    merged = merge({"0": page, "1": page}).decode()
    assert merged.count("# TYPE agora_seconds histogram") == 1
    assert 'agora_seconds_bucket{le="+Inf",worker="1"} 2.0' in merged
    assert 'agora_lines_total{worker="0"} 5.0' in merged
