"""ssh-agent: which keys it holds, and signatures by them (draft-ietf-sshm-ssh-agent), over its socket, in turn."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Sequence

from twisted.conch.ssh.common import NS, getNS

REQUEST_IDENTITIES, IDENTITIES_ANSWER, SIGN_REQUEST, SIGN_RESPONSE = 11, 12, 13, 14
RSA_SHA2_512 = 4  # a flag of SIGN_REQUEST; without it an RSA key signs with SHA-1
PATIENCE_SECONDS = 60.0  # some ask the person first
MOST_OCTETS = 256 << 10  # of an answer


class Agent:
    """The agent of this session. Raises OSError where it does not answer, ValueError where it refuses."""

    def __init__(self, path: str) -> None:
        self._path = path

    def keys(self) -> Sequence[bytes]:
        """The public keys that it can sign with."""
        answer = self._ask(REQUEST_IDENTITIES, b"", IDENTITIES_ANSWER)
        (count,) = struct.unpack(">L", answer[:4])
        rest, keys = answer[4:], []
        for _ in range(count):
            blob, _comment, rest = getNS(rest, 2)
            keys.append(blob)
        return keys

    def sign(self, blob: bytes, data: bytes) -> bytes:
        """The signature of the key `blob` over `data`."""
        signature: bytes = getNS(
            self._ask(SIGN_REQUEST, NS(blob) + NS(data) + struct.pack(">L", RSA_SHA2_512), SIGN_RESPONSE)
        )[0]
        return signature

    def _ask(self, kind: int, payload: bytes, expected: int) -> bytes:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE_SECONDS)
            connection.connect(self._path)
            connection.sendall(NS(bytes((kind,)) + payload))
            (length,) = struct.unpack(">L", _read(connection, 4))
            if not 1 <= length <= MOST_OCTETS:
                raise ValueError("the agent's answer is too long")
            answer = _read(connection, length)
        if answer[0] != expected:
            raise ValueError("the agent refuses")
        return answer[1:]


def this_sessions_agent() -> Agent | None:
    """The one that SSH_AUTH_SOCK names, if there is one."""
    path = os.environ.get("SSH_AUTH_SOCK")
    return Agent(path) if path else None


def _read(connection: socket.socket, octets: int) -> bytes:
    data = b""
    while len(data) < octets:
        more = connection.recv(octets - len(data))
        if not more:
            raise ConnectionError("the agent has hung up")
        data += more
    return data
