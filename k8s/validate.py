#!/usr/bin/env python3
"""Checks every manifest against the Kubernetes schemas, and all of them against what the README promises.

`python3 k8s/validate.py`: with the packages of `./agora check code`, or by its virtualenv if there is one.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PYTHON = Path(os.environ.get("AGORA_VENV") or HERE.parent / ".venv") / "bin" / "python"
VERSION = "1.31"
LOCAL_KINDS = {"Kustomization", "Component"}  # read by kustomize alone; no cluster knows a schema for it
FOREIGN_KINDS = {"PodMonitor"}  # the Prometheus operator's
Manifest = dict[str, Any]


def main() -> int:
    """Validate all; prints a line for each fault and returns the exit status."""
    import kubernetes_validate

    faults: list[str] = []
    manifests: list[tuple[Path, Manifest]] = []
    for file, manifest in _manifests():
        if manifest["kind"] in LOCAL_KINDS:
            faults += _missing_files(file, manifest)
            continue
        manifests.append((file, manifest))
        if manifest["kind"] in FOREIGN_KINDS:
            continue
        try:
            kubernetes_validate.validate(manifest, VERSION, strict=True)
        except kubernetes_validate.ValidationError as error:
            faults.append(f"{file}: {manifest['kind']} {manifest['metadata']['name']}: {error.message}")
    from k8s.promises import broken_promises

    faults += broken_promises(HERE, [manifest for _, manifest in manifests])
    print("\n".join([*faults, f"{len(manifests)} manifests checked, {len(faults)} faults"]))
    return 1 if faults or not manifests else 0


def _manifests() -> Iterator[tuple[Path, Manifest]]:
    import yaml

    for file in sorted(HERE.rglob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            if isinstance(document, dict):  # a list is a patch, which is checked as a file that is named
                yield file, document


def _missing_files(file: Path, kustomization: Manifest) -> list[str]:
    patches = [each["path"] for each in kustomization.get("patches", []) if "path" in each]
    named = [*kustomization.get("resources", []), *patches]
    return [f"{file}: {each} does not exist" for each in named if not (file.parent / each).exists()]


if __name__ == "__main__":
    if importlib.util.find_spec("kubernetes_validate") is None:
        if not PYTHON.exists() or Path(sys.prefix) == PYTHON.parent.parent:
            sys.exit("kubernetes-validate is missing: run `./agora check code`, which installs it")
        os.execv(PYTHON, [str(PYTHON), __file__])
    sys.path.insert(0, str(HERE.parent))
    sys.exit(main())
