"""compose.yaml keeps what the documentation says of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from shared.command_line.stack.checks.settings import unknown_settings
from shared.command_line.state_directory import ROOT
from shared.doors import DOORS
from shared.runtime.environment_example import EXAMPLE

SERVICES: Mapping[str, Mapping[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
OURS = [name for name in SERVICES if name.replace("-", "_") in {door.service for door in DOORS}]
PUBLISHED = [(name, port) for name in OURS for port in SERVICES[name]["ports"]]
DEFAULT = re.compile(r"\$\{\w+:-([^}]*)\}")


@pytest.mark.parametrize(("name", "port"), PUBLISHED)
def test_doors_are_published_on_this_machine_alone_unless_env_says_otherwise(name: str, port: str) -> None:
    assert DEFAULT.sub(r"\1", port).startswith("127.0.0.1:")


def test_every_door_is_published_at_its_default_port() -> None:
    published = {DEFAULT.sub(r"\1", port) for _, port in PUBLISHED}
    assert published == {f"127.0.0.1:{door.port}:{door.port}" for door in DOORS}


def test_no_variable_of_compose_is_called_unknown() -> None:
    named = set(re.findall(r"\bAGORA_[A-Z0-9_]+\b", (ROOT / "compose.yaml").read_text() + EXAMPLE.read_text()))
    assert list(unknown_settings(dict.fromkeys(named, "1"))) == []


def test_variables_are_written_as_every_release_of_compose_reads_them() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert re.findall(r"(?<!\$)\$\{(?!\w+\}|\w+:?[-?])[^}]*\}", text) == []  # docker-compose 1.29 knows no `:+`


@pytest.mark.parametrize("name", SERVICES)
def test_logs_of_every_container_are_rotated(name: str) -> None:
    assert SERVICES[name]["logging"]["options"] == {"max-size": "20m", "max-file": "5"}


@pytest.mark.parametrize("name", [name for name in SERVICES if name != "secrets"])
def test_memory_and_processes_of_every_container_are_bounded(name: str) -> None:
    assert SERVICES[name]["mem_limit"]
    assert SERVICES[name]["pids_limit"]


def test_the_store_is_in_a_network_that_leads_nowhere() -> None:
    networks = yaml.safe_load((ROOT / "compose.yaml").read_text())["networks"]
    assert networks == {"store": {"internal": True}}
    for name in ("postgres", "redis", "migrate"):
        assert SERVICES[name]["networks"] == ["store"]
    for name in OURS:
        assert SERVICES[name]["networks"] == ["default", "store"]


def test_whoever_reads_the_certificate_setting_has_the_certificate() -> None:
    for name, service in SERVICES.items():
        if "AGORA_CERTIFICATE_FILE" in service.get("environment", {}):
            assert "${AGORA_TLS_DIRECTORY:-tls}:/run/agora-tls:ro" in service["volumes"], name


def test_images_have_the_release_s_number() -> None:
    release = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert release is not None
    for name in (*OURS, "migrate"):
        assert SERVICES[name]["image"] == f"agora-{name}:${{AGORA_VERSION:-{release[1]}}}"


def test_no_service_has_a_default_password() -> None:
    text = (ROOT / "compose.yaml").read_text()
    assert "POSTGRES_PASSWORD:" not in text
    assert SERVICES["smtp-ingest"]["environment"]["AGORA_REDIS_PASSWORD_FILE"] == "/run/agora-secrets/redis_password"
