"""Reports as CSV (RFC 4180), for spreadsheets: what strangers chose, like a host's name, must not become a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# What spreadsheets take for a formula's beginning (OWASP, "CSV Injection"); also after a tab or carriage return.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  # Excel reads these, too


def csv_report(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> str:
    """A heading and the rows, with CRLF; a text that might be a formula gets an apostrophe before it."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(columns)
    writer.writerows([_harmless(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return written.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
