"""Every file in transcripts/ is a conversation that must go as it is written there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from shared.testing.player import play

TRANSCRIPTS = Path(__file__).parent / "transcripts"
DOORS = {"relay": RELAY, "submission": SUBMISSION, "lmtp": LMTP}


@pytest.mark.parametrize(
    "file", sorted(TRANSCRIPTS.glob("*/*.txt")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_conversation_goes_as_written(file: Path, serve: Callable[[Policy], int]) -> None:
    play(file, "127.0.0.1", serve(DOORS[file.parent.name]))
