"""A job: a piece of work that a server is asked to do, and the figures that it yields."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.server import Server


@dataclass(frozen=True)
class Job:
    """Something a server is asked to do; `scale` of less than 1 makes it less of it, for a first look."""

    name: str
    about: str
    run: Callable[[Server, float], Sequence[Figure]]
    fits: Callable[[Server], bool] = lambda server: bool(server.smtp_port)  # whether the server has what it is about
    about_memory: bool = False  # each round needs new processes; a server that cannot be started anew has one round
    group: str = ""  # jobs that are run and shown together, by this name, and only when it is asked for


def scaled(count: int, scale: float, least: int = 1) -> int:
    """`count`, or less of it."""
    return max(least, round(count * scale))
