"""The distribution of tests over processes."""

from __future__ import annotations

import os

import pytest

from shared.testing.parallel import MOST_PROCESSES, group_of, processes_for

ONE_FOR_EACH_PROCESSOR = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
SEVERAL = ONE_FOR_EACH_PROCESSOR if ONE_FOR_EACH_PROCESSOR > 1 else 0


def test_a_files_tests_stay_together() -> None:
    file = "shared/mail/tests/test_lookup.py"
    assert group_of(f"{file}::test_a") == group_of(f"{file}::test_b[x::y]") == file


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("integration_tests/faults/test_kill.py::test_a", "integration_tests/faults/test_leaving.py::test_b"),
        ("integration_tests/clients/test_mutt.py::test_a", "integration_tests/stories/test_quota.py::test_b"),
    ],
)
def test_what_shares_a_stack_is_in_one_group(one: str, other: str) -> None:
    assert group_of(one) == group_of(other)


def test_faults_do_not_share_a_stack_with_what_they_would_disturb() -> None:
    faults = group_of("integration_tests/faults/test_kill.py::test_a")
    assert faults != group_of("integration_tests/clients/test_mutt.py::test_a")
    assert faults != group_of("integration_tests/life/test_restarts.py::test_a")


@pytest.mark.parametrize("arguments", [[], ["shared"], ["shared/messages", "services/smtp_ingest"]])
def test_there_is_a_process_for_each_processor(arguments: list[str]) -> None:
    assert processes_for(arguments, one_stack=False, watched=False) == SEVERAL


def test_one_file_needs_no_second_process() -> None:
    for argument in ("shared/mail/tests/test_lookup.py", "shared/mail/tests/test_lookup.py::test_a[b]"):
        assert processes_for([argument], one_stack=False, watched=False) == 0


def test_on_a_stack_that_runs_already_tests_are_alone() -> None:
    assert processes_for(["integration_tests"], one_stack=True, watched=False) == 0


def test_who_watches_sees_one_process() -> None:
    assert processes_for([], one_stack=False, watched=True) == 0
