"""`agora status`: what is running, where, and how it is."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from shared.administration.readiness import Readiness, ask_all
from shared.command_line.service_places import ServicePlaces, in_container, local_places, service_places
from shared.command_line.stack.log_lines import count_errors
from shared.command_line.stack.queue_now import queue_line, queue_now
from shared.command_line.stack.show_greetings import show_greetings
from shared.command_line.stack.show_stack import door_rows, report_line, show_rows
from shared.command_line.state_directory import StackRecord, StateDirectory
from shared.command_line.state_option import state_option
from shared.command_line.terminal.output import console, json_option, print_json, show_listing


@click.command()
@state_option
@click.option("--doors", "of_doors", is_flag=True, help="Connect to every door instead, and show how it greets.")
@json_option
def command(directory: StateDirectory, of_doors: bool, as_json: bool) -> None:
    """Show what runs in DIR, at which ports, and whether it is ready.

    In a container: whether the stack's services are ready, each asked at its host (AGORA_SERVICE_HOSTS).

    Exit status: 0 when everything is ready, 1 when something is not (with --doors: a door does not answer), 3 when no
    stack is running.
    """
    if of_doors and (reached := service_places(directory)) is not None:
        sys.exit(show_greetings(reached, as_json=as_json))
    record = directory.running()
    if record is not None:
        sys.exit(_show_local(directory, record, as_json))
    if in_container() and (places := service_places(directory)) is not None:
        sys.exit(_show_services(places, as_json))
    if as_json:
        print_json({"running": False, "state": str(directory.path)})
    else:
        click.echo(f"No stack is running in {directory.path}. {directory.hint('up --detach')} starts one.")
    sys.exit(3)  # what service managers mean by "not running" (LSB)


def _show_local(directory: StateDirectory, record: StackRecord, as_json: bool) -> int:
    places = local_places(record)
    answers = ask_all(places.health)
    rows = [_row(name, record, answers) for name in record.processes]
    errors = count_errors(directory.errors_file, record.since)
    queue = queue_now(directory)
    doors = door_rows(places, record)
    if as_json:
        stack = {"running": True, "state": str(directory.path), **asdict(record), "errors": errors}
        print_json({**stack, "programs": rows, "doors": doors, "queue": None if queue is None else queue._asdict()})
    else:
        click.echo(
            f"{record.phase.capitalize()} since {record.since}, supervisor {record.pid}, state {directory.path}\n"
        )
        show_listing(rows, as_json=False)
        click.echo()
        show_rows(console(), doors)
        if (line := report_line(places)) is not None:
            click.echo(f"\n{line}")
        if queue is not None and (queue.messages or queue.accounts_on_hold):
            click.echo(f"\nMail to other servers: {queue_line(queue)}")
        if errors:
            what = "error is" if errors == 1 else "errors are"
            click.echo(f"\n{errors} {what} in the logs since then: {directory.hint('logs --errors')}")
    return 0 if all(answer.ready for answer in answers.values()) and record.phase == "ready" else 1


def _show_services(places: ServicePlaces, as_json: bool) -> int:
    """In a container: the services' own readiness pages, as their processes cannot be seen."""
    answers = ask_all(places.health)
    rows = [
        {"service": name, "health": f"{host}:{port}", "condition": answers[name].condition}
        for name, (host, port) in places.health.items()
    ]
    if as_json:
        print_json({"running": any(answer.ready for answer in answers.values()), "services": rows})
    else:
        show_listing(rows, as_json=False)
        click.echo()
        show_rows(console(), door_rows(places))
    return 0 if all(answer.ready for answer in answers.values()) else 1


def _row(name: str, record: StackRecord, answers: Mapping[str, Readiness]) -> dict[str, Any]:
    process = record.processes[name]
    return {
        "program": name,
        "pid": process.pid,
        "condition": _condition(name, record, answers),
        "since": process.since,
        "restarts": process.restarts,
        "ended_last": process.ended,
    }


def _condition(name: str, record: StackRecord, answers: Mapping[str, Readiness]) -> str:
    if record.processes[name].pid is None:
        return "down"
    return answers[name].condition if name in answers else "running"
