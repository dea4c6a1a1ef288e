"""`--state DIR`: which local stack a command is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.command_line.state_directory import StateDirectory, default_state

F = TypeVar("F", bound=Callable[..., Any])


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
