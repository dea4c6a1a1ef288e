"""A store whose disk another program fills to the last octet, while mail comes in: a stack on a small disk."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from integration_tests.benchmarks.agora_server import server_of
from integration_tests.benchmarks.figures import Figure
from integration_tests.benchmarks.jobs.abuse.attack import Attack, Attacker
from integration_tests.benchmarks.jobs.abuse.measure import GROUP, measure
from integration_tests.benchmarks.jobs.job import Job
from integration_tests.benchmarks.server import Server
from integration_tests.stack.local import own_stack
from integration_tests.stack.small_disk import SETTINGS, CannotMount, ballast, small_disk

NAME = "full-disk"
ABOUT = "mail for a store whose disk is full"
FULL_SECONDS = 10.0
MESSAGE = b"Subject: tea\r\n\r\n" + (b"x" * 70 + b"\r\n") * 1400  # 100 KB


def _hand_in(disk: Path, attacker: Attacker) -> Sequence[Figure]:
    """Message after message, while nothing is free."""
    refused, longest = 0, 0.0
    with ballast(disk, 0):
        ends = time.monotonic() + FULL_SECONDS * attacker.scale
        while time.monotonic() < ends and attacker.may_go_on:
            began = time.perf_counter()
            refused += not attacker.hand_in(MESSAGE)
            longest = max(longest, time.perf_counter() - began)
    return [
        Figure("refused", refused, ""),
        Figure("longest refusal", longest * 1000, "ms", more=False),
    ]


def _run(server: Server, scale: float) -> Sequence[Figure]:
    """The server is not touched: another one is started where the disk is small."""
    with tempfile.TemporaryDirectory(prefix="agora-bench-disk-") as directory:
        Path(directory).chmod(0o711)
        try:
            with small_disk(Path(directory) / "disk") as disk, own_stack(disk / "state", SETTINGS) as stack:
                attack = Attack(NAME, ABOUT, partial(_hand_in, disk), bystanders=("imap", "smtp"))
                return measure(attack, server_of(stack), scale)
        except CannotMount:
            return []


JOB = Job(f"{GROUP}-{NAME}", f"{GROUP}: {ABOUT}", _run, fits=lambda server: server.name == "agora", group=GROUP)
