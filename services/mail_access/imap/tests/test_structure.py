"""BODY is BODYSTRUCTURE without its extension data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.mail_access.imap.fetching.structure import without_extensions
from shared.messages.bodystructure import render_bodystructure
from shared.messages.scan import scan

NESTED = b"""\
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8
Content-Disposition: attachment; filename="a (b\\")"
Content-Language: de, en

hi
--x
Content-Type: message/rfc822

Subject: {5} ) "inner
Content-Type: multipart/alternative; boundary=y

--y
Content-Description: =?utf-8?q?=C3=BC?= \xc3\xbc(
Content-Type: image/png; name="p.png"

--y--
--x
Content-Type: multipart/empty; boundary=z

--x--
"""


@pytest.mark.parametrize("message", [b"", b"Subject: x\r\n\r\nhi\r\n", NESTED, NESTED.replace(b"\n", b"\r\n")])
def test_as_the_renderer_does_it(message: bytes) -> None:
    part = scan(message)
    assert without_extensions(render_bodystructure(part)) == render_bodystructure(part, False)


_LINES = st.sampled_from(NESTED.split(b"\n"))


@given(st.lists(_LINES, max_size=25).map(b"\n".join))
def test_for_any_message(message: bytes) -> None:
    part = scan(message)
    assert without_extensions(render_bodystructure(part)) == render_bodystructure(part, False)
