"""Programs of a local stack that are killed or restarted, and a supervisor that is killed."""

from __future__ import annotations

import os
import signal

import pytest

from integration_tests.life.local_stack import PATIENCE, LocalStack
from integration_tests.stack.process import lives
from shared.testing.eventually import eventually

pytestmark = pytest.mark.local_only


@pytest.mark.parametrize(
    "program", ["smtp_ingest", "mail_access", "news_gateway", "wiki", "ssh_admin", "http_proxy", "redis", "postgres"]
)
def test_what_is_killed_comes_back(local: LocalStack, program: str) -> None:
    local.up()
    before = local.pids()
    os.kill(before[program], signal.SIGKILL)
    eventually(
        lambda: local.pids().get(program) not in (None, before[program]), f"{program} is started again", PATIENCE
    )
    eventually(lambda: local.agora("status").returncode == 0, "everything is ready again", PATIENCE)
    after = local.pids()
    assert {name for name in after if after[name] != before[name]} == {program}
    row = next(row for row in local.status()["programs"] if row["program"] == program)
    assert (row["restarts"], row["ended_last"]) == (1, "signal 9")


def test_one_service_is_restarted_and_the_others_are_not(local: LocalStack) -> None:
    local.up()
    before = local.pids()
    done = local.agora("restart", "mail_access")
    assert (done.returncode, "mail_access is ready again" in done.stdout) == (0, True), done.stderr
    after = local.pids()
    assert {name for name in after if after[name] != before[name]} == {"mail_access"}


def test_the_stack_is_restarted_with_its_state(local: LocalStack) -> None:
    local.up()
    before, ports = local.pids(), local.status()["ports"]
    done = local.agora("restart")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not set(before.values()) & set(local.pids().values())
    assert local.status()["ports"] == ports


def test_a_killed_supervisor_leaves_nothing_and_the_next_up_recovers(local: LocalStack) -> None:
    local.up()
    pids = local.pids()
    supervisor = local.directory.supervisor()
    assert supervisor is not None
    os.kill(supervisor, signal.SIGKILL)
    eventually(lambda: not any(map(lives, pids.values())), "every program ends with its supervisor", PATIENCE)
    assert local.agora("status").returncode == 3
    local.up()
    assert local.agora("status").returncode == 0
