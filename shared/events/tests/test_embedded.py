"""Redis from a wheel, as the tests have it."""

from __future__ import annotations

import os
import signal
from threading import Timer

from shared.events.embedded import EmbeddedRedis

STALL_SECONDS = 1.5


def test_a_server_that_stalls_is_emptied_when_it_goes_on(redis_server: EmbeddedRedis) -> None:
    redis_server.start()
    pid = redis_server.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    goes_on = Timer(STALL_SECONDS, os.kill, (pid, signal.SIGCONT))
    goes_on.start()
    redis_server.empty()
    goes_on.join()
