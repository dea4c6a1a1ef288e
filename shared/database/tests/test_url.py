"""Passwords from files find their place in the database's URL."""

from __future__ import annotations

from pathlib import Path

import pytest
from psycopg2.extensions import parse_dsn

from shared.database.url import url_with_password


@pytest.mark.parametrize("password", ["simple", "with: @/?#%", "ünï", " spaces "])
@pytest.mark.parametrize(
    "url",
    ["postgresql://agora@db:5432/agora", "postgresql://agora:old@db/agora?sslmode=require", "postgresql://agora@/x"],
)
def test_libpq_finds_the_password(url: str, password: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(password + "\n", encoding="utf-8")
    found = parse_dsn(url_with_password(url, file))
    without = parse_dsn(url)
    assert found.pop("password") == password
    without.pop("password", None)
    assert found == without


def test_without_a_file_the_url_stays() -> None:
    assert url_with_password("postgresql://agora@db/agora", None) == "postgresql://agora@db/agora"
