"""Fixtures of integration tests: `stack`, a running one, and `member`, an account that only this test knows.

pytest integration_tests                    a stack of the session's own, on free ports, stopped at the end
pytest integration_tests --stack compose    the compose stack that runs (--compose-project NAME)
pytest integration_tests --stack DIR        the one that `agora up --state DIR` started
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.stack.member import Member
from integration_tests.stack.stack import Stack


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("agora")
    group.addoption("--stack", default="own", metavar="own|compose|DIR", help="the stack that integration tests use")
    group.addoption("--compose-project", default=None, metavar="NAME", help="the compose stack's project name")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "local_only: needs a stack that runs on this machine without Docker")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--stack") == "compose":
        skip = pytest.mark.skip(reason="is about a stack without Docker")
        for item in items:
            if item.get_closest_marker("local_only"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running stack; every test of the session shares it."""
    choice: str = request.config.getoption("--stack")
    if choice == "compose":
        from integration_tests.stack.compose import compose_stack

        project: str | None = request.config.getoption("--compose-project")
        yield compose_stack(project, tmp_path_factory.mktemp("compose"))
    elif choice == "own":
        from integration_tests.stack.local import own_stack

        session_dir: Path = request.getfixturevalue("session_dir")
        with own_stack(session_dir / "stack", {"AGORA_MANHOLE": "on"}) as made:
            yield made
    else:
        from integration_tests.stack.local import running_stack

        yield running_stack(Path(choice))


@pytest.fixture
def member(stack: Stack) -> Member:
    """A fresh account."""
    return stack.new_member()
