"""`agora check`: what is wrong, and what to do."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import click
from rich.text import Text

from shared.command_line.in_reactor import in_reactor
from shared.command_line.stack.checks.certificates import check_certificates
from shared.command_line.stack.checks.dns import check_dns
from shared.command_line.stack.checks.finding import Finding, Grade, warning
from shared.command_line.stack.checks.machine import check_machine
from shared.command_line.stack.checks.ports import check_ports
from shared.command_line.stack.checks.published import check_published
from shared.command_line.stack.checks.sending import check_sending
from shared.command_line.stack.checks.settings import check_settings
from shared.command_line.stack.checks.store import check_redis, check_store
from shared.command_line.state_directory import StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import console, json_option, print_json
from shared.command_line.terminal.quantities import counted
from shared.outbound.mta_sts.settings import StsSettings
from shared.runtime.settings import ServiceSettings, read_settings

MARKS = {Grade.FINE: ("✓", "green"), Grade.WARNING: ("!", "yellow"), Grade.WRONG: ("✗", "bold red")}


@click.command()
@state_option
@click.argument("what", type=click.Choice(["installation", "code"]), default="installation", required=False)
@click.option("--code", is_flag=True, help="The same as `agora check code`.")
@click.option("--no-tests", is_flag=True, help="With `check code`: leave out the unit tests.")
@json_option
def command(directory: StateDirectory, what: str, code: bool, no_tests: bool, as_json: bool) -> None:
    """Find out what is wrong with this installation, and what to do about it.

    Looks at the settings, the certificates, DNS, the ports, PostgreSQL and Redis. Exit status 1 when something is
    wrong; warnings do not count.

    `agora check code` checks the source instead: format, lint, types, import contracts, manifests and unit tests.
    """
    if code or what == "code":
        from shared.command_line.stack.checks.code import check_code

        sys.exit(0 if check_code(tests=not no_tests) else 1)
    findings = []
    for finding in _look(directory):
        findings.append(finding)
        if not as_json:
            _show(finding)
    count = Counter(finding.grade for finding in findings)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        click.echo(
            f"\n{count[Grade.WRONG]} wrong, {counted(count[Grade.WARNING], 'warning')}, {count[Grade.FINE]} fine"
        )
    sys.exit(1 if count[Grade.WRONG] else 0)


def _look(directory: StateDirectory) -> Iterable[Finding]:
    settings, findings = check_settings(directory)
    yield from findings
    yield from check_machine(directory)
    yield from check_ports(directory)
    if settings is None:
        return
    yield from check_certificates(settings)
    if os.environ.get("AGORA_DATABASE_URL"):  # given, or the running stack's
        yield from check_store(settings, directory.hint)
        yield from check_sending(settings, directory.hint)
        yield from in_reactor(lambda reactor: _look_around(reactor, settings, directory.hint))
    else:
        advice = f"{directory.hint('up --detach')} starts one, AGORA_DATABASE_URL names another store to look at."
        yield warning("store", f"no stack is running in {directory.path}", advice)


async def _look_around(reactor: Any, settings: ServiceSettings, hint: Callable[[str], str]) -> Sequence[Finding]:
    """What needs the reactor, which runs only once."""
    return [
        *await check_redis(reactor, settings),
        *await check_dns(reactor, settings),
        *await check_published(reactor, settings, hint, policy=read_settings(StsSettings).mail_tls_policy),
    ]


def _show(finding: Finding) -> None:
    mark, style = MARKS[finding.grade]
    line = Text(f"{mark} ", style=style).append(f"{finding.subject}: ", style="bold").append(finding.fact)
    screen = console()
    screen.print(line)
    if finding.advice:
        screen.print(Text(f"    {finding.advice}"))
