"""The attributes of files and directories below `/pages`."""

from __future__ import annotations

from datetime import datetime

from services.ssh_admin.sftp.open_file import Buffer
from services.ssh_admin.sftp.wire import DIRECTORY, Attributes
from shared.clock import utc_now
from shared.wiki.list_pages import PageLine
from shared.wiki.page import Page


class PageAttributes:
    """Attributes as one session has them: what has no time in the store has that of the session's beginning."""

    def __init__(self, account_id: int) -> None:
        self._account_id = account_id
        self._now = int(utc_now().timestamp())
        self.directory = Attributes(0, DIRECTORY | 0o755, self._now, account_id)
        self.new_page = Attributes(0, 0o100644, self._now, account_id)

    def of_line(self, line: PageLine) -> Attributes:
        """Those of a page, by its line in a list."""
        return self._of_file(line.octets, line.saved_at)

    def of_page(self, page: Page) -> Attributes:
        """Those of a page that was read."""
        return self._of_file(len(page.source.encode()), page.saved_at)

    def of_buffer(self, buffer: Buffer) -> Attributes:
        """Those of a file on the desk."""
        return Attributes(len(buffer.octets), 0o100600, self._now, self._account_id)

    def _of_file(self, octets: int, saved_at: datetime) -> Attributes:
        return Attributes(octets, 0o100644, int(saved_at.timestamp()), self._account_id)
