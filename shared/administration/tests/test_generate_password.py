"""Generated passwords."""

from __future__ import annotations

from shared.administration.generate_password import ALPHABET, LENGTH, generate_password


def test_a_generated_password_cannot_be_guessed() -> None:
    password = generate_password()
    letters = password.replace("-", "")
    assert len(letters) == LENGTH
    assert set(letters) <= set(ALPHABET)
    assert len(ALPHABET) ** LENGTH > 2**98
    assert password != generate_password()
