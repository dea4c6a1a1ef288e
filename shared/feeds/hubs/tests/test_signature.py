"""What a hub sends is its own only if the signature says so."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from shared.feeds.hubs.signature import METHODS, is_signed

BODY = b"<rss/>"


def signed(method: str, secret: str = "s3cret", body: bytes = BODY) -> str:
    return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"


@pytest.mark.parametrize("method", sorted(METHODS))
def test_every_method_of_websub_is_known(method: str) -> None:
    assert is_signed(signed(method), "s3cret", BODY)
    assert is_signed(signed(method).upper(), "s3cret", BODY)


@pytest.mark.parametrize(
    "field",
    [
        *("", "sha256", "sha256=", "=", "md5=" + hmac.new(b"s3cret", BODY, "md5").hexdigest(), "sha256=\u00e4"),
        *(signed("sha256", "other"), signed("sha256", body=b"<rss />"), signed("sha1").replace("sha1", "sha256")),
    ],
)
def test_anything_else_is_no_signature(field: str) -> None:
    assert not is_signed(field, "s3cret", BODY)
