"""The octets of files that are open or half written, in memory: of a session, and of all in the process."""

from __future__ import annotations

from services.ssh_admin.sftp.refusal import FAILURE, SftpRefusal

MOST_OF_SESSION = 48 << 20  # the largest page, its backup, and an editor's swap file of twice its size
MOST_OF_PROCESS = 256 << 20


class OctetsHeld:
    """Counts octets, its own and those of the counter `above`."""

    def __init__(self, most: int, above: OctetsHeld | None = None) -> None:
        self._most = most
        self._above = above
        self.octets = 0

    def take(self, octets: int) -> None:
        """So many more. Raises SftpRefusal; nothing is taken then."""
        if octets > 0 and self.octets + octets > self._most:
            raise SftpRefusal(FAILURE, "too much is open or half written at the moment")
        if self._above is not None:
            self._above.take(octets)
        self.octets += octets

    def give(self, octets: int) -> None:
        """So many fewer."""
        self.octets -= octets
        if self._above is not None:
            self._above.give(octets)
