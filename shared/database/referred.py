"""A new row whose owner was deleted meanwhile, or the reverse: PostgreSQL's fault of a key, as the domain's fact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2.errors

from shared.errors import DomainError


@contextmanager
def referring(refusal: type[DomainError]) -> Iterator[None]:
    """Raises `refusal` where a statement inside refers to a row that another transaction has deleted, or the reverse.

    The transaction can then only be rolled back.
    """
    try:
        yield
    except psycopg2.errors.ForeignKeyViolation:
        raise refusal from None
