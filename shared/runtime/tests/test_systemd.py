"""The units of docs/, and ports that systemd opens and hands over by name."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from shared.command_line.stack.ports import free_ports
from shared.doors import DOORS, LOOPBACK
from shared.runtime.tests.running import ROOT, START, EchoProcess

DOCS = ROOT / "docs"
UNITS = (DOCS / "agora.service", DOCS / "how_to" / "systemd" / "agora@.service")
SOCKETS = sorted((DOCS / "how_to" / "systemd").glob("*.socket"))
MOST_EXPOSURE = 3.0
Place = tuple[str, int]

needs_activation = pytest.mark.skipif(
    shutil.which("systemd-socket-activate") is None, reason="systemd-socket-activate is not installed"
)
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")


@needs_systemd
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_little(unit: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", unit], capture_output=True, text=True, check=True
    )
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert exposure is not None, done.stdout
    assert float(exposure[1]) < MOST_EXPOSURE


@needs_systemd
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    """With a program and a user that are on this machine, too."""
    for unit in (*SOCKETS, UNITS[1]):
        text = unit.read_text().replace("/opt/agora/.venv/bin/python", sys.executable).replace("=agora\n", "=daemon\n")
        (tmp_path / unit.name).write_text(text.replace("StateDirectory=daemon", "StateDirectory=agora"))
    names = [tmp_path / unit.name for unit in SOCKETS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True)
    assert [line for line in done.stderr.splitlines() if "agora" in line] == []
    assert done.returncode == 0, done.stderr


def test_each_socket_has_the_port_and_the_service_of_its_door() -> None:
    doors = {door.name: door for door in DOORS}
    for unit in SOCKETS:
        lines = dict(line.partition("=")[::2] for line in unit.read_text().splitlines() if "=" in line)
        door = doors[lines["FileDescriptorName"]]
        assert (unit.stem, lines["Service"]) == (f"agora-{door.name}", f"agora@{door.service}.service")
        assert int(lines["ListenStream"]) == door.port - 2000 or door.name in ("web", "web_tls")


@needs_activation
def test_a_port_of_systemd_is_taken_by_its_name(tmp_path: Path) -> None:
    """Who comes before the service is up waits in the queue of the port, and is served."""
    (port,) = free_ports(1)
    settings = {"AGORA_ECHO_ENDPOINTS": "systemd:domain=INET:name=echo"}
    activate = activated({"echo": (LOOPBACK, port)}, settings)
    with EchoProcess(tmp_path, settings=settings, python=(*activate, sys.executable)) as service:
        with first_client(service, (LOOPBACK, port)) as client:
            assert client.recv(100).startswith(b"pid %d " % service.process.pid)
        assert service.ask_to_leave() == 0


@needs_activation
def test_the_settings_of_the_page_take_the_ports_of_its_sockets(tmp_path: Path) -> None:
    """All that the page enables for mail_access, by the names that the units have, over IPv6 as it says."""
    page = (DOCS / "how_to" / "systemd.md").read_text()
    [written] = re.findall(r"mail_access\.env <<END\n(.*?)\n +END\n", page, re.DOTALL)
    settings = dict(line.strip().split("=", 1) for line in written.splitlines())
    settings["AGORA_HEALTH_ENDPOINTS"] = "tcp:0:interface=127.0.0.1"
    [enabled] = re.findall(r"systemctl enable --now (agora-.*)", page)
    units = [(DOCS / "how_to" / "systemd" / name).read_text() for name in enabled.split()]
    names = [name for unit in units for name in re.findall(r"^FileDescriptorName=(.*)$", unit, re.MULTILINE)]
    places = dict(zip(names, (("::1", port) for port in free_ports(len(names))), strict=True))
    activate = activated(places, settings)
    with EchoProcess(
        tmp_path, settings=settings, python=(*activate, sys.executable), module="services.mail_access"
    ) as service:
        with first_client(service, places["imap"]) as client:
            assert client.recv(100).startswith(b"* OK")
        with socket.create_connection(places["pop3"], timeout=20) as client:
            assert client.recv(100).startswith(b"+OK")
        service.wait_until_open()
        assert {name: service.place(name)[1] for name in names} == {name: port for name, (_, port) in places.items()}
        assert service.ask_to_leave() == 0


def first_client(service: EchoProcess, place: Place) -> socket.socket:
    """The connection that has the service started, as soon as the port is open."""
    while True:
        try:
            return socket.create_connection(place, timeout=START.total_seconds())
        except ConnectionRefusedError:
            assert service.process.poll() is None, service.output()


def activated(places: Mapping[str, Place], settings: Mapping[str, str]) -> Sequence[str]:
    """The words that start a program with these sockets. The tool passes on what it is told to."""
    names = ["PATH", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "AGORA_CERTIFICATE_DIRECTORY", "AGORA_PORTS_FILE"]
    names += ["AGORA_DATABASE_URL", "AGORA_REDIS_URL", *settings]
    listen = [
        word
        for host, port in places.values()
        for word in ("-l", f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    ]
    return [
        "systemd-socket-activate",
        *listen,
        f"--fdname={':'.join(places)}",
        *(w for name in names for w in ("-E", name)),
    ]
