"""The completion of commands, as the shells' own programs use it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.command_line.state_directory import ROOT

PATIENCE_SECONDS = 60


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """With a program `agora`, which is this tree's command line."""
    program = tmp_path / "bin" / "agora"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m shared.command_line "$@"\n')
    program.chmod(0o755)
    return {"PATH": f"{program.parent}:{os.defpath}", "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), "LANG": "C.UTF-8"}


def run(environment: dict[str, str], *words: str, input: str = "") -> str:
    done = subprocess.run(
        words, env=environment, input=input, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=True
    )
    return done.stdout


def completed_by_bash(environment: dict[str, str], line: str) -> list[str]:
    """What bash's own `complete` finds, by the function that was registered for `agora`."""
    words = line.split(" ")
    quoted = " ".join(f"'{word}'" for word in words)
    script = f"""
        source <(agora completion bash)
        set -- $(complete -p agora)
        COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; COMP_POINT={len(line)}
        "${{@: -2:1}}" agora "${{COMP_WORDS[COMP_CWORD]}}" ''
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    return run(environment, "bash", "-c", script).split()


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("agora ba", ["backup"]),
        ("agora user set-", ["set-name", "set-password", "set-quota", "set-role"]),
        ("agora import m", ["maildir", "mbox"]),
        ("agora backup --f", ["--force"]),
        ("agora completion ", ["bash", "zsh", "fish"]),
    ],
)
def test_bash_completes_commands_options_and_choices(environment: dict[str, str], line: str, found: list[str]) -> None:
    assert sorted(completed_by_bash(environment, line)) == sorted(found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_reads_its_script_without_complaint(environment: dict[str, str], shell: str, tmp_path: Path) -> None:
    if shutil.which(shell, path=os.defpath) is None:
        pytest.skip(f"{shell} is not installed")
    script = tmp_path / "script"
    script.write_text(run(environment, "agora", "completion", shell))
    run(environment, shell, "-n", str(script))


def test_fish_completes_commands(environment: dict[str, str]) -> None:
    if shutil.which("fish", path=os.defpath) is None:
        pytest.skip("fish is not installed")
    found = run(environment, "fish", "-c", "agora completion fish | source; complete -C 'agora ba'")
    assert found.split()[0] == "backup"


def test_zsh_is_answered_with_commands_and_their_help(environment: dict[str, str]) -> None:
    """As its function asks; a zsh that completes needs a terminal."""
    asking = {**environment, "COMP_WORDS": "agora ba", "COMP_CWORD": "1", "_AGORA_COMPLETE": "zsh_complete"}
    assert run(asking, "agora").splitlines()[:2] == ["plain", "backup"]
