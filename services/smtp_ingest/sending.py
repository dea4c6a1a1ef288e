"""The sending of mail to other servers, put together from the settings: routes, and the runner of the queue."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from services.smtp_ingest.settings import SmtpSettings
from services.smtp_ingest.subscribers_elsewhere import note_failed_of_subscribers
from shared.outbound.connect import ServerConnector
from shared.outbound.dkim.signer import Signer
from shared.outbound.mail_names import MailNames
from shared.outbound.mta_sts.policies import StsPolicies
from shared.outbound.places import read_place
from shared.outbound.remote_tls import RemoteTls, read_authorities
from shared.outbound.report_text import ReportNames
from shared.outbound.retry import RetryTimes
from shared.outbound.routes import Routes
from shared.outbound.runner import Runner
from shared.outbound.settle import Settling
from shared.outbound.smart_host import SmartHostSignIn
from shared.outbound.tally import Caps
from shared.reach.fetch import Fetcher
from shared.reach.names import Names
from shared.runtime.endpoint_places import tcp_places
from shared.runtime.parts import Parts
from shared.runtime.stack_key import read_stack_key

DNS_PORT = 53


def caps_of(settings: SmtpSettings) -> Caps:
    """How much an account may send."""
    return Caps(settings.outbound_messages_per_hour, settings.outbound_recipients_per_hour, settings.mail_domain)


def open_names(parts: Parts[SmtpSettings]) -> MailNames:
    """What this process asks DNS by."""
    settings = parts.settings
    servers = [read_place(word, DNS_PORT) for word in settings.outbound_dns_servers]
    return MailNames(parts.reactor, servers, trusts_dnssec=settings.outbound_dnssec == "trusted-resolver")


def open_runner(parts: Parts[SmtpSettings], names: MailNames) -> Routes:
    """Begin to send what is in the queue, until the process closes; returns where mail may go."""
    settings = parts.settings
    trust_root = None if settings.outbound_ca_file is None else read_authorities(settings.outbound_ca_file)
    fetcher = Fetcher(parts.reactor, names=Names(names, parts.reactor), trust_root=trust_root)
    policies = StsPolicies(parts.database, names, fetcher, parts.reactor, private=settings.outbound_private)
    routes = Routes(settings, names, policies)
    connector = ServerConnector(
        parts.reactor,
        settings.hostname,
        names,
        private=settings.outbound_private,
        own_ports=_own_ports(settings),
        credentials=lambda: _credentials(settings),
        tls=RemoteTls(trust_root),
        keys=names.keys,
    )
    times = RetryTimes(settings.outbound_first_retry, settings.outbound_warn_after, settings.outbound_give_up_after)
    runner = Runner(
        parts.database,
        parts.bus,
        routes,
        connector,
        Settling(
            uuid4(),
            ReportNames(settings.hostname, settings.mail_domain),
            times,
            note_failed_of_subscribers(settings.room_subscriber_bounces),
        ),
        parts.reactor,
        signer=Signer(
            parts.database, parts.reactor, lambda: read_stack_key(settings.stack_key_file), settings.hostname
        ),
        connections=settings.outbound_connections,
        connections_per_host=settings.outbound_connections_per_host,
    )
    parts.before_closing.append(runner.close)
    return routes


def _own_ports(settings: SmtpSettings) -> set[int]:
    endpoints: list[Any] = [settings.endpoints_of(name) for name in ("smtp", "submission", "submissions", "lmtp")]
    return {port for each in endpoints for _, port in tcp_places(" ".join(each))}


def _credentials(settings: SmtpSettings) -> SmartHostSignIn:
    """Read anew for each connection: a password may change. Raises OSError."""
    file = settings.outbound_smart_host_password_file
    password = "" if file is None else file.read_text(encoding="utf-8").rstrip("\r\n")
    return SmartHostSignIn(settings.outbound_smart_host_user, password)
