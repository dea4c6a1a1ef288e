from __future__ import annotations

import socket

import pytest

from shared.command_line.doors import (
    DOORS,
    FREE_PORTS,
    LOOPBACK,
    PortSettingWrong,
    door_environment,
    free_ports,
    is_free,
    settled_ports,
)


def test_default_ports_are_the_protocols_own_plus_2000() -> None:
    ports = settled_ports({}, {}, free=False)
    protocols = {"smtp": 25, "submission": 587, "submissions": 465, "lmtp": 24}
    protocols |= {"imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995}
    proxies = {"http_proxy": 3128, "http_proxy_tls": 3129}  # what proxies have, and the next
    assert ports == {name: port + 2000 for name, port in protocols.items()} | proxies


def test_a_setting_goes_before_what_the_stack_had_and_that_before_a_choice() -> None:
    ports = settled_ports({"AGORA_SMTP_PORT": "1025"}, {"smtp": 3, "imap": 4143}, free=True)
    assert ports["smtp"] == 1025
    assert ports["imap"] == 4143
    assert ports["pop3"] in FREE_PORTS


def test_endpoints_set_by_hand_go_before_everything() -> None:
    environment = {"AGORA_IMAPS_ENDPOINTS": "tcp:993:interface=0.0.0.0", "AGORA_IMAPS_PORT": "5"}
    ports = settled_ports(environment, {}, free=False)
    assert ports["imaps"] == 993
    assert door_environment(environment, ports)["AGORA_IMAPS_ENDPOINTS"] == "tcp:993:interface=0.0.0.0"
    assert door_environment(environment, ports)["AGORA_IMAP_ENDPOINTS"] == "tcp:2143:interface=127.0.0.1"


@pytest.mark.parametrize("text", ["x", "0", "65536", "-1", "2 5"])
def test_a_wrong_port_is_named(text: str) -> None:
    with pytest.raises(PortSettingWrong, match="AGORA_SMTP_PORT"):
        settled_ports({"AGORA_SMTP_PORT": text}, {}, free=False)


def test_free_ports_are_different_and_free() -> None:
    ports = free_ports(len(DOORS))
    assert len(set(ports)) == len(DOORS)
    assert all(map(is_free, ports))


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        listener.listen()
        assert not is_free(listener.getsockname()[1])
