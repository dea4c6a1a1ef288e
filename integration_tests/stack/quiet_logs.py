"""The check that a service's log shows no bug of ours, whatever clients and machines did to the service."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from integration_tests.stack.stack import Stack

SERVICES = ("smtp_ingest", "mail_access", "news_gateway", "wiki", "ssh_admin", "http_proxy")
SIGNS_OF_A_BUG = ("Traceback", "Unhandled", "internal error")


@contextlib.contextmanager
def quiet_logs(stack: Stack) -> Iterator[None]:
    """Fails if meanwhile a service logs what only a bug brings about. Local stacks only: others' logs are far away."""
    if stack.kind != "local":
        yield
        return
    before = {name: stack.logs(name) for name in SERVICES}
    yield
    for name in SERVICES:
        after = stack.logs(name)
        news = after[len(before[name]) :] if after.startswith(before[name][:200]) else after  # else it was rotated
        found = [sign for sign in SIGNS_OF_A_BUG if sign in news]
        assert not found, f"{name} logged {found[0]!r}:\n{news[-6000:]}"
