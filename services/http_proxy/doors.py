"""The doors of this service, plain and over TLS, and the parts behind them, put together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from services.http_proxy.access_log import AccessLog
from services.http_proxy.client_side import ClientSide
from services.http_proxy.connect import OriginConnector
from services.http_proxy.gate import Gate
from services.http_proxy.own_addresses import OwnAddresses
from services.http_proxy.parts import Patience, ProxyParts
from services.http_proxy.pool import OriginPool
from services.http_proxy.report_page import ReportPage
from services.http_proxy.report_site import DOOR as REPORT_DOOR
from services.http_proxy.report_site import AdminsOnly, report_site
from services.http_proxy.settings import ProxySettings
from services.http_proxy.via import pseudonym_of
from services.http_proxy.watch import watch_accounts
from shared.access.limits.allowance import Allowance
from shared.access.rulebook import Rulebook
from shared.access.usage.drop_old_usage import drop_old_usage
from shared.access.usage.usage import Usage
from shared.access.words.drop_old_words import drop_old_words
from shared.access.words.words import Words
from shared.accounts.http_credentials import HttpCredentials
from shared.accounts.sign_in import SignIn
from shared.clock import utc_day
from shared.conversation.factory import ConversationFactory
from shared.conversation.limits import Limits
from shared.reach.destinations import DestinationPolicy
from shared.reach.names import Names
from shared.reach.system_resolver import SystemResolver
from shared.runtime.doors import Door
from shared.runtime.log_file import LogFile
from shared.runtime.parts import Parts
from shared.runtime.regularly import regularly

DOORS = ("http_proxy", "http_proxy_tls")


async def open_doors(parts: Parts[ProxySettings]) -> Sequence[Door]:
    """The doors http_proxy, http_proxy_tls and http_proxy_report, once the rules were looked for."""
    settings = parts.settings
    gate = await _open_gate(parts)
    parts.metrics.register(gate.counts)
    sign_in = SignIn(parts.database, parts.bus.redis, parts.reactor, settings)
    credentials = HttpCredentials(sign_in, "proxy", parts.reactor)
    _open_access_log(parts, gate, credentials)
    pool = OriginPool(parts.reactor)
    policy = DestinationPolicy(settings.http_proxy_allowed_networks, settings.http_proxy_refused_networks)
    own = OwnAddresses([each for name in settings.door_names() for each in settings.endpoints_of(name)], parts.reactor)
    names = Names(SystemResolver(parts.reactor), parts.reactor)
    connector = OriginConnector(parts.reactor, names, policy.permits, own.is_own)

    async def close_pool() -> None:
        pool.close()

    parts.before_closing.append(close_pool)
    regularly(parts.reactor, timedelta(days=1), lambda: _drop_old(parts), "forgetting old usage", parts.before_closing)

    def opened(name: str, *, tls: bool) -> Door:
        proxy_parts = ProxyParts(
            name=name,
            gate=gate,
            credentials=credentials,
            pool=pool,
            connector=connector,
            pseudonym=pseudonym_of(settings.hostname, settings.database_url),
            connect_ports=frozenset(settings.connect_ports),
            open_networks=settings.http_proxy_open_networks,
            direct_domains=settings.http_proxy_direct_domains,
            secure=tls,
            patience=_patience(settings),
        )
        return parts.door(name, lambda: ClientSide(proxy_parts), Limits(), of="http_proxy", tls=tls, reads_lines=False)

    doors = [opened(DOORS[0], tls=False), opened(DOORS[1], tls=True)]

    def clients() -> list[ClientSide]:
        return [each for door in doors for each in _factory_of(door).conversations()]

    watch_accounts(parts.bus, parts.database, credentials, clients)
    reports = report_site(ReportPage(parts.database, AdminsOnly(sign_in).check))
    return [*doors, Door(REPORT_DOOR, settings.endpoints_of(REPORT_DOOR), reports)]


def _factory_of(door: Door) -> ConversationFactory:
    assert isinstance(door.factory, ConversationFactory)
    return door.factory


async def _open_gate(parts: Parts[ProxySettings]) -> Gate:
    rulebook = Rulebook(parts.database, parts.bus, parts.reactor, parts.settings.poll_interval)
    usage = Usage(parts.database, parts.reactor)

    def keeps_words_to_itself(account_id: int | None) -> bool:
        access = rulebook.account(account_id)
        return access is not None and not access.counts_words

    words = Words(parts.database, parts.reactor, keeps_words_to_itself, metrics=parts.metrics)
    await rulebook.start()
    parts.before_closing.extend((usage.close, words.close, rulebook.close))
    return Gate(rulebook, Allowance(rulebook, usage, parts.reactor), usage, words)


def _open_access_log(parts: Parts[ProxySettings], gate: Gate, credentials: HttpCredentials) -> None:
    settings = parts.settings
    if settings.http_proxy_access_log is None:
        return
    file = LogFile(settings.http_proxy_access_log, settings.log_file_octets, settings.log_files_kept)
    access_log = AccessLog(file, parts.reactor, credentials.names.get, paths=settings.http_proxy_access_log_paths)
    gate.access_log = access_log
    parts.before_closing.append(access_log.close)


async def _drop_old(parts: Parts[ProxySettings]) -> None:
    """Delete what is older than the reports go."""
    await parts.database.transact(drop_old_usage, utc_day())
    await parts.database.transact(drop_old_words, utc_day())


def _patience(settings: ProxySettings) -> Patience:
    def seconds(limit: timedelta) -> float:
        return limit.total_seconds()

    return Patience(
        idle=seconds(settings.http_proxy_idle_limit),
        head=seconds(settings.http_proxy_head_limit),
        silence=seconds(settings.http_proxy_silence_limit),
        tunnel=seconds(settings.http_proxy_tunnel_limit),
    )
