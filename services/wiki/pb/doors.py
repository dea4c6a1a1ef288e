"""The doors of Perspective Broker, plain and over TLS."""

from __future__ import annotations

from collections.abc import Sequence

from services.wiki.calls.parts import CallParts
from services.wiki.pb.factory import PbFactory
from services.wiki.pb.root import RootObjects
from services.wiki.pb.sessions import PbSessions
from services.wiki.settings import WikiSettings
from shared.accounts.revocation import Revocation
from shared.conversation.limits import Limits
from shared.runtime.doors import Door
from shared.runtime.parts import Parts


def pb_doors(parts: Parts[WikiSettings], calls: CallParts) -> Sequence[Door]:
    """The doors pb and pb_tls. An account that is disabled, or has another role, loses its connections."""
    sessions = PbSessions(parts.settings.pb_connections_per_account)
    Revocation(parts.database, sessions, stays=sessions.may_stay).watch(parts.bus)

    def door(name: str, *, tls: bool) -> Door:
        roots = RootObjects(calls, sessions, name)
        return parts.door(name, PbFactory(parts.reactor, roots.root_of), Limits(), of="pb", tls=tls)

    return [door("pb", tls=False), door("pb_tls", tls=True)]
