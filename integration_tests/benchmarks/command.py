"""`agora bench`: which jobs, of which servers, how often."""

from __future__ import annotations

import contextlib
import itertools
import json
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console

from integration_tests.benchmarks.agora_server import agora_server
from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.catalogue import GROUPS, JOBS, jobs_named
from integration_tests.benchmarks.jobs.job import Job
from integration_tests.benchmarks.peer import NotAPeer, peer_server
from integration_tests.benchmarks.report import Line, as_json, gather, show, show_together
from integration_tests.benchmarks.server import ACCOUNTS, Server
from integration_tests.benchmarks.wire.mail_sink import free_port

EPILOGUE = "\b\nThe jobs:\n" + "\n".join(f"  {job.name:<24}{job.about}" for job in JOBS.values())
EPILOGUE += f"\n\n\b\nSeveral of them by one name, which are run only when it is given: {', '.join(GROUPS)}"


@click.command(context_settings={"help_option_names": ["--help", "-h"]}, epilog=EPILOGUE)
@click.argument("names", nargs=-1, metavar="[JOB]...")
@click.option(
    "--state",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Measure the stack that runs there (agora up --state DIR) instead of one for this run alone.",
)
@click.option(
    "--peer",
    metavar="HOST:PORTS",
    help="Measure a peer as well, in turn: HOST:SMTP,IMAP,POP3[,PROXY[,NNTP[,DOKUWIKI]]]; 0 for none.",
)
@click.option("--peer-name", default="peer", show_default=True, help="The peer's name in the report.")
@click.option(
    "--peer-accounts",
    default="u%03d@local.test",
    show_default=True,
    metavar="FORMAT@DOMAIN",
    help=f"Its {ACCOUNTS} accounts, counted from 0; each has mail under FORMAT@DOMAIN.",
)
@click.option("--peer-password", default="pw", show_default=True, help="The password that they share.")
@click.option(
    "--peer-pid-file",
    "pid_files",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The PID file of one of its processes, for memory and processor; may be repeated.",
)
@click.option(
    "--peer-restart",
    default="",
    metavar="COMMAND",
    help="A shell command that restarts it, run before each round of jobs about memory.",
)
@click.option(
    "--sink-port",
    type=click.IntRange(1, 65535),
    help="The port of 127.0.0.1 where the job `outbound` takes mail for sink.test: a peer sends it there, and a stack "
    "given by --state has a route to it. Without it a free port, and neither takes part.",
)
@click.option("--only-peer", is_flag=True, help="Measure the peer alone.")
@click.option(
    "--rounds",
    default=3,
    show_default=True,
    type=click.IntRange(min=1),
    help="The number of rounds; the servers take turns.",
)
@click.option(
    "--scale",
    default=1.0,
    show_default=True,
    type=click.FloatRange(0.01, 1),
    help="Do less of everything, for a first look: 0.1 is a tenth.",
)
@click.option("--json", "as_lines", is_flag=True, help="One JSON object for each job, on a line of its own.")
def command(
    names: Sequence[str],
    state: Path | None,
    peer: str | None,
    peer_name: str,
    peer_accounts: str,
    peer_password: str,
    pid_files: Sequence[Path],
    peer_restart: str,
    sink_port: int | None,
    only_peer: bool,
    rounds: int,
    scale: float,
    as_lines: bool,
) -> None:
    """Measure how fast a stack is and what memory it takes; all jobs, or those that are named.

    Machines differ and are never idle: what counts is the ratio to a peer (Postfix and Dovecot, say) that is measured
    in the same run, in turn. Each figure is the median over the rounds; in [brackets] every round's. Messages stay in
    the accounts that are used: bench000 and the following here, FORMAT@DOMAIN at the peer.
    """  # fmt: skip
    unknown = [name for name in names if name not in JOBS and name not in GROUPS]
    if unknown:
        raise click.UsageError(f"there is no job {', '.join(unknown)}; there are: {', '.join([*GROUPS, *JOBS])}")
    if only_peer and peer is None:
        raise click.UsageError("--only-peer needs --peer")
    _allow_many_connections()
    with contextlib.ExitStack() as stack:
        servers: list[Server] = []
        if not only_peer:
            servers.append(stack.enter_context(agora_server(state, sink_port or free_port())))
        if peer is not None:
            try:
                servers.append(
                    peer_server(peer, peer_accounts, peer_password, pid_files, peer_name, peer_restart, sink_port or 0)
                )
            except NotAPeer as wrong:
                raise click.UsageError(f"--peer: {wrong}") from wrong
        for _, jobs in itertools.groupby(jobs_named(names), key=lambda job: job.group or job.name):
            _measure_and_show(list(jobs), servers, rounds, scale, as_lines)


def _measure_and_show(
    jobs: Sequence[Job], servers: Sequence[Server], rounds: int, scale: float, as_lines: bool
) -> None:
    screen = Console(width=None if sys.stdout.isatty() else 140)
    measured: list[tuple[Job, Sequence[Line]]] = []
    for job in jobs:
        lines, names = _measure(job, servers, rounds, scale)
        if as_lines:
            print(json.dumps(as_json(job, lines, names)), flush=True)
        elif not job.group:
            show(screen, job, lines, names)
        measured.append((job, lines))
    if jobs[0].group and not as_lines:
        show_together(screen, jobs[0].group, measured, [server.name for server in servers])


def _measure(job: Job, servers: Sequence[Server], rounds: int, scale: float) -> tuple[Sequence[Line], Sequence[str]]:
    servers = [server for server in servers if job.fits(server)]
    measured: dict[str, list[Sequence[Figure]]] = {server.name: [] for server in servers}
    progress = Console(stderr=True)
    with progress.status("") as status:
        for number in range(rounds):
            for server in servers:
                if number and job.about_memory and server.renew is None:
                    continue
                status.update(f"{job.name}, round {number + 1} of {rounds}: {server.name}")
                measured[server.name].append(job.run(server, scale))
    return gather(measured), list(measured)


def _allow_many_connections() -> None:
    """As many files as the system lets us open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
