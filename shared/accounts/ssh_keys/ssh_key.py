"""An account's SSH key, as it is listed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class SshKey:
    """One public key of an account. `fingerprint` is what `ssh-keygen -l` shows; `last_used_at` is to the minute."""

    id: int
    kind: str
    fingerprint: str
    comment: str
    created_at: datetime
    last_used_at: datetime | None


COLUMNS = "id, kind, fingerprint, comment, created_at, last_used_at"  # in the order of SshKey
