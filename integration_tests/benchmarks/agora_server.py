"""A stack of ours as a server under load: one that runs, or one for this run alone."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from integration_tests.benchmarks.jobs.news import GROUP
from integration_tests.benchmarks.processes import age_seconds
from integration_tests.benchmarks.server import ACCOUNTS, SINK_DOMAIN, Server
from integration_tests.benchmarks.silent_names import silent_name_server
from integration_tests.stack.local import own_stack, running_stack
from integration_tests.stack.quiet_logs import SERVICES
from integration_tests.stack.stack import Stack
from shared.accounts.verifiers import derive_verifiers
from shared.administration.accounts import create_member, list_members
from shared.command_line.stack.supervisor.monitor import Monitor
from shared.database.blocking import BlockingDatabase
from shared.database.transaction import Transaction
from shared.testing.eventually import eventually

PASSWORD = "tea-at-four"
PROGRAMS = (*SERVICES, "postgres", "redis")
ACCOUNT_FORMAT = "bench%03d"


@contextlib.contextmanager
def agora_server(state: Path | None, sink_port: int) -> Iterator[Server]:
    """The stack with its state in `state`; without one, a new stack on free ports that is gone afterwards.

    Its mail for SINK_DOMAIN goes to `sink_port`; that of a stack that runs already by a route of its own, if at all.
    """
    if state is not None:
        stack = running_stack(state)
        route = f"{SINK_DOMAIN}=127.0.0.1:{sink_port}"
        has_route = route in stack.environment.get("AGORA_OUTBOUND_ROUTES", "").split()
        yield replace(server_of(stack), sink_port=sink_port if has_route else 0)
        return
    # PostgreSQL runs as a user of its own under root, who has to get there.
    with tempfile.TemporaryDirectory(prefix="agora-bench-") as directory:
        Path(directory).chmod(0o711)
        own = Path(directory) / "state"
        with silent_name_server(Path(directory)) as within, own_stack(own, _sends(sink_port), within) as stack:
            server = server_of(stack, may_restart=True, has_silent_names=bool(within))
            yield replace(server, sink_port=sink_port)


def _sends(sink_port: int) -> dict[str, str]:
    """An account of the benchmark sends more in an hour than any person."""
    return {
        "AGORA_OUTBOUND_ROUTES": f"{SINK_DOMAIN}=127.0.0.1:{sink_port}",
        "AGORA_OUTBOUND_MESSAGES_PER_HOUR": "1000000",
        "AGORA_OUTBOUND_RECIPIENTS_PER_HOUR": "1000000",
    }


def server_of(stack: Stack, *, may_restart: bool = False, has_silent_names: bool = False) -> Server:
    """The stack with the benchmark's accounts; its services are killed for new ones, and its store is filled past them,
    only if they may be.
    """
    _make_accounts(stack)
    stack.agora("room", "add", GROUP, "--read", "everyone", "--post", "everyone")  # it may be there already

    def roots() -> list[int]:
        return [pid for name in PROGRAMS if (pid := stack.pid(name)) is not None]

    return Server(
        name="agora",
        host=stack.smtp[0],
        smtp_port=stack.smtp[1],
        imap_port=stack.imap[1],
        pop3_port=stack.pop3[1],
        domain=stack.domain,
        account_format=ACCOUNT_FORMAT,
        password=PASSWORD,
        proxy_port=stack.http_proxy[1],
        nntp_port=stack.nntp[1],
        ssh_port=stack.ssh[1],
        submission_port=stack.submission[1],
        web_port=stack.web[1],
        admit_key=lambda account, key: stack.agora("user", "ssh-key", "add", account, "-", input=key),
        has_silent_names=has_silent_names,
        private_ports=[stack.health(name)[1] for name in SERVICES],
        transact=_database(stack).transact if may_restart else None,
        environment=stack.environment,
        renew=partial(_start_services_anew, stack) if may_restart else None,
        roots=roots,
    )


def _start_services_anew(stack: Stack) -> None:
    """Kill all services. They have lived long enough for the supervisor to start new ones at once."""
    lived = Monitor.threshold + 0.5  # seconds; the supervisor's clock began a moment after the kernel's
    eventually(
        lambda: all(age_seconds(pid) > lived for name in SERVICES if (pid := stack.pid(name)) is not None),
        "the services have lived for a while",
    )
    before = {name: stack.pid(name) for name in SERVICES}
    for name in SERVICES:
        stack.kill(name)
    eventually(lambda: all(stack.pid(name) not in (None, pid) for name, pid in before.items()), "the services are back")
    stack.wait_until_ready()


def _make_accounts(stack: Stack) -> None:
    """All accounts in one go, with one derivation of the password that they share."""
    verifiers = derive_verifiers(PASSWORD)

    def make_all(tx: Transaction) -> None:
        there = {member.account.name for member in list_members(tx)}
        for name in (ACCOUNT_FORMAT % number for number in range(ACCOUNTS)):
            if name not in there:
                create_member(tx, name, verifiers, stack.domain)

    _database(stack).transact(make_all)


def _database(stack: Stack) -> BlockingDatabase:
    return BlockingDatabase(stack.environment["AGORA_DATABASE_URL"], "agora bench")
