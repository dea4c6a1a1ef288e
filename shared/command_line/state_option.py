"""`--state DIR`: which local stack a command is about."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.command_line.state_directory import StateDirectory, default_state

F = TypeVar("F", bound=Callable[..., Any])


def chosen_state() -> StateDirectory:
    """The one that AGORA_STATE names, else the usual one."""
    return StateDirectory(Path(os.environ.get("AGORA_STATE") or default_state()).absolute())


def state_option(function: F) -> F:
    """Gives the command a `directory`."""
    return click.option(
        "--state",
        "directory",
        metavar="DIR",
        envvar="AGORA_STATE",
        default=lambda: str(default_state()),
        callback=lambda _context, _option, directory: StateDirectory(Path(directory).absolute()),
        help="Where the stack keeps its state (default: .agora beside ./agora, or /var/lib/agora; also AGORA_STATE).",
    )(function)
