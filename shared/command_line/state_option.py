"""`--state DIR`: which local stack a command is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from shared.command_line.place import DEFAULT_STATE, Place

F = TypeVar("F", bound=Callable[..., Any])


def state_option(function: F) -> F:
    """Gives the command a `place`."""
    return click.option(
        "--state",
        "place",
        metavar="DIR",
        envvar="AGORA_STATE",
        default=str(DEFAULT_STATE),
        callback=lambda _context, _option, directory: Place(Path(directory).absolute()),
        help="Where the stack keeps its state (default: .agora beside ./agora; also AGORA_STATE).",
    )(function)
