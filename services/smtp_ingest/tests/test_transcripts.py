"""Every file in transcripts/ is a conversation that must go as it is written there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.smtp_ingest.policy import LMTP, RELAY, SUBMISSION, Policy
from shared.testing.player import play
from shared.testing.store_outage import StoreOutage

TRANSCRIPTS = Path(__file__).parent / "transcripts"
DOORS = {"relay": RELAY, "submission": SUBMISSION, "lmtp": LMTP}


@pytest.fixture
def outage(database_url: str, server_url: str) -> Iterator[StoreOutage]:
    """The store can go away; it is back at the end."""
    made = StoreOutage(database_url, server_url)
    yield made
    made.end()


@pytest.mark.parametrize(
    "file", sorted(TRANSCRIPTS.glob("*/*.txt")), ids=lambda file: f"{file.parent.name}-{file.stem}"
)
def test_conversation_goes_as_written(file: Path, outage: StoreOutage, serve: Callable[[Policy], int]) -> None:
    events = {"the store goes away": outage.begin, "the store comes back": outage.end}
    play(file, "127.0.0.1", serve(DOORS[file.parent.name]), events=events)
