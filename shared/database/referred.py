"""A new row whose owner was deleted meanwhile: PostgreSQL's fault of a foreign key, as the domain's fact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors

from shared.errors import DomainError


@contextmanager
def referring(missing: type[DomainError]) -> Iterator[None]:
    """Raises `missing` where a statement inside refers to a row that another transaction has deleted.

    The transaction can then only be rolled back.
    """
    try:
        yield
    except psycopg2.errors.ForeignKeyViolation:
        raise missing from None
