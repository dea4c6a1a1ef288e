"""The reasons why a backup cannot be written or restored; the text of each is a sentence."""

from __future__ import annotations


class BackupError(Exception):
    """The base of them."""


class NotABackup(BackupError):
    """The file does not begin as a backup does."""


class BackupDamaged(BackupError):
    """The file ends too early, or is not what was written."""


class BackupTooNew(BackupError):
    """The file is of a release that knows more than this one."""


class BackupUnderWay(BackupError):
    """This process is writing one already."""


class StoreNotEmpty(BackupError):
    """The store has more than a first start leaves there, or tables of another program."""


class StoreInUse(BackupError):
    """Services are connected to the store."""
