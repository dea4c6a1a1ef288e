"""What is queued for other servers."""

from __future__ import annotations

from typing import Any

from services.smtp_ingest.tests.conftest import Mail


def queued(mail: Mail, columns: str = "outbound.sender, address, recipient.domain") -> list[tuple[Any, ...]]:
    """These columns of every recipient elsewhere, in order."""
    rows = mail.transaction.rows(
        f"SELECT {columns} FROM outbound_recipient AS recipient"
        " JOIN outbound ON outbound.id = outbound_id ORDER BY recipient.id"
    )
    mail.transaction.commit()
    return rows


def forwarded(mail: Mail) -> list[tuple[Any, ...]]:
    """Of every recipient elsewhere: sender, recipient, own sender, own fields."""
    return queued(mail, "outbound.sender, address, own_sender, fields")
