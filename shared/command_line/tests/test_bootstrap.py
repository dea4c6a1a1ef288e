"""The executable `agora`, before it has packages to run with."""

from __future__ import annotations

import hashlib
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from shared.command_line.state_directory import ROOT

LOCKS = ("requirements.lock", "requirements-local.lock", "requirements-development.lock")


def _load(path: Path) -> ModuleType:
    loader = importlib.machinery.SourceFileLoader("agora_bootstrap", str(path))
    module = importlib.util.module_from_spec(
        importlib.machinery.ModuleSpec("agora_bootstrap", loader, origin=str(path))
    )
    module.__file__ = str(path)
    loader.exec_module(module)
    return module


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with small locks and a virtualenv that claims to be complete."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.delenv("AGORA_VENV", raising=False)
    monkeypatch.delenv("PYTHONPATH", raising=False)  # `agora test` names this repository there
    (tmp_path / "agora").write_bytes((ROOT / "agora").read_bytes())
    (tmp_path / "agora").chmod(0o755)
    for name in LOCKS:
        (tmp_path / name).write_text(f"{name.partition('.')[0]}==1.0\n")
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    stamp = {
        "locks": {name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in LOCKS},
        "python": os.path.realpath(python),
        "packages": [],
    }
    (tmp_path / ".venv" / "agora-installed.json").write_text(json.dumps(stamp))
    (tmp_path / "shared" / "command_line").mkdir(parents=True)
    (tmp_path / "shared" / "command_line" / "__main__.py").write_text("import sys; print('called', *sys.argv[1:])\n")
    return tmp_path


def test_what_is_installed_is_used_from_everywhere(clone: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "shared").mkdir(parents=True)  # of another project: not ours
    link = elsewhere / "agora"
    link.symlink_to(clone / "agora")
    done = subprocess.run([link, "status", "--json"], cwd=elsewhere, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("called status --json\n", "")


def test_the_command_line_knows_how_it_was_called(clone: Path, tmp_path: Path) -> None:
    main = clone / "shared" / "command_line" / "__main__.py"
    main.write_text("import os; print(os.environ['AGORA_CALLED_AS'])\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "agora").symlink_to(clone / "agora")
    on_path = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}

    def said(typed: str, **options: Any) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run([typed], capture_output=True, text=True, **options)
        return done.stdout.strip()

    assert said("./agora", cwd=clone) == "./agora"
    assert said(str(clone / "agora")) == str(clone / "agora")
    assert said("agora", env=on_path) == "agora"


def test_a_changed_lock_is_noticed(clone: Path) -> None:
    agora = _load(clone / "agora")
    assert not agora.missing(list(agora.RUNNING))
    (clone / "requirements.lock").write_text("twisted==2.0\n")
    assert agora.missing(list(agora.RUNNING))


def test_an_unfinished_installation_is_noticed(clone: Path) -> None:
    agora = _load(clone / "agora")
    agora.STAMP.unlink()
    assert agora.missing(list(agora.RUNNING))


def test_another_python_is_noticed(clone: Path) -> None:
    agora = _load(clone / "agora")
    agora.PYTHON.unlink()
    agora.PYTHON.symlink_to("/nowhere/python3")
    assert agora.missing(list(agora.RUNNING))


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ("test", True),
        ("test -k idle", True),
        ("check code", True),
        ("check --code", True),
        ("bench", True),
        ("bench --scale 0.1 imap", True),
        ("bench --help", False),
        ("check", False),
        ("test --help", False),
        ("check code -h", False),
        ("up --detach", False),
        ("user add test", False),
        ("", False),
    ],
)
def test_development_packages_come_when_they_are_needed(clone: Path, arguments: str, wanted: bool) -> None:
    assert _load(clone / "agora").wants_development(arguments.split()) is wanted


def test_in_a_container_nothing_is_installed(clone: Path) -> None:
    (clone / ".venv" / "agora-installed.json").unlink()
    environment = {**os.environ, "AGORA_IN_CONTAINER": "1"}
    done = subprocess.run([sys.executable, clone / "agora", "x"], env=environment, capture_output=True, text=True)
    assert done.stdout == "called x\n"


def test_an_index_that_does_not_answer_is_told_with_the_log(clone: Path) -> None:
    (clone / "requirements.lock").write_text("no-such-package==1.0 --hash=sha256:" + "0" * 64 + "\n")
    environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "AGORA_VENV": str(clone / ".venv")}
    done = subprocess.run([clone / "agora", "x"], env=environment, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is it reachable from here" in done.stderr
    assert (clone / ".venv" / "agora-install.log").exists()
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts what other users run")
def test_root_makes_the_virtualenv_with_a_python_that_others_can_reach(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agora = _load(clone / "agora")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "python3").write_bytes(b"")
    (closed / "python3").chmod(0o755)
    assert not agora.is_open_to_all(closed / "python3")
    monkeypatch.setattr(agora.sys, "executable", str(closed / "python3"))
    chosen = agora.python_for_all()
    assert chosen == agora.sys.executable or agora.is_open_to_all(Path(chosen).resolve())


def test_without_ensurepip_the_debian_package_is_named(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agora = _load(clone / "agora")
    monkeypatch.setattr(agora.importlib.util, "find_spec", lambda name: None)
    agora.PYTHON.unlink()
    with pytest.raises(SystemExit, match="python3-venv"):
        agora.make_venv({"python": None})
