from __future__ import annotations

import importlib

import click
import pytest
from click.testing import CliRunner

from shared.command_line.root import NOUNS, agora


@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_explains_itself(noun: str) -> None:
    result = CliRunner().invoke(agora, [noun, "--help"]) if noun != "bench" else CliRunner().invoke(agora, ["--help"])
    assert result.exit_code == 0
    assert "Usage: agora" in result.output


def _commands(group: click.Command, path: str) -> list[tuple[str, click.Command]]:
    inside = group.commands.items() if isinstance(group, click.Group) else ()
    return [(path, group)] + [found for name, each in inside for found in _commands(each, f"{path} {name}")]


ALL = [
    found
    for noun, (module, _) in NOUNS.items()
    for found in _commands(importlib.import_module(f"shared.command_line.{module}").command, noun)
]


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_every_command_and_option_has_its_line(path: str, command: click.Command) -> None:
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "hidden", True) or getattr(parameter, "help", ""), parameter.name


@pytest.mark.parametrize(("path", "command"), ALL, ids=[path for path, _ in ALL])
def test_whatever_lists_speaks_json(path: str, command: click.Command) -> None:
    if path.endswith((" list", "lockouts", "status", "tour", "check")):
        assert any("--json" in parameter.opts for parameter in command.params)


def test_an_unknown_noun_is_refused() -> None:
    result = CliRunner().invoke(agora, ["teapot"])
    assert result.exit_code == 2
    assert "No such command 'teapot'" in result.output
