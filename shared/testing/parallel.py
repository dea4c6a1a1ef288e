"""The distribution of tests over several pytest processes, loaded by `-p shared.testing.parallel` (pyproject.toml).

`agora test` asks for as many processes as are good here (`-n auto`); plain pytest runs everything in one. A unit of
work is a file, or a group of integration tests that belong on one stack. The groups take longest, so they go first.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xdist.remote import Producer
    from xdist.scheduler import LoadScopeScheduling

MOST_PROCESSES = 4  # each has a PostgreSQL and a Redis of its own, and maybe stacks: some 400 MB
# Longest first. What shares the stack of the session is in one group, so that the stack is started once.
GROUPS = (
    "integration_tests/faults/",
    "integration_tests/life/",
    "integration_tests/",
)


def group_of(nodeid: str) -> str:
    """The unit of work that a test belongs to."""
    file = nodeid.partition("::")[0]
    return next((group for group in GROUPS if file.startswith(group)), file)


def processes_for(arguments: list[str], *, one_stack: bool, watched: bool) -> int:
    """How many processes are good for these files and folders; 0: the process that asks."""
    units = [argument for argument in arguments if not argument.startswith("-")]
    one_file = len(units) == 1 and units[0].partition("::")[0].endswith(".py")
    if one_stack or watched or one_file:
        return 0
    available = len(os.sched_getaffinity(0))
    return min(available, MOST_PROCESSES) if available > 1 else 0


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For `-n auto`. A stack that was there before is shared by all tests, and they expect to be alone on it."""
    return processes_for(
        config.args,
        one_stack=config.getoption("--stack", "own") != "own",
        watched=config.getoption("capture") == "no" or bool(config.getoption("collectonly")),
    )


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """A file or a group at a time."""
    from xdist.scheduler import LoadScopeScheduling

    class ByGroup(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    config.option.loadscopereorder = False  # the order is that of the collection, see below
    return ByGroup(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Groups first, in a process of several; otherwise the order of the files."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _place(group_of(item.nodeid)))


def _place(group: str) -> int:
    return GROUPS.index(group) if group in GROUPS else len(GROUPS)
