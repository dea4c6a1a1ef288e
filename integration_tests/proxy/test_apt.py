"""apt-get reads a repository's index, and fetches a package, through the proxy."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path

from integration_tests.clients.program import Program
from integration_tests.proxy.site import site
from integration_tests.stack.stack import Stack

PACKAGE = b"not a package, but fetched as one is\n" * 10_000


def test_a_package_is_fetched(program: Callable[[str], Program], stack: Stack, way_out: str) -> None:
    apt = program("apt-get")
    repository = _repository(apt)
    with site(stack.here, {}, repository) as served:
        settings = _settings(apt, way_out, served.url("/"))
        apt.succeed("-c", settings, "update")
        apt.succeed("-c", settings, "download", "letters")
        assert all("Via" in seen.headers for seen in served.seen)
    (fetched,) = apt.home.glob("letters_*.deb")
    assert fetched.read_bytes() == PACKAGE


def _repository(apt: Program) -> Path:
    index = (
        "Package: letters\nVersion: 1.0\nArchitecture: all\nMaintainer: Alice <alice@example.org>\n"
        f"Filename: letters_1.0_all.deb\nSize: {len(PACKAGE)}\nSHA256: {hashlib.sha256(PACKAGE).hexdigest()}\n"
        "Description: letters\n"
    )
    apt.write("repository/letters_1.0_all.deb", PACKAGE)
    apt.write("repository/Packages", index)
    return apt.write("repository/Packages.gz", gzip.compress(index.encode())).parent


def _settings(apt: Program, way_out: str, url: str) -> Path:
    """Nothing of the machine's own apt is read or written."""
    sources = apt.write("sources.list", f"deb [trusted=yes] {url} ./\n")
    for folder in ("state/lists/partial", "cache/archives/partial", "empty"):
        (apt.home / folder).mkdir(parents=True)
    status = apt.write("status", "")
    return apt.write(
        "apt.conf",
        f"""
        Dir::Etc::SourceList "{sources}";
        Dir::Etc::SourceParts "{apt.home}/empty";
        Dir::Etc::Parts "{apt.home}/empty";
        Dir::State "{apt.home}/state";
        Dir::State::status "{status}";
        Dir::Cache "{apt.home}/cache";
        APT::Sandbox::User "root";
        Acquire::http::Proxy "{way_out}";
        Acquire::Languages "none";
        """,
    )
