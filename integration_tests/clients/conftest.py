"""Fixtures of client tests: `home`, and `program(name)`, an installed program that lives in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from integration_tests.clients.program import PATH, Program
from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


@pytest.fixture
def home(session_dir: Path) -> Iterator[Path]:
    """An empty folder that is gone after the test."""
    folder = Path(tempfile.mkdtemp(prefix="home-", dir=session_dir))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def program(home: Path) -> Callable[[str], Program]:
    """Finds a program by its name; the test is skipped, by that name, where it is missing."""

    def find(name: str) -> Program:
        path = shutil.which(name, path=PATH)
        if path is None:
            pytest.skip(f"{name} is not installed")
        return Program(path, home)

    return find


@pytest.fixture
def curl(program: Callable[[str], Program], stack: Stack, member: Member) -> Program:
    """curl as `member`, trusting the stack's authority alone."""
    found = program("curl")
    settings = ["silent", "show-error", f'cacert = "{stack.ca_file}"', f'user = "{member.name}:{member.password}"']
    found.write(".curlrc", "\n".join(settings))
    return found
