"""`agora up`: the whole stack on this machine."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterable
from datetime import datetime

import click
from rich.console import Console

from shared.command_line.stack.leave_root import USER, leave_root
from shared.command_line.stack.show_stack import show_doors
from shared.command_line.stack.supervisor.report import (
    AdminCreated,
    Failed,
    News,
    Notice,
    Ready,
    Remark,
    Step,
    read_news,
    write_news,
)
from shared.command_line.state_directory import ROOT, AlreadyRunning, StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import console, fail
from shared.doors import DOORS


def _settings_of_ports() -> str:
    lines = "\n".join(f"  {door.title:<24}{door.setting:<30}{door.port}" for door in DOORS)
    return f"""\b
The doors, each on 127.0.0.1 at the port that its setting says, or at its default:
{lines}

To serve others: AGORA_IMAPS_ENDPOINTS=tcp:993 and so on. Every other setting is in .env.example.
"""


@click.command(epilog=_settings_of_ports())
@state_option
@click.option("--detach", "-d", is_flag=True, help="Return when everything is ready, and leave it running.")
@click.option(
    "--ports",
    type=click.Choice(["default", "free"]),
    default=None,
    help="free: use free ports, and keep them in DIR/ports.json. default: forget the ports that were kept.",
)
@click.option(
    "--user",
    envvar=USER,
    metavar="NAME",
    help="For root: the user that everything runs as (default: DIR's owner, else agora, else nobody; also AGORA_USER).",
)
@click.option(
    "--report-to",
    type=int,
    hidden=True,
    help="A file descriptor that the progress of the start is written to; --detach uses it.",
)
def command(
    directory: StateDirectory, detach: bool, ports: str | None, user: str | None, report_to: int | None
) -> None:
    """Start the whole stack on this machine, without Docker.

    PostgreSQL, Redis and every service run as processes of their own under one supervisor, which restarts those that
    end. Everything they keep is in DIR. Ctrl-C (or `agora down`) stops all of it, in order.

    The first run creates the account `admin` and shows its password, which is not shown again.

    A default port that another program holds is replaced by the next free one, which is kept in DIR; a port that a
    setting names must be free.

    When root starts it, everything runs as an ordinary user that may still open ports below 1024.
    """
    if (running := directory.supervisor()) is not None and report_to is None:
        _already_running(directory, running, detach)
    if detach:
        sys.exit(start_in_background(directory, ports, user))
    why_root = leave_root(directory, user)
    if report_to is not None:
        sys.exit(_run_in_background(directory, ports, report_to, why_root))
    sys.exit(_run_in_foreground(directory, ports, why_root))


def _already_running(directory: StateDirectory, pid: int, detach: bool) -> None:
    screen = console(to_stderr=not detach)
    record = directory.running()
    if record is None:
        fail(f"{directory.path} is in use by process {pid}: a stack that is starting, or `agora store`")
    screen.print(f"A stack is running in {directory.path} already (supervisor {pid}).")
    show_doors(screen, record)
    sys.exit(0 if detach else 1)


def _run_in_foreground(directory: StateDirectory, ports: str | None, why_root: str | None) -> int:
    from shared.command_line.stack.supervisor.run import supervise

    screen = console()
    if why_root is not None:
        _show(screen, directory, Remark(why_root))
    try:
        status = supervise(directory, ports, lambda news: _show(screen, directory, news))
    except AlreadyRunning:
        fail(f"a stack is running in {directory.path} already")
    if status == 0:
        screen.print("Everything is stopped.")
    return status


def _run_in_background(directory: StateDirectory, ports: str | None, report_to: int, why_root: str | None) -> int:
    """The process that --detach starts: its news go through the pipe for as long as it is read."""
    from shared.command_line.stack.supervisor.run import supervise

    pipe = os.fdopen(report_to, "w")

    def report(news: News) -> None:
        with contextlib.suppress(BrokenPipeError):
            if not pipe.closed:
                write_news(pipe, news)
                if isinstance(news, Ready | Failed):
                    pipe.close()

    if why_root is not None:
        report(Remark(why_root))
    try:
        return supervise(directory, ports, report, detached=True)
    except AlreadyRunning:
        report(Failed(f"a stack is running in {directory.path} already", begun=False))
        return 1


def start_in_background(directory: StateDirectory, ports: str | None, user: str | None = None) -> int:
    """Start a supervisor and show its news until the stack is ready or has failed; returns an exit status."""
    leave_root(directory, user)  # the supervisor says why, if it stays root
    directory.prepare()
    reading, writing = os.pipe()
    command = [sys.executable, "-P", "-m", "shared.command_line", "up", "--state", str(directory.path)]
    choice = [] if ports is None else ["--ports", ports]
    if user is not None:
        choice += ["--user", user]
    with directory.open_supervisor_log() as log:
        supervisor = subprocess.Popen(
            [*command, *choice, "--report-to", str(writing)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writing],
            start_new_session=True,
        )
    os.close(writing)
    try:
        with os.fdopen(reading) as pipe:
            return _watch_start(directory, map(read_news, pipe), supervisor)
    except KeyboardInterrupt:
        supervisor.terminate()
        supervisor.wait()
        return 130  # 128 + SIGINT, as a shell would say it


def _watch_start(directory: StateDirectory, news_of: Iterable[News], supervisor: subprocess.Popen[bytes]) -> int:
    """Show the news up to the last one, which says whether it worked."""
    screen = console()
    for news in news_of:
        _show(screen, directory, news, detached=True)
        if isinstance(news, Ready):
            return 0
        if isinstance(news, Failed):
            supervisor.wait()
            return 1
    screen.print(f"agora: the supervisor ended with status {supervisor.wait()}: see {directory.supervisor_log}")
    return 1


def _show(screen: Console, directory: StateDirectory, news: News, *, detached: bool = False) -> None:
    match news:
        case Step(text, seconds):
            screen.print(f"  {text:<40}{seconds:6.1f} s")
        case AdminCreated(name, password):
            screen.print("")
            screen.print(f"  The administrator's account is  {name}")
            screen.print(f"  Its password, shown only now:   {password}", style="bold")
            screen.print("")
        case Notice(text):
            screen.print(f"{datetime.now():%H:%M:%S} {text}")
        case Remark(text):
            screen.print(f"  {text}")
        case Failed(reason, log, begun):
            if log:
                screen.print(log, style="dim")
            screen.print(f"agora: {reason}", style="bold red")
            if begun:
                screen.print(f"The logs are in {directory.logs}; everything is stopped again.")
        case Ready(seconds):
            screen.print(f"Agora is up after {seconds:.1f} s. Everything it keeps is in {directory.path}.")
            if (record := directory.running()) is not None:
                show_doors(screen, record)
            ending = f"{directory.hint('down')} stops it" if detached else "Ctrl-C stops it"
            screen.print(
                f"{directory.hint('tour')} shows it at work, {directory.hint('logs')} what it writes; {ending}."
            )
