"""Conversations that the operator has asked for in the settings, shown in the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

from twisted.logger import Logger

from shared.clock import Clock
from shared.conversation.shown import PROTOCOLS, Shown
from shared.ip_network import Network

_log = Logger()


def show_in_log(wanted: Sequence[str], clock: Clock) -> Callable[[Any], object] | None:
    """What shows a conversation that begins, if it is of a network or an account that is `wanted`; None for no word.

    That of an account is shown from its sign-in on.
    """
    if not wanted:
        return None
    networks = [network for word in wanted if (network := _network(word)) is not None]
    accounts = frozenset(word for word in wanted if _network(word) is None)

    def begins(conversation: Any) -> None:
        protocol = PROTOCOLS.get(conversation.factory.name)
        if protocol is None:
            return
        address = ip_address(conversation.peer.host)
        of_network = any(address in network for network in networks)

        def emit(line: str) -> None:
            account = conversation.account_name()
            if of_network or account in accounts:
                _log.info(
                    "{door} {peer} {account} {line}",
                    door=conversation.factory.name,
                    peer=conversation.peer.host,
                    account=account or "-",
                    line=line.strip(),
                )

        if of_network or accounts:
            conversation.shown = Shown(protocol, clock.seconds, emit, proved=True)

    return begins


def _network(word: str) -> Network | None:
    try:
        return ip_network(word)
    except ValueError:
        return None
