"""All attacks, in the order in which they are tried."""

from __future__ import annotations

from integration_tests.benchmarks.jobs.abuse import (
    compressed,
    full_disk,
    http_proxy,
    imap_commands,
    messages,
    news,
    under_way,
)
from integration_tests.benchmarks.jobs.abuse.measure import job_of

ATTACKS = tuple(
    attack for module in (imap_commands, compressed, messages, under_way, news, http_proxy) for attack in module.ATTACKS
)
JOBS = [*map(job_of, ATTACKS), full_disk.JOB]
