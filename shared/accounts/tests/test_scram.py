"""The arithmetic and the grammar of SCRAM-SHA-256."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.accounts import scram
from shared.accounts.errors import SaslProtocolError
from shared.accounts.scram_as_client import MOST_ITERATIONS, client_final, client_first
from shared.accounts.tests.scram_client import ScramClient

# RFC 7677 §3
EXAMPLE_CLIENT_FIRST = b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO"
EXAMPLE_NONCE = b"rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
EXAMPLE_SERVER_FIRST = b"r=" + EXAMPLE_NONCE + b",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
EXAMPLE_CLIENT_FINAL = b"c=biws,r=" + EXAMPLE_NONCE + b",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
EXAMPLE_SERVER_FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def test_example_of_rfc_7677() -> None:
    verifier = scram.derive("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096)
    first = scram.parse_client_first(EXAMPLE_CLIENT_FIRST)
    assert (first.name, first.authzid, first.nonce) == ("user", None, b"rOprNGfwEbeRWgbNEkqO")
    assert scram.server_first(EXAMPLE_NONCE, verifier) == EXAMPLE_SERVER_FIRST
    final = scram.parse_client_final(EXAMPLE_CLIENT_FINAL, first.gs2_header, EXAMPLE_NONCE)
    auth_message = b",".join([first.bare, EXAMPLE_SERVER_FIRST, final.without_proof])
    assert scram.proof_fits(verifier, auth_message, final.proof)
    assert scram.server_final(verifier, auth_message) == EXAMPLE_SERVER_FINAL


def test_our_client_says_what_rfc_7677_says() -> None:
    assert client_first("user", b"rOprNGfwEbeRWgbNEkqO") == EXAMPLE_CLIENT_FIRST
    answer = client_final("pencil", EXAMPLE_CLIENT_FIRST, EXAMPLE_SERVER_FIRST)
    assert answer == (EXAMPLE_CLIENT_FINAL, EXAMPLE_SERVER_FINAL)
    assert client_first("a=b,\u00aaz").startswith(b"n,,n=a=3Db=2Caz,r=")
    assert client_first("user") != client_first("user")


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"e=other-error",
        EXAMPLE_SERVER_FIRST.replace(b"i=4096", b"i=4095"),
        EXAMPLE_SERVER_FIRST.replace(b"i=4096", b"i=%d" % (MOST_ITERATIONS + 1)),
        EXAMPLE_SERVER_FIRST.replace(b"i=4096", b"i=99999999999999999999"),
        EXAMPLE_SERVER_FIRST.replace(b"r=r", b"r=R"),
        b"r=rOprNGfwEbeRWgbNEkqO,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",  # nothing of its own
        EXAMPLE_SERVER_FIRST.replace(b"gQ==", b"gQ="),
        b"m=future," + EXAMPLE_SERVER_FIRST,
    ],
)
def test_our_client_answers_no_wrong_message_of_a_server(message: bytes) -> None:
    with pytest.raises(SaslProtocolError):
        client_final("pencil", EXAMPLE_CLIENT_FIRST, message)


_names = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40)
# HMAC fills up a key with NULs: to it "" and "\0" are one password. SASLprep refuses NUL.
_others = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)
_nonces = st.binary(min_size=1, max_size=60).map(base64.b85encode).map(lambda nonce: nonce.replace(b",", b"."))


@settings(max_examples=200, deadline=None)
@given(_names, st.text(max_size=40).filter(lambda text: text.isprintable()), _others, _nonces)
def test_only_the_password_itself_fits(name: str, password: str, other: str, nonce: bytes) -> None:
    for typed in {password, other}:
        verifier = scram.derive(password, iterations=1)
        client = ScramClient(name, typed, nonce)
        first = scram.parse_client_first(client.first())
        assert first.name == name
        whole_nonce = scram.make_nonce(first.nonce)
        server_first = scram.server_first(whole_nonce, verifier)
        final = scram.parse_client_final(client.final(server_first), first.gs2_header, whole_nonce)
        auth_message = b",".join([first.bare, server_first, final.without_proof])
        assert scram.proof_fits(verifier, auth_message, final.proof) is (typed == password)
        assert (scram.server_final(verifier, auth_message) == client.expected_signature) is (typed == password)


@settings(max_examples=300)
@given(st.binary(max_size=200) | st.text("npy,=aArm\0=2C=3D", max_size=30).map(str.encode))
def test_any_bytes_are_a_message_or_a_protocol_error(message: bytes) -> None:
    for parse in (scram.parse_client_first, lambda octets: scram.parse_client_final(octets, b"n,,", b"r")):
        with contextlib.suppress(SaslProtocolError):
            parse(message)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"n,,n=user",
        b"n,,n=,r=nonce",
        b"n,,r=nonce,n=user",
        b"p=tls-exporter,,n=user,r=nonce",  # channel binding was not offered
        b"n,,m=future,n=user,r=nonce",  # a mandatory extension (RFC 5802 §5.1)
        b"n,,n=us=er,r=nonce",  # "=" must be =3D
        b"n,,n=user,r=" + b"x" * 257,
        b"n,,n=\xff,r=nonce",
        b"n,,n=us\0er,r=nonce",
        b"n,,n=user,r=no\x7fnce",
    ],
)
def test_wrong_first_messages_are_refused(message: bytes) -> None:
    with pytest.raises(SaslProtocolError):
        scram.parse_client_first(message)


@pytest.mark.parametrize("message", [b"y,,n=user,r=nonce", b"n,a=user,n=user,r=nonce", b"n,,n=user,r=nonce,x=later"])
def test_allowed_first_messages(message: bytes) -> None:
    assert scram.parse_client_first(message).name == "user"


@pytest.mark.parametrize(
    "message",
    [
        EXAMPLE_CLIENT_FINAL.replace(b"biws", b"eSws"),  # y,, although n,, was said first
        EXAMPLE_CLIENT_FINAL.replace(b"r=r", b"r=R"),
        EXAMPLE_CLIENT_FINAL.replace(b"VQ=", b"VQ"),
        EXAMPLE_CLIENT_FINAL.rpartition(b",p=")[0],
    ],
)
def test_wrong_final_messages_are_refused(message: bytes) -> None:
    with pytest.raises(SaslProtocolError):
        scram.parse_client_final(message, b"n,,", EXAMPLE_NONCE)


def test_nobody_has_the_same_salt_every_time_and_no_password() -> None:
    one, again = (scram.verifier_of_nobody(b"secret", "mallory") for _ in range(2))
    assert (one.salt, one.iterations) == (again.salt, scram.ITERATIONS)
    assert len(one.salt) == scram.SALT_OCTETS
    assert one.salt != scram.verifier_of_nobody(b"secret", "trudy").salt
    assert one.salt != scram.verifier_of_nobody(b"another installation", "mallory").salt
