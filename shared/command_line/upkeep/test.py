"""`agora test`: every test."""

from __future__ import annotations

import os
import sys

import click

from shared.command_line.state_directory import ROOT


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Run every test, in several processes; what follows goes to pytest.

    \b
      agora test                        all of them, the integration tests on a stack of their own on free ports
      agora test shared/messages -q     those in one folder
      agora test -k idle                those whose name says so
      agora test -n 0                   in one process instead of one for each processor (four at most)
      agora test --stack compose        the integration tests on the compose stack that runs
      agora test --stack DIR            on the stack that `agora up --state DIR` started
    """
    if {"--help", "-h"} & set(arguments):
        click.echo(click.get_current_context().get_help())
        return
    # Away from our own directory, `shared` would not be found; pytest reads its settings from pyproject.toml there.
    os.chdir(ROOT)
    # "auto" is settled by shared/testing/parallel.py: one process for one file, --pdb, -s, a stack that runs already.
    os.execv(sys.executable, [sys.executable, "-P", "-m", "pytest", "-n", "auto", *arguments])
