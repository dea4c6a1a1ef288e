"""Every file in transcripts/ is a conversation that must go as it is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.news_gateway.nntp.tests.conftest import News
from shared.testing.player import play

TRANSCRIPTS = Path(__file__).parent / "transcripts"


@pytest.mark.parametrize("file", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path, news: News) -> None:
    play(file, "127.0.0.1", news.port)
