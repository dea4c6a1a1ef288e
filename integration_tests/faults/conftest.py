"""Stacks that may be harmed, and a look into their logs afterwards."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration_tests.stack.local import own_stack
from integration_tests.stack.quiet_logs import quiet_logs
from integration_tests.stack.stack import Stack
from shared.command_line.state_directory import StateDirectory

# Waits that a test cannot sit out are short here.
MORTAL = {
    "AGORA_POLL_INTERVAL": "1s",
    "AGORA_STATEMENT_TIMEOUT": "5s",
}
# Two processes for each service, few places in each, and little patience.
NARROW = {
    "AGORA_WORKERS": "2",
    "AGORA_SMTP_CONNECTIONS": "40",
    "AGORA_IMAP_CONNECTIONS": "40",
    "AGORA_POP3_CONNECTIONS": "40",
    "AGORA_NNTP_CONNECTIONS": "40",
    "AGORA_SMTP_IDLE_LIMIT": "2s",
    "AGORA_POP3_IDLE_LIMIT": "2s",
}


@pytest.fixture(scope="session")
def mortal(request: pytest.FixtureRequest) -> Iterator[Stack]:
    """A stack whose programs may be killed: of the tests' own, or the compose stack, which starts again what dies."""
    choice: str = request.config.getoption("--stack")
    if choice == "compose":
        yield request.getfixturevalue("stack")
    elif choice == "own":
        session_dir: Path = request.getfixturevalue("session_dir")
        with own_stack(session_dir / "mortal", MORTAL) as made:
            yield made
    else:
        pytest.skip(f"would kill programs of the stack in {choice}")


@pytest.fixture(scope="session")
def revive(mortal: Stack, session_dir: Path) -> Iterator[Callable[[], None]]:
    """Kills the supervisor of the mortal stack, and starts another in its place; doors stay where they were."""
    with contextlib.ExitStack() as revived:

        def kill_and_revive() -> None:
            supervisor = StateDirectory(session_dir / "mortal").supervisor()
            assert supervisor is not None
            os.kill(supervisor, signal.SIGKILL)
            revived.enter_context(own_stack(session_dir / "mortal", MORTAL))

        yield kill_and_revive


@pytest.fixture(scope="session")
def narrow(session_dir: Path) -> Iterator[Stack]:
    """A stack with two processes for each service, and limits that are soon reached."""
    with own_stack(session_dir / "narrow", NARROW) as made:
        yield made


@pytest.fixture(scope="module")
def guesses_are_forgotten(stack: Stack) -> Iterator[None]:
    """Who comes from the same address afterwards is not taken for who has guessed there."""
    yield
    assert stack.agora("user", "unlock").returncode == 0


@pytest.fixture(autouse=True)
def no_bug_is_logged(request: pytest.FixtureRequest) -> Iterator[None]:
    """For the stack that the test uses."""
    names = [name for name in ("mortal", "narrow", "stack") if name in request.fixturenames]
    if not names:
        yield
        return
    with quiet_logs(request.getfixturevalue(names[0])):
        yield
