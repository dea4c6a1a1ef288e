"""Header fields that only this server may write, and that a client has written: they are taken out.

Return-Path is that of the final delivery (RFC 5321 §4.4). An Authentication-Results field with our name would be
believed by programs that trust ours (RFC 8601 §5); those of other names say who made them, and stay.
"""

from __future__ import annotations

from collections.abc import Sequence

from shared.messages.header_fields import Field, HeaderFields
from shared.messages.results_of import results_of


def forged_fields(header: HeaderFields, hostname: str, *, trusts_results: bool) -> Sequence[Field]:
    """The fields to take out.

    `trusts_results`: the client is a mail server of ours, whose Authentication-Results may have our name.
    """
    paths = header.find(b"return-path")
    results = () if trusts_results else results_of(header, hostname)
    return [*paths, *results] if results else paths
