"""The verifiers that are kept of passwords and app passwords."""

from __future__ import annotations

import pytest

from shared.accounts import scram
from shared.accounts.app_password import apop_digest, generate_secret, secret_digest
from shared.accounts.errors import UnusablePassword, WeakPassword
from shared.accounts.verifiers import derive_verifiers, hash_of_nobody, password_fits, prepare_typed_password


def test_password_fits_its_own_hash_only() -> None:
    kept = derive_verifiers("tea at \u2168")
    assert kept.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=4$")  # RFC 9106 §4, second choice
    assert kept.scram == scram.derive("tea at IX", kept.scram.salt)
    assert password_fits(kept.password_hash, "tea at IX")
    assert not password_fits(kept.password_hash, "tea at ix")
    assert not password_fits("garbage", "tea at IX")
    assert "tea" not in repr(kept)


@pytest.mark.parametrize("password", ["", "\u00ad", "x" * 1025, "ab\tc", "\U0001f375"])
def test_unusable_passwords_are_refused_with_a_reason(password: str) -> None:
    with pytest.raises(UnusablePassword) as refusal:
        derive_verifiers(password)
    assert str(refusal.value)


@pytest.mark.parametrize("password", ["x", "1234567", "PassWord", "password1", "qwertyuiop", "trustno1"])
def test_weak_passwords_are_refused_unless_they_are_wanted(password: str) -> None:
    with pytest.raises(WeakPassword):
        derive_verifiers(password)
    assert password_fits(derive_verifiers(password, may_be_weak=True).password_hash, password)


def test_characters_are_counted_not_octets() -> None:
    assert derive_verifiers("шесть-семь")
    with pytest.raises(WeakPassword):
        derive_verifiers("шесть")  # 10 octets


def test_typed_password_that_cannot_be_anybodys() -> None:
    assert prepare_typed_password("\u2168") == "IX"
    for typed in ("", "\0", "x" * 1025):
        assert prepare_typed_password(typed) is None


def test_hash_of_nobody_costs_what_a_real_one_costs() -> None:
    real, nobody = derive_verifiers("tea at four").password_hash, hash_of_nobody()
    assert nobody.rsplit("$", 2)[0] == real.rsplit("$", 2)[0]
    assert len(nobody) == len(real)
    assert not password_fits(nobody, "tea")


def test_generated_secrets_are_long_and_found_however_they_are_typed() -> None:
    secret = generate_secret()
    assert secret != generate_secret()
    assert len(secret.replace("-", "")) * 5 >= 128
    digest = secret_digest(secret)
    assert digest is not None
    assert secret not in digest
    assert digest == secret_digest(secret.replace("-", "")) == secret_digest(secret.replace("-", " ").upper())
    assert secret_digest("tea") is None


def test_apop_example_of_rfc_1939() -> None:
    assert apop_digest("<1896.697170952@dbc.mtview.ca.us>", "tanstaaf") == "c4c9334bac560ecc979e58001b3e22fb"
