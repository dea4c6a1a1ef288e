"""A coroutine in the reactor of a command: its result, its error, and the signals that end it."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

PROGRAM = """
from twisted.internet.defer import Deferred
from shared.command_line.in_reactor import in_reactor

async def work(reactor):
    reactor.callLater(0, print, "begun", flush=True)
    await Deferred()

try:
    in_reactor(work)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_ends_the_reactor_is_an_interruption_for_the_command(number: signal.Signals) -> None:
    command = [sys.executable, "-c", PROGRAM]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(number)
        assert process.communicate(timeout=60) == ("interrupted\n", "")


@pytest.mark.parametrize(("end", "status"), [("return 0", 0), ("raise SystemExit(3)", 3), ("raise ValueError", 1)])
def test_what_comes_of_the_coroutine_comes_of_the_call(end: str, status: int) -> None:
    program = f"from shared.command_line.in_reactor import in_reactor\nasync def work(reactor): {end}\nin_reactor(work)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=60).returncode == status
