"""Chromium without a window."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

expect.set_options(timeout=30_000)  # as long as clicks wait: the machine may be busy
START_MILLISECONDS = 120_000  # it has many processes, which a busy machine starts one after the other
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")


@contextmanager
def running_chromium(arguments: Sequence[str] = (), **options: Any) -> Iterator[Browser]:
    """One that ends with the block; the test is skipped, by the name of the program, where it is missing."""
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("chromium is not installed")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=path, args=[*ARGUMENTS, *arguments], timeout=START_MILLISECONDS, **options
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Started once for the tests of a file. Each visitor needs a context of their own in it."""
    with running_chromium() as launched:
        yield launched
