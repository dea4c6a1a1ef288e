"""Public keys of SSH: which are taken, and which signatures are theirs."""

from __future__ import annotations

import base64
import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from twisted.conch.ssh.common import NS
from twisted.conch.ssh.keys import Key

from shared.accounts.ssh_keys.errors import UnusableSshKey
from shared.accounts.ssh_keys.public_key import SK_ED25519, fingerprint_of, parse_public_key, signature_fits

SIGNED = b"what the client signs"
APPLICATION = b"ssh:"
TOUCHED, UNTOUCHED = b"\x01", b"\x00"


def line_of(key: Key, comment: str = "a key") -> str:
    text: bytes = key.public().toString("openssh", comment=comment.encode())
    return text.decode()


@pytest.mark.parametrize(
    ("private", "algorithm"),
    [
        (ed25519.Ed25519PrivateKey.generate(), "ssh-ed25519"),
        (rsa.generate_private_key(65_537, 2048), "rsa-sha2-256"),
        (rsa.generate_private_key(65_537, 2048), "rsa-sha2-512"),
        (ec.generate_private_key(ec.SECP256R1()), "ecdsa-sha2-nistp256"),
        (ec.generate_private_key(ec.SECP384R1()), "ecdsa-sha2-nistp384"),
        (ec.generate_private_key(ec.SECP521R1()), "ecdsa-sha2-nistp521"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_a_signature_fits_its_own_key_text_and_algorithm_alone(private: object, algorithm: str) -> None:
    key = Key(private)
    parsed = parse_public_key(line_of(key))
    assert parsed.comment == "a key"
    assert parsed.fingerprint == fingerprint_of(key.public().blob())
    signature = key.sign(SIGNED, signatureType=algorithm.encode())
    assert signature_fits(parsed.blob, algorithm, signature, SIGNED)
    assert not signature_fits(parsed.blob, algorithm, signature, SIGNED + b".")
    assert not signature_fits(parsed.blob, "ssh-rsa", signature, SIGNED)
    assert not signature_fits(parsed.blob, algorithm, signature[:-1], SIGNED)
    other = Key(ed25519.Ed25519PrivateKey.generate()).public().blob()
    assert not signature_fits(other, algorithm, signature, SIGNED)


def test_rsa_with_sha1_fits_nothing() -> None:
    key = Key(rsa.generate_private_key(65_537, 2048))
    signature = key.sign(SIGNED, signatureType=b"ssh-rsa")
    assert not signature_fits(key.public().blob(), "ssh-rsa", signature, SIGNED)
    assert not signature_fits(key.public().blob(), "rsa-sha2-256", signature, SIGNED)


@pytest.mark.parametrize(("flags", "fits"), [(TOUCHED, True), (UNTOUCHED, False)])
def test_a_security_key_must_have_been_touched(flags: bytes, fits: bool) -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    public = Key(private).public().data()["a"]
    blob = NS(SK_ED25519.encode()) + NS(public) + NS(APPLICATION)
    line = f"{SK_ED25519} {base64.b64encode(blob).decode()} yubikey"
    assert parse_public_key(line).kind == SK_ED25519
    trailing = flags + b"\0\0\0\7"
    signed = hashlib.sha256(APPLICATION).digest() + trailing + hashlib.sha256(SIGNED).digest()
    signature = NS(SK_ED25519.encode()) + NS(private.sign(signed)) + trailing
    assert signature_fits(blob, SK_ED25519, signature, SIGNED) is fits
    assert not signature_fits(blob, SK_ED25519, signature, SIGNED + b".")
    assert not signature_fits(blob, SK_ED25519, signature[:-3], SIGNED)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "not the line"),
        ("ssh-ed25519", "not the line"),
        ("ssh-ed25519 !!!!", "not the line"),
        ("ssh-ed25519 AAAA", "its octets"),
        ("-----BEGIN OPENSSH PRIVATE KEY-----", "a private key"),
        ('command="ls" ssh-ed25519 AAAA', "its kind"),
        ("ssh-ed25519 " + "A" * 9000, "not the line"),
        (line_of(Key(rsa.generate_private_key(65_537, 1024))), "2048"),
        (line_of(Key(dsa.generate_private_key(1024))), "its kind"),
        ("ssh-rsa " + line_of(Key(ed25519.Ed25519PrivateKey.generate())).split()[1], "another kind"),
    ],
    ids=["nothing", "kind", "letters", "short", "private", "options", "long", "small", "dsa", "disguised"],
)
def test_what_is_no_key_is_refused_with_its_reason(line: str, why: str) -> None:
    with pytest.raises(UnusableSshKey, match=why):
        parse_public_key(line)
