"""`agora bench`: the benchmarks."""

from __future__ import annotations

import importlib.util
import os
import sys

import click

from shared.command_line.state_directory import ROOT
from shared.command_line.terminal.output import fail


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run the benchmarks; `agora bench --help` shows theirs."""
    os.chdir(ROOT)
    if importlib.util.find_spec("integration_tests.benchmarks") is None:
        fail("the benchmarks are not part of this installation: they are in integration_tests/benchmarks")
    os.execv(sys.executable, [sys.executable, "-P", "-m", "integration_tests.benchmarks", *arguments])
