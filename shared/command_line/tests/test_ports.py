"""The ports of a local stack: asked for, kept, default, free."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from shared.command_line.stack.ports import (
    FREE_PORTS,
    PortCondition,
    PortUnusable,
    condition_of,
    door_environment,
    free_ports,
    is_free,
    settle_ports,
)
from shared.command_line.state_directory import ROOT
from shared.doors import DOORS, LOOPBACK, find_door
from shared.runtime.endpoint_places import port_of, reached_at, tcp_places
from shared.runtime.settings import ServiceSettings


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program holds."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def free_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine's other programs hold: every port is free but those that a test takes."""
    monkeypatch.setattr("shared.command_line.stack.ports.condition_of", lambda host, port: PortCondition.FREE)


def hold(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """All ports are free but this one."""
    monkeypatch.setattr(
        "shared.command_line.stack.ports.condition_of",
        lambda host, each: PortCondition.TAKEN if each == port else PortCondition.FREE,
    )


def test_the_first_known_port_of_endpoints_is_the_one_that_is_told() -> None:
    assert port_of(["unix:/run/a", "tcp:0", "tcp:2119:interface=127.0.0.1", "tcp:119"]) == 2119
    assert port_of([]) is None


@pytest.mark.usefixtures("free_defaults")
def test_default_ports_are_the_protocols_own_plus_2000() -> None:
    ports = settle_ports({}, {}, free=False)
    protocols = {"smtp": 25, "submission": 587, "submissions": 465, "lmtp": 24}
    protocols |= {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995, "nntp": 119, "nntps": 563, "ssh": 22}
    protocols |= {"web": 80, "web_tls": 443}
    proxies = {"http_proxy": 3128, "http_proxy_tls": 3129, "http_proxy_report": 2180}  # what proxies have, and the next
    brokers = {"pb": 8789, "pb_tls": 8790}  # behind 8787, which is Perspective Broker's own
    assert ports.numbers == {name: port + 2000 for name, port in protocols.items()} | proxies | brokers
    assert (ports.kept, ports.replaced) == ({}, [])


def test_a_default_that_is_taken_is_replaced_by_the_next_that_no_door_has(monkeypatch: pytest.MonkeyPatch) -> None:
    hold(2024, monkeypatch)
    ports = settle_ports({}, {}, free=False)
    assert (ports.numbers["lmtp"], ports.numbers["smtp"]) == (2026, 2025)
    assert ports.kept == {"lmtp": 2026}
    (replaced,) = ports.replaced
    assert str(replaced) == "LMTP: 2024 is taken, 2026 instead (kept for this stack; AGORA_LMTP_PORT chooses)"


@pytest.mark.usefixtures("free_defaults")
def test_a_port_that_was_kept_stays_though_the_default_is_free_again() -> None:
    ports = settle_ports({}, {"lmtp": 2026}, free=False)
    assert (ports.numbers["lmtp"], ports.kept, ports.replaced) == (2026, {"lmtp": 2026}, [])


def test_a_port_that_was_kept_and_is_taken_now_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    hold(2024, monkeypatch)  # as an earlier release wrote it down
    assert settle_ports({}, {"lmtp": 2024}, free=True).numbers["lmtp"] == 2026


@pytest.mark.usefixtures("free_defaults")
def test_a_setting_goes_before_what_is_kept_and_is_not_kept_itself() -> None:
    ports = settle_ports({"AGORA_SMTP_PORT": "1025"}, {"smtp": 3, "imap": 4143}, free=True)
    assert ports.numbers["smtp"] == 1025
    assert ports.numbers["imap"] == 4143
    assert ports.numbers["pop3"] in FREE_PORTS
    assert "smtp" not in ports.kept
    assert ports.kept["imap"] == 4143


@pytest.mark.usefixtures("free_defaults")
def test_a_port_that_a_setting_takes_from_another_door_moves_that_door() -> None:
    ports = settle_ports({"AGORA_IMAP_PORT": "2110"}, {}, free=False)
    assert (ports.numbers["imap"], ports.numbers["pop3"]) == (2110, 2111)


@pytest.mark.usefixtures("free_defaults")
def test_endpoints_set_by_hand_go_before_everything() -> None:
    environment = {"AGORA_IMAPS_ENDPOINTS": "tcp:993:interface=0.0.0.0", "AGORA_IMAPS_PORT": "5"}
    environment["AGORA_LMTP_ENDPOINTS"] = "unix:/run/agora/lmtp"
    ports = settle_ports(environment, {}, free=False)
    assert ports.numbers["imaps"] == 993
    assert "lmtp" not in ports.numbers
    told = door_environment(environment, ports.numbers)
    assert told["AGORA_IMAPS_ENDPOINTS"] == "tcp:993:interface=0.0.0.0"
    assert told["AGORA_LMTP_ENDPOINTS"] == "unix:/run/agora/lmtp"
    assert told["AGORA_IMAP_ENDPOINTS"] == "tcp:2143:interface=127.0.0.1"


@pytest.mark.usefixtures("free_defaults")
def test_every_service_is_told_where_others_reach_the_doors() -> None:
    environment = {"AGORA_IMAPS_ENDPOINTS": "tcp:993", "AGORA_POP3S_ENDPOINTS": "off", "AGORA_PUBLIC_PORTS": "imap=143"}
    told = door_environment(environment, settle_ports(environment, {}, free=False).numbers)
    settings = ServiceSettings(public_ports=tuple(told["AGORA_PUBLIC_PORTS"].split()))
    ports = settings.all_public_ports()
    assert (ports["imaps"], ports["pop3s"], ports["imap"], ports["submissions"]) == (993, None, 143, 2465)


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "2 5"])
def test_a_wrong_port_is_named(text: str) -> None:
    with pytest.raises(PortUnusable, match="AGORA_SMTP_PORT"):
        settle_ports({"AGORA_SMTP_PORT": text}, {}, free=False)


def test_a_port_that_was_asked_for_and_is_taken_ends_the_start(taken: int) -> None:
    for environment in ({"AGORA_IMAP_PORT": str(taken)}, {"AGORA_IMAP_ENDPOINTS": f"tcp:{taken}"}):
        (setting,) = environment
        with pytest.raises(PortUnusable, match=f"port {taken}, wanted for IMAP by {setting}, is taken"):
            settle_ports(environment, {}, free=False)


def test_a_port_that_was_asked_for_twice_is_named_with_both(taken: int) -> None:
    port = str(free_ports(1)[0])
    with pytest.raises(PortUnusable, match=f"port {port} is asked for twice"):
        settle_ports({"AGORA_IMAP_PORT": port, "AGORA_POP3_PORT": port}, {}, free=False)


def test_a_port_below_1024_is_not_said_to_be_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.command_line.stack.ports.condition_of", lambda host, port: PortCondition.FORBIDDEN)
    with pytest.raises(PortUnusable, match="needs a right that this user lacks"):
        settle_ports({"AGORA_SMTP_ENDPOINTS": "tcp:25"}, {}, free=False)


def test_an_address_of_another_machine_is_named() -> None:
    with pytest.raises(PortUnusable, match=r"192\.0\.2\.7, which is not an address of this machine"):
        settle_ports({"AGORA_SMTP_ENDPOINTS": "tcp:25250:interface=192.0.2.7"}, {}, free=False)


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(len(DOORS))
    assert len(set(ports)) == len(DOORS)
    assert all(map(is_free, ports))


def test_a_port_somebody_listens_on_is_not_free(taken: int) -> None:
    assert not is_free(taken)
    assert condition_of("", taken) is PortCondition.TAKEN


@pytest.mark.parametrize(
    ("endpoints", "opened", "reached"),
    [
        ("tcp:2025:interface=127.0.0.1", [("127.0.0.1", 2025)], ("127.0.0.1", 2025)),
        ("tcp:25", [("", 25)], ("127.0.0.1", 25)),
        ("tcp:port=25:interface=192.0.2.1 tcp6:25", [("192.0.2.1", 25), ("::", 25)], ("192.0.2.1", 25)),
        (r"tcp:25:interface=\:\:1", [("::1", 25)], ("::1", 25)),
        ("tcp6:25", [("::", 25)], ("::1", 25)),
        ("haproxy:tcp:2525", [("", 2525)], ("127.0.0.1", 2525)),
        ("unix:/run/lmtp systemd:domain=INET:index=0", [], None),
        ("tcp:0", [], None),
        ("off", [], None),
    ],
)
def test_endpoints_are_read_as_twisted_reads_them(
    endpoints: str, opened: list[tuple[str, int]], reached: tuple[str, int] | None
) -> None:
    assert tcp_places(endpoints) == opened
    assert reached_at(endpoints) == reached


def test_every_service_takes_its_default_ports_from_the_list_of_doors() -> None:
    from shared.runtime.environment_example import settings_classes

    found = set()
    for service, settings_class in settings_classes().items():
        for name in settings_class.door_names():
            if name != "health" and (endpoints := settings_class().endpoints_of(name)):  # some are off
                found.add((service, name, endpoints[0]))
    assert found == {(door.service, door.name, f"tcp:{door.port}:interface=127.0.0.1") for door in DOORS}
    assert find_door("imap").port == 2143


def test_a_kept_port_that_another_stack_was_just_given_is_replaced() -> None:
    code = "from shared.command_line.stack import ports; print(*ports.free_ports(1), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as it:
        assert it.stdout is not None
        given = int(it.stdout.readline())
        assert settle_ports({}, {"lmtp": given}, free=True, claims=False).numbers["lmtp"] == given  # nobody listens yet
        assert settle_ports({}, {"lmtp": given}, free=True).numbers["lmtp"] != given
        it.communicate(b"\n")
    assert settle_ports({}, {"lmtp": given}, free=True).numbers["lmtp"] == given


def test_processes_that_look_at_the_same_moment_are_given_different_ports() -> None:
    code = (
        "from shared.command_line.stack import ports; ports.FREE_PORTS = range(20_000, 20_400);"
        "print(*ports.free_ports(50), flush=True); input()"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
        for _ in range(3)
    ]
    given = [process.stdout.readline().split() for process in started if process.stdout is not None]
    for process in started:
        process.communicate(b"\n")
    assert len({port for ports in given for port in ports}) == 150
