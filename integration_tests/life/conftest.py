"""A stack for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_tests.life.local_stack import LocalStack


@pytest.fixture
def local(session_dir: Path, tmp_path: Path) -> Iterator[LocalStack]:
    made = LocalStack(session_dir / f"life-{tmp_path.name}")
    try:
        yield made
    finally:
        made.agora("down")
