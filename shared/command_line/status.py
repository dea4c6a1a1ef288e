"""`agora status`: what is running, where, and how it is."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from shared.command_line.output import console, json_option, print_json, show_listing
from shared.command_line.place import Place, StackRecord
from shared.command_line.readiness import Readiness, ask_all
from shared.command_line.show_stack import show_doors
from shared.command_line.state_option import state_option


@click.command()
@state_option
@json_option
def command(place: Place, as_json: bool) -> None:
    """Show what is running in DIR, where, and how it is.

    Exit status: 0 when everything is ready, 1 when something is not, 3 when no stack is running.
    """
    record = place.running()
    if record is None:
        if as_json:
            print_json({"running": False, "state": str(place.state)})
        else:
            click.echo(f"No stack is running in {place.state}. `agora up --detach` starts one.")
        sys.exit(3)  # what service managers mean by "not running" (LSB)
    answers = ask_all(record.health)
    rows = [_row(name, record, answers) for name in record.processes]
    if as_json:
        print_json({"running": True, "state": str(place.state), **asdict(record), "programs": rows})
    else:
        click.echo(f"{record.phase.capitalize()} since {record.since}, supervisor {record.pid}, state {place.state}\n")
        show_listing(rows, as_json=False)
        click.echo()
        show_doors(console(), record)
    sys.exit(0 if all(answer.ready for answer in answers.values()) and record.phase == "ready" else 1)


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
    if name not in answers:
        return "running"
    answer = answers[name]
    return ("ready" if answer.ready else "not ready") + troubles(answer.text)


def troubles(page: str) -> str:
    """What a readiness page complains about: every dependency that is not ok, with its reason."""
    try:
        conditions = {name: how for name, how in json.loads(page).items() if isinstance(how, dict)}
    except ValueError:
        return f" ({page})"
    words = [f"{name} {how['state']}: {how['reason']}" for name, how in conditions.items() if how["state"] != "ok"]
    return f" ({'; '.join(words)})" if words else ""
