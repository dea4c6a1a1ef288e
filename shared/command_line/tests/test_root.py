"""The nouns of the command line, and the help that each has."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from shared.command_line.root import NOUNS, agora
from shared.doors import DOORS


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


def test_the_version_is_that_of_the_project() -> None:
    result = CliRunner().invoke(agora, ["--version"])
    assert (result.exit_code, result.output.split()[:2]) == (0, ["agora", "0.1.0"])


@pytest.mark.parametrize("words", [["up", "--detach"], ["status"], ["user", "list"], ["down"], ["restart"]])
def test_a_state_directory_that_cannot_be_is_told_in_one_sentence(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    (tmp_path / "file").touch()
    result = CliRunner().invoke(agora, [*words, "--state", str(tmp_path / "file" / "state")])
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code in (1, 3)
    assert len(result.output.splitlines()) <= 1


@pytest.mark.parametrize("words", [["status"], ["user", "list"], ["tour"], ["restart"]])
def test_a_hint_names_the_state_directory(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGORA_DATABASE_URL", raising=False)
    monkeypatch.delenv("AGORA_STATE", raising=False)
    result = CliRunner().invoke(agora, [*words, "--state", str(tmp_path)])
    assert re.search(rf"`agora up.* --state {tmp_path}`", result.output), result.output
    monkeypatch.setenv("AGORA_STATE", str(tmp_path))
    assert "--state" not in CliRunner().invoke(agora, words).output


@pytest.mark.parametrize("words", [[path] for path, each in ALL if isinstance(each, click.Group) and " " not in path])
def test_lists_of_commands_have_whole_sentences(words: list[str]) -> None:
    assert "..." not in CliRunner().invoke(agora, [*words, "--help"]).output.partition("Commands:")[2]


def test_up_lists_the_port_of_every_door() -> None:
    said = CliRunner().invoke(agora, ["up", "--help"]).output
    assert all(re.search(rf"{door.setting} +{door.port}\b", said) for door in DOORS), said


def test_an_unknown_noun_is_refused() -> None:
    result = CliRunner().invoke(agora, ["teapot"])
    assert result.exit_code == 2
    assert "No such command 'teapot'" in result.output
