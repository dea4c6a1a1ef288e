"""The Kubernetes manifests keep what their README promises, and a broken promise is seen."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from shared.command_line.state_directory import ROOT
from shared.doors import SERVICES

BASE, PRODUCTION = "base", "overlays/production"
BROKEN = {
    "has no tag": (f"{BASE}/smtp-ingest.yaml", "agora-smtp-ingest:0.1.0", "agora-smtp-ingest"),
    "is tagged 0.0.9": (f"{BASE}/migrate.yaml", "agora-smtp-ingest:0.1.0", "agora-smtp-ingest:0.0.9"),
    "it cannot be applied": (f"{BASE}/migrate.yaml", "migrate-0-1-0", "migrate"),
    "password is in the log": (f"{BASE}/migrate.yaml", "AGORA_ADMIN_PASSWORD_FILE", "AGORA_ADMIN_FILE"),
    "may all be on one machine": (f"{BASE}/http-proxy.yaml", "topologySpreadConstraints:", "spread:"),
    "the private port is open": (f"{BASE}/network-policies.yaml", "{port: imaps}", "{port: imaps}, {port: health}"),
    "no network policy opens": (f"{BASE}/network-policies.yaml", "name: mail-access\n", "name: mail-reading\n"),
    "has no certificate for mta-sts.example.org": (f"{BASE}/wiki.yaml", ", mta-sts.example.org]", "]"),
    "does not lead autodiscover.example.org": (f"{BASE}/wiki.yaml", "host: autodiscover.", "host: discover."),
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


def test_with_the_component_of_the_manhole_every_service_has_the_key_of_the_stack() -> None:
    [component] = yaml.safe_load_all((ROOT / "k8s" / "manhole" / "kustomization.yaml").read_text())
    files = [file for file in sorted((ROOT / "k8s" / BASE).glob("*.yaml")) if file.name != "kustomization.yaml"]
    manifests = [each for file in files for each in yaml.safe_load_all(file.read_text())]
    for patch in component["patches"]:
        target = patch["target"]
        for each in manifests:
            if each["kind"] == target["kind"] and re.fullmatch(target["name"], each["metadata"]["name"]):
                for change in yaml.safe_load(patch["patch"]):
                    add(each, change)
    [settings] = [each["data"] for each in manifests if each["metadata"]["name"] == "agora-settings"]
    assert settings["AGORA_MANHOLE"] == "on"
    key = Path(settings["AGORA_STACK_KEY_FILE"])
    services = [each for each in manifests if each["kind"] == "Deployment"]
    assert {each["metadata"]["name"].replace("-", "_") for each in services} == set(SERVICES)
    for each in services:
        pod = each["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert {"configMapRef": {"name": "agora-settings"}} in container["envFrom"]
        [mount] = [mount for mount in container["volumeMounts"] if mount["mountPath"] == str(key.parent)]
        [volume] = [volume for volume in pod["volumes"] if volume["name"] == mount["name"]]
        assert volume["secret"]["secretName"] == "agora-stack"


def add(manifest: Any, change: Mapping[str, Any]) -> None:
    """RFC 6902, as far as the component needs it."""
    assert change["op"] == "add"
    *way, last = change["path"].strip("/").split("/")
    place = functools.reduce(lambda inner, word: inner[int(word) if isinstance(inner, list) else word], way, manifest)
    if last == "-":
        place.append(change["value"])
    else:
        place[last] = change["value"]


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
