"""The ports at which others reach the doors."""

from __future__ import annotations

import pytest

from services.mail_access.settings import MailAccessSettings
from shared.public_ports import read_public_ports, write_public_ports
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings


def test_the_last_word_about_a_door_counts() -> None:
    words = ["imaps=0.0.0.0:2993", "pop3s=[::]:995", "imaps=993", "imap=off"]
    assert read_public_ports(words) == {"imaps": 993, "pop3s": 995, "imap": None}


def test_doors_without_a_port_are_written_as_closed() -> None:
    ports = read_public_ports(write_public_ports({"imaps": 993}).split())
    assert {name for name, port in ports.items() if port is not None} == {"imaps"}
    assert "web_tls" in ports


@pytest.mark.parametrize("word", ["gopher=70", "imaps", "imaps=", "imaps=0", "imaps=65536", "imaps=x", "=993"])
def test_a_word_that_is_no_port_of_a_door_is_named(word: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_PUBLIC_PORTS", word)
    with pytest.raises(WrongSetting, match="AGORA_PUBLIC_PORTS is"):
        read_settings(ServiceSettings)


def test_a_service_knows_its_own_doors_where_the_setting_says_nothing() -> None:
    settings = MailAccessSettings(imaps_endpoints=("tcp:993",), pop3s_endpoints=())
    ports = settings.all_public_ports()
    assert (ports["imaps"], ports["pop3s"], ports["submissions"]) == (993, None, 2465)
    assert MailAccessSettings(imaps_endpoints=("tcp:2993",), public_ports=("imaps=993",)).public_port("imaps") == 993
