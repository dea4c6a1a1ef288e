"""The memory of a service, which must not grow with what clients send or refuse to take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from integration_tests.stack.process import memory_octets
from integration_tests.stack.stack import Stack

MIB = 1 << 20


@contextlib.contextmanager
def grows_by_less_than(stack: Stack, program: str, octets: int) -> Iterator[None]:
    """Fails if the service holds so much more at the end of the block than at its beginning.

    In containers nothing is claimed: it is the same program, and only root may look.
    """
    if stack.kind != "local":
        yield
        return
    pid = stack.pid(program)
    assert pid is not None
    before = memory_octets(pid)
    yield
    grown = memory_octets(pid) - before
    print(f"{program} grew by {grown / MIB:.1f} MiB to {(before + grown) / MIB:.0f} MiB")
    assert grown < octets, f"{program} grew by {grown / MIB:.1f} MiB to {(before + grown) / MIB:.0f} MiB"
