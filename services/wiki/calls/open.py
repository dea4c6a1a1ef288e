"""The parts of calls, put together from those of the service."""

from __future__ import annotations

from services.wiki.calls.gathered_reads import GatheredReads
from services.wiki.calls.parts import CallParts
from services.wiki.parts import WikiParts


def call_parts(parts: WikiParts) -> CallParts:
    """The parts that calls work with."""
    return CallParts(
        database=parts.database,
        bus=parts.bus,
        sign_in=parts.sign_in,
        reads=GatheredReads(parts.database),
        pages=parts.pages,
        saving=parts.saving,
        renderer=parts.renderer,
        policy=parts.policy,
        directory=parts.directory,
        posting=parts.posting,
        bodies=parts.bodies,
        indexing=parts.indexing,
        mail_domain=parts.settings.mail_domain,
        site_name=parts.site_name,
        now=parts.now,
    )
