"""All jobs, in the order in which they are run, and the names by which several are asked for."""

from __future__ import annotations

from collections.abc import Sequence

from integration_tests.benchmarks.jobs import (
    backup,
    feeds,
    http_proxy,
    idle,
    imap_commands,
    imap_large,
    news,
    news_push,
    outbound,
    pop3,
    push,
    sign_in,
    smtp_in,
    ssh,
    watch,
    wiki,
)
from integration_tests.benchmarks.jobs.abuse import catalogue as abuse
from integration_tests.benchmarks.jobs.job import Job

JOBS = {
    job.name: job
    for module in (
        smtp_in,
        outbound,
        imap_commands,
        imap_large,
        pop3,
        news,
        news_push,
        feeds,
        push,
        sign_in,
        idle,
        http_proxy,
        ssh,
        wiki,
        watch,
        backup,
        abuse,
    )
    for job in module.JOBS
}
GROUPS = tuple(dict.fromkeys(job.group for job in JOBS.values() if job.group))


def jobs_named(names: Sequence[str]) -> list[Job]:
    """Those that are named, by themselves or by their group; without names those that are in no group.

    Raises KeyError with a name that nothing has.
    """
    chosen: list[Job] = []
    for name in names:
        chosen += [job for job in JOBS.values() if job.group == name] if name in GROUPS else [JOBS[name]]
    return chosen or [job for job in JOBS.values() if not job.group]
