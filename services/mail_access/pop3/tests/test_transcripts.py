"""Every file in transcripts/ is a conversation that must go as it is written there."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.mail_access.pop3.tests.conftest import Mail
from shared.testing.player import play

TRANSCRIPTS = Path(__file__).parent / "transcripts"
MESSAGES = (
    b"Subject: one\r\n\r\nfirst\r\n.dotted\r\n",
    b"Subject: two\r\n\r\nno end of line",
    b".starts with a dot\r\n\r\n1\r\n2\r\n3\r\n",
)


@pytest.mark.parametrize("file", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda file: file.stem)
def test_conversation_goes_as_written(file: Path, mail: Mail) -> None:
    mail.put("alice", *MESSAGES)
    play(file, "127.0.0.1", mail.port, names={"validity": str(mail.inbox("alice").folder.uidvalidity)})
