"""The command line in a container: the services are elsewhere."""

from __future__ import annotations

import json
import sys

import pytest

from integration_tests.life.local_stack import LocalStack
from shared.doors import DOORS

pytestmark = pytest.mark.local_only
MAIL_ACCESS = [door.name.upper() for door in DOORS if door.service == "mail_access"]


def test_in_a_container_the_services_are_asked_at_their_hosts(local: LocalStack) -> None:
    local.up()
    status = local.status()
    ports = {f"AGORA_{name.upper()}_PORT": str(port) for name, port in status["ports"].items()}
    record = local.directory.record()
    assert record is not None
    settings = {
        **{name: record.environment[name] for name in ("AGORA_DATABASE_URL", "AGORA_REDIS_URL")},
        **ports,
        "AGORA_IN_CONTAINER": "1",
        "AGORA_SERVICE": "mail_access",
        "AGORA_SERVICE_HOSTS": "smtp_ingest=127.0.0.1 news_gateway=127.0.0.1 wiki=127.0.0.1 ssh_admin=127.0.0.1 "
        "http_proxy=localhost",
        **{f"AGORA_{name}_ENDPOINTS": record.environment[f"AGORA_{name}_ENDPOINTS"] for name in MAIL_ACCESS},
        "AGORA_HEALTH_ENDPOINTS": f"tcp:{status['health']['mail_access']}",
    }
    elsewhere = LocalStack(local.state / "nothing")
    checked = json.loads(elsewhere.agora("check", "--json", python=sys.executable, **settings).stdout)
    doors = [
        finding
        for finding in checked
        if finding["subject"].startswith(
            ("SMTP", "IMAP", "POP3", "LMTP", "NNTP", "web", "Perspective", "SSH", "HTTP", "word")
        )
    ]
    assert {finding["grade"] for finding in doors} == {"fine"}, doors
    assert len(doors) == len([door for door in DOORS if not door.name.startswith("submission")])
    assert not [finding for finding in checked if "no stack is running" in finding["fact"]]
    shown = elsewhere.agora("status", "--json", python=sys.executable, **settings)
    conditions = {row["service"]: row["condition"] for row in json.loads(shown.stdout)["services"]}
    assert conditions["mail_access"] == "ready"
    proxy = json.loads(elsewhere.agora("proxy", "status", "--json", python=sys.executable, **settings).stdout)
    assert {door["where"] for door in proxy["doors"]} == {
        f"localhost:{status['ports'][name]}" for name in ("http_proxy", "http_proxy_tls", "http_proxy_report")
    }
    local.agora("down")
    gone = elsewhere.agora("status", python=sys.executable, **settings)
    assert (gone.returncode, "not ready" in gone.stdout) == (1, True)
