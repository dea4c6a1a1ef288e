"""The keys of domains, made by `agora domain add` and `agora migrate`."""

from __future__ import annotations

from collections.abc import Sequence

from shared.administration import domains
from shared.clock import utc_now
from shared.command_line.store import Store
from shared.outbound.dkim.keys import NewDomainKey
from shared.runtime.settings import ServiceSettings
from shared.runtime.stack_key import StackKeyUnusable, ensure_stack_key


def new_keys(settings: ServiceSettings, domain: str) -> tuple[Sequence[NewDomainKey], str | None]:
    """Keys for `domain`; and why there are none, where they cannot be sealed. `localhost` and the like need none."""
    if "." not in domain:
        return (), None
    try:
        return domains.make_keys(ensure_stack_key(settings.stack_key_file), utc_now()), None
    except StackKeyUnusable as reason:
        return (), str(reason)


def ensure_domain_keys(store: Store) -> Sequence[str]:
    """Make keys for the domains that have none; those that have some now."""
    made: list[str] = []
    for domain in store.read(domains.domains_without_keys):
        keys, _ = new_keys(store.settings, domain)
        if keys:
            store.transact(domains.keep_keys, domain, keys)
            made.append(domain)
    return made
