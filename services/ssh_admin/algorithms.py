"""The algorithms of SSH that are offered: those without a known weakness, the strongest first.

Left out of what conch has: 3DES, CBC, MD5, SHA-1, DSA, key exchanges on NIST's curves, and compression, which conch
begins before the client has signed in.
"""

from __future__ import annotations

from twisted.conch.ssh.keys import Key
from twisted.conch.ssh.transport import SSHTransportBase

STRICT_SERVER = b"kex-strict-s-v00@openssh.com"  # OpenSSH's PROTOCOL §1.9, against CVE-2023-48795 (Terrapin)
STRICT_CLIENT = b"kex-strict-c-v00@openssh.com"

_WANTED_KEY_EXCHANGES = (b"mlkem768x25519-sha256", b"curve25519-sha256", b"curve25519-sha256@libssh.org")
KEY_EXCHANGES = [each for each in _WANTED_KEY_EXCHANGES if each in SSHTransportBase.supportedKeyExchanges]
CIPHERS = [b"aes256-ctr", b"aes192-ctr", b"aes128-ctr"]
MACS = [b"hmac-sha2-512", b"hmac-sha2-256"]
COMPRESSIONS = [b"none"]


def host_key_algorithms(key: Key) -> list[bytes]:
    """The signatures that this key of ours is offered with: none by SHA-1."""
    return [each for each in key.supportedSignatureAlgorithms() if each != b"ssh-rsa"]
