"""The system's resolver, asked in threads of its own: the reactor's are for the store and for passwords."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

Answered = Callable[[Sequence[str] | None], None]
# The errors for a name that does not exist or has no address; no other error says anything about the name.
_NONE = (socket.EAI_NONAME, socket.EAI_NODATA, socket.EAI_ADDRFAMILY)


class SystemResolver:
    """Each question has a thread for as long as getaddrinfo() takes; the caller bounds how many there are.

    The threads are daemons: one that waits for a name server keeps no process from ending.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor

    def __call__(self, host: str, answered: Answered) -> None:
        """`answered` gets the addresses in the order to try them, none if there are none; None if unknown."""
        try:
            Thread(target=self._ask, args=(host, answered), name=f"looking up {host}", daemon=True).start()
        except RuntimeError:  # no more threads
            self._reactor.callLater(0, answered, None)

    def _ask(self, host: str, answered: Answered) -> None:
        addresses = addresses_of(host)
        self._reactor.callFromThread(answered, addresses)


def addresses_of(host: str) -> Sequence[str] | None:
    """Ask, and wait for the answer."""
    try:
        found = socket.getaddrinfo(host.encode("ascii"), 0, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        return () if error.errno in _NONE else None
    except (OSError, UnicodeError):
        return None
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))
