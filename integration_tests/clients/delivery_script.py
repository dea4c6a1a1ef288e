"""A script to which programs hand each message that they have fetched, as they would to a local delivery agent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from integration_tests.clients.program import Program


@dataclass(frozen=True)
class DeliveryScript:
    """Files what it is given; `delivered` tells it again."""

    path: Path
    folder: Path

    def delivered(self) -> list[bytes]:
        """All messages so far, sorted, with this machine's line ends."""
        return sorted(file.read_bytes() for file in self.folder.iterdir())


def delivery_script(program: Program) -> DeliveryScript:
    """One in the home of `program`."""
    folder = program.home / "delivered"
    folder.mkdir()
    path = program.write("deliver", f'#!/bin/sh\nexec cat > "$(mktemp {folder}/XXXXXXXX)"\n')
    path.chmod(0o700)
    return DeliveryScript(path, folder)


def as_delivered(letters: Sequence[bytes]) -> list[bytes]:
    """How `delivered` tells of these letters, if they came unchanged."""
    return sorted(octets.replace(b"\r\n", b"\n") for octets in letters)
