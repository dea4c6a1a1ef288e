"""A failure is believed where the machine did not stall, and tried again where it did."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from threading import current_thread

import pytest
from twisted.internet.task import deferLater

import shared.testing.undisturbed as module
from shared.command_line.state_directory import ROOT
from shared.testing.reactor import running_reactor
from shared.testing.undisturbed import MOST_ROUNDS, STALL_SECONDS, Stalls, undisturbed

# Says when it looks, and then how long it was stopped.
PROGRAM = """
from shared.testing.undisturbed import Stalls
with Stalls() as stalls:
    print(flush=True)
    input()
print(stalls.longest_seconds)
"""


def test_a_process_that_was_stopped_knows_for_how_long() -> None:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        os.kill(process.pid, signal.SIGSTOP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2 * STALL_SECONDS)
        os.kill(process.pid, signal.SIGCONT)
        said, _ = process.communicate("\n", timeout=20)
    assert float(said) >= STALL_SECONDS


class Stalled(Stalls):
    """As if the machine had stalled."""

    def __exit__(self, *_: object) -> None:
        super().__exit__(None, None, None)
        self.longest_seconds = STALL_SECONDS


class Calm(Stalls):
    """As if it had not."""

    def __exit__(self, *_: object) -> None:
        super().__exit__(None, None, None)
        self.longest_seconds = 0.0


def failing(times: int) -> tuple[list[int], Callable[[], None]]:
    """A test that fails so many times, and its runs so far."""
    runs: list[int] = []

    @undisturbed
    def fails() -> None:
        runs.append(len(runs))
        assert len(runs) > times

    return runs, fails


@pytest.mark.parametrize("times", [0, 1, MOST_ROUNDS - 1])
def test_after_a_stall_it_is_run_again(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    monkeypatch.setattr(module, "Stalls", Stalled)
    runs, fails = failing(times)
    fails()
    assert len(runs) == times + 1


def test_it_may_not_fail_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Stalls", Stalled)
    runs, fails = failing(1000)
    with pytest.raises(AssertionError):
        fails()
    assert len(runs) == MOST_ROUNDS


def test_a_failure_without_a_stall_counts_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "Stalls", Calm)
    runs, fails = failing(1)
    with pytest.raises(AssertionError):
        fails()
    assert len(runs) == 1


@undisturbed
async def test_a_coroutine_is_run_on_the_reactor() -> None:
    await deferLater(running_reactor(), 0)
    assert current_thread().name == "reactor"
