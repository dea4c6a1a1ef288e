"""The Kubernetes manifests keep what their README promises, and a broken promise is seen."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from shared.command_line.state_directory import ROOT

BASE, PRODUCTION = "base", "overlays/production"
BROKEN = {
    "has no tag": (f"{BASE}/smtp-ingest.yaml", "agora-smtp-ingest:0.1.0", "agora-smtp-ingest"),
    "is tagged 0.0.9": (f"{BASE}/migrate.yaml", "agora-smtp-ingest:0.1.0", "agora-smtp-ingest:0.0.9"),
    "it cannot be applied": (f"{BASE}/migrate.yaml", "migrate-0-1-0", "migrate"),
    "password is in the log": (f"{BASE}/migrate.yaml", "AGORA_ADMIN_PASSWORD_FILE", "AGORA_ADMIN_FILE"),
    "may all be on one machine": (f"{BASE}/http-proxy.yaml", "topologySpreadConstraints:", "spread:"),
    "the private port is open": (f"{BASE}/network-policies.yaml", "{port: imaps}", "{port: imaps}, {port: health}"),
    "no network policy opens": (f"{BASE}/network-policies.yaml", "name: mail-access\n", "name: mail-reading\n"),
    "without an authority": (f"{PRODUCTION}/settings.yaml", "&sslrootcert=", "&x="),
    "names no namespace": ("README.md", "kubectl -n agora exec", "kubectl exec"),
    "other.yaml does not exist": (f"{PRODUCTION}/kustomization.yaml", "path: settings.yaml", "path: other.yaml"),
    "Deployment mail-access": (f"{BASE}/mail-access.yaml", "enableServiceLinks", "enableServiceLink"),
}


def validated(folder: Path, python: str = sys.executable) -> subprocess.CompletedProcess[str]:
    return subprocess.run([python, str(folder / "k8s" / "validate.py")], capture_output=True, text=True, cwd="/")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The manifests, and what their promises refer to."""
    for name in ("k8s", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_manifests_keep_their_promises() -> None:
    done = validated(ROOT)
    assert done.stdout.endswith(" 0 faults\n"), done.stdout
    assert done.returncode == 0


@pytest.mark.parametrize("sentence", BROKEN)
def test_a_broken_promise_is_seen(copy: Path, sentence: str) -> None:
    file, kept, broken = BROKEN[sentence]
    path = copy / "k8s" / file
    text = path.read_text()
    assert kept in text
    path.write_text(text.replace(kept, broken, 1))
    done = validated(copy)
    assert done.returncode == 1
    assert sentence in done.stdout


def test_the_system_s_python_finds_the_packages_of_the_virtualenv() -> None:
    python = "/usr/bin/python3"
    if not os.access(python, os.X_OK):
        pytest.skip("there is no /usr/bin/python3")
    environment = {**os.environ, "AGORA_VENV": str(Path(sys.prefix))}
    done = subprocess.run([python, str(ROOT / "k8s/validate.py")], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
