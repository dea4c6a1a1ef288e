"""The key of a stack: a file with a secret that seals what the store may hold in sealed form only.

A copy of the database alone then gives nobody the server's identity. AES-256-GCM; each kind of content has a purpose,
which is authenticated, so that what was sealed for one cannot be passed off as another.
"""

from __future__ import annotations

import base64
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_OCTETS = 32
LEAST_OCTETS = 20  # of the file: what is shorter was typed by somebody
NONCE_OCTETS = 12  # SP 800-38D §8.2; random, for a handful of contents


class StackKeyUnusable(Exception):
    """The file of the stack's key is not there or too short; the text is a sentence about it."""


class SealBroken(Exception):
    """What should be opened was sealed with another key, or was changed."""


class StackKey:
    """Seals and opens octets."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, content: bytes, purpose: str) -> bytes:
        """`content`, to be opened with the same key and purpose alone: nonce, then ciphertext with its tag."""
        nonce = os.urandom(NONCE_OCTETS)
        return nonce + self._cipher(purpose).encrypt(nonce, content, purpose.encode())

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """The content. Raises SealBroken."""
        try:
            return self._cipher(purpose).decrypt(sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:], purpose.encode())
        except (InvalidTag, ValueError):
            raise SealBroken from None

    def _cipher(self, purpose: str) -> AESGCM:
        return AESGCM(HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(self._secret))


def read_stack_key(path: Path) -> StackKey:
    """The key in `path`. Raises StackKeyUnusable."""
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise StackKeyUnusable(f"{path}, which AGORA_STACK_KEY_FILE names, cannot be read: {error.strerror}") from None
    if len(secret) < LEAST_OCTETS:
        raise StackKeyUnusable(f"{path}, which AGORA_STACK_KEY_FILE names, has less than {LEAST_OCTETS} octets")
    return StackKey(secret)


def ensure_stack_key(path: Path) -> StackKey:
    """The key in `path`, which is made if it is not there. Raises StackKeyUnusable.

    Several processes may do so at once: all get the same key, and the file is complete as soon as it is there.
    """
    if not path.exists():
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(base64.b64encode(os.urandom(SECRET_OCTETS)) + b"\n")
            try:
                os.link(beside, path)
            except FileExistsError:
                pass  # another process was faster
            finally:
                beside.unlink()
        except OSError as error:
            raise StackKeyUnusable(
                f"{path}, which AGORA_STACK_KEY_FILE names, is not there and cannot be made: {error.strerror}"
            ) from None
    return read_stack_key(path)
