"""The promises of k8s/README.md that no schema checks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

Manifest = dict[str, Any]
MAIL_HOSTS = ("autoconfig", "autodiscover", "mta-sts")  # of each mail domain
_KUBECTL = re.compile(r"kubectl (?!create namespace|apply -k)(?P<rest>[^`\n]*)")


def broken_promises(folder: Path, manifests: Sequence[Manifest]) -> list[str]:
    """A sentence for each one; `folder` is k8s."""
    release = re.search(r'^version = "(.+)"$', (folder.parent / "pyproject.toml").read_text(), re.MULTILINE)
    assert release is not None
    return [
        *_of_images(manifests, release[1]),
        *_of_deployments(manifests),
        *_of_migration(manifests, release[1]),
        *_of_network_policies(manifests),
        *_of_ingresses(manifests),
        *_of_production(folder / "overlays" / "production"),
        *_of_lines(folder.parent),
    ]


def _containers(manifest: Manifest) -> Sequence[Manifest]:
    template = manifest.get("spec", {}).get("template", {})
    containers: Sequence[Manifest] = template.get("spec", {}).get("containers", [])
    return containers


def _of_images(manifests: Sequence[Manifest], release: str) -> Iterator[str]:
    for manifest in manifests:
        for container in _containers(manifest):
            name, _, tag = container["image"].partition(":")
            if not tag or tag == "latest":
                yield f"the image {container['image']} has no tag"
            elif name.startswith("agora-") and tag != release:
                yield f"the image {name} is tagged {tag}, and this is release {release}"


def _of_deployments(manifests: Sequence[Manifest]) -> Iterator[str]:
    for manifest in manifests:
        name, spec = manifest["metadata"]["name"], manifest.get("spec", {})
        if manifest["kind"] != "Deployment" or spec.get("replicas", 1) < 2:
            continue
        pod = spec["template"]["spec"]
        if not pod.get("topologySpreadConstraints"):
            yield f"the copies of {name} may all be on one machine"
        if not pod["securityContext"].get("runAsNonRoot"):
            yield f"{name} may run as root"
        for container in pod["containers"]:
            if not container["securityContext"].get("readOnlyRootFilesystem"):
                yield f"{name} may write to its image"


def _of_migration(manifests: Sequence[Manifest], release: str) -> Iterator[str]:
    [job] = [each for each in manifests if each["kind"] == "Job"]
    if job["metadata"]["name"] != f"migrate-{release.replace('.', '-')}":
        yield f"the job {job['metadata']['name']} does not have the number of release {release}: it cannot be applied"
    [container] = _containers(job)
    given = {variable["name"] for variable in container.get("env", [])}
    if "AGORA_ADMIN_PASSWORD_FILE" not in given:
        yield "the administrator's password is in the log of the migrate job"


def _of_network_policies(manifests: Sequence[Manifest]) -> Iterator[str]:
    policies = {each["metadata"]["name"]: each for each in manifests if each["kind"] == "NetworkPolicy"}
    closed = policies.get("closed")
    if closed is None or set(closed["spec"]["policyTypes"]) != {"Ingress", "Egress"} or "ingress" in closed["spec"]:
        yield "the network policy `closed` does not close everything"
    for manifest in manifests:
        if manifest["kind"] == "Deployment" and manifest["metadata"]["name"] not in {*policies, "redis"}:
            yield f"no network policy opens the doors of {manifest['metadata']['name']}"
    if "health" in str([each for name, each in policies.items() if name != "monitoring"]):
        yield "the private port is open to more than the monitoring"


def _of_ingresses(manifests: Sequence[Manifest]) -> Iterator[str]:
    """Each host has TLS; each mail domain with a host has those that programs and other servers ask."""
    for manifest in manifests:
        if manifest["kind"] != "Ingress":
            continue
        spec = manifest["spec"]
        hosts = {rule["host"] for rule in spec["rules"]}
        for host in sorted(hosts - {host for each in spec["tls"] for host in each["hosts"]}):
            yield f"the Ingress {manifest['metadata']['name']} has no certificate for {host}"
        domains = {host.partition(".")[2] for host in hosts}
        for host in sorted({f"{word}.{domain}" for word in MAIL_HOSTS for domain in domains} - hosts):
            yield f"the Ingress {manifest['metadata']['name']} does not lead {host} to the web service"


def _of_production(folder: Path) -> Iterator[str]:
    settings = (folder / "settings.yaml").read_text()
    if "sslmode=verify-full" in settings and "sslrootcert=/run/agora-database-ca/" not in settings:
        yield "production checks the database's certificate without an authority"
    if "/run/agora-database-ca" not in (folder / "database-authority.yaml").read_text():
        yield "the database's authority is not mounted in production"


def _of_lines(root: Path) -> Iterator[str]:
    for file in [root / "k8s" / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for line in _KUBECTL.finditer(file.read_text()):
            rest = line["rest"]
            if "-n agora" not in rest:
                yield f"{file.name}: `kubectl {rest}` names no namespace"
            if "exec " in rest and "-it" not in rest:
                yield f"{file.name}: `kubectl {rest}` has no terminal to ask at"
