"""Checks every manifest against the Kubernetes schemas: `python k8s/validate.py`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

VERSION = "1.31"
LOCAL_KINDS = {"Kustomization"}  # read by kustomize alone; no cluster knows a schema for it


def main() -> int:
    """Validate all; prints a line for each fault and returns the exit status."""
    faults = checked = 0
    for file in sorted(Path(__file__).parent.rglob("*.yaml")):
        for manifest in yaml.safe_load_all(file.read_text()):
            if manifest["kind"] in LOCAL_KINDS:
                faults += _missing_resources(file, manifest)
                continue
            checked += 1
            try:
                kubernetes_validate.validate(manifest, VERSION, strict=True)
            except kubernetes_validate.ValidationError as error:
                faults += 1
                print(f"{file}: {manifest['kind']} {manifest['metadata']['name']}: {error.message}")
    print(f"{checked} manifests checked, {faults} faults")
    return 1 if faults or not checked else 0


def _missing_resources(file: Path, kustomization: dict[str, Any]) -> int:
    missing = [each for each in kustomization["resources"] if not (file.parent / each).exists()]
    for each in missing:
        print(f"{file}: {each} does not exist")
    return len(missing)


if __name__ == "__main__":
    sys.exit(main())
