"""The settings of services that take messages in: how large one may be, and how much of them is held meanwhile."""

from __future__ import annotations

from pydantic import Field

from shared.conversation.intake import FILE_OCTETS, MEMORY_OCTETS, Intake
from shared.runtime.setting_kinds import Octets
from shared.runtime.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    """The settings that SMTP and IMAP's APPEND share."""

    message_octets: Octets = Field(
        default=50 << 20,
        ge=64 << 10,
        description="The largest message that is taken in.",
    )
    spool_memory_octets: Octets = Field(
        default=MEMORY_OCTETS,
        ge=0,
        description="How many octets of messages that are being received each process keeps in memory; the "
        "rest waits in files. One address may have a quarter.",
    )
    spool_file_octets: Octets = Field(
        default=FILE_OCTETS,
        ge=64 << 20,
        description="How many octets of messages that are being received each process keeps in temporary "
        "files (TMPDIR); a message that finds no room is refused for now. One address may have a "
        "quarter.",
    )

    def make_intake(self) -> Intake:
        """The intake of a process."""
        return Intake(self.spool_memory_octets, self.spool_file_octets, self.message_octets)
