"""A service's memory must not follow what clients send or refuse to take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from integration_tests.stack.process import is_readable, memory_octets
from integration_tests.stack.stack import Stack

MIB = 1 << 20


@contextlib.contextmanager
def grows_by_less_than(stack: Stack, program: str, octets: int) -> Iterator[None]:
    """Fails if the service holds so much more at the end of the block than at its beginning.

    Where the kernel does not let us look at the process, nothing is claimed.
    """
    pid = stack.pid(program)
    if pid is None or not is_readable(pid):
        yield
        return
    before = memory_octets(pid)
    yield
    grown = memory_octets(pid) - before
    print(f"{program} grew by {grown / MIB:.1f} MiB to {(before + grown) / MIB:.0f} MiB")
    assert grown < octets, f"{program} grew by {grown / MIB:.1f} MiB to {(before + grown) / MIB:.0f} MiB"
