"""The keys that the client signs in with: from files, and from ssh-agent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from twisted.conch.ssh.keys import BadKeyError, EncryptedKeyError, Key

from shared.accounts.ssh_keys.public_key import SIGNATURES
from shared.command_line.operators.ssh_client.agent import Agent
from shared.command_line.operators.ssh_client.errors import SshFailed
from shared.command_line.terminal.passwords import ask_hidden

USUAL_FILES = ("id_ed25519", "id_ecdsa", "id_rsa")


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, and how it signs."""

    blob: bytes
    algorithm: str
    sign: Callable[[bytes], bytes]


def keys_of_agent(agent: Agent | None) -> Iterator[SigningKey]:
    """Those that it holds, of the kinds that are taken anywhere."""
    if agent is None:
        return
    try:
        blobs = agent.keys()
    except (OSError, ValueError):
        return
    for blob in blobs:
        kind = blob[4 : 4 + int.from_bytes(blob[:4], "big")].decode("ascii", "replace")
        if kind in SIGNATURES:
            yield SigningKey(blob, SIGNATURES[kind][0], lambda data, blob=blob: agent.sign(blob, data))  # type: ignore[misc]


def usual_keys(folder: Path) -> Iterator[SigningKey]:
    """Those in the usual files that need no passphrase."""
    for name in USUAL_FILES:
        try:
            yield _signing(Key.fromFile(str(folder / name)))
        except (OSError, BadKeyError, EncryptedKeyError, ValueError):
            continue


def key_of_file(file: Path, may_ask: bool) -> SigningKey:
    """The one in `file`; asks for its passphrase. Raises SshFailed."""
    try:
        try:
            return _signing(Key.fromFile(str(file)))
        except EncryptedKeyError:
            if not may_ask:
                raise SshFailed(f"{file} has a passphrase, and there is no terminal to ask for it") from None
            return _signing(Key.fromFile(str(file), passphrase=ask_hidden(f"Passphrase of {file}").encode()))
    except OSError as error:
        raise SshFailed(f"{file}: {error.strerror}") from None
    except (BadKeyError, EncryptedKeyError, ValueError):
        raise SshFailed(f"{file} has no private key, or that is not its passphrase") from None


def _signing(key: Key) -> SigningKey:
    if key.isPublic():
        raise BadKeyError("a public key")
    algorithm = SIGNATURES[key.sshType().decode()][0]
    return SigningKey(key.public().blob(), algorithm, lambda data: key.sign(data, signatureType=algorithm.encode()))
