"""The URL of Redis."""

from __future__ import annotations

import pytest

from shared.events.redis_url import RedisUrl, parse_redis_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://redis:6380/2", RedisUrl(None, "redis", 6380, False, None, None, 2)),
        ("redis://redis", RedisUrl(None, "redis", 6379, False, None, None, 0)),
        ("rediss://:a%3Ab@[::1]/", RedisUrl(None, "::1", 6379, True, None, "a:b", 0)),
        ("redis://me:secret@h/1", RedisUrl(None, "h", 6379, False, "me", "secret", 1)),
        ("unix:///run/a%20b.sock", RedisUrl("/run/a b.sock", "localhost", 6379, False, None, None, 0)),
        ("unix:///run/r.sock?database=3", RedisUrl("/run/r.sock", "localhost", 6379, False, None, None, 3)),
    ],
)
def test_urls(url: str, expected: RedisUrl) -> None:
    assert parse_redis_url(url) == expected


@pytest.mark.parametrize("url", ["http://:secret@redis/", "redis://:secret@redis/zero", "redis"])
def test_what_is_none_is_refused_without_repeating_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="Redis") as caught:
        parse_redis_url(url)
    assert "secret" not in str(caught.value)


def test_password_is_not_shown() -> None:
    assert "secret" not in repr(parse_redis_url("redis://me:secret@h/1"))
