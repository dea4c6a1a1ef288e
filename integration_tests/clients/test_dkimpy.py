"""Debian's dkimpy verifies what this server signs, and signs what it verifies: DKIM with both algorithms, and ARC."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from integration_tests.clients.program import Program
from shared.command_line.state_directory import ROOT
from shared.messages.header_fields import HeaderFields
from shared.outbound.dkim.canonical import BodyHash
from shared.outbound.dkim.keys import PrivateKey, make_keys, opened
from shared.outbound.dkim.sign import signature_field
from shared.runtime.stack_key import StackKey
from shared.trust.dkim.examine import Signatures, read_all, verify_all
from shared.trust.dkim.signed_message import SignedMessage
from shared.trust.tests.signing import ED25519_KEY, RSA_KEY, key_record
from shared.trust.verdict import ArcVerdict

NOW = int(datetime.now(UTC).timestamp())
HEADER = (
    b"From: Alice <alice@x.test>\r\nTo: bob@y.test\r\nSubject:  tea \t and\r\n  cake\r\nTo: carol@y.test\r\n"
    b"Date: Mon, 1 Jul 2024 09:00:00 +0000\r\nMessage-ID: <1@x.test>\r\n"
)
LETTER = HEADER + b"\r\nAt  four? \r\n\r\n\tYes.\r\n \r\n\r\n"


@pytest.fixture
def dkimpy(program: Callable[[str], Program]) -> Callable[..., str]:
    """Runs the script, and returns what it has written."""
    python = program("python3")
    if python.run("-c", "import dkim, nacl, authres").status:
        pytest.skip("python3-dkim, python3-nacl and python3-authres are not installed")

    def run(message: bytes, **asked: Any) -> str:
        text = json.dumps({"message": message.decode("latin-1"), **asked})
        finished = python.run(ROOT / "integration_tests/clients/dkimpy_script.py", input=text.encode())
        assert finished.status == 0, finished.text
        return finished.output.decode()

    return run


def ours(octets: bytes) -> Signatures:
    message = SignedMessage(HeaderFields(octets[: octets.index(b"\r\n\r\n") + 2]), octets)
    read = read_all(message)
    records = {each: [key_record(ED25519_KEY if each.startswith("ed.") else RSA_KEY)] for each in read.key_names}
    return verify_all(message, read, records, NOW)


def private_text(key: PrivateKey) -> str:
    """As dkimpy has it: PEM of RSA, base64 of Ed25519."""
    if isinstance(key, rsa.RSAPrivateKey):
        form = serialization.PrivateFormat.TraditionalOpenSSL
        return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
    raw = serialization.PrivateFormat.Raw
    octets = key.private_bytes(serialization.Encoding.Raw, raw, serialization.NoEncryption())
    return base64.b64encode(octets).decode()


def test_dkimpy_verifies_our_signatures(dkimpy: Callable[..., str]) -> None:
    stack_key = StackKey(b"a secret of this stack")
    made = make_keys(stack_key, datetime.now(UTC))
    keys = opened("x.test", [(each.selector, each.algorithm, each.sealed) for each in made], stack_key)
    body = BodyHash()
    body.feed(LETTER[len(HEADER) + 2 :])
    digest = body.digest()
    fields = b"".join(signature_field(key, HeaderFields(HEADER), digest, NOW) for key in keys)
    records = {
        f"{each.selector}._domainkey.x.test": f"v=DKIM1; k={each.algorithm.partition('-')[0]}; p={each.public}"
        for each in made
    }
    assert dkimpy(fields + LETTER, do="verify", keys=records) == "[True, True]\n"
    assert dkimpy(fields + LETTER + b"more\r\n", do="verify", keys=records) == "[False, False]\n"


@pytest.mark.parametrize("form", ["relaxed/relaxed", "simple/simple", "relaxed/simple", "simple/relaxed"])
def test_we_verify_signatures_of_dkimpy(form: str, dkimpy: Callable[..., str]) -> None:
    octets = LETTER
    for selector, key in (("rsa", RSA_KEY), ("ed", ED25519_KEY)):
        asked = {"do": "sign", "selector": selector, "domain": "x.test", "private": private_text(key), "form": form}
        algorithm = "rsa-sha256" if selector == "rsa" else "ed25519-sha256"
        octets = dkimpy(octets, **asked, algorithm=algorithm, length=selector == "rsa").encode("latin-1")
    assert [(each.result, each.algorithm) for each in ours(octets).dkim] == [
        ("pass", "ed25519-sha256"),
        ("pass", "rsa-sha256"),
    ]
    assert [each.result for each in ours(octets + b"more\r\n").dkim] == ["fail", "policy"]
    assert [each.result for each in ours(octets.replace(b"cake", b"beer")).dkim] == ["fail", "fail"]


def test_we_verify_chains_of_dkimpy(dkimpy: Callable[..., str]) -> None:
    octets = LETTER
    for number, hop in enumerate(("one.test", "two.test", "three.test")):
        state = "arc=pass" if number else "arc=none"
        octets = f"Authentication-Results: {hop}; {state}; spf=pass smtp.mailfrom=x.test\r\n".encode() + octets
        asked = {"do": "arc_sign", "selector": "rsa", "domain": hop, "private": private_text(RSA_KEY)}
        octets = dkimpy(octets, **asked).encode("latin-1")
        assert ours(octets).arc == ArcVerdict("pass", hop)
    assert ours(octets.replace(b"four", b"five")).arc == ArcVerdict("fail", "three.test", "the body has changed")
