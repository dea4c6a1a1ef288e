"""The states of a client's connection: what is read from it, and for whom."""

from __future__ import annotations

from enum import Enum, auto
from typing import Final


class ClientState(Enum):
    """In all states but CLOSING the other end may still be heard, and answered."""

    ARRIVING = auto()  # a PROXY header or a TLS handshake, or that there is no place for it
    IDLE = auto()  # between two requests: nothing of the next one has come
    HEAD = auto()  # a request's head has begun
    SERVING = auto()  # a request is being served, and nothing more is read
    BODY = auto()  # a request is being served, and what comes is its body
    TUNNEL = auto()  # what comes is for the other side of a tunnel
    CLOSING = auto()  # what comes is ignored


# A member of an Enum is looked up in 75 ns before Python 3.12, and a request passes through four states.
ARRIVING: Final = ClientState.ARRIVING
IDLE: Final = ClientState.IDLE
HEAD: Final = ClientState.HEAD
SERVING: Final = ClientState.SERVING
BODY: Final = ClientState.BODY
TUNNEL: Final = ClientState.TUNNEL
CLOSING: Final = ClientState.CLOSING
