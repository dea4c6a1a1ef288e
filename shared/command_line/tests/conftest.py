"""The command line on a store of the test's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result

from shared.command_line.root import agora
from shared.testing.reactor import running_reactor

Agora = Callable[..., Result]


@pytest.fixture
def run(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Agora:
    """Calls `agora`, which finds the store by its settings; fails unless the exit status is as expected."""
    running_reactor()
    monkeypatch.setenv("AGORA_DATABASE_URL", database_url)
    monkeypatch.setenv("AGORA_REDIS_URL", redis_url)
    monkeypatch.setenv("AGORA_MAIL_DOMAIN", "example.org")

    def call(*arguments: str, input: str = "", status: int = 0) -> Result:
        result = CliRunner().invoke(agora, arguments, input=input, prog_name="agora")
        assert result.exit_code == status, result.output
        return result

    call("migrate")
    return call


def read_json(result: Result) -> Any:
    """What a command that was called with `--json` has printed."""
    return json.loads(result.stdout)


@pytest.fixture
def run_with_a_room(run: Agora) -> Agora:
    """alice, and the room a.b."""
    run("user", "add", "alice", "--password-stdin", input="kept in a drawer\n")
    run("room", "add", "a.b")
    return run
