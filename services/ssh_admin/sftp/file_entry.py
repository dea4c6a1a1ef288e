"""An entry of a directory: a name and its attributes."""

from __future__ import annotations

from typing import NamedTuple

from services.ssh_admin.sftp.wire import Attributes


class FileEntry(NamedTuple):
    """A name in a directory."""

    name: str
    attributes: Attributes
