"""All jobs, in the order in which they are run."""

from __future__ import annotations

from integration_tests.benchmarks.jobs import http_proxy, idle, imap_commands, imap_large, pop3, push, sign_in, smtp_in

JOBS = {
    job.name: job
    for module in (smtp_in, imap_commands, imap_large, pop3, push, sign_in, idle, http_proxy)
    for job in module.JOBS
}
