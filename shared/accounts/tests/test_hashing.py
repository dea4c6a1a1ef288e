"""Slow hashes: not on the reactor's thread, two at a time, and not endlessly many."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest
from twisted.internet.defer import CancelledError, Deferred

from shared.accounts.errors import TooManySignIns
from shared.accounts.hashing import MOST_PER_SOURCE, MOST_WAITING, THREADS, Hashing
from shared.testing.reactor import running_reactor

PATIENCE_SECONDS = 30


class Slow:
    """A function that ends when it is told to, and knows how many ran at once."""

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self._running = 0
        self.most_running = 0
        self._lock = threading.Lock()

    def __call__(self) -> int:
        with self._lock:
            self._running += 1
            self.most_running = max(self.most_running, self._running)
        assert self.go_on.wait(PATIENCE_SECONDS)
        with self._lock:
            self._running -= 1
        return threading.get_ident()


async def test_two_at_a_time_off_the_reactor_thread() -> None:
    hashing, slow = Hashing(running_reactor()), Slow()
    under_way = [Deferred.fromCoroutine(hashing.run("192.0.2.1", slow)) for _ in range(10)]
    slow.go_on.set()
    threads = {await one for one in under_way}
    assert threading.get_ident() not in threads
    assert slow.most_running <= THREADS


async def test_one_address_has_half_of_the_queue() -> None:
    hashing, slow = Hashing(running_reactor()), Slow()
    under_way = [Deferred.fromCoroutine(hashing.run("192.0.2.1", slow)) for _ in range(MOST_PER_SOURCE)]
    with pytest.raises(TooManySignIns):
        await hashing.run("192.0.2.1", slow)
    other = Deferred.fromCoroutine(hashing.run("198.51.100.1", slow))
    slow.go_on.set()
    for one in (*under_way, other):
        await one
    await hashing.run("192.0.2.1", slow)


async def test_flood_from_everywhere_is_bounded() -> None:
    hashing, slow = Hashing(running_reactor()), Slow()
    under_way = [Deferred.fromCoroutine(hashing.run(f"192.0.2.{number}", slow)) for number in range(MOST_WAITING)]
    with pytest.raises(TooManySignIns):
        await hashing.run("198.51.100.1", slow)
    slow.go_on.set()
    for one in under_way:
        await one


async def test_failure_in_the_thread_is_told_and_leaves_room() -> None:
    hashing = Hashing(running_reactor(), most_waiting=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await hashing.run("192.0.2.1", lambda: 1 // 0)


async def test_who_hangs_up_leaves_no_room_until_the_thread_has_ended() -> None:
    hashing, slow = Hashing(running_reactor(), most_waiting=1), Slow()
    hung_up = Deferred.fromCoroutine(hashing.run("192.0.2.1", slow))
    hung_up.cancel()
    with pytest.raises(CancelledError):
        await hung_up
    with pytest.raises(TooManySignIns):
        await hashing.run("192.0.2.1", slow)
    slow.go_on.set()


NICE = """
import os, sys, threading
expected = min(os.nice(7) + 5, 19)
if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
from shared.accounts.hashing import _give_way_and_run

def work():
    for _ in range(2):
        got = _give_way_and_run(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        print(got == expected or (got, expected))
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def test_threads_give_way_in_a_process_that_is_nice_itself_and_no_root_s() -> None:
    """A service started by nice(1), or with Nice= of systemd, answered every sign-in with an internal error."""
    code = "import sys; from shared.accounts import hashing\n" + NICE  # imported while the modules may still be read
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.splitlines() == ["True", "True"], done.stderr
