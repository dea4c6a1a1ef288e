"""The check of sending: where mail for other domains goes, and how the queue stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import psycopg2

from shared.administration import queue
from shared.administration.queue import QueueState
from shared.command_line.stack.checks.finding import Finding, fine, warning
from shared.command_line.terminal.quantities import counted
from shared.database.blocking import BlockingDatabase
from shared.database.url import url_with_password
from shared.outbound.settings import OutboundSettings
from shared.runtime.settings import ServiceSettings, WrongSetting, read_settings

OLD = timedelta(hours=4)


def check_sending(settings: ServiceSettings, hint: Callable[[str], str]) -> Iterator[Finding]:
    """Nothing where the store does not answer, or the settings are wrong: other checks say so."""
    try:
        sending = read_settings(OutboundSettings)
        url = url_with_password(settings.database_url, settings.database_password_file)
        state = BlockingDatabase(url, "agora check").read(queue.queue_state)
    except (WrongSetting, psycopg2.Error, OSError):
        return
    yield fine("sending", _where(sending))
    yield from _queue(state, hint)


def _where(settings: OutboundSettings) -> str:
    routes = f"{counted(len(settings.outbound_routes), 'route')}, then " if settings.outbound_routes else ""
    if settings.outbound_smart_host:
        return f"mail for other domains goes by {routes}{settings.outbound_smart_host}"
    if settings.outbound_direct:
        return f"mail for other domains goes by {routes}the servers that DNS names"
    if settings.outbound_routes:
        return f"mail goes by {counted(len(settings.outbound_routes), 'route')}; for all other domains it is refused"
    return "mail for other domains is refused: neither AGORA_OUTBOUND_DIRECT nor AGORA_OUTBOUND_SMART_HOST is set"


def _queue(state: QueueState, hint: Callable[[str], str]) -> Iterator[Finding]:
    if state.accounts_on_hold:
        fact = f"on hold, because they sent too much: {', '.join(state.accounts_on_hold)}"
        yield warning("queue", fact, f"Is somebody else using them? Then {hint('queue release ACCOUNT')}.")
    fact = queue_sentence(state)
    if state.oldest is not None and state.oldest > OLD:
        yield warning("queue", fact, f"{hint('queue list')} shows what the other servers said.")
    else:
        yield fine("queue", fact)


def queue_sentence(state: QueueState) -> str:
    """How the queue stands, in one line."""
    if not state.messages:
        return "empty"
    words = [f"{counted(state.messages, 'message')} to {counted(state.recipients, 'recipient')}"]
    if state.deferred:
        words.append(f"{state.deferred} to be tried again")
    if state.held:
        words.append(f"{state.held} held")
    if state.oldest is not None:
        words.append(f"the oldest is {_age(state.oldest)} old")
    return ", ".join(words)


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 2 * 24 * 60 else f"{minutes // 60 // 24} d"
