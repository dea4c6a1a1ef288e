"""The parts that every service is built from, put together from its settings.

The one module of this folder that knows PostgreSQL, the bus and conversations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic
from uuid import uuid4

from prometheus_client import CollectorRegistry
from twisted.internet.protocol import Factory
from twisted.logger import Logger

from shared.clock import Clock
from shared.control.control import Control
from shared.control.manhole.desk import ManholeDesk
from shared.control.sessions.desk import SessionDesk
from shared.control.sessions.show_in_log import show_in_log
from shared.conversation.admitting_factory import AdmittingFactory
from shared.conversation.counts import ConversationCollector
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.database.blocking import BlockingDatabase
from shared.database.database import Database
from shared.database.free_space import FreeSpace
from shared.database.limits import StoreLimits
from shared.database.url import url_with_password
from shared.events.activity_feed import ActivityFeed, feed_channel
from shared.events.bus import Bus
from shared.runtime.certificates import Certificates
from shared.runtime.development_authority import ensure_certificate
from shared.runtime.doors import Door, OpenDoor
from shared.runtime.heartbeat import Heartbeat
from shared.runtime.metrics import process_metrics
from shared.runtime.settings import ServiceSettings, Settings
from shared.runtime.stack_key import StackKeyUnusable, read_stack_key

Behind = Callable[[], Any] | Factory[Any]
_log = Logger()


@dataclass(frozen=True, slots=True)
class Parts(Generic[Settings]):
    """The parts that `open_doors` of a service gets.

    `before_closing` is called after the last conversation has ended, while database and bus still work.
    `manhole_names`: what a service shows in its manhole besides its parts and doors.
    """

    reactor: Any
    settings: Settings
    database: Database
    bus: Bus
    certificates: Certificates
    metrics: CollectorRegistry
    before_closing: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    manhole_names: dict[str, Any] = field(default_factory=dict)

    def door(self, name: str, behind: Behind, limits: Limits, *, of: str, **options: Any) -> Door:
        """The door `name` at the endpoints that its setting says; the rest as `door_factory`."""
        factory = door_factory(self.settings, self.certificates, self.reactor, name, behind, limits, of=of, **options)
        return Door(name, self.settings.endpoints_of(name), factory)


def door_factory(
    settings: ServiceSettings,
    certificates: Certificates | None,
    clock: Clock,
    name: str,
    behind: Behind,
    limits: Limits,
    *,
    of: str,
    tls: bool = False,
    **options: Any,
) -> ConversationFactory:
    """What serves the door `name`. `behind` it is what gives each connection its session, or a factory of Twisted's.

    Places in all and for one address are the settings `{of}_connections` and `{of}_connections_per_address`, which the
    doors of one protocol share. `tls`: a connection opens with a TLS handshake; the certificate is the newest at that
    moment. `options` are ConversationFactory's.
    """
    places = {
        "max_connections": getattr(settings, f"{of}_connections"),
        "max_connections_per_address": getattr(settings, f"{of}_connections_per_address"),
    }
    kind: Callable[..., ConversationFactory] = AdmittingFactory if isinstance(behind, Factory) else ConversationFactory
    return kind(
        behind,
        name=name,
        clock=clock,
        limits=limits,
        trusted_proxies=[str(network) for network in settings.trusted_proxies],
        tls_options=certificates.context_factory if tls and certificates is not None else None,
        begins=show_in_log(settings.show_conversations, clock),
        **{**places, **options},
    )


def open_certificates(settings: ServiceSettings) -> Certificates:
    """The operator's certificate, or one by the development authority. Raises OSError, OpenSSL.SSL.Error."""
    if settings.certificate_file is not None and settings.key_file is not None:
        return Certificates(settings.certificate_file, settings.key_file)
    files = ensure_certificate(settings.certificate_directory, settings.hostname)
    return Certificates(files.certificate, files.key)


def store_limits(settings: ServiceSettings) -> StoreLimits:
    """The store's limits as the operator wants them; silence on a connection must outlast any statement."""
    usual = StoreLimits()
    silence = max(usual.silence, settings.statement_timeout * 1.5)
    return StoreLimits(connections=settings.database_connections, statement=settings.statement_timeout, silence=silence)


def open_parts(reactor: Any, settings: Settings) -> Parts[Settings]:
    """All parts; PostgreSQL and Redis may be away and are looked for when they are needed."""
    redis_url = url_with_password(settings.redis_url, settings.redis_password_file)
    bus = Bus(reactor, redis_url, settings.poll_interval)
    ActivityFeed(reactor, bus.redis, feed_channel(redis_url))
    return Parts(
        reactor=reactor,
        settings=settings,
        database=Database(
            reactor,
            url_with_password(settings.database_url, settings.database_password_file),
            store_limits(settings),
            free_space=FreeSpace(settings.store_directory, settings.store_free_octets),
            announce=bus.announce,
        ),
        bus=bus,
        certificates=open_certificates(settings),
        metrics=process_metrics(),
    )


def open_control(parts: Parts[Any], service: str, doors: Sequence[OpenDoor], end: Callable[[], None]) -> Control:
    """The control of the process's doors; `end` ends the process."""
    process = uuid4()
    factories = {id(door.factory): door.factory for door in doors if isinstance(door.factory, ConversationFactory)}
    control = Control(
        parts.reactor,
        parts.database,
        parts.bus,
        service,
        doors,
        process=process,
        desk=SessionDesk(parts.reactor, parts.database, parts.bus, process, factories.values),
        supervised=parts.settings.supervised,
        end=end,
    )
    parts.before_closing.append(control.forget)
    return control


def open_manhole(parts: Parts[Any], control: Control, names: Mapping[str, Any], heartbeat: Heartbeat) -> None:
    """Let administrators run Python here. They are trusted with the whole process: the settings have to allow it."""
    try:
        key = read_stack_key(parts.settings.stack_key_file)
    except StackKeyUnusable as error:
        _log.error("there is no manhole: {reason}", reason=str(error))
        return

    def busy(what: str) -> None:
        heartbeat.doing = what

    desk = ManholeDesk(parts.database, parts.bus, control.process, key, names, busy)
    parts.before_closing.append(desk.close)
    desk.begin()
    control.has_manhole = True
    control.look()


def asks_while_hung(control: Control, settings: ServiceSettings) -> Callable[[], bool]:
    """What a thread asks while the reactor hangs: whether the process is to be restarted."""
    store = BlockingDatabase(url_with_password(settings.database_url, settings.database_password_file), "agora hangs")
    return lambda: control.is_to_end(store)


def count_conversations(metrics: CollectorRegistry, factories: Iterable[Any]) -> None:
    """Show the counts of these factories' conversations at /metrics."""
    counting = [factory for factory in factories if hasattr(factory, "counts")]
    metrics.register(ConversationCollector(lambda: [(factory.name, factory.numbers()) for factory in counting]))
