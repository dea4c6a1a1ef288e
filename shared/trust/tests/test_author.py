"""The domain of From: one, or none that could be proved."""

from __future__ import annotations

import pytest

from shared.messages.header_fields import HeaderFields
from shared.trust.author import author_domain


@pytest.mark.parametrize(
    ("header", "domain"),
    [
        (b"From: alice@x.test\r\n", "x.test"),
        (b"FROM : Alice\r\n <alice@X.Test>\r\n", "x.test"),
        (b"From: a@x.test, b@x.test\r\n", "x.test"),
        (b'From: "mallory@y.test" <alice@x.test>\r\n', "x.test"),
        ("From: a@b\u00fccher.test\r\n".encode(), "xn--bcher-kva.test"),
        (b"Subject: x\r\n", ""),
        (b"From: nobody:;\r\n", ""),
        (b"From: a@x.test, b@y.test\r\n", None),
        (b"From: a@x.test\r\nFrom: a@x.test\r\n", None),
        (b"From: a@x.test\r\nSubject: x\r\nfrom\t: a@y.test\r\n", None),
        (b"From: a@[192.0.2.1]\r\n", None),
        (b"From: a@\xff\xfe\r\n", None),
        (b"From: alice\r\n", None),
        (b"From: " + b"a@x.test, " * 1000 + b"a@x.test\r\n", None),
    ],
)
def test_author_domain(header: bytes, domain: str | None) -> None:
    assert author_domain(HeaderFields(header)) == domain
