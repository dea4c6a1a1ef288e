"""Two connections watched at once: when one is answered, and when the other, in IDLE, is told EXISTS."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Callable

LONGEST_SECONDS = 30.0
_EXISTS = re.compile(rb"\* \d+ EXISTS\r\n")


def answered_and_told(
    sender: socket.socket, read_answer: Callable[[], object], idler: socket.socket
) -> tuple[float, float]:
    """The moments, by time.perf_counter(). `read_answer` is called once the answer begins to come."""
    answered = told = 0.0
    heard = b""
    while not (answered and told):
        ready, _, _ = select.select([idler, sender], [], [], LONGEST_SECONDS)
        now = time.perf_counter()
        if not ready:
            raise TimeoutError("no EXISTS came")
        if sender in ready:
            read_answer()
            answered = now
        if idler in ready:
            heard += idler.recv(65536)
            if not told and _EXISTS.search(heard):
                told = now
    return answered, told
