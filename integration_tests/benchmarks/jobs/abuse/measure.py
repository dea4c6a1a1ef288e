"""The measurement of an attack, and the jobs made of attacks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from functools import partial

from integration_tests.benchmarks.figures import Figure, percentile
from integration_tests.benchmarks.growth import Growth
from integration_tests.benchmarks.jobs.abuse.attack import LONGEST_ATTACK_SECONDS, Attack, Attacker
from integration_tests.benchmarks.jobs.job import Job
from integration_tests.benchmarks.server import Server
from integration_tests.benchmarks.wire.bystander import bystander

GROUP = "abuse"
SETTLING_SECONDS = 0.5  # the server may still be at work on what it was sent
PREPARATION_SECONDS = 300.0
LONGEST = "longest wait of another"
GROWN = "growth"


def measure(attack: Attack, server: Server, scale: float) -> Sequence[Figure]:
    """The longest wait of others, their p99, what the server grew by at most, and what it kept of that."""
    attack.prepare(Attacker(server, scale, time.monotonic() + PREPARATION_SECONDS))
    server.start_anew()
    Attacker(server, scale, time.monotonic() + PREPARATION_SECONDS).sign_in()
    with contextlib.ExitStack() as others:
        waits = [others.enter_context(bystander(kind, server)) for kind in attack.bystanders]
        with Growth(server) as growth:
            more = _attack(attack, Attacker(server, scale, time.monotonic() + LONGEST_ATTACK_SECONDS))
            time.sleep(SETTLING_SECONDS)
            others.close()  # the longest wait may still be going on
    figures = [
        Figure(LONGEST, max(map(max, waits)) * 1000, "ms", more=False),
        Figure("the same, p99", max(percentile(each, 99) for each in waits) * 1000, "ms", more=False),
    ]
    if growth.most is not None and growth.kept is not None:
        figures.append(Figure(GROWN, growth.most / 1e6, "MB", more=False))
        figures.append(Figure("kept of it", growth.kept / 1e6, "MB", more=False))
    return [*figures, *more]


def _attack(attack: Attack, attacker: Attacker) -> Sequence[Figure]:
    """A refusal, a closed connection and the end of the time all end an attack."""
    with contextlib.suppress(OSError, EOFError):
        return attack.run(attacker) or ()
    return ()


def job_of(attack: Attack) -> Job:
    return Job(
        f"{GROUP}-{attack.name}",
        f"{GROUP}: {attack.about}",
        partial(measure, attack),
        fits=attack.fits,
        about_memory=True,
        group=GROUP,
    )
